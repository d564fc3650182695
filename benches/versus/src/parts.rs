//! What the benches of the parts found, as criterion left it in `target/criterion`:
//! `cargo xtask bench` runs them before this.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::corpus::Setup;
use crate::table::Table;

pub fn parts(setup: &Setup) -> Result<Vec<Table>, Box<dyn Error>> {
    let mut found = Vec::new();
    walk(&setup.built_in.join("criterion"), &mut found);
    found.sort();
    let mut text = String::from("| part | median | MB/s |\n|---|---|---|\n");
    let mut rows = 0;
    for path in found {
        let Some((name, nanoseconds, bytes)) = read(&path) else { continue };
        let time = match nanoseconds {
            ns if ns < 1e4 => format!("{ns:.0} ns"),
            ns if ns < 1e7 => format!("{:.1} us", ns / 1e3),
            ns => format!("{:.1} ms", ns / 1e6),
        };
        let rate = bytes.map_or(String::new(), |bytes| format!("{:.0}", bytes / nanoseconds * 1e3));
        text.push_str(&format!("| {name} | {time} | {rate} |\n"));
        rows += 1;
    }
    if rows == 0 {
        return Ok(Vec::new());
    }
    Ok(vec![Table::text("Parts, by criterion", text)])
}

/// Name, median in nanoseconds and bytes of one run.
fn read(new: &Path) -> Option<(String, f64, Option<f64>)> {
    let json = |name: &str| -> Option<Value> {
        serde_json::from_slice(&fs::read(new.join(name)).ok()?).ok()
    };
    let (estimates, benchmark) = (json("estimates.json")?, json("benchmark.json")?);
    let median = estimates["median"]["point_estimate"].as_f64()?;
    let name = benchmark["full_id"].as_str()?.to_owned();
    Some((name, median, benchmark["throughput"]["Bytes"].as_f64()))
}

fn walk(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            if entry.file_name() == "new" {
                found.push(path.clone());
            }
            walk(&path, found);
        }
    }
}
