//! Writes every hostile archive as a file, with a table of what is expected, so that any tool can be run over them:
//! `cargo run -p zip-testkit --example hostile_to_dir -- <directory>`.

use std::error::Error;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use zip_testkit::hostile;

fn main() -> Result<(), Box<dyn Error>> {
    let directory = std::env::args_os().nth(1).ok_or("which directory?")?;
    let directory = Path::new(&directory);
    fs::create_dir_all(directory)?;
    let mut table =
        String::from("file\tclass\texpect\tcompat\tneeds\tpassword\tfault\tbytes\twhy\n");
    for row in hostile::all() {
        let file = format!("{}.zip", row.name);
        fs::write(directory.join(&file), &row.bytes)?;
        let fault = row.fault.map(|index| index.to_string()).unwrap_or_default();
        writeln!(
            table,
            "{file}\t{:?}\t{:?}\t{:?}\t{}\t{}\t{fault}\t{}\t{}",
            row.class,
            row.expect,
            row.compat,
            row.needs.unwrap_or(""),
            row.password.unwrap_or(""),
            row.bytes.len(),
            row.why
        )?;
    }
    fs::write(directory.join("expected.tsv"), table)?;
    Ok(())
}
