//! `pzip lint`: everything about an archive that deviates, with offsets, and what it would take to
//! accept it.

use std::collections::BTreeSet;
use std::io::{self, BufWriter, Write};

use pzip::format::error::{Category, Error as FormatError, ErrorKind, Field, Record};
use pzip::format::profile::Relax;
use pzip::fs::error::{Collision, Error as FsError};
use pzip::fs::extract::refusals;
use pzip::fs::policy::Policy;
use pzip::reader::check::Finding;
use pzip::reader::{Archive, EntryRef, Error, Parallel};
use serde_json::json;

use crate::args::{Common, Lint};
use crate::exit::{Failure, Outcome, gravest};
use crate::open::{AnySource, offset_of};
use crate::output::{Escaped, json_line, shown};
use crate::progress::cancel_on_interrupt;
use crate::select::{not_opened, options, try_open};

/// One line of the report.
struct Told {
    entry: Option<usize>,
    /// Name of the entry as a listing shows it, and as text.
    shown: Option<String>,
    name: Option<String>,
    offset: u64,
    needs: Relax,
    category: Category,
    message: String,
    facts: Facts,
}

/// What a program would otherwise read out of the message.
#[derive(Default)]
struct Facts {
    record: Option<Record>,
    field: Option<Field>,
    /// What the authoritative record says, or what there is room for.
    expected: Option<u64>,
    found: Option<u64>,
}

/// Runs the command.
pub(crate) fn run(args: &Lint, common: &Common) -> Outcome {
    let archive = match try_open(&args.input, Relax::LENIENT)? {
        Ok(archive) => archive,
        Err(error) => {
            report(args, common, &[Told::about_archive(&error)])?;
            return Err(not_opened(&args.input, &error));
        }
    };
    let cancel = cancel_on_interrupt();
    let parallel =
        Parallel { threads: common.threads.into(), cancel: Some(&cancel), ..Parallel::default() };
    let audit = archive.audit(parallel)?;
    let mut told: Vec<Told> =
        audit.findings.iter().map(|finding| Told::of(finding, &archive)).collect();
    told.extend(unsafe_names(&archive, parallel)?);
    // Those of the archive first, then by entry; the sort keeps the order of the checks.
    told.sort_by_key(|told| told.entry);
    report(args, common, &told)?;
    // What would be accepted by `test` and `extract` with the same options.
    let relax = options(&args.input)?.relax;
    let is_accepted = |told: &&Told| !told.needs.is_empty() && relax.contains(told.needs);
    let refused: Vec<_> =
        told.iter().filter(|told| !is_accepted(told)).map(|told| told.category).collect();
    if refused.is_empty() {
        return Ok(());
    }
    Err(Failure::silent(gravest(refused.into_iter())))
}

/// Entries that extraction with its default policy refuses for their names, kinds or links.
fn unsafe_names(
    archive: &Archive<AnySource>,
    parallel: Parallel<'_>,
) -> Result<Vec<Told>, Failure> {
    let all: Vec<usize> = (0..archive.len()).collect();
    let refused = refusals(archive, &all, &Policy::default(), parallel)
        .map_err(|error| Failure::new(error.category(), error))?;
    let is_told = |error: &FsError| {
        // The audit has told of records, and of names that are the same.
        let collision = matches!(error, FsError::Collision { collision: Collision::Duplicate, .. });
        error.category() == Category::Unsafe && !collision
    };
    let refused = refused.into_iter().filter(|(_, error)| is_told(error));
    Ok(refused
        .filter_map(|(index, error)| {
            let entry = archive.entry(index)?;
            let facts = Facts { record: Some(Record::CentralHeader), ..Facts::default() };
            let told = Told {
                entry: None,
                shown: None,
                name: None,
                offset: entry.at(),
                needs: Relax::empty(),
                category: error.category(),
                message: error.to_string(),
                facts,
            };
            Some(told.named(&entry))
        })
        .collect())
}

impl Told {
    fn about_archive(error: &Error) -> Self {
        let facts = match error.cause() {
            Error::Format(error) => Facts::of(error),
            _ => Facts::default(),
        };
        Self {
            entry: None,
            shown: None,
            name: None,
            offset: offset_of(error).unwrap_or(0),
            needs: error.needs(),
            category: error.category(),
            message: error.to_string(),
            facts,
        }
    }

    fn of(finding: &Finding, archive: &Archive<AnySource>) -> Self {
        let mut told = Self::about_archive(&finding.error);
        (told.offset, told.needs) = (finding.at, finding.needs);
        let Some(entry) = finding.entry.and_then(|index| archive.entry(index)) else { return told };
        let at = told.offset;
        told.facts.record = told.facts.record.or(match at {
            _ if at == entry.at() => Some(Record::CentralHeader),
            _ if at == entry.offset() => Some(Record::LocalHeader),
            _ => None,
        });
        told.named(&entry)
    }

    fn named(mut self, entry: &EntryRef<'_, AnySource>) -> Self {
        let name = entry.name();
        self.entry = Some(entry.index());
        (self.shown, self.name) = (Some(shown(&name)), Some(name.to_string()));
        self
    }

    fn needs_text(&self) -> Option<String> {
        let names: Vec<_> = self.needs.names().collect();
        (!names.is_empty()).then(|| names.join(","))
    }

    fn print(&self, out: &mut impl Write) -> io::Result<()> {
        let what = self.needs_text().map_or("error".to_owned(), |needs| format!("needs {needs}"));
        let name = self.shown.as_ref().map_or(String::new(), |name| format!("{name}: "));
        writeln!(out, "offset {}: {name}{} [{what}]", self.offset, Escaped(&self.message))
    }

    fn print_json(&self, out: &mut impl Write) -> io::Result<()> {
        let line = json!({
            "entry": self.entry,
            "name": self.name,
            "offset": self.offset,
            "record": self.facts.record.map(|record| record.to_string()),
            "field": self.facts.field.map(|field| field.to_string()),
            "expected": self.facts.expected,
            "found": self.facts.found,
            "needs": self.needs_text(),
            "message": self.message,
        });
        json_line(out, &line)
    }
}

impl Facts {
    fn of(error: &FormatError) -> Self {
        let of = |record, field, expected, found| Self { record, field, expected, found };
        match error.kind {
            ErrorKind::Mismatch { field, expected, found } => {
                of(None, Some(field), Some(expected), Some(found))
            }
            ErrorKind::Count { claimed, found } => {
                of(Some(Record::Eocd), Some(Field::Entries), Some(found), Some(claimed))
            }
            ErrorKind::PayloadSize { compressed, size } => {
                of(None, Some(Field::CompressedSize), Some(size), Some(compressed))
            }
            ErrorKind::Truncated { record, needed, available } => {
                of(Some(record), None, Some(needed), Some(available))
            }
            ErrorKind::OutOfBounds { record, end, limit, .. } => {
                of(Some(record), None, Some(limit), Some(end))
            }
            ErrorKind::Length { record, claimed } => of(Some(record), None, None, Some(claimed)),
            ErrorKind::Signature { record, found } => {
                of(Some(record), None, None, Some(found.into()))
            }
            ErrorKind::Limit { limit, found, .. } => of(None, None, Some(limit), Some(found)),
            ErrorKind::BadDescriptor => of(Some(Record::DataDescriptor), None, None, None),
            ErrorKind::Ambiguous { .. } | ErrorKind::NoEndRecord => {
                of(Some(Record::Eocd), None, None, None)
            }
            _ => Self::default(),
        }
    }
}

fn report(args: &Lint, common: &Common, told: &[Told]) -> Outcome {
    let mut out = BufWriter::new(io::stdout().lock());
    let written = told.iter().try_for_each(|told| {
        if args.json { told.print_json(&mut out) } else { told.print(&mut out) }
    });
    let written = written.and_then(|()| summarise(args, common, told, &mut out));
    written.and_then(|()| out.flush()).map_err(|error| Failure::output(&error))
}

fn summarise(args: &Lint, common: &Common, told: &[Told], out: &mut impl Write) -> io::Result<()> {
    if args.json || common.quiet {
        return Ok(());
    }
    let path = args.input.archive.display();
    let errors = told.iter().filter(|told| told.needs.is_empty()).count();
    let relax: BTreeSet<_> = told.iter().flat_map(|told| told.needs.names()).collect();
    let relax: Vec<_> = relax.into_iter().collect();
    match (errors, relax.is_empty()) {
        (0, true) => writeln!(out, "{path}: nothing unusual"),
        (0, false) => writeln!(out, "{path}: accepted with --relax {}", relax.join(",")),
        _ => writeln!(out, "{path}: {errors} errors that no relaxation accepts"),
    }
}
