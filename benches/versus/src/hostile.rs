//! What does the worst archive cost? Everything a reader does with each hostile archive: open,
//! audit, test. Files below a MiB count as one.

use std::error::Error;
use std::time::Instant;

use pzip::reader::{Archive, Options, Parallel};

use crate::corpus::Setup;
use crate::table::Table;

pub fn hostile(_: &Setup) -> Result<Vec<Table>, Box<dyn Error>> {
    let mut costs = Vec::new();
    for row in zip_testkit::hostile::all() {
        let bytes = &row.bytes[..];
        let start = Instant::now();
        for options in [Options::default(), Options::lenient()] {
            if let Ok(archive) = Archive::new(bytes, options) {
                let all: Vec<usize> = (0..archive.len()).collect();
                drop(archive.audit(Parallel::threads(1)));
                drop(archive.test(&all, Parallel::threads(1)));
            }
        }
        let seconds = start.elapsed().as_secs_f64();
        let mib = (bytes.len() as f64 / f64::from(1 << 20)).max(1.0);
        costs.push((seconds / mib, row.name.to_string(), bytes.len()));
    }
    costs.sort_by(|one, other| other.0.total_cmp(&one.0));
    let mut text = format!(
        "{} archives, each opened, audited and tested under the strict and the lenient profile, one thread. The five dearest:\n\n\
         | archive | bytes | ms a MiB |\n|---|---|---|\n",
        costs.len()
    );
    for (cost, name, len) in costs.iter().take(5) {
        text.push_str(&format!("| {name} | {len} | {:.1} |\n", cost * 1e3));
    }
    Ok(vec![Table::text("The cost of hostile archives", text)])
}
