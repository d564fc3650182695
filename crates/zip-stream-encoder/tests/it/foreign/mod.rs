//! Readers that others wrote, each asked for names, lengths and checksums of what it reads: with
//! the file at hand, and from a pipe.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use zip_testkit::oracle::Tool;

/// One entry that was read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Found {
    pub(crate) name: String,
    pub(crate) size: u64,
    pub(crate) crc32: u32,
}

/// A reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reader {
    /// One that tests the archive by its directory.
    Tool(Tool),
    /// bsdtar on a pipe.
    BsdtarPipe,
    /// The Python library stream-unzip, which reads forwards only.
    StreamUnzip,
    /// `java.util.zip.ZipFile`.
    Java,
    /// `java.util.zip.ZipInputStream` on a pipe.
    JavaPipe,
}

impl Reader {
    pub(crate) const ALL: [Self; 8] = [
        Self::Tool(Tool::Python),
        Self::Tool(Tool::Unzip),
        Self::Tool(Tool::SevenZip),
        Self::Tool(Tool::Bsdtar),
        Self::BsdtarPipe,
        Self::StreamUnzip,
        Self::Java,
        Self::JavaPipe,
    ];

    /// Goes forward only.
    pub(crate) const fn is_single_pass(self) -> bool {
        matches!(self, Self::BsdtarPipe | Self::StreamUnzip | Self::JavaPipe)
    }

    /// Has it read the archive and find these entries; says what is wrong. `None` where it is not
    /// installed.
    pub(crate) fn read(
        self,
        archive: &Path,
        expected: &BTreeSet<Found>,
    ) -> Option<Result<(), String>> {
        let mut command = match self {
            Self::Tool(tool) => {
                let verdict = tool.test(archive, None)?;
                return Some(if verdict.accepted { Ok(()) } else { Err(format!("{verdict:?}")) });
            }
            Self::BsdtarPipe => {
                Tool::Bsdtar.or_skip()?;
                let mut command = Command::new("bsdtar");
                // All of the contents, to nowhere; the verdict has their checksums in it.
                command.args(["-xOf", "-"]).stdout(Stdio::null());
                command
            }
            Self::StreamUnzip => {
                let mut command = Command::new(stream_unzip()?);
                command.args(["-c", STREAM_UNZIP]);
                command
            }
            Self::Java | Self::JavaPipe => {
                let mut command = Command::new("java");
                command.arg("-cp").arg(java()?).arg("Read");
                command
            }
        };
        if self.is_single_pass() {
            let archive = File::open(archive).expect("there");
            // A pipe, and not a file that could be sought in.
            let mut cat = Command::new("cat");
            let cat = cat.stdin(archive).stdout(Stdio::piped()).spawn();
            let mut cat = cat.expect("cat is everywhere");
            command.stdin(cat.stdout.take().expect("piped"));
            let answer = answer_of(&mut command, self, expected);
            drop(command);
            let _ = cat.wait();
            return Some(answer);
        }
        command.arg(archive).stdin(Stdio::null());
        Some(answer_of(&mut command, self, expected))
    }
}

fn answer_of(
    command: &mut Command,
    reader: Reader,
    expected: &BTreeSet<Found>,
) -> Result<(), String> {
    let output = command.output().map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        return Err(format!("{text}{}", String::from_utf8_lossy(&output.stderr)));
    }
    if reader == Reader::BsdtarPipe {
        return Ok(());
    }
    let found: BTreeSet<Found> = text.lines().filter_map(found).collect();
    if found == *expected { Ok(()) } else { Err(format!("{found:?}, not {expected:?}")) }
}

fn found(line: &str) -> Option<Found> {
    let mut fields = line.split('\t');
    let name = fields.next()?.to_owned();
    let size = fields.next()?.parse().ok()?;
    let crc32 = fields.next()?.parse().ok()?;
    Some(Found { name, size, crc32 })
}

const STREAM_UNZIP: &str = "\
import sys, zlib
from stream_unzip import stream_unzip
pieces = iter(lambda: sys.stdin.buffer.read(65536), b'')
for name, _, chunks in stream_unzip(pieces, chunk_size=65536):
    crc, size = 0, 0
    for chunk in chunks:
        crc, size = zlib.crc32(chunk, crc), size + len(chunk)
    print(name.decode(), size, crc, sep='\\t')
";

/// A Python that has stream-unzip: of the virtual environment that `cargo xtask peers` makes, or
/// any.
fn stream_unzip() -> Option<&'static Path> {
    static FOUND: OnceLock<Option<PathBuf>> = OnceLock::new();
    let found = FOUND.get_or_init(|| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        [root.join("target/python/bin/python"), "python3".into()].into_iter().find(|python| {
            let mut command = Command::new(python);
            let status = command.args(["-c", "import stream_unzip"]).stderr(Stdio::null()).status();
            status.is_ok_and(|status| status.success())
        })
    });
    if found.is_none() {
        println!("skipped: no Python with stream-unzip (cargo xtask peers)");
    }
    found.as_deref()
}

/// The directory of the compiled program.
fn java() -> Option<&'static Path> {
    static CLASSES: OnceLock<Option<PathBuf>> = OnceLock::new();
    let classes = CLASSES.get_or_init(|| {
        let classes = Path::new(env!("CARGO_TARGET_TMPDIR")).join("stream-read");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/foreign/Read.java");
        let status = Command::new("javac").arg("-d").arg(&classes).arg(source).status().ok()?;
        assert!(status.success(), "it compiles");
        Some(classes)
    });
    if classes.is_none() {
        println!("skipped: no javac (Debian package default-jdk-headless)");
    }
    classes.as_deref()
}
