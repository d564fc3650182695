//! Apache commons-compress, where a Java runtime and the library are installed.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::corpus::Setup;
use crate::measure::{Contender, Outcome, installed};

/// Where Debian puts the library.
const LIBRARY: &str = "/usr/share/java/commons-compress.jar";
const SOURCE: &str = include_str!("Commons.java");

/// The library behind a small program, which times itself.
pub struct Commons {
    classes: PathBuf,
}

impl Commons {
    /// Compiles the program; `None`, and a line that says so, where that cannot be.
    pub fn find(setup: &Setup) -> Option<Self> {
        if !Path::new(LIBRARY).is_file() {
            eprintln!("skipped: {LIBRARY} is not installed");
            return None;
        }
        if !installed("javac") {
            return None;
        }
        let classes = setup.target.join("commons");
        let source = classes.join("Commons.java");
        let compiled = fs::create_dir_all(&classes).and_then(|()| fs::write(&source, SOURCE));
        let compiled = compiled.and_then(|()| {
            Command::new("javac").args(["-cp", LIBRARY, "-d"]).arg(&classes).arg(&source).status()
        });
        if !compiled.is_ok_and(|status| status.success()) {
            eprintln!("skipped: commons-compress, whose program does not compile here");
            return None;
        }
        Some(Self { classes })
    }

    /// Reads every entry of an archive, on one thread.
    pub fn read<'c>(&'c self, archive: &'c Path, total: u64) -> Contender<'c> {
        Contender::reported("commons-compress, 1 thread", move || {
            let outcome = self.run("read", &[archive], None)?;
            assert_eq!(outcome.bytes, total, "everything is decoded");
            Ok(outcome)
        })
    }

    /// Writes an archive of a tree with its parallel creator.
    pub fn write<'c>(&'c self, out: &'c Path, tree: &'c Path, threads: u32) -> Contender<'c> {
        Contender::reported(format!("commons-compress, {threads} threads"), move || {
            self.run("write", &[out, tree], Some(threads))
        })
    }

    fn run(
        &self,
        mode: &str,
        paths: &[&Path],
        threads: Option<u32>,
    ) -> Result<Outcome, Box<dyn Error>> {
        let path = format!("{LIBRARY}:{}", self.classes.display());
        let mut java = Command::new("java");
        java.args(["-cp", &path, "Commons", mode]).args(paths);
        let output = java.args(threads.map(|threads| threads.to_string())).output()?;
        let text = String::from_utf8(output.stdout)?;
        let (seconds, bytes) = text.trim().split_once(' ').ok_or_else(|| {
            format!("commons-compress: {}", String::from_utf8_lossy(&output.stderr))
        })?;
        Ok(Outcome {
            bytes: bytes.parse()?,
            time: Some(std::time::Duration::from_secs_f64(seconds.parse()?)),
            ..Outcome::default()
        })
    }
}
