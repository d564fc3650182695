//! Two entries for one place: equal names, names equal to some file systems, names spelled in two ways.

use super::row::{Class, Expect, HELLO, Hostile, hello};
use crate::lay::{LaidEntry, Lay};

use Expect::{Accept, RefuseExtract, RejectOpen};

pub(super) fn rows() -> Vec<Hostile> {
    let utf8 = |name: &str, contents: &str| LaidEntry::stored(name, contents).flags(1 << 11);
    vec![
        case(
            "n_duplicate",
            RejectOpen,
            "duplicate name: readers disagree on first or last (ZipDiff B1)",
            pair("a.txt", "a.txt"),
        )
        .compat(Accept),
        case(
            "n_duplicate_same",
            RejectOpen,
            "duplicate name, equal contents",
            Lay::of([hello("a.txt"), hello("a.txt")]),
        )
        .compat(Accept),
        Hostile::laid(
            Class::Collision,
            "n_duplicate_dir",
            Accept,
            "duplicate directory, as merged JARs have it: one directory, empty both times",
            Lay::of([LaidEntry::directory("d/"), hello("d/a"), LaidEntry::directory("d/")]),
        ),
        case(
            "n_cp437_utf8",
            RejectOpen,
            "same decoded name through two encodings",
            Lay::of([
                utf8("\u{e9}", "1"),
                LaidEntry::stored(b"\x82", "2").with(|e| e.central.version_made_by = 20),
            ]),
        )
        .compat(Accept),
        case(
            "n_case",
            RefuseExtract,
            "case collision (ZipDiff B4): never silently overwrite",
            pair("test.txt", "TEST.TXT"),
        )
        .compat(Accept),
        case(
            "n_case_unicode",
            RefuseExtract,
            "case collision outside of ASCII",
            Lay::of([utf8("\u{e4}", "first"), utf8("\u{c4}", "second")]),
        )
        .compat(Accept),
        case(
            "n_case_fold_full",
            RefuseExtract,
            "sharp s folds to ss",
            Lay::of([utf8("stra\u{df}e", "first"), utf8("STRASSE", "second")]),
        )
        .compat(Accept),
        case(
            "n_case_file_and_dir",
            RefuseExtract,
            "a file and a directory that differ in case only",
            pair("a", "A/b"),
        )
        .compat(Accept),
        case(
            "n_normalisation",
            RefuseExtract,
            "composed and decomposed letter: one name on macOS",
            Lay::of([utf8("\u{e9}", "first"), utf8("e\u{301}", "second")]),
        )
        .compat(Accept),
        case("n_trailing_dot", RefuseExtract, "Windows alias", pair("a", "a.")).compat(Accept),
        case("n_trailing_space", RefuseExtract, "Windows alias", pair("a", "a ")).compat(Accept),
        case("n_stream_suffix", RefuseExtract, "a::$DATA is a on NTFS", pair("a", "a::$DATA"))
            .compat(Accept),
        case(
            "n_dot_segment",
            RefuseExtract,
            "canonical collision (ZipDiff B3)",
            pair("a/b", "a/./b"),
        ),
        case(
            "n_dot_leading",
            RefuseExtract,
            "canonical collision (ZipDiff B3)",
            pair("a/b", "./a/b"),
        ),
        case(
            "n_double_slash",
            RefuseExtract,
            "canonical collision (ZipDiff B3)",
            pair("a/b", "a//b"),
        ),
        case(
            "n_dotdot",
            RefuseExtract,
            "canonical collision (ZipDiff B3)",
            pair("a/b", "c/../a/b"),
        ),
        case(
            "n_absolute",
            RefuseExtract,
            "canonical collision once the slash is stripped (ZipDiff B3)",
            pair("a/b", "/a/b"),
        ),
        case(
            "n_backslash",
            RefuseExtract,
            "separator collision (ZipDiff B2, B3)",
            pair("a/b", "a\\b"),
        ),
        case(
            "n_slash_tail",
            RefuseExtract,
            "a file and an empty directory of one name",
            Lay::of([LaidEntry::stored("a", HELLO), LaidEntry::directory("a/")]),
        ),
    ]
}

fn pair(first: &str, second: &str) -> Lay {
    Lay::of([LaidEntry::stored(first, "first\n"), LaidEntry::stored(second, "second\n")])
}

fn case(name: &'static str, expect: Expect, why: &'static str, lay: Lay) -> Hostile {
    let last = lay.entries.len() - 1;
    Hostile::laid(Class::Collision, name, expect, why, lay).fault(last)
}
