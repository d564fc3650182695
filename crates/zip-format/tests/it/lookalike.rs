//! Names and comments that read like the end of an archive: every reader finds the true one.

use zip_format::directory::build::{Builder, Meta, Payload, write_local};
use zip_format::directory::ending::{End, Form};
use zip_format::directory::lookalike::{SEARCHED_LEN, check_comment};
use zip_format::error::{ErrorKind, Result};
use zip_format::locate::Locator;
use zip_format::method::Method;
use zip_format::position::{Position, Span};
use zip_format::profile::Relax;

use crate::build::meta;
use crate::locate::locate;

const EMPTY: Payload = Payload { method: Method::STORED, crc32: 0, compressed_size: 0, size: 0 };

/// `count` entries, the last with this name and comment, and the archive's comment.
fn archive(count: usize, name: &[u8], comment: &[u8], of_all: &[u8]) -> (Vec<u8>, bool) {
    let (mut bytes, mut builder) = (Vec::new(), Builder::new());
    for number in 0..count {
        let other = number.to_string();
        let last = Meta { comment, ..meta(name) };
        let meta = if number + 1 == count { last } else { meta(other.as_bytes()) };
        // What stands in a local header is nobody's directory; it is kept away from the end.
        let at = Position::on_first(bytes.len() as u64);
        write_local(&super::build::meta(b"-"), &EMPTY, &mut bytes).unwrap();
        builder.push(&meta, &EMPTY, at).unwrap();
    }
    bytes.extend(vec![0; 70_000]);
    let trailer = builder.trailer(bytes.len() as u64, of_all).unwrap();
    // In pieces, as over volumes, it is the same.
    let mut ending = builder.ending(of_all).unwrap();
    let mut pieces = bytes.clone();
    while ending.reserve(1).unwrap().is_some() {
        let at = Position::on_first(pieces.len() as u64);
        pieces.extend_from_slice(ending.place(at));
    }
    let zip64 = trailer.len() > 22 + of_all.len();
    bytes.extend_from_slice(builder.directory());
    bytes.extend_from_slice(&trailer);
    assert_eq!(pieces, bytes);
    (bytes, zip64)
}

fn is_strict(bytes: &[u8], what: &str) {
    let found = locate(bytes, Relax::STRICT);
    assert!(found.is_ok(), "{what}: {found:?}");
}

/// The length of the would-be comment lies in the true end record: at a distance of ten bytes, it
/// is the number of entries.
#[test]
fn a_signature_whose_record_goes_on_in_the_true_one() {
    let mut with_zip64 = 0;
    for count in [1, 2, 4, 10, 60, 300] {
        for behind in 0..22 {
            let name = [b"PK\x05\x06", vec![b'x'; behind].as_slice()].concat();
            for of_all in [&b""[..], b"of all", &[b'c'; 1000]] {
                for (name, comment) in [(&name[..], &b""[..]), (b"name", &name)] {
                    let (bytes, zip64) = archive(count, name, comment, of_all);
                    is_strict(&bytes, &format!("{count} entries, {behind} bytes behind"));
                    with_zip64 += usize::from(zip64);
                }
            }
        }
    }
    assert!(with_zip64 > 0, "one at least reached the end");
}

/// The would-be record is whole, and says that its comment ends where the archive does.
#[test]
fn a_whole_record_is_moved_away_from_the_end() {
    for behind in [0, 1, 21, 22, 76, 98, 30_000, 65_000] {
        for of_all in [0, 5, 500] {
            let claimed = (behind + 22 + of_all) as u16;
            let record = [b"PK\x05\x06", &[0; 16][..], &claimed.to_le_bytes()].concat();
            let comment = [&record[..], &vec![b'.'; behind]].concat();
            let of_all = vec![b'c'; of_all];
            let (bytes, zip64) = archive(3, b"name", &comment, &of_all);
            assert!(zip64, "{behind} bytes behind");
            is_strict(&bytes, "the records of zip64 in between");
            // One whose comment ends anywhere else is nobody's end.
            let other = [b"PK\x05\x06", &[0; 16][..], &(claimed - 1).to_le_bytes()].concat();
            let comment = [&other[..], &vec![b'.'; behind]].concat();
            let (bytes, zip64) = archive(3, b"name", &comment, &of_all);
            assert!(!zip64, "{behind} bytes behind");
            is_strict(&bytes, "no need of zip64");
        }
    }
}

/// Nothing helps where two of them would be right, one with the records in between and one without.
#[test]
fn two_would_be_ends_are_refused() {
    let record = |claimed: u16| [b"PK\x05\x06", &[0; 16][..], &claimed.to_le_bytes()].concat();
    let comment = [record(22 + 22), record(22 + 76)].concat();
    let mut builder = Builder::new();
    let meta = Meta { comment: &comment, ..meta(b"name") };
    builder.push(&meta, &EMPTY, Position::default()).unwrap();
    let error = builder.trailer(50, b"").expect_err("two ends");
    assert_eq!((error.kind, error.at), (ErrorKind::EndInDirectory, 50));
    let mut ending = builder.ending(b"").unwrap();
    assert!(ending.reserve(u64::MAX).is_ok_and(|len| len.is_some()), "the directory");
    ending.place(Position::on_first(50));
    let error = ending.reserve(u64::MAX).expect_err("two ends");
    assert_eq!((error.kind, error.at), (ErrorKind::EndInDirectory, 50));
}

#[test]
fn comments_that_no_archive_can_have() {
    assert!(check_comment(b"PK\x05 \x06 is none").is_ok());
    assert!(check_comment(&vec![b'c'; 65_535]).is_ok());
    let length = check_comment(&vec![b'c'; 65_536]).expect_err("too long");
    assert!(matches!(length.kind, ErrorKind::Length { claimed: 65_536, .. }), "{length}");
    for at in [0, 1, 1000] {
        let comment = [&vec![b'c'; at], &b"PK\x05\x06"[..]].concat();
        let error = check_comment(&comment).expect_err("a signature");
        assert_eq!(error.kind, ErrorKind::EndInComment, "{at} bytes before it");
        assert!(Builder::new().trailer(0, &comment).is_err());
        assert!(Builder::new().ending(&comment).is_err());
    }
}

/// The length of the comment begins the signature, and the comment completes it.
#[test]
fn comments_whose_length_belongs_to_a_signature() {
    let of = |len: usize, start: &[u8]| [start, &vec![b'c'; len - start.len()]].concat();
    assert!(check_comment(&of(0x4b50, b"\x05\x06")).is_err(), "PK, and the rest");
    assert!(check_comment(&of(0x5001, b"K\x05\x06")).is_err(), "P, and the rest");
    assert!(check_comment(&of(0x5150, b"K\x05\x06")).is_ok(), "its last byte is no P");
    assert!(check_comment(&of(0x4b51, b"\x05\x06")).is_ok());
    // The offset's last byte, the length and the comment: the offset then stands elsewhere.
    let comment = of(0x054b, b"\x06");
    let mut builder = Builder::new();
    builder.push(&meta(b"a"), &EMPTY, Position::default()).unwrap();
    let trailer = builder.trailer(0x5000_0000, &comment).unwrap();
    assert_eq!(trailer.len(), 22 + 76 + comment.len());
    assert!(builder.trailer(0x5100_0000, &comment).is_ok_and(|bytes| bytes.len() < trailer.len()));
}

/// The numbers of an honest end record may look like a signature: 101,010,256 does, and the end of
/// an offset does with the length of the comment behind it.
#[test]
fn numbers_that_look_like_a_signature_are_numbers() {
    const LIKE: u64 = 0x0605_4b50;
    let mut builder = Builder::new();
    builder.push(&meta(b"a"), &EMPTY, Position::default()).unwrap();
    let directory = builder.directory();
    let end = End {
        directory: Position::on_first(LIKE),
        size: directory.len() as u64,
        entries: 1,
        entries_on_disk: 1,
        at: Position::on_first(LIKE + directory.len() as u64),
    };
    let found = |trailer: &[u8]| -> Result<Span> {
        let tail = [directory, trailer].concat();
        let mut locator = Locator::new(LIKE + tail.len() as u64, Relax::STRICT);
        loop {
            let want = locator.want();
            let from = tail.len() as u64 + LIKE - want.end;
            let mut fed = vec![0; (want.len() as usize).saturating_sub(tail.len())];
            let end = tail.len() - from as usize;
            fed.extend_from_slice(&tail[end - (want.len() as usize - fed.len())..end]);
            if let Some(located) = locator.feed(&fed)? {
                return Ok(located.directory);
            }
        }
    };
    let span = Span { start: LIKE, end: LIKE + directory.len() as u64 };
    for (comment, form) in [
        (&b""[..], Form::Classic),
        (b"short", Form::Classic),
        // One byte more, and a record fits behind the number.
        (b"fifteen bytes..", Form::Classic),
        (b"sixteen bytes...", Form::Zip64Only),
        (b"as long as a record would be, and longer", Form::Zip64Only),
    ] {
        assert_eq!(end.form(directory, comment), Ok(form), "{}", comment.len());
        assert_eq!(found(&end.write(comment, form).unwrap()), Ok(span), "{}", comment.len());
        let classic = found(&end.write(comment, Form::Classic).unwrap());
        let ambiguous = classic.map_err(|error| error.kind);
        match form {
            Form::Classic => assert_eq!(ambiguous, Ok(span)),
            // What stands in it could be another archive's directory.
            _ => assert!(matches!(ambiguous, Err(ErrorKind::Ambiguous { .. })), "{ambiguous:?}"),
        }
    }
}

/// The farthest place where readers look: a record with the longest comment.
#[test]
fn records_at_the_border_of_what_is_searched() {
    for (from_end, is_seen) in [(65_557, true), (65_558, false), (65_556, false)] {
        let mut directory = vec![b'x'; 200_000];
        let start = directory.len() + 22 - from_end;
        directory[start..start + 4].copy_from_slice(b"PK\x05\x06");
        directory[start + 20..start + 22].copy_from_slice(&[0xff; 2]);
        let at = Position::on_first(9);
        let size = directory.len() as u64;
        let end = End { directory: at, size, entries: 1, entries_on_disk: 1, at };
        let form = if is_seen { Form::Zip64 } else { Form::Classic };
        assert_eq!(end.form(&directory, b""), Ok(form), "{from_end} bytes from the end");
        let searched = &directory[directory.len() - SEARCHED_LEN..];
        assert_eq!(end.form(searched, b""), Ok(form), "the same of the part that is searched");
    }
}
