//! The same for a set of hostile archives that other implementations are measured by as well,
//! where it lies beside the workspace: a table of verdicts, and one of contents.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use zip_format::error::Category;
use zip_mmap_reader::Options;

use crate::common::{Said, ask_all};
use crate::sha256::sha256;

/// Rows we judge otherwise: file, our verdict, and why.
const DEVIATIONS: &[(&str, &str, &str)] = &[
    (
        "e_prefix_adjusted.zip",
        "accept",
        "self-extractors and zipapps are ordinary archives; all records agree",
    ),
    ("e_prefix_unadjusted.zip", "accept", "as above, with one shift for all offsets"),
    (
        "p_slash_only.zip",
        "reject-entry",
        "a directory with contents is refused when read, as in p_dir_with_data.zip",
    ),
];

/// The folder, if it is there; a line says so if not.
pub(crate) fn folder() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/hostile");
    if folder.join("expected.tsv").is_file() {
        return Some(folder);
    }
    println!("skipped: no shared set of hostile archives beside the workspace");
    None
}

pub(crate) fn rows(path: &Path) -> Vec<Vec<String>> {
    let text = fs::read_to_string(path).expect("a table");
    let fields = |line: &str| line.split('\t').map(str::to_owned).collect();
    text.lines().skip(1).filter(|line| !line.is_empty()).map(fields).collect()
}

fn is_right(verdict: &str, note: &str, said: &Said) -> bool {
    let faults = said.entry_faults();
    let of_class = |wanted: &[Category]| {
        let is_wanted = |category| wanted.contains(&category);
        faults.iter().any(|(_, fault)| is_wanted(fault.category))
    };
    let rejected = said.open.is_err() || !said.refused.is_empty();
    let not_built_in = note.contains("unsupported") && of_class(&[Category::NotBuiltIn]);
    match verdict {
        "accept" | "refuse-extract" => said.is_accepted() || not_built_in,
        "reject-open" => rejected,
        "reject-entry" => rejected || !faults.is_empty(),
        "limit" => of_class(&[Category::Limit]) || not_built_in,
        "encrypted" if cfg!(feature = "crypto") => of_class(&[Category::Password]),
        "encrypted" => of_class(&[Category::NotBuiltIn]),
        // Where the method is built in, the payload is no stream of it.
        "unsupported" if cfg!(feature = "deflate64") && of_class(&[Category::Damaged]) => true,
        "unsupported" => of_class(&[Category::Unsupported, Category::NotBuiltIn]),
        other => panic!("no such verdict: {other}"),
    }
}

#[test]
fn every_verdict_of_the_shared_set() {
    let Some(folder) = folder() else { return };
    let mut contents: BTreeMap<String, Vec<(String, String, String)>> = BTreeMap::new();
    for row in rows(&folder.join("contents.tsv")) {
        let [file, entry, size, digest] = <[String; 4]>::try_from(row).expect("four columns");
        contents.entry(file).or_default().push((entry, size, digest));
    }
    let (mut wrong, mut count) = (Vec::new(), 0);
    for row in rows(&folder.join("expected.tsv")) {
        let (file, note) = (row[0].as_str(), row[5].as_str());
        let deviation = DEVIATIONS.iter().find(|(name, ..)| *name == file);
        let verdict = deviation.map_or(row[2].as_str(), |(_, verdict, _)| verdict);
        let bytes = fs::read(folder.join(file)).expect("a file of the table");
        let said = ask_all(&bytes, &Options::default(), file);
        count += 1;
        if !is_right(verdict, note, &said) {
            let faults = said.entry_faults();
            wrong.push(format!("{file}: {verdict}: {:?} {:?} {faults:?}", said.open, said.refused));
            continue;
        }
        for (entry, size, digest) in contents.get(file).into_iter().flatten() {
            let found = said.entries.iter().find(|(name, _)| name == entry.as_bytes());
            let same = match found {
                Some((_, Ok(bytes))) => {
                    bytes.len().to_string() == *size && sha256(bytes) == *digest
                }
                // Encrypted entries, and methods that are not built in.
                Some((_, Err(_))) => verdict == "encrypted" || note.contains("unsupported"),
                // The table has the raw name of a file whose name an extra record replaces.
                None => false,
            };
            if !same {
                wrong.push(format!("{file}: contents of {entry}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(count > 150, "only {count} rows");
}
