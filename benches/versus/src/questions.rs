//! The questions by name, and the archive that several of them are about.

use std::error::Error;
use std::path::PathBuf;
use std::process::Command;

use crate::corpus::{Corpus, Setup};
use crate::measure::installed;
use crate::table::Table;
use crate::{
    create, decode, encrypted, extract, hostile, limits, lists, many, parts, sealed, serve, stream,
    volumes, writers,
};

type Question = fn(&Setup) -> Result<Vec<Table>, Box<dyn Error>>;

/// Every question, by name.
pub const ALL: [(&str, Question); 21] = [
    ("list", lists::list),
    ("decode", decode::decode),
    ("hostile", hostile::hostile),
    ("sizes", lists::sizes),
    ("create", create::create),
    ("create-mid", create::create_mid),
    ("create-big", create::create_big),
    ("levels", create::levels),
    ("write", writers::write),
    ("many", many::many),
    ("collect", many::collect),
    ("extract", extract::extract),
    ("memory", extract::memory),
    ("kinds", create::kinds),
    ("encrypted", encrypted::encrypted),
    ("sealed", sealed::sealed),
    ("volumes", volumes::volumes),
    ("stream", stream::stream),
    ("serve", serve::serve),
    ("limits", limits::limits),
    ("parts", parts::parts),
];

/// An archive of the corpus, made by Info-ZIP where it is installed so that nobody reads its own.
pub fn archive_of(setup: &Setup, corpus: &Corpus) -> Result<PathBuf, Box<dyn Error>> {
    let path = setup.work.join(format!("{}.zip", corpus.name));
    if path.is_file() {
        return Ok(path);
    }
    let parent = corpus.directory.parent().ok_or("no parent")?;
    let mut command = if installed("zip") {
        let mut command = Command::new("zip");
        command.args(["-r", "-q", "-6"]);
        command
    } else {
        let mut command = Command::new(&setup.pzip);
        command.args(["create", "--quiet"]);
        command
    };
    let status = command.current_dir(parent).arg(&path).arg(corpus.name).status()?;
    if status.success() { Ok(path) } else { Err(format!("{command:?} failed").into()) }
}
