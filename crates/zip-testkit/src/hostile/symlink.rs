//! Symbolic links, and modes that are not those of plain files.

use super::row::{Class, Expect, Hostile, hello};
use crate::lay::{LaidEntry, Lay, extra};

use Expect::{Accept, RefuseExtract};

/// Where rows try to write. It does not exist, so that nothing is lost where a reader fails.
const OUTSIDE: &str = "/pzip-hostile-escape";

pub(super) fn rows() -> Vec<Hostile> {
    let link = |name: &str, target: &str| LaidEntry::symlink(name, target);
    let mut rows = vec![
        case(
            "s_abs_then_write",
            "absolute dir symlink, then write through it",
            vec![link("link", OUTSIDE), hello("link/evil.txt")],
        ),
        case(
            "s_rel_then_write",
            "relative dir symlink, then write through it",
            vec![
                link("link", "../../../../../../../../pzip-hostile-escape"),
                hello("link/evil.txt"),
            ],
        ),
        case(
            "s_up_then_write",
            "symlink to parent, then write",
            vec![link("link", ".."), hello("link/evil.txt")],
        ),
        case(
            "s_inside_then_write",
            "symlink that stays inside, then write through it",
            vec![LaidEntry::directory("real/"), link("link", "real"), hello("link/evil.txt")],
        )
        .fault(2),
        case(
            "s_write_then_link",
            "the write comes first in the directory, the symlink after it",
            vec![hello("link/evil.txt"), link("link", OUTSIDE)],
        )
        .fault(1),
        case(
            "s_two_step_b",
            "symlink created through a symlink",
            vec![link("cur", "."), link("cur/par", ".."), hello("par/evil.txt")],
        ),
        case(
            "s_after",
            "directory replaced by symlink between writes",
            vec![hello("link/evil.txt"), link("link", OUTSIDE), hello("link/evil2.txt")],
        )
        .fault(1),
        case(
            "s_case",
            "case-variant of a symlink (case-insensitive file systems)",
            vec![link("Link", OUTSIDE), hello("link/evil.txt")],
        ),
        case(
            "s_escape_only",
            "relative target leaves the destination",
            vec![link("d/x", "../../outside")],
        ),
        case(
            "s_escape_mid",
            "target goes down and then further up",
            vec![link("d/x", "a/../../../outside")],
        ),
        case(
            "s_abs_only",
            "absolute target, nothing written through it",
            vec![link("x", "/etc/passwd")],
        ),
        case(
            "s_win_target",
            "backslash target escapes on Windows",
            vec![link("x", "..\\..\\outside")],
        ),
        case("s_win_drive_target", "target with a drive letter", vec![link("x", "C:\\Windows")]),
        case("s_empty_target", "empty target", vec![LaidEntry::symlink("x", "")]),
        case(
            "s_nul_target",
            "NUL in the target: checked whole, created short",
            vec![link("x", "..\0/inside")],
        ),
        case(
            "s_loop",
            "symlink loop then write",
            vec![link("a", "b"), link("b", "a"), hello("a/x")],
        )
        .fault(2),
        case(
            "s_huge_target",
            "1 MB target: cap at PATH_MAX before reading",
            vec![LaidEntry::deflated("x", "a".repeat(1_000_000)).mode(0o120_777)],
        ),
        case(
            "s_chmod_through",
            "directory entry over a symlink: mode and time applied outside (RUSTSEC-2026-0113 class)",
            vec![link("d", OUTSIDE), LaidEntry::directory("d/").mode(0o040_777)],
        ),
        case(
            "s_dir_slash",
            "symlink mode on a name with trailing slash",
            vec![link("link/", OUTSIDE), hello("link/evil.txt")],
        ),
    ];
    rows.extend([
        Hostile::laid(
            Class::Symlink,
            "a_symlink_inside",
            Accept,
            "symlink that stays inside",
            Lay::of([hello("d/real"), link("d/link", "real")]),
        ),
        Hostile::laid(
            Class::Symlink,
            "a_symlink_deflated",
            Accept,
            "symlink whose target is deflated",
            Lay::of([
                hello("real-real-real-real-real"),
                LaidEntry::deflated("link", "real-real-real-real-real").mode(0o120_777),
            ]),
        ),
        Hostile::laid(
            Class::Symlink,
            "a_symlink_dangling",
            Accept,
            "symlink inside to something that is not there",
            Lay::of([link("link", "nothing")]),
        ),
    ]);
    rows.extend(modes());
    rows
}

fn modes() -> Vec<Hostile> {
    let of = |name, expect, why, mode| {
        let lay = Lay::of([hello("x").mode(mode)]);
        Hostile::laid(Class::Mode, name, expect, why, lay)
    };
    let mut link = vec![0; 12];
    link.extend_from_slice(b"/etc/passwd");
    let hardlink = LaidEntry::stored("x", "").extra(&extra::record(extra::PKWARE_UNIX, &link));
    vec![
        of(
            "s_mode_setuid",
            Accept,
            "setuid bit must be dropped: no 07000 bits after extraction",
            0o104_755,
        ),
        of(
            "s_mode_setgid",
            Accept,
            "setgid bit must be dropped: no 07000 bits after extraction",
            0o102_755,
        ),
        of(
            "s_mode_sticky_world",
            Accept,
            "sticky bit must be dropped: no 07000 bits after extraction",
            0o101_777,
        ),
        of("s_mode_zero", Accept, "no mode at all: default permissions", 0),
        of(
            "s_mode_unreadable",
            Accept,
            "mode 000: the archive's wish, and no reason to fail",
            0o100_000,
        ),
        of("s_mode_fifo", RefuseExtract, "FIFO: opening it blocks", 0o010_644),
        of("s_mode_pipe", Accept, "read from a pipe without a name: a file", 0o010_600),
        of("s_mode_socket", RefuseExtract, "socket", 0o140_644),
        of("s_mode_chardev", RefuseExtract, "character device", 0o020_666),
        of("s_mode_blockdev", RefuseExtract, "block device", 0o060_660),
        of("s_mode_unknown_type", RefuseExtract, "file type 017: none that exists", 0o170_644),
        Hostile::laid(
            Class::Mode,
            "s_hardlink_0x000d",
            Accept,
            "PKWARE Unix extra with a link name: must be ignored, no hard link made",
            Lay::of([hardlink]),
        ),
    ]
}

fn case(name: &'static str, why: &'static str, entries: Vec<LaidEntry>) -> Hostile {
    Hostile::laid(Class::Symlink, name, RefuseExtract, why, Lay::of(entries))
}
