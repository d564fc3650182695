//! Every hostile archive of the testkit, through every source.

use zip_format::error::Category;
use zip_mmap_reader::Options;
use zip_testkit::hostile::{self, Expect, Hostile};

use crate::common::{Said, ask_all};

/// Rows we judge otherwise, and why.
const DEVIATIONS: &[(&str, Expect, &str)] = &[(
    "p_slash_only",
    Expect::RejectEntry,
    "a name that ends in a slash and has contents is refused when read, whatever else it is: p_dir_with_data",
)];

/// The same with everything relaxed.
const RELAXED_DEVIATIONS: &[(&str, Expect, &str)] = &[
    ("p_slash_only", Expect::RejectEntry, "as above"),
    (
        "z_directory_gap",
        Expect::Accept,
        "a gap between directory and trailer is accepted by name without zip64 (e_gap_before_eocd), so with it too",
    ),
];

/// Where a relaxation could accept more than ours do; the row and why we stay strict.
const STRICTER_WHEN_RELAXED: &[(&str, &str)] = &[
    ("b_ratio_256m", "a limit is raised in `Limits`, not relaxed"),
    ("b_bzip2_64m", "a limit is raised in `Limits`, not relaxed"),
    ("e_count_low", "`count` is for writers that cut it to 16 bits, and no others are known"),
    ("e_count_zero", "as above"),
    ("z_extra_full_for_offset", "two readings of one value are two archives"),
];

fn expected(row: &Hostile, expect: Expect, deviations: &[(&str, Expect, &str)]) -> Expect {
    let deviation = deviations.iter().find(|(name, ..)| *name == row.name);
    deviation.map_or(expect, |(_, expect, _)| *expect)
}

/// Codecs of this build, by the names rows use.
fn is_built_in(feature: &str) -> bool {
    match feature {
        "bzip2" => cfg!(feature = "bzip2"),
        "lzma" => cfg!(feature = "lzma"),
        "xz" => cfg!(feature = "xz"),
        "zstd" => cfg!(feature = "zstd"),
        "deflate64" => cfg!(feature = "deflate64"),
        "ppmd" => cfg!(feature = "ppmd"),
        other => panic!("no such feature: {other}"),
    }
}

/// What is wrong with what was said, if anything.
fn judge(row: &Hostile, expect: Expect, said: &Said) -> Result<(), String> {
    let fault = row.fault.unwrap_or(0);
    let category = said.fault_of(fault).map(|fault| fault.category);
    if row.needs.is_some_and(|feature| !is_built_in(feature))
        && category == Some(Category::NotBuiltIn)
    {
        return Ok(());
    }
    let rejected = said.open.is_err() || !said.refused.is_empty();
    let is_right = match expect {
        Expect::Accept | Expect::RefuseExtract => {
            if !said.is_accepted() {
                return Err(format!(
                    "refused: {:?} {:?} {:?}",
                    said.open,
                    said.refused,
                    said.entry_faults()
                ));
            }
            !row.lists_entries() || said.contents() == row.entries
        }
        Expect::RejectOpen => rejected,
        Expect::RejectEntry if row.fault.is_none() => rejected || !said.is_accepted(),
        Expect::RejectEntry => category.is_some(),
        Expect::Limit => category == Some(Category::Limit),
        Expect::Encrypted if cfg!(feature = "crypto") => category == Some(Category::Password),
        Expect::Encrypted => category == Some(Category::NotBuiltIn),
        Expect::Unsupported => {
            matches!(category, Some(Category::Unsupported | Category::NotBuiltIn))
        }
    };
    if is_right { Ok(()) } else { Err(format!("said {:?} {:?}", said.open, said.fault_of(fault))) }
}

#[test]
fn every_row_is_judged_right() {
    let mut wrong = Vec::new();
    for row in hostile::all() {
        let said = ask_all(&row.bytes, &Options::default(), row.name);
        if let Err(why) = judge(&row, expected(&row, row.expect, DEVIATIONS), &said) {
            wrong.push(format!("{row:?}: {why}"));
        }
        for fault in said.open.as_ref().err().into_iter().chain(said.refused.iter().map(|(_, f)| f))
        {
            let sane =
                !matches!(fault.category, Category::Usage | Category::Cancelled | Category::Io);
            if !sane {
                wrong.push(format!("{row:?}: {fault:?} is no fault of the archive"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// With everything relaxed, what no profile may accept is still refused, and what may be
/// accepted is, but for a table of exceptions.
#[test]
fn no_relaxation_accepts_what_none_may() {
    let mut wrong = Vec::new();
    let mut stricter = Vec::new();
    for row in hostile::small() {
        let said = ask_all(&row.bytes, &Options::lenient(), row.name);
        let compat = expected(&row, row.compat, RELAXED_DEVIATIONS);
        match (compat, judge(&row, compat, &said)) {
            (_, Ok(())) => {}
            (Expect::Accept, Err(why)) if row.expect != Expect::Accept => {
                stricter.push((row.name, why));
            }
            (_, Err(why)) => wrong.push(format!("{row:?}: {why}")),
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    let names: Vec<&str> = stricter.iter().map(|(name, _)| *name).collect();
    let listed: Vec<&str> = STRICTER_WHEN_RELAXED.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, listed, "{stricter:#?}");
}
