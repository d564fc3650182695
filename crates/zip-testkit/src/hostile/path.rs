//! Names that lead elsewhere, or that mean one thing here and another there. Traversal, devices, control characters,
//! the Unicode path record, directories with contents.

use super::row::{Class, Expect, HELLO, Hostile, hello};
use crate::lay::{LaidEntry, Lay, extra};

use Expect::{Accept, RefuseExtract, RejectEntry, RejectOpen};

const UTF8: u16 = 1 << 11;

/// Name of the row, name of the entry, flags, default, relaxed, why.
type Row = (&'static str, &'static [u8], u16, Expect, Expect, &'static str);

#[rustfmt::skip]
const NAMES: &[Row] = &[
    ("p_dotdot", b"../../../../../../../../../../pzip-hostile-escape/evil.txt", 0, RefuseExtract, RefuseExtract, "leading .."),
    ("p_dotdot_one", b"../evil.txt", 0, RefuseExtract, RefuseExtract, "one level up"),
    ("p_dotdot_mid", b"a/b/../../../evil.txt", 0, RefuseExtract, RefuseExtract, ".. in the middle escapes"),
    ("p_dotdot_inside", b"a/../evil.txt", 0, RefuseExtract, RefuseExtract, ".. in the middle stays inside, unless a is a link"),
    ("p_dotdot_last", b"a/..", 0, RefuseExtract, RefuseExtract, ".. at the end"),
    ("p_dotdot_only", b"..", 0, RefuseExtract, RefuseExtract, "name is .."),
    ("p_dot_only", b".", 0, RefuseExtract, RefuseExtract, "name is ."),
    ("p_absolute", b"/pzip-hostile-escape/evil.txt", 0, RefuseExtract, RefuseExtract, "absolute path"),
    ("p_absolute_double", b"//pzip-hostile-escape/evil.txt", 0, RefuseExtract, RefuseExtract, "two leading slashes"),
    ("p_drive_slash", b"C:/pzip-evil.txt", 0, RefuseExtract, RefuseExtract, "drive letter with slash"),
    ("p_drive_backslash", b"C:\\pzip-evil.txt", 0, RefuseExtract, RefuseExtract, "drive letter with backslash"),
    ("p_drive_rel", b"C:evil.txt", 0, RefuseExtract, RefuseExtract, "drive-relative path"),
    ("p_unc", b"\\\\127.0.0.1\\share\\evil.txt", 0, RefuseExtract, RefuseExtract, "UNC path (also leaks NTLM hashes)"),
    ("p_unc_slash", b"//127.0.0.1/share/evil.txt", 0, RefuseExtract, RefuseExtract, "UNC path with slashes"),
    ("p_devpath2", b"\\\\.\\PhysicalDrive0", 0, RefuseExtract, RefuseExtract, "Win32 device path"),
    ("p_devpath_verbatim", b"\\\\?\\C:\\pzip-evil.txt", 0, RefuseExtract, RefuseExtract, "verbatim Win32 path"),
    ("p_backslash_dotdot", b"..\\..\\evil.txt", 0, RefuseExtract, RefuseExtract, "backslash traversal"),
    ("p_backslash_mixed", b"a/..\\..\\evil.txt", 0, RefuseExtract, RefuseExtract, "mixed separators"),
    ("p_backslash_root", b"\\evil.txt", 0, RefuseExtract, RefuseExtract, "root of the current drive"),
    ("p_nul_only", b"\0", 0, RejectOpen, RejectOpen, "name is NUL"),
    ("p_nul_mid", b"good.txt\0.exe", 0, RejectOpen, RejectOpen, "NUL cuts the name short in C"),
    ("p_empty_name", b"", 0, RefuseExtract, RefuseExtract, "empty name cannot be a file"),
    ("p_slash_only", b"/", 0, RefuseExtract, RefuseExtract, "name is only a slash"),
    ("p_dot_segment", b"a/./evil", 0, RefuseExtract, RefuseExtract, "dot segment: another spelling of a/evil"),
    ("p_double_slash", b"a//evil", 0, RefuseExtract, RefuseExtract, "empty segment: another spelling of a/evil"),
    ("p_win_con", b"CON", 0, RefuseExtract, Accept, "reserved Windows device name"),
    ("p_win_aux_txt", b"aux.txt", 0, RefuseExtract, Accept, "reserved Windows device name with extension"),
    ("p_win_prn_two", b"prn.tar.gz", 0, RefuseExtract, Accept, "reserved Windows device name with two extensions"),
    ("p_win_dir_nul", b"dir/NUL", 0, RefuseExtract, Accept, "reserved Windows device name in a directory"),
    ("p_win_as_dir", b"COM1/evil", 0, RefuseExtract, Accept, "reserved Windows device name as directory"),
    ("p_win_lpt1_", b"LPT1 ", 0, RefuseExtract, Accept, "reserved Windows device name and a space"),
    ("p_win_conin_", b"CONIN$", 0, RefuseExtract, Accept, "reserved Windows device name"),
    ("p_win_com__sup", "COM\u{b9}".as_bytes(), UTF8, RefuseExtract, Accept, "superscript digits count as digits in device names"),
    ("p_win_stream", b"file.txt:hidden", 0, RefuseExtract, Accept, "alternate data stream on NTFS"),
    ("p_win_star", b"a*b?.txt", 0, Accept, Accept, "characters that Windows refuses by itself: ordinary elsewhere"),
    ("p_trailing_space", b"evil ", 0, RefuseExtract, Accept, "Windows strips trailing spaces"),
    ("p_trailing_dot", b"evil.", 0, RefuseExtract, Accept, "Windows strips trailing dots"),
    ("p_dotdot_space", b".. /evil", 0, RefuseExtract, Accept, "Windows strips the space and gets .."),
    ("p_shortname", b"PROGRA~1/evil", 0, RefuseExtract, Accept, "8.3 alias reaches another directory on Windows"),
    ("p_control_newline", b"a\nb.txt", 0, RefuseExtract, RefuseExtract, "control characters: log and shell injection"),
    ("p_control_esc", b"a\x1b[2J\x1b]0;pwn\x07.txt", 0, RefuseExtract, RefuseExtract, "terminal escape in a listing: must be quoted there"),
    ("p_control_del", b"a\x7f.txt", 0, RefuseExtract, RefuseExtract, "DEL is a control character"),
    ("p_bidi", "invoice\u{202e}gpj.exe".as_bytes(), UTF8, Accept, Accept, "right-to-left override: a listing must show it escaped"),
    ("p_fullwidth", "\u{ff0e}\u{ff0e}\u{ff0f}evil".as_bytes(), UTF8, Accept, Accept, "full-width dots: never NFKC-normalise into traversal"),
    ("p_one_dot_leader", "\u{2024}\u{2024}/evil".as_bytes(), UTF8, Accept, Accept, "one dot leaders: never NFKC-normalise into traversal"),
    ("p_surrogate_utf8", b"x\xed\xa0\x80.txt", UTF8, RejectEntry, Accept, "CESU surrogate with bit 11"),
    ("p_invalid_utf8", b"x\xff\xfe.txt", UTF8, RejectEntry, Accept, "bit 11 and bytes that are not UTF-8"),
    ("p_overlong_utf8", b"\xc0\xae\xc0\xae/evil", UTF8, RejectEntry, RejectEntry, "overlong UTF-8 of ../evil"),
];

pub(super) fn rows() -> Vec<Hostile> {
    let mut rows: Vec<Hostile> = NAMES
        .iter()
        .map(|&(row, name, flags, expect, compat, why)| {
            beside(row, expect, why, hello(name).flags(flags)).compat(compat)
        })
        .collect();
    rows.extend([
        beside("p_dotdot_slash", RefuseExtract, "directory ../", LaidEntry::directory("../")),
        beside(
            "p_absolute_dir",
            RefuseExtract,
            "absolute directory, with mode and time to set",
            LaidEntry::directory("/pzip-hostile-escape/"),
        ),
        beside(
            "p_long_component",
            RefuseExtract,
            "component over 255 bytes: clear error from extract, no panic",
            hello("x".repeat(300)),
        ),
        beside(
            "p_long_path",
            RefuseExtract,
            "5,000 bytes of short components: longer than any PATH_MAX",
            hello("abcd/".repeat(1000) + "evil"),
        ),
        beside(
            "p_dir_with_data",
            RejectEntry,
            "trailing slash but has data (ZipDiff A4)",
            hello("dir/"),
        ),
        beside(
            "p_dirattr_with_data",
            RejectEntry,
            "directory attribute on a name without slash, with data (ZipDiff A4)",
            hello("plain").with(|e| e.central.external = 0o040_755 << 16 | 0x10),
        ),
        Hostile::laid(
            Class::Path,
            "p_dir_then_file",
            RefuseExtract,
            "a is a directory and then a file",
            Lay::of([hello("a/b"), hello("a")]),
        )
        .fault(1),
        Hostile::laid(
            Class::Path,
            "p_file_then_dir",
            RefuseExtract,
            "a is a file and then a directory",
            Lay::of([hello("a"), hello("a/b")]),
        )
        .fault(1),
    ]);
    rows.extend(unicode());
    rows
}

fn unicode() -> Vec<Hostile> {
    let path = |version, utf8: &str| extra::unicode_path(version, b"good.txt", utf8.as_bytes());
    let with =
        |name, expect, why, bytes: &[u8]| beside(name, expect, why, hello("good.txt").extra(bytes));
    vec![
        with(
            "p_unicode_extra_traversal",
            RefuseExtract,
            "Unicode Path extra carries the traversal",
            &path(1, "../../evil.txt"),
        ),
        with(
            "p_unicode_extra_absolute",
            RefuseExtract,
            "Unicode Path extra carries an absolute path",
            &path(1, "/pzip-hostile-escape/evil.txt"),
        ),
        with(
            "p_unicode_extra_badver",
            Accept,
            "unknown Unicode Path version must be ignored",
            &path(2, "evil.txt"),
        ),
        with(
            "p_unicode_extra_dup",
            RejectEntry,
            "two Unicode Path extras",
            &[path(1, "good.txt"), path(1, "evil.txt")].concat(),
        ),
        with(
            "p_unicode_extra_invalid",
            RejectEntry,
            "Unicode Path extra with the right CRC and bytes that are not UTF-8",
            &extra::unicode_path(1, b"good.txt", b"\xff\xfe"),
        ),
        with(
            "p_unicode_extra_short",
            RejectEntry,
            "Unicode Path extra of three bytes",
            &extra::record(extra::UNICODE_PATH, &[1, 2, 3]),
        ),
        with(
            "p_unicode_extra_slash",
            RejectEntry,
            "the header says file, the Unicode Path says directory, and there is data",
            &path(1, "good.txt/"),
        ),
        with(
            "p_unicode_extra_nul",
            RejectEntry,
            "NUL in the Unicode Path: C readers cut it there",
            &path(1, "evil\0.txt"),
        ),
        Hostile::laid(
            Class::Path,
            "p_unicode_extra_and_bit_11",
            RejectEntry,
            "bit 11 says that the name is UTF-8, and a Unicode Path with the right CRC gives another",
            Lay::of([hello("good.txt").flags(1 << 11).extra(&path(1, "evil.txt"))]),
        ),
        Hostile::laid(
            Class::Path,
            "p_unicode_extra_and_bit_11_same",
            Accept,
            "bit 11, and a Unicode Path that says the same",
            Lay::of([hello("good.txt").flags(1 << 11).extra(&path(1, "good.txt"))]),
        ),
        Hostile::laid(
            Class::Path,
            "p_unicode_extra_local_only",
            RejectEntry,
            "Unicode Path only in the local header (ZipDiff A3)",
            Lay::of([hello("good.txt").with(|e| e.local.extra = path(1, "evil.txt"))]),
        ),
        Hostile::laid(
            Class::Path,
            "p_unicode_extra_differs",
            RejectEntry,
            "Unicode Path differs between the headers (ZipDiff A3)",
            Lay::of([hello("good.txt").with(|e| {
                e.local.extra = path(1, "evil.txt");
                e.central.extra = path(1, "good.txt");
            })]),
        ),
    ]
}

/// The entry at fault behind one that is fine.
fn beside(name: &'static str, expect: Expect, why: &'static str, entry: LaidEntry) -> Hostile {
    let lay = Lay::of([LaidEntry::stored("ok.txt", &HELLO[..5]), entry]);
    let mut row = Hostile::laid(Class::Path, name, expect, why, lay);
    row.fault = row.fault.map(|_| 1);
    row
}
