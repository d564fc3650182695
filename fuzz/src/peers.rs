//! What readers of others say, where they accept an archive that we accept strictly.

use std::io::{Cursor, Read};

use pzip::format::extra::{id, records};
use pzip::format::profile::Relax;
use pzip::reader::{Archive, Parallel};

use crate::agree::options;
use crate::bound::within;

/// One entry as we read it.
pub struct Told<'b> {
    /// Its name in the central header.
    pub raw_name: Vec<u8>,
    /// Its name in UTF-8, out of a Unicode Path record where there is one that counts.
    pub name: Vec<u8>,
    /// It has a Unicode Path record. `zip` takes those with a wrong CRC-32 too, so its name may differ.
    pub renamed: bool,
    /// What comes out.
    pub contents: Vec<u8>,
    /// What lies in the archive.
    pub payload: &'b [u8],
}

/// All entries, if everything about the archive is right.
#[must_use]
pub fn ours(bytes: &[u8]) -> Option<Vec<Told<'_>>> {
    let archive = Archive::new(bytes, options(Relax::STRICT)).ok()?;
    let audit = archive.audit(Parallel::threads(1)).ok()?;
    if !audit.findings.is_empty() || archive.len() > 256 {
        return None;
    }
    let told = archive.entries().map(|entry| {
        let span = entry.check().ok()?.payload;
        let payload = &bytes[span.start as usize..span.end as usize];
        let (raw_name, name) = (entry.raw_name().to_vec(), entry.name().path_bytes().into_owned());
        let extra = entry.header().extra();
        let renamed = records(extra).flatten().any(|record| record.id == id::UNICODE_PATH);
        Some(Told { raw_name, name, renamed, contents: entry.read().ok()?, payload })
    });
    told.collect()
}

/// Entries as the `zip` crate has them, unless it refuses something.
fn zip(bytes: &[u8]) -> Option<Vec<(Vec<u8>, Vec<u8>)>> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).ok()?;
    let mut told = Vec::new();
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).ok()?;
        let mut contents = Vec::new();
        entry.read_to_end(&mut contents).ok()?;
        told.push((entry.name_raw().to_vec(), contents));
    }
    Some(told)
}

/// Names and payloads as rawzip has them, unless it refuses something.
fn rawzip(bytes: &[u8]) -> Option<Vec<(Vec<u8>, Vec<u8>)>> {
    let archive = rawzip::ZipArchive::from_slice(bytes).ok()?;
    let mut told = Vec::new();
    let mut entries = archive.entries();
    while let Some(entry) = entries.next_entry().ok()? {
        let payload = archive.get_entry(entry.wayfinder()).ok()?.data().to_vec();
        told.push((entry.file_path().as_ref().to_vec(), payload));
    }
    Some(told)
}

/// Whoever accepts what we accept strictly reads the same names and bytes.
pub fn peers_agree(bytes: &[u8]) {
    let Some(ours) = within(16, bytes.len(), || ours(bytes)) else { return };
    let mut names: Vec<&[u8]> = ours.iter().map(|told| &told.name[..]).collect();
    names.sort_unstable();
    names.dedup();
    // The crate keeps one entry of each name.
    if names.len() == ours.len()
        && let Some(theirs) = zip(bytes)
    {
        assert_eq!(ours.len(), theirs.len(), "zip: entries");
        for (ours, (name, contents)) in ours.iter().zip(&theirs) {
            assert!(ours.renamed || *name == ours.raw_name, "zip: {name:?}");
            assert_eq!(&ours.contents, contents, "zip: contents");
        }
    }
    if let Some(theirs) = rawzip(bytes) {
        assert_eq!(ours.len(), theirs.len(), "rawzip: entries");
        for (ours, (name, payload)) in ours.iter().zip(&theirs) {
            assert_eq!(&ours.raw_name, name, "rawzip: name");
            assert_eq!(ours.payload, payload, "rawzip: payload");
        }
    }
}
