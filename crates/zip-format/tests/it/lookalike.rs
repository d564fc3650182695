//! Names and comments that read like the end of an archive: every reader finds the true one.

use proptest::prelude::*;
use zip_format::directory::build::{Builder, Meta, Payload, write_local};
use zip_format::directory::ending::End;
use zip_format::directory::lookalike::check_comment;
use zip_format::error::ErrorKind;
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
    while ending.reserve(1).is_some() {
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

/// Nothing helps where two of them would be right, one with the records in between and one
/// without; then the archive is as it would have been, and ours is the reader that says so.
#[test]
fn two_would_be_ends_are_told_by_the_reader() {
    let record = |claimed: u16| [b"PK\x05\x06", &[0; 16][..], &claimed.to_le_bytes()].concat();
    let comment = [record(22 + 22), record(22 + 76)].concat();
    let (bytes, zip64) = archive(1, b"name", &comment, b"");
    assert!(!zip64);
    let error = locate(&bytes, Relax::STRICT).expect_err("two ends");
    assert!(matches!(error.kind, ErrorKind::Ambiguous { .. }), "{error}");
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
        assert_eq!((error.kind, error.at), (ErrorKind::EndInComment, at as u64));
        assert!(Builder::new().trailer(0, &comment).is_err());
        assert!(Builder::new().ending(&comment).is_err());
    }
}

/// The numbers of an honest end record may look like a signature: 101,010,256 does, and the end of
/// an offset does with the length of the comment behind it.
#[test]
fn numbers_that_look_like_a_signature_are_numbers() {
    const LIKE: u64 = 0x0605_4b50;
    let entry = |start: u64, comment_len: usize| {
        let mut builder = Builder::new();
        builder.push(&meta(b"a"), &EMPTY, Position::default()).unwrap();
        let trailer = builder.trailer(start, &vec![b'c'; comment_len]).unwrap();
        assert!(trailer[4..].windows(4).any(|window| window == b"PK\x05\x06"));
        (builder.directory().to_vec(), trailer)
    };
    for (start, comment_len) in [(LIKE, 0), (LIKE, 5), (LIKE, 40), (0x4b50_0000, 0x0605)] {
        let (directory, trailer) = entry(start, comment_len);
        let tail = [&directory[..], &trailer].concat();
        let mut locator = Locator::new(start + tail.len() as u64, Relax::STRICT);
        let want = locator.want();
        let mut fed = vec![0; want.len() as usize - tail.len()];
        fed.extend_from_slice(&tail);
        let located = locator.feed(&fed).expect("no other end").expect("in one read");
        assert_eq!(located.directory, Span { start, end: start + directory.len() as u64 });
    }
}

proptest! {
    /// The end of a directory decides, however much of it is looked at.
    #[test]
    fn the_searched_end_is_enough(name in "(PK\x05\x06|[\x00-\x20a-z]){0,40}", count in 0..400_u64) {
        let directory = [&vec![b'x'; 100_000], name.as_bytes()].concat();
        let (at, on_disk) = (Position::on_first(9), count);
        let (size, entries) = (directory.len() as u64, count);
        let end = End { directory: at, size, entries, entries_on_disk: on_disk, at };
        let searched = &directory[directory.len() - 65_557..];
        prop_assert_eq!(end.zip64_behind(&directory, b""), end.zip64_behind(searched, b""));
    }
}
