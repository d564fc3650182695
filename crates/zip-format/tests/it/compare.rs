//! What a local header says beside its central header: each field that may not differ, and each
//! difference that tools leave behind.

use zip_format::audit::{self, Padded};
use zip_format::directory::read;
use zip_format::error::{ErrorKind, Field, Result};
use zip_format::extra::id;
use zip_format::profile::{Finding, Gate, Judge, Relax};
use zip_testkit::lay::extra::{aes, record, unicode_path};
use zip_testkit::lay::{DescriptorForm, LaidEntry, Lay};

const UTF8: u16 = 1 << 11;

/// The findings about one member, none of which stops the check.
fn findings(entry: LaidEntry) -> Vec<Finding> {
    let mut list = Vec::new();
    examine(entry, &mut list).expect("to the end");
    list
}

fn examine(entry: LaidEntry, judge: &mut impl Judge) -> Result<()> {
    let (bytes, map) = Lay::of([entry]).build_with_map();
    let entry = read::entry(&bytes[map.directory.clone()], map.directory.start as u64)?;
    let limit = map.directory.start;
    let tail = &bytes[map.payloads[0].end..limit];
    audit::examine(&entry, &bytes, tail, 0, limit as u64, judge).map(drop)
}

/// The only finding: the relaxation it needs, and what it is.
fn only(entry: LaidEntry) -> (Relax, ErrorKind) {
    match &findings(entry)[..] {
        [Finding { needs, error }] => (*needs, error.kind),
        others => panic!("{others:?}"),
    }
}

fn disagrees(entry: LaidEntry, about: Field) -> bool {
    matches!(only(entry), (needs, ErrorKind::Mismatch { field, .. }) if field == about && needs.is_empty())
}

fn plain() -> LaidEntry {
    LaidEntry::stored("name", "contents")
}

#[test]
fn each_flag_that_changes_what_the_bytes_are() {
    for bit in [0, 5, 6, 13] {
        let here = plain().with(|e| e.local.flags |= 1 << bit);
        assert!(disagrees(here, Field::Flags), "bit {bit} in the local header alone");
    }
    for bit in [1, 2, 4, 7, 8 + 3] {
        let here = plain().with(|e| e.local.flags |= 1 << bit);
        assert_eq!(findings(here), [], "bit {bit} of a member with an ASCII name");
    }
}

#[test]
fn a_name_that_is_not_ascii_has_one_encoding() {
    let name = || LaidEntry::stored("né", "contents");
    assert_eq!(findings(name().flags(UTF8)), []);
    assert_eq!(findings(name().flags(0)), []);
    for (central, local) in [(UTF8, 0), (0, UTF8)] {
        let two = name().with(|e| (e.central.flags, e.local.flags) = (central, local));
        assert!(disagrees(two, Field::Flags), "{central} and {local}");
    }
}

/// CPython writes the directory anew, in UTF-8, and leaves CP437 in the member.
#[test]
fn a_name_that_was_recoded_is_told_from_another_name() {
    let recoded = |local: &[u8], central_flags, local_flags| {
        LaidEntry::stored("né", "contents").with(|e| {
            e.local.name = local.to_vec();
            (e.central.flags, e.local.flags) = (central_flags, local_flags);
        })
    };
    let (needs, kind) = only(recoded(b"n\x82", UTF8, 0));
    assert_eq!(needs, Relax::RECODED_NAMES);
    assert_eq!(kind, ErrorKind::Mismatch { field: Field::Name, expected: 3, found: 2 });
    let names = |entry| -> Vec<(Relax, bool)> {
        let about_name = |finding: &Finding| {
            let kind = finding.error.kind;
            (finding.needs, matches!(kind, ErrorKind::Mismatch { field: Field::Name, .. }))
        };
        findings(entry).iter().map(about_name).collect()
    };
    let another = [(Relax::empty(), true), (Relax::empty(), false)];
    assert_eq!(names(recoded(b"n\x83", UTF8, 0)), another, "another letter, and another flag");
    assert_eq!(names(recoded(b"n\x82", UTF8, UTF8)), another[..1], "both say UTF-8");
    assert_eq!(names(recoded(b"n\x82", 0, 0)), another[..1], "neither does");
}

#[test]
fn names_that_replace_the_name() {
    let record_of = |text: &str| unicode_path(1, b"name", text.as_bytes());
    let with = |central: Vec<u8>, local: Vec<u8>| {
        plain().with(|e| (e.central.extra, e.local.extra) = (central, local))
    };
    let other = [record(0x9999, b"x"), record_of("name one")].concat();
    assert_eq!(findings(with(record_of("name one"), other)), [], "the same among others");
    assert!(disagrees(with(record_of("one"), record_of("two")), Field::Name));
    assert!(disagrees(with(record_of("one"), Vec::new()), Field::Name), "only one has it");
    assert!(disagrees(with(Vec::new(), record_of("one")), Field::Name), "only the other has it");
    let short = record(id::UNICODE_PATH, &[1]);
    let broken = only(with(record_of("one"), short));
    assert_eq!(broken, (Relax::empty(), ErrorKind::BadExtra { id: id::UNICODE_PATH }));
}

#[test]
fn ciphers() {
    let with = |central: Vec<u8>, local: Vec<u8>| {
        plain().flags(1).method(99).with(|e| (e.central.extra, e.local.extra) = (central, local))
    };
    let other = [record(0x9999, b"x"), aes(2, 3, 0)].concat();
    assert_eq!(findings(with(aes(2, 3, 0), other)), [], "the same among others");
    for local in [aes(1, 3, 0), aes(2, 1, 0), aes(2, 3, 8)] {
        assert!(disagrees(with(aes(2, 3, 0), local), Field::Encryption));
    }
    let broken = only(with(aes(2, 3, 0), record(id::AES, &[2, 0])));
    assert_eq!(broken.0, Relax::empty(), "{broken:?}");
    let none = only(with(aes(2, 3, 0), record(0x9999, b"x")));
    assert_eq!(none, (Relax::empty(), ErrorKind::BadExtra { id: id::AES }));
    // A chain that is broken is told once, where the sizes are looked for, and not compared.
    let chain = [aes(2, 1, 0), vec![0x99, 0x99, 9, 0]].concat();
    let (needs, kind) = only(with(aes(2, 3, 0), chain));
    assert!(needs.is_empty() && !matches!(kind, ErrorKind::Mismatch { .. }), "{kind:?}");
    let traditional = plain().flags(1).with(|e| e.local.extra = record(0x9999, b"x"));
    assert_eq!(findings(traditional), []);
}

/// A header that was written before the sizes were known: nothing, everything, or filled in.
#[test]
fn sizes_that_come_in_a_descriptor() {
    let streamed = |change: fn(&mut LaidEntry)| {
        LaidEntry::stored("name", "contents").with_descriptor(DescriptorForm::Signed32).with(change)
    };
    let fits: [fn(&mut LaidEntry); 4] = [
        |_| {},
        |e| (e.local.compressed_size, e.local.uncompressed_size) = (8, 8),
        |e| (e.local.compressed_size, e.local.uncompressed_size) = (u32::MAX, u32::MAX),
        |e| e.local.crc32 = e.central.crc32,
    ];
    for (number, change) in fits.into_iter().enumerate() {
        assert_eq!(findings(streamed(change)), [], "{number}");
    }
    assert!(disagrees(streamed(|e| e.local.uncompressed_size = 9), Field::Size));
    assert!(disagrees(streamed(|e| e.local.compressed_size = 9), Field::CompressedSize));
    assert!(disagrees(streamed(|e| e.local.crc32 = 1), Field::Crc32));
}

/// Info-ZIP 3.0 shows the check value of the cipher as CRC-32, and a stored size without the
/// cipher's 12 bytes.
#[test]
fn what_info_zip_leaves_in_encrypted_members() {
    let piped = |change: fn(&mut LaidEntry)| {
        let contents = [b'x'; 20];
        LaidEntry::stored("name", contents)
            .sizes(20, 8)
            .flags(1)
            .with_descriptor(DescriptorForm::Signed32)
            .with(|e| {
                (e.local.time, e.central.time) = (0x5a21, 0x5a21);
                e.local.crc32 = 0x5a21_0000;
                (e.local.compressed_size, e.local.uncompressed_size) = (8, 8);
            })
            .with(change)
    };
    assert_eq!(findings(piped(|_| {})), []);
    assert!(disagrees(piped(|e| e.local.compressed_size = 9), Field::CompressedSize));
    let method = |e: &mut LaidEntry| (e.local.method, e.central.method) = (8, 8);
    assert!(disagrees(piped(method), Field::CompressedSize), "only what is stored");
    assert_eq!(
        findings(piped(|e| {
            (e.local.method, e.central.method) = (8, 8);
            e.local.compressed_size = 20;
        })),
        []
    );
    // Another time, no cipher, and no time: the value is a CRC-32 then, and a wrong one.
    let changes: [fn(&mut LaidEntry); 2] = [
        |e| (e.local.time, e.central.time) = (0x5a22, 0x5a22),
        |e| (e.local.flags, e.central.flags) = (8, 8),
    ];
    for change in changes {
        let about: Vec<_> = findings(piped(change)).iter().map(|f| f.error.kind).collect();
        let field = |wanted| move |kind: &ErrorKind| matches!(kind, ErrorKind::Mismatch { field, .. } if *field == wanted);
        assert!(about.iter().any(field(Field::Crc32)), "{about:?}");
        assert!(about.iter().any(field(Field::CompressedSize)), "{about:?}");
    }
    let no_time = piped(|e| {
        (e.local.time, e.central.time, e.local.crc32) = (0, 0, 0);
    });
    assert!(disagrees(no_time, Field::CompressedSize), "nothing says that this is its doing");
}

#[test]
fn gaps_are_measured_and_padding_is_none() {
    let gap = || plain().with(|e| e.gap_after = vec![0; 5]);
    assert_eq!(only(gap()), (Relax::GAPS, ErrorKind::Gap { bytes: 5 }));
    let [finding] = &findings(gap())[..] else { panic!("one") };
    let from = finding.error.at;
    let mut gate = Gate::new(Relax::STRICT);
    assert_eq!(examine(gap(), &mut Padded { judge: &mut gate, from }), Ok(()));
    assert!(gate.needs.is_empty());
    let behind = &mut Padded { judge: &mut gate, from: from + 1 };
    assert_eq!(
        examine(gap(), behind).map_err(|error| error.kind),
        Err(ErrorKind::Gap { bytes: 5 })
    );
    // Of other findings it says nothing.
    let wrong = gap().with(|e| e.local.crc32 ^= 1);
    assert!(
        examine(wrong, &mut Padded { judge: &mut Gate::new(Relax::LENIENT), from: 0 }).is_err()
    );
}
