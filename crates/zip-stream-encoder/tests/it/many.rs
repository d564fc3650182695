//! Counts around 65,535, where the end record takes its zip64 form.

use std::io::Read;
use std::sync::Arc;

use bytes::Bytes;
use zip_mmap_reader::{Archive, Options};
use zip_stream_encoder::content::Opened;
use zip_stream_encoder::{Contents, Encoder, Entry, Plan};
use zip_testkit::oracle::{Tool, bsdtar_pipe, with_file};

pub(crate) fn archive_of(entries: usize) -> Vec<u8> {
    let mut plan = Plan::builder();
    plan.reserve(entries);
    for n in 0..entries {
        let contents = if n % 2 == 0 { Contents::of(b"x") } else { Contents::sized(1) };
        plan.push(&Entry::file(format!("{n:06}").as_bytes(), contents)).unwrap();
    }
    let plan = Arc::new(plan.finish());
    let open = |_, _| Ok(Opened::Bytes(Bytes::from_static(b"x")));
    let mut out = Vec::new();
    Encoder::new(Arc::clone(&plan), open).into_reader().read_to_end(&mut out).unwrap();
    assert_eq!(out.len() as u64, plan.len(), "{entries} entries");
    out
}

#[test]
fn counts_at_the_sentinel() {
    for entries in [65_534, 65_535, 65_536] {
        let bytes = archive_of(entries);
        let archive = Archive::new(&bytes[..], Options::default()).expect("strict");
        assert_eq!(archive.len(), entries);
        assert_eq!(archive.by_name(format!("{:06}", entries - 1)).unwrap().read().unwrap(), b"x");
        let has_zip64 = bytes.windows(4).any(|window| window == b"PK\x06\x06");
        assert_eq!(has_zip64, entries >= 65_535, "{entries}");
        for tool in Tool::ALL {
            if let Some((verdict, names)) = with_file(&bytes, |path| tool.names(path)) {
                assert!(verdict.accepted, "{tool:?}, {entries}: {verdict:?}");
                assert_eq!(names.len(), entries, "{tool:?}");
            }
        }
        if let Some((verdict, names)) = bsdtar_pipe(&bytes) {
            assert!(verdict.accepted, "{entries}: {verdict:?}");
            assert_eq!(names.len(), entries);
        }
    }
}
