//! The hostile archives as far as records alone show what is wrong: what must not open does not,
//! what is accepted is, every error says something, and no profile accepts more than a list of all
//! findings allows.

use zip_format::attributes::Kind;
use zip_format::audit::{self, Padded};
use zip_format::directory::index::Index;
use zip_format::directory::names::{NameIndex, Named};
use zip_format::directory::{read, saved};
use zip_format::entry::Entry;
use zip_format::error::{Category, Error, Result};
use zip_format::limits::Limits;
use zip_format::locate::{Located, Locator};
use zip_format::position::Span;
use zip_format::profile::{Finding, Gate, Judge, Relax};
use zip_testkit::hostile::{self, Class, Expect};

fn cut(bytes: &[u8], span: Span) -> &[u8] {
    let clamp = |at: u64| usize::try_from(at).unwrap_or(usize::MAX).min(bytes.len());
    &bytes[clamp(span.start)..clamp(span.end).max(clamp(span.start))]
}

/// The whole of a reader's opening, without I/O.
fn open(bytes: &[u8], relax: Relax) -> Result<(Located, Index)> {
    let mut locator = Locator::new(bytes.len() as u64, relax);
    let located = loop {
        let want = locator.want();
        if let Some(located) = locator.feed(cut(bytes, want))? {
            break located;
        }
    };
    let directory = cut(bytes, located.directory);
    let mut index = Index::build(directory, &located, relax, &Limits::default())?;
    if let Some(tail) = index.signing_tail() {
        let tail = cut(bytes, tail);
        if let Some(head) = index.signing_head(tail) {
            index.set_signing_block(cut(bytes, head), tail);
        }
    }
    index.check_prefix(cut(bytes, index.prefix_head()), relax)?;
    Ok((located, index))
}

/// Everything a reader checks of one member before it decodes.
fn examine(
    bytes: &[u8],
    (located, index): (&Located, &Index),
    (number, entry): (usize, &Entry<'_>),
    judge: &mut impl Judge,
) -> Result<()> {
    let judge = &mut Padded { judge, from: index.padding_start() };
    entry.examine(&Limits::default(), judge)?;
    let at = index.local_at(entry);
    let limit = index.member_limit(cut(bytes, located.directory), number, entry);
    let member = cut(bytes, Span { start: at, end: limit.max(at) });
    let payload = audit::payload_span(entry, member, at, limit)?;
    let tail = cut(bytes, Span { start: payload.end, end: limit });
    audit::examine(entry, member, tail, at, limit, judge).map(drop)
}

/// The first error of a profile: of opening, of names, of members.
fn refusal(bytes: &[u8], relax: Relax) -> Result<()> {
    let (located, index) = open(bytes, relax)?;
    let directory = cut(bytes, located.directory);
    let named = Named { bytes: directory, index: &index, charset: None };
    let names = NameIndex::build(named);
    let is_directory = |number| {
        let entry = index.entry(directory, number).expect("there");
        entry.is_ok_and(|entry| entry.kind() == Kind::Directory)
    };
    // A directory that is named again is one directory.
    let again = names.duplicates(named).find(|&(again, _)| !is_directory(again));
    if !relax.contains(Relax::DUPLICATES)
        && let Some((again, _)) = again
    {
        let entry = index.entry(directory, again).expect("there")?;
        let kind = zip_format::error::ErrorKind::DuplicateName { other: entry.at() };
        return Err(Error::new(kind, entry.at()).needing(Relax::DUPLICATES));
    }
    for (number, entry) in index.entries(directory).enumerate() {
        let mut gate = Gate::new(relax);
        examine(bytes, (&located, &index), (number, &entry), &mut gate)?;
        assert!(relax.contains(gate.needs), "needed and not had: {:?}", gate.needs);
    }
    Ok(())
}

#[test]
fn what_must_not_open_does_not() {
    let mut wrong = Vec::new();
    for row in hostile::small() {
        for (expect, relax) in [(row.expect, Relax::STRICT), (row.compat, Relax::LENIENT)] {
            let refused = refusal(&row.bytes, relax);
            if let Err(error) = &refused {
                let told = error.to_string();
                assert!(!told.is_empty() && format!("{error:?}").len() > 10, "{row:?}");
                let category = error.category();
                let is_of_archives = !matches!(
                    category,
                    Category::Usage | Category::Io | Category::Cancelled | Category::Password
                );
                assert!(is_of_archives, "{row:?}: {category:?}");
                assert!((error.needs & relax).is_empty(), "{row:?}: refused what is had");
            }
            // Records alone never decide against what is to be accepted; that a compatible reader
            // may take more than we do is judged in the reader's tests.
            let must_refuse = matches!(expect, Expect::RejectOpen);
            let may_not_refuse = expect == Expect::Accept && row.expect == Expect::Accept
                || expect == Expect::Encrypted;
            if must_refuse && refused.is_ok() || may_not_refuse && refused.is_err() {
                wrong.push(format!("{row:?}, {relax:?}: {refused:?}"));
            }
        }
    }
    // A gap that is accepted by name elsewhere is accepted here too.
    wrong.retain(|row| !row.starts_with("z_directory_gap"));
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// A linter sees what stops a reader, and nothing where nothing does.
#[test]
fn a_list_of_findings_says_what_a_gate_does() {
    for row in hostile::small() {
        let Ok((located, index)) = open(&row.bytes, Relax::LENIENT) else { continue };
        let directory = cut(&row.bytes, located.directory);
        for (number, entry) in index.entries(directory).enumerate() {
            let run = |judge: &mut Vec<Finding>| {
                examine(&row.bytes, (&located, &index), (number, &entry), judge)
            };
            let mut found = Vec::new();
            let ended = run(&mut found);
            for relax in [Relax::STRICT, Relax::LENIENT] {
                let mut gate = Gate::new(relax);
                let gated = examine(&row.bytes, (&located, &index), (number, &entry), &mut gate);
                let accepts =
                    |finding: &Finding| !finding.needs.is_empty() && relax.contains(finding.needs);
                let all = ended.is_ok() && found.iter().all(accepts);
                assert_eq!(gated.is_ok(), all, "{row:?}, entry {number}: {found:?} {ended:?}");
                if let (Err(gated), Some(first)) =
                    (gated, found.iter().find(|finding| !accepts(finding)))
                {
                    assert_eq!(
                        (gated.kind, gated.at),
                        (first.error.kind, first.error.at),
                        "{row:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn the_index_of_names_of_every_archive_that_opens_can_be_saved() {
    let mut saved_ones = 0;
    for row in hostile::small() {
        let Ok((located, index)) = open(&row.bytes, Relax::LENIENT) else { continue };
        let bytes = cut(&row.bytes, located.directory);
        let named = Named { bytes, index: &index, charset: None };
        let names = NameIndex::build(named);
        let image = saved::save(&names, named);
        let loaded = saved::load(&image, named).expect("just saved");
        for entry in read::entries(bytes, located.directory.start) {
            let name = entry.expect("indexed").name().path_bytes().into_owned();
            let numbers = |names: &NameIndex| names.find(named, &name).collect::<Vec<_>>();
            assert_eq!(numbers(&names), numbers(&loaded), "{row:?}");
            assert!(!numbers(&names).is_empty(), "{row:?}");
        }
        for cut in 0..image.len() {
            assert!(saved::load(&image[..cut], named).is_err(), "{row:?}");
        }
        if row.class == Class::Control {
            for bit in 0..image.len().min(200) * 8 {
                let mut image = image.clone();
                image[bit / 8] ^= 1 << (bit % 8);
                assert!(saved::load(&image, named).is_err(), "{row:?}, bit {bit}");
            }
        }
        saved_ones += 1;
    }
    assert!(saved_ones > 50);
}
