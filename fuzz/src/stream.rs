//! Planned streams.

use std::io::Read;
use std::sync::Arc;

use arbitrary::Arbitrary;
use bytes::Bytes;
use pzip::format::position::Span;
use pzip::reader::{Archive, Options};
use pzip::stream::{Contents, Encoder, Entry, Plan, Wrap};

/// What to stream: names, contents, what is told of them; where to cut; and whose source lies.
#[derive(Arbitrary, Debug)]
pub struct Files {
    files: Vec<(String, Vec<u8>, u8)>,
    cut: u32,
    lie: Option<(u8, bool)>,
}

/// A stream is as long as its plan says, cut anywhere; what it holds is read strictly and the same;
/// and a source that is shorter or longer than promised ends it before the directory.
pub fn stream_length(files: &Files) {
    let mut plan = Plan::builder();
    let (mut sources, mut names) = (Vec::new(), Vec::new());
    for (name, contents, told) in &files.files {
        let size = contents.len() as u64;
        let told = match told % 3 {
            0 => Contents::of(contents),
            1 => Contents::sized(size),
            _ => Contents::Sized { size, wrap: Wrap::Stored },
        };
        if plan.push(&Entry::file(name.as_bytes(), told)).is_ok() {
            sources.push(Bytes::copy_from_slice(contents));
            names.push(name.as_bytes());
        }
    }
    let plan = Arc::new(plan.finish());
    let again = Plan::from_bytes(&plan.to_bytes()).expect("its own bytes");
    assert_eq!((again.len(), again.tag()), (plan.len(), plan.tag()));

    let whole = range(&plan, &sources, 0, plan.len()).expect("nobody lied");
    assert_eq!(whole.len() as u64, plan.len());
    let cut = u64::from(files.cut) % (plan.len() + 1);
    let mut joined = range(&plan, &sources, 0, cut).expect("nobody lied");
    joined.extend(range(&plan, &sources, cut, plan.len()).expect("nobody lied"));
    assert_eq!(joined, whole);

    let archive = Archive::new(&whole[..], Options::default()).expect("our own archive");
    assert_eq!(archive.len(), sources.len());
    for (number, entry) in archive.entries().enumerate() {
        assert_eq!(entry.raw_name(), names[number]);
        if !names[number].ends_with(b"/") || sources[number].is_empty() {
            assert_eq!(entry.read().expect("our own entry"), sources[number]);
        }
    }
    if let Some((liar, longer)) = files.lie
        && let Some(index) = usize::from(liar).checked_rem(sources.len())
    {
        let mut told = sources[index].to_vec();
        let changed = if longer {
            told.push(0);
            true
        } else {
            told.pop().is_some()
        };
        sources[index] = told.into();
        if changed {
            let outcome = range(&plan, &sources, 0, plan.len());
            assert!(outcome.is_err(), "a source of another length was taken");
        }
    }
}

fn range(plan: &Arc<Plan>, sources: &[Bytes], start: u64, end: u64) -> std::io::Result<Vec<u8>> {
    let span = Span { start, end };
    let encoder = Encoder::over(Arc::clone(plan), span, sources).expect("a range");
    let mut out = Vec::new();
    encoder.into_reader().read_to_end(&mut out)?;
    Ok(out)
}
