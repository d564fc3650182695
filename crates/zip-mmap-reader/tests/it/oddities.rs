//! What real tools leave behind: what is taken as it is because nothing in it has two readings, and
//! what has a name because something does. Each archive is laid as its tool wrote it.

use zip_format::attributes::Kind;
use zip_format::profile::Relax;
use zip_mmap_reader::{Archive, Options, Parallel};
use zip_testkit::lay::{LaidEntry, Lay, extra};

use crate::common::{Said, ask_all};

fn text() -> Vec<u8> {
    b"text of a member, text of a member. ".repeat(4)
}

/// Read right by a strict reader, and nothing for an audit to say.
fn is_taken(lay: &Lay, what: &str) -> Archive<Vec<u8>> {
    let bytes = lay.build();
    let said = ask_all(&bytes, &Options::default(), what);
    assert!(said.is_accepted(), "{what}: {:?} {:?}", said.open, said.entry_faults());
    let archive = Archive::new(bytes, Options::default()).expect(what);
    let audit = archive.audit(Parallel::threads(1)).expect("not cancelled");
    assert!(audit.refused(Relax::STRICT).next().is_none(), "{what}: {:?}", audit.findings);
    let contents: Vec<_> = archive.entries().map(|entry| entry.read().expect(what)).collect();
    let laid: Vec<_> = lay.entries.iter().map(|entry| entry.contents.clone()).collect();
    assert_eq!(contents, laid, "{what}");
    archive
}

/// Read right with this relaxation, and refused without it.
fn needs(lay: &Lay, relax: Relax, what: &str) {
    let bytes = lay.build();
    let strict = ask_all(&bytes, &Options::default(), what);
    assert!(!strict.is_accepted(), "{what}: taken without asking");
    let named = |said: &Said| format!("{:?} {:?}", said.open, said.entry_faults());
    let without = Options { relax: Relax::LENIENT - relax, ..Options::default() };
    assert!(!ask_all(&bytes, &without, what).is_accepted(), "{what}: all others are not enough");
    let options = Options { relax: Relax::STRICT | relax, ..Options::default() };
    let relaxed = ask_all(&bytes, &options, what);
    assert!(relaxed.is_accepted(), "{what}: {}", named(&relaxed));
    let archive = Archive::new(bytes, options).expect(what);
    let audit = archive.audit(Parallel::threads(1)).expect("not cancelled");
    assert_eq!(audit.needs() - Relax::STRICT, relax, "{what}: {:?}", audit.findings);
    assert!(audit.findings.iter().all(|finding| !finding.needs.is_empty()), "{what}");
    for (entry, laid) in archive.entries().zip(&lay.entries) {
        assert_eq!(entry.read().expect(what), laid.contents, "{what}");
    }
}

/// Refused whatever is relaxed.
fn is_refused(lay: &Lay, what: &str) {
    let said = ask_all(&lay.build(), &Options::lenient(), what);
    assert!(!said.is_accepted(), "{what}");
}

/// Go's `Copy`, adm-zip, CPython and others narrow the slots of an entry of zip64 and keep its
/// record, which then repeats the size, or both.
#[test]
fn a_zip64_record_that_only_repeats_the_slots() {
    let size = text().len() as u64;
    for (what, values) in [("size", vec![size]), ("sizes", vec![size, size])] {
        let record = extra::zip64(&values);
        let both = LaidEntry::stored("a", text()).extra(&record);
        is_taken(
            &Lay::of([both.clone(), LaidEntry::directory("d/").extra(&extra::zip64(&[0]))]),
            what,
        );
        let narrowed = both.with(|entry| {
            entry.local.compressed_size = u32::MAX;
            entry.local.uncompressed_size = u32::MAX;
            entry.local.extra = extra::zip64(&[size, size]);
        });
        is_taken(&Lay::of([narrowed]), what);
    }
    let other = |values: &[u64]| LaidEntry::stored("a", text()).extra(&extra::zip64(values));
    is_refused(&Lay::of([other(&[size + 1])]), "another size");
    is_refused(&Lay::of([other(&[size, size + 1])]), "another compressed size");
    is_refused(&Lay::of([other(&[0, 1])]), "not even zeros");
}

/// GDAL reserves a record in the local header, fills in the slots, and leaves the record empty.
#[test]
fn a_zip64_record_of_zeros_beside_sizes() {
    let zeros = extra::zip64(&[0, 0]);
    let local = LaidEntry::deflated("doc.kml", text()).with(|e| e.local.extra = zeros.clone());
    needs(&Lay::of([local]), Relax::ZEROED_ZIP64, "local");
    let both = LaidEntry::deflated("doc.kml", text()).extra(&zeros);
    needs(&Lay::of([both]), Relax::ZEROED_ZIP64, "both");
    let saturated = LaidEntry::stored("a", text()).with(|entry| {
        entry.local.compressed_size = u32::MAX;
        entry.local.extra = extra::zip64(&[0, 0]);
    });
    is_refused(&Lay::of([saturated]), "a slot that refers to the zeros");
}

/// Kotlin's and other tools' jars deflate directories to nothing at all, and Python's setuptools
/// and merged jars name one again.
#[test]
fn directories_without_contents_can_say_what_they_like() {
    let nothing = |name: &str| LaidEntry::claiming(name, 8, Vec::new(), 0, 0);
    is_taken(&Lay::of([nothing("d/"), LaidEntry::stored("d/a", text())]), "deflated to nothing");
    needs(&Lay::of([nothing("a")]), Relax::EMPTY_DEFLATE, "a file");
    let again = Lay::of([
        LaidEntry::directory("d/"),
        LaidEntry::stored("d/a", text()),
        LaidEntry::directory("d/").mode(0o040_700),
        nothing("d/"),
    ]);
    let archive = is_taken(&again, "named again");
    assert_eq!(archive.by_name("d/").expect("the same").index(), 0);
    assert_eq!(archive.all_by_name("d/").count(), 3);
    let files = Lay::of([LaidEntry::stored("a", ""), LaidEntry::stored("a", "")]);
    needs(&files, Relax::DUPLICATES, "files, be they equal");
    let link = LaidEntry::symlink("d/", "a");
    needs(&Lay::of([LaidEntry::directory("d/"), link]), Relax::DUPLICATES, "a link of that name");
}

/// CPython that appends to an archive of Info-ZIP, whose UTF-8 names have no mark.
#[test]
fn a_directory_that_was_recoded() {
    // The UTF-8 of an umlaut in code page 437 are a box and an integral sign, which are said in
    // UTF-8 then.
    let recoded = |directory: &str| {
        LaidEntry::stored(b"\xc3\xb6.txt", text()).with(|entry| {
            entry.central.name = directory.as_bytes().to_vec();
            entry.central.flags |= 1 << 11;
        })
    };
    needs(&Lay::of([recoded("\u{251c}\u{2562}.txt")]), Relax::RECODED_NAMES, "as CPython does");
    is_refused(&Lay::of([recoded("\u{f6}.txt")]), "what the local bytes are in UTF-8");
    is_refused(&Lay::of([recoded("\u{251c}\u{2562}.TXT")]), "another name");
    let marked = recoded("\u{251c}\u{2562}.txt").with(|entry| entry.local.flags |= 1 << 11);
    is_refused(&Lay::of([marked]), "both marked");
}

/// An APK Signing Block over these bytes.
fn signing_block(len: u64) -> Vec<u8> {
    let mut block = (len - 8).to_le_bytes().to_vec();
    block.resize(len as usize - 24, 0x55);
    block.extend((len - 8).to_le_bytes());
    block.extend(b"APK Sig Block 42");
    block
}

/// `apksigner` aligns its block to pages, with zeros before it.
#[test]
fn zeros_before_a_signing_block_that_is_aligned() {
    let padded = |zeros_up_to: usize, block: u64, change: fn(&mut Vec<u8>)| {
        let last = LaidEntry::stored("assets/last", text());
        let end = Lay::of([last.clone()]).build_with_map().1.payloads[0].end;
        let mut gap = vec![0; zeros_up_to - end];
        change(&mut gap);
        gap.extend(signing_block(block));
        Lay::of([last.with(|entry| entry.gap_after = gap)])
    };
    is_taken(&padded(4_096, 4_096, |_| {}), "one page");
    is_taken(&padded(4_096, 100, |_| {}), "a block of any length");
    needs(&padded(4_095, 4_096, |_| {}), Relax::GAPS, "not aligned");
    needs(&padded(8_192, 4_096, |_| {}), Relax::GAPS, "more than a page");
    needs(&padded(4_096, 4_096, |gap| gap[7] = 1), Relax::GAPS, "something hidden in it");
    // Contents that end in zeros are not taken for padding.
    let zeros = LaidEntry::stored("zeros", vec![0; 4_096 - 30 - 5]);
    is_taken(&Lay::of([zeros.with(|entry| entry.gap_after = signing_block(64))]), "zeros");
}

/// `bsdtar` fills up what it writes to a pipe; that is bytes after the end, as any others are.
#[test]
fn zeros_after_the_end() {
    let lay = Lay::of([LaidEntry::stored("a", text())]).with(|lay| lay.trailing = vec![0; 470]);
    needs(&lay, Relax::TRAILING, "zeros");
}

/// Libraries that copy entries keep bit 3 and fill in the local header instead.
#[test]
fn a_descriptor_that_was_left_out() {
    let left_out = LaidEntry::deflated("a", text()).flags(1 << 3);
    needs(&Lay::of([left_out]), Relax::DESCRIPTOR, "left out");
}

/// `zip -` keeps the mode of the pipe it read from; what it read is a file.
#[test]
fn a_pipe_is_read() {
    let piped = LaidEntry::deflated("-", text()).mode(0o010_600);
    let archive = is_taken(&Lay::of([piped]), "a pipe");
    assert_eq!(archive.by_name("-").expect("there").kind(), Kind::File);
}
