//! pzip, its rivals and the limits of the machine, measured side by side in one run.
//!
//! ```text
//! cargo xtask bench            all questions
//! cargo xtask bench create     one of: list, decode, hostile, sizes, create, extract, memory
//! ```
//!
//! Each figure is the median of interleaved runs after a warm-up; outputs are checked. Results go
//! to standard output and to `target/bench/versus.md` as Markdown tables.

mod corpus;
mod decode;
mod hostile;
mod measure;
mod questions;
mod table;

use std::io::Write;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut names: Vec<String> = std::env::args().skip(1).collect();
    let quick =
        names.iter().position(|name| name == "--quick").map(|at| names.remove(at)).is_some();
    let setup = corpus::Setup::make(quick)?;
    let mut report = setup.head();
    for (name, question) in questions::ALL {
        if names.is_empty() || names.iter().any(|wanted| wanted == name) {
            report.push_str(&question(&setup)?);
        }
    }
    print!("{report}");
    let path = setup.target.join("versus.md");
    std::fs::File::create(&path)?.write_all(report.as_bytes())?;
    eprintln!("written to {}", path.display());
    Ok(())
}
