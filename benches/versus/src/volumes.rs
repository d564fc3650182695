//! Volumes: what it costs to write and read an archive in several, and how far from `cp` it is to
//! split and to join one. In memory, and on the disk up to the moment when the data is there.

use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::corpus::Setup;
use crate::measure::{Contender, interleave};
use crate::table::Table;

/// Size of a volume.
const SIZE: &str = "20M";

/// The three forms of an archive: how they are asked for, and the file that opens them.
const FORMS: [(&str, &[&str], &str); 3] = [
    ("one file", &[], "a.zip"),
    ("split volumes", &["--segment-size", SIZE], "a.zip"),
    ("raw volumes", &["--segment-size", SIZE, "--raw-volumes"], "a.zip.001"),
];

pub fn volumes(setup: &Setup) -> Result<Vec<Table>, Box<dyn Error>> {
    let root = setup.work.join("volumes");
    let form = |number: usize| root.join(number.to_string());
    let inputs = [&setup.big.directory, &setup.small.directory];
    let create = |number: usize, level: &str, out: &Path| {
        let mut command = Command::new(&setup.pzip);
        command.args(["create", "-q", level]).args(FORMS[number].1);
        command.arg(out.join("a.zip")).args(inputs);
        command
    };
    let total = setup.big.bytes + setup.small.bytes;
    let mut tables = Vec::new();
    for (title, level) in [("stored", "--store"), ("at level 1", "--level=1")] {
        let mut contenders = Vec::new();
        for (number, (name, ..)) in FORMS.iter().enumerate() {
            let (out, again) = (form(number), form(number));
            contenders.push(Contender::process(
                format!("pzip create, {name}"),
                move || emptied(&out),
                move || create(number, level, &again),
                || 0,
            ));
        }
        let figures = interleave(&mut contenders, setup.runs)?;
        tables.push(Table::new(
            format!("Writing in volumes, {title}"),
            total,
            &contenders,
            &figures,
        ));
        let mut contenders = Vec::new();
        for (number, (name, _, any)) in FORMS.iter().enumerate() {
            let path = form(number).join(any);
            let test = move || {
                let mut command = Command::new(&setup.pzip);
                command.arg("test").arg(&path);
                command
            };
            let name = format!("pzip test, {name}");
            contenders.push(Contender::process(name, || (), test, || 0));
        }
        let figures = interleave(&mut contenders, setup.runs)?;
        tables.push(Table::new(
            format!("Reading of volumes, {title}"),
            total,
            &contenders,
            &figures,
        ));
    }
    for number in 0..FORMS.len() {
        emptied(&form(number));
        create(number, "--store", &form(number)).status()?;
    }
    let on_disk = setup.target.join("volumes");
    for (place, out) in [("in memory", root.join("out")), ("on the disk, flushed", on_disk)] {
        tables.push(copies(setup, &root, &out, place)?);
        fs::remove_dir_all(&out)?;
    }
    fs::remove_dir_all(&root)?;
    Ok(tables)
}

/// Splitting and joining beside `cp`; where there is a disk, beside `cp` and `sync` of the file, for
/// whoever splits and joins waits for it too.
fn copies(setup: &Setup, root: &Path, out: &Path, place: &str) -> Result<Table, Box<dyn Error>> {
    let from = |number: usize| root.join(number.to_string()).join(FORMS[number].2);
    let total = from(0).metadata()?.len();
    let (name, script) = match place {
        "in memory" => ("cp", "cp $0 $1"),
        _ => ("cp and sync", "cp $0 $1 && sync $1"),
    };
    let copy = {
        let (from, to) = (from(0), out.join("a.zip"));
        move || {
            let mut command = Command::new("sh");
            command.args(["-c", script]).arg(&from).arg(&to);
            command
        }
    };
    let (written, before) = (out.to_path_buf(), out.to_path_buf());
    let mut contenders =
        vec![Contender::process(name, move || emptied(&before), copy, move || size_of(&written))];
    for (verb, number, args) in [
        ("split", 0, FORMS[1].1),
        ("split", 0, FORMS[2].1),
        ("join", 1, FORMS[0].1),
        ("join", 2, FORMS[0].1),
    ] {
        let form = if verb == "join" { FORMS[number].0 } else { "one file" };
        let raw = if args.len() > 2 { " --raw-volumes" } else { "" };
        let (from, to) = (from(number), out.join("a.zip"));
        let (written, before) = (out.to_path_buf(), out.to_path_buf());
        contenders.push(Contender::process(
            format!("pzip {verb}{raw}, from {form}"),
            move || emptied(&before),
            move || {
                let mut command = Command::new(&setup.pzip);
                command.args([verb, "-q"]).arg(&from).arg(&to).args(args);
                command
            },
            move || size_of(&written),
        ));
    }
    let figures = interleave(&mut contenders, setup.runs)?;
    for (contender, figure) in contenders.iter().zip(&figures) {
        let bytes = figure.outcome.bytes;
        assert!(bytes >= total && bytes < total + 4096, "{}: {bytes}", contender.name);
    }
    Ok(Table::new(format!("Copying, {place}"), total, &contenders, &figures))
}

fn emptied(directory: &Path) {
    // It may not be there yet.
    let _ = fs::remove_dir_all(directory);
    fs::create_dir_all(directory).expect("a directory");
}

/// Bytes of all files.
fn size_of(directory: &Path) -> u64 {
    let files = fs::read_dir(directory).expect("a directory");
    files.map(|file| file.expect("a file").metadata().expect("a file").len()).sum()
}
