//! pzip, its rivals and the limits of the machine, measured side by side in one run.
//!
//! ```text
//! cargo xtask bench [NAME..] [--quick]    all questions, or those named: see `questions::ALL`
//! ```
//!
//! Each figure is the median of interleaved runs after a warm-up; outputs are checked. Results go to
//! standard output and `target/bench/` (Markdown, JSON lines, an HTML page with plots), and, but for
//! quick runs, between the marks of docs/benchmarks.md.

mod bare;
mod commons;
mod corpus;
mod create;
mod decode;
mod encrypted;
mod extract;
mod hostile;
mod limits;
mod lists;
mod many;
mod measure;
mod parts;
mod plot;
mod questions;
mod report;
mod sealed;
mod serve;
mod stream;
mod table;
mod volumes;
mod writers;

use std::fs;
use std::path::Path;

use report::Report;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut names: Vec<String> = std::env::args().skip(1).collect();
    match &names.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["bare-collect", tree] => return bare::collect(tree.as_ref()),
        ["collect", tree] if std::path::Path::new(tree).is_dir() => {
            return bare::collect_and_read(tree.as_ref());
        }
        // As an archiver is called: where to, and the tree.
        ["bare-create", _, tree] => return bare::create(tree.as_ref()),
        [mode, archive, into] if bare::How::by_name(mode).is_some() => {
            let how = bare::How::by_name(mode).expect("asked above");
            return bare::extract(archive.as_ref(), into.as_ref(), how);
        }
        _ => {}
    }
    let command = ["cargo xtask bench"].into_iter().chain(names.iter().map(String::as_str));
    let command = command.collect::<Vec<_>>().join(" ");
    let quick =
        names.iter().position(|name| name == "--quick").map(|at| names.remove(at)).is_some();
    let known = |wanted: &String| questions::ALL.iter().any(|(name, _)| name == wanted);
    if let Some(unknown) = names.iter().find(|name| !known(name)) {
        let all = questions::ALL.map(|(name, _)| name).join(", ");
        return Err(format!("no question `{unknown}`; there are: {all}").into());
    }
    let setup = corpus::Setup::make(quick)?;
    let mut unanswered = Vec::new();
    let mut report = Report { head: setup.head(&command), answers: Vec::new() };
    for (name, question) in questions::ALL {
        if names.is_empty() || names.iter().any(|wanted| wanted == name) {
            eprintln!("== {name}");
            match question(&setup) {
                Ok(tables) => report.answers.push((name, tables)),
                Err(error) => {
                    eprintln!("{name}: {error}");
                    unanswered.push(name);
                }
            }
        }
    }
    let markdown = report.markdown();
    print!("{markdown}");
    for (name, text) in
        [("versus.md", markdown), ("results.jsonl", report.lines()), ("index.html", report.html())]
    {
        let path = setup.target.join(name);
        fs::write(&path, text)?;
        eprintln!("written: {}", path.display());
    }
    if !quick {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        report.refresh(&root.join("docs/benchmarks.md"))?;
    }
    // The others are answered all the same.
    if unanswered.is_empty() { Ok(()) } else { Err(format!("no answer: {unanswered:?}").into()) }
}
