//! The audit finds everything, says where, and names what would accept it.

use zip_format::error::{ErrorKind, Field};
use zip_format::profile::Relax;
use zip_io::CancelToken;
use zip_mmap_reader::{Archive, Error, Finding, Options, Parallel};
use zip_testkit::lay::{DescriptorForm, LaidEntry, Lay, extra};

fn kind(finding: &Finding) -> ErrorKind {
    match &finding.error {
        Error::Format(error) => {
            assert_eq!(error.at, finding.at, "both tell the offset");
            error.kind
        }
        other => panic!("not about a record: {other}"),
    }
}

fn audit(bytes: Vec<u8>) -> Vec<(Option<usize>, u64, Relax, ErrorKind)> {
    let archive = Archive::new(bytes, Options::lenient()).expect("opens leniently");
    let audit = archive.audit(Parallel::threads(2)).expect("not cancelled");
    let needs = audit.findings.iter().fold(Relax::empty(), |all, f| all | f.needs);
    assert_eq!(audit.needs(), needs);
    audit.findings.iter().map(|f| (f.entry, f.at, f.needs, kind(f))).collect()
}

/// Each header's extra field is walked once, whatever is looked for in it.
#[test]
fn a_broken_chain_is_told_once_where_it_stands() {
    let broken = extra::record_with_length(0x5455, 9, b"short");
    let told = |change: &dyn Fn(&mut LaidEntry)| {
        let (bytes, map) =
            Lay::of([LaidEntry::stored("a", "x").with(|e| change(e))]).build_with_map();
        let kind = ErrorKind::BadExtra { id: 0x5455 };
        let found = audit(bytes);
        assert!(found.iter().all(|f| *f == (Some(0), f.1, Relax::empty(), kind)), "{found:?}");
        let (local, central) = (map.locals[0].expect("laid") as u64, map.centrals[0].start as u64);
        let places = found.iter().map(|f| {
            if f.1 == local {
                "local"
            } else {
                assert_eq!(f.1, central);
                "central"
            }
        });
        places.collect::<Vec<_>>()
    };
    assert_eq!(told(&|e| e.central.extra = broken.clone()), ["central"]);
    assert_eq!(told(&|e| e.local.extra = broken.clone()), ["local"]);
    let both = told(&|e| {
        e.central.extra = broken.clone();
        e.local.extra = broken.clone();
    });
    assert_eq!(both, ["central", "local"]);
}

/// One entry with five faults: all of them are told, in the order of the checks.
#[test]
fn nothing_hides_behind_the_first_fault() {
    let none = Relax::empty();
    let (bytes, map) = Lay::of([
        LaidEntry::stored("whole", "x"),
        LaidEntry::stored("name", "contents").with(|e| {
            e.local.name = b"eman".to_vec();
            e.local.method = 8;
            e.local.crc32 ^= 1;
            e.local.uncompressed_size += 1;
            e.gap_after = b"gap".to_vec();
        }),
        LaidEntry::stored("whole", "y"),
    ])
    .build_with_map();
    let at = map.locals[1].expect("laid") as u64;
    let mismatch = |field, expected, found| ErrorKind::Mismatch { field, expected, found };
    let crc = crc32_of(b"contents");
    let found = audit(bytes);
    let expected = [
        (Some(1), at, none, mismatch(Field::Name, 4, 4)),
        (Some(1), at, none, mismatch(Field::Method, 0, 8)),
        (Some(1), at, none, mismatch(Field::Size, 8, 9)),
        (Some(1), at, none, mismatch(Field::Crc32, crc.into(), (crc ^ 1).into())),
        (Some(1), map.payloads[1].end as u64, Relax::GAPS, ErrorKind::Gap { bytes: 3 }),
        (
            Some(2),
            map.centrals[2].start as u64,
            Relax::DUPLICATES,
            ErrorKind::DuplicateName { other: map.centrals[0].start as u64 },
        ),
    ];
    assert_eq!(found, expected);
}

fn crc32_of(bytes: &[u8]) -> u32 {
    zip_format::crc32::crc32(bytes)
}

/// What opening puts up with is told as well, each with its offset.
#[test]
fn the_frame() {
    let (bytes, map) = Lay::of([LaidEntry::stored("a", "AAAA")])
        .with(|lay| {
            lay.prefix = b"stub".to_vec();
            lay.gap_before_eocd = b"gap".to_vec();
            lay.comment = b"a PK\x05\x06 in the comment".to_vec();
        })
        .build_with_map();
    let comment = map.eocd as u64 + 22;
    let expected = [
        (None, 0, Relax::PREFIX, ErrorKind::Prefix { bytes: 4 }),
        (None, map.directory.end as u64, Relax::GAPS, ErrorKind::Gap { bytes: 3 }),
        (None, map.eocd as u64, Relax::END_IN_COMMENT, ErrorKind::Ambiguous { other: comment + 2 }),
    ];
    assert_eq!(audit(bytes), expected);

    let (bytes, map) = Lay::of([LaidEntry::stored("a", "AAAA")])
        .with(|lay| lay.trailing = vec![0; 512])
        .build_with_map();
    let trailing = ErrorKind::Trailing { bytes: 512 };
    assert_eq!(audit(bytes), [(None, map.eocd as u64 + 22, Relax::TRAILING, trailing)]);
}

/// Each named deviation is told with its relaxation, refused without it, accepted with it.
#[test]
fn each_relaxation_alone() {
    let lay = |entry: LaidEntry| Lay::of([entry, LaidEntry::stored("behind", "x")]);
    let text = "some text, some more text, and some more";
    let streamed = LaidEntry::deflated("a", text).with_descriptor(DescriptorForm::Signed32);
    let gap = LaidEntry::stored("a", "A").with(|e| e.gap_after = b"gap".to_vec());
    let cases = [
        (Relax::GAPS, lay(gap)),
        (Relax::DUPLICATES, lay(LaidEntry::stored("behind", "first"))),
        (Relax::DESCRIPTOR, lay(streamed.clone().with(|e| e.descriptor = None))),
        (
            Relax::DESCRIPTOR,
            lay(streamed.with(|e| e.local.flags = 0).with(|e| {
                (e.local.crc32, e.local.compressed_size, e.local.uncompressed_size) =
                    (e.central.crc32, e.central.compressed_size, e.central.uncompressed_size);
            })),
        ),
        (Relax::BAD_UTF8, lay(LaidEntry::stored(b"\xff", "A").flags(1 << 11))),
        (Relax::EMPTY_DEFLATE, lay(LaidEntry::encoded("a", 8, b"", b""))),
    ];
    for (relax, lay) in cases {
        let bytes = lay.build();
        let what = format!("{relax:?}");
        let found = audit(bytes.clone());
        assert_eq!(found.iter().map(|f| f.2).collect::<Vec<_>>(), [relax], "{what}: {found:?}");
        for (given, is_accepted) in
            [(Relax::STRICT, false), (Relax::LENIENT - relax, false), (Relax::STRICT | relax, true)]
        {
            let options = Options { relax: given, ..Options::default() };
            let archive = Archive::new(bytes.clone(), options).expect(&what);
            let ok = |results: Vec<Result<(), Error>>| results.iter().all(Result::is_ok);
            assert_eq!(ok(archive.test(&[0, 1], Parallel::threads(1))), is_accepted, "{what}");
            assert_eq!(ok(archive.check_all(&[0, 1], Parallel::threads(1))), is_accepted, "{what}");
        }
    }
}

/// The remains of a descriptor are no place to hide a member.
#[test]
fn a_missing_descriptor_covers_no_more_than_its_own_length() {
    let (hidden, map) = Lay::of([LaidEntry::stored("hidden", "evil")]).build_with_map();
    let entry = LaidEntry::stored("a", "A").with_descriptor(DescriptorForm::Signed32).with(|e| {
        e.descriptor = None;
        e.gap_after = hidden[..map.directory.start].to_vec();
    });
    let found = audit(Lay::of([entry]).build());
    let needs: Vec<Relax> = found.iter().map(|f| f.2).collect();
    assert_eq!(needs, [Relax::DESCRIPTOR, Relax::GAPS], "{found:?}");
}

#[test]
fn a_cancelled_audit_says_so() {
    let archive = Archive::new(Lay::of([LaidEntry::stored("a", "A")]).build(), Options::default())
        .expect("valid");
    let cancel = CancelToken::new();
    cancel.cancel();
    let parallel = Parallel { cancel: Some(&cancel), ..Parallel::default() };
    assert!(matches!(archive.audit(parallel), Err(Error::Cancelled)));
}
