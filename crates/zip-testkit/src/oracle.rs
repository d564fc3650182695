//! Foreign tools as judges: CPython's zipfile, Info-ZIP's unzip, 7-Zip, libarchive's bsdtar, where installed.
//!
//! Each question answers `None`, after printing a line, where the tool is absent: tests then skip. Known to differ:
//! unzip reads no volumes and answers 1 to mere warnings; bsdtar through a pipe reads local headers only; Python knows
//! only traditional encryption.

mod aes;
mod digest;
mod java;

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

pub use self::aes::{aes_readers, python_with, zip4j};
pub use self::digest::{Kind, Node, Tree, tree_digest};
pub use self::java::{JavaAnswer, JavaEntries, JavaEntry, java_entries};

/// A foreign tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tool {
    /// `python3` with its `zipfile`.
    Python,
    /// Info-ZIP `unzip`.
    Unzip,
    /// 7-Zip: `7zz`, or `7z`.
    SevenZip,
    /// libarchive's `bsdtar`.
    Bsdtar,
}

/// How a tool ended.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// It ended with 0: no error and no warning.
    pub accepted: bool,
    /// Exit code; `None` after a signal.
    pub code: Option<i32>,
    /// What it printed.
    pub output: Vec<u8>,
    /// What it printed as errors, lossily.
    pub errors: String,
}

/// One entry as Python's zipfile sees and reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Name as decoded by Python, in UTF-8.
    pub name: String,
    /// Uncompressed size from the directory.
    pub size: u64,
    /// Compressed size from the directory.
    pub compressed_size: u64,
    /// Compression method.
    pub method: u16,
    /// External attributes.
    pub external: u32,
    /// Extra field of the central header.
    pub extra: Vec<u8>,
    /// Offset of the local header in the file, prefix included.
    pub offset: u64,
    /// CRC-32 of what was read.
    pub crc32: u32,
    /// Bytes that were read.
    pub read: u64,
    /// SHA-256 of what was read, in lower-case hex.
    pub sha256: String,
}

impl Tool {
    /// All tools.
    pub const ALL: [Self; 4] = [Self::Python, Self::Unzip, Self::SevenZip, Self::Bsdtar];

    /// Its command; the first one installed where it has two.
    #[must_use]
    pub fn command(self) -> &'static str {
        static SEVEN: OnceLock<&'static str> = OnceLock::new();
        match self {
            Self::Python => "python3",
            Self::Unzip => "unzip",
            Self::SevenZip => SEVEN.get_or_init(|| {
                let found = ["7zz", "7z"].into_iter().find(|c| starts(c, &["i"]));
                found.unwrap_or("7zz")
            }),
            Self::Bsdtar => "bsdtar",
        }
    }

    /// The tool is installed and starts. Asked once per process.
    #[must_use]
    pub fn available(self) -> bool {
        static CACHE: [OnceLock<bool>; 4] = [const { OnceLock::new() }; 4];
        *CACHE[self as usize].get_or_init(|| match self {
            Self::Python => starts("python3", &["-c", "import zipfile, zlib"]),
            Self::Unzip => starts("unzip", &["-v"]),
            Self::SevenZip => starts(self.command(), &["i"]),
            Self::Bsdtar => starts("bsdtar", &["--version"]),
        })
    }

    /// The tool, or `None` and the line `skipped: <tool> is not installed`.
    #[must_use]
    pub fn or_skip(self) -> Option<Self> {
        if self.available() {
            return Some(self);
        }
        println!("skipped: {} is not installed", self.command());
        None
    }

    /// Whether the tool finds the archive whole: `testzip`, `unzip -t`, `7zz t`, and for bsdtar reading everything.
    #[must_use]
    pub fn test(self, archive: &Path, password: Option<&str>) -> Option<Verdict> {
        self.or_skip()?;
        let mut command = Command::new(self.command());
        match self {
            Self::Python => command.args(["-c", PYTHON_TEST, password.unwrap_or("")]),
            // With -P a wrong or missing password ends the run instead of asking for one.
            Self::Unzip => command.args(["-t", "-qq", "-P", password.unwrap_or("none")]),
            Self::SevenZip => command.args(["t", "-bd", "-y", &seven_password(password)]),
            Self::Bsdtar => {
                command.args(["--passphrase", password.unwrap_or("none")]);
                command.args(["-xOf"])
            }
        };
        if self == Self::Bsdtar {
            command.arg(archive);
            // The contents go nowhere: only the verdict is wanted.
            command.stdout(Stdio::null());
        } else {
            command.arg(archive);
        }
        Some(run(&mut command))
    }

    /// Extracts everything into `into`, which must exist.
    #[must_use]
    pub fn extract(self, archive: &Path, into: &Path, password: Option<&str>) -> Option<Verdict> {
        self.or_skip()?;
        let mut command = Command::new(self.command());
        match self {
            Self::Python => {
                command.args(["-c", PYTHON_EXTRACT, password.unwrap_or("")]).arg(archive).arg(into)
            }
            Self::Unzip => command
                .args(["-qq", "-o", "-P", password.unwrap_or("none")])
                .arg(archive)
                .arg("-d")
                .arg(into),
            Self::SevenZip => {
                let mut target = OsStr::new("-o").to_os_string();
                target.push(into);
                command.args(["x", "-bd", "-y", &seven_password(password)]).arg(target).arg(archive)
            }
            Self::Bsdtar => command
                .args(["--passphrase", password.unwrap_or("none"), "-xpf"])
                .arg(archive)
                .arg("-C")
                .arg(into),
        };
        Some(run(&mut command))
    }

    /// Names in the order the tool lists them, one byte string per line, with the verdict. Names that hold line feeds
    /// or that the tool escapes come out as the tool prints them.
    #[must_use]
    pub fn names(self, archive: &Path) -> Option<(Verdict, Vec<Vec<u8>>)> {
        self.or_skip()?;
        let mut command = Command::new(self.command());
        match self {
            Self::Python => command.args(["-c", PYTHON_NAMES]).arg(archive),
            Self::Unzip => command.args(["-Z", "-1"]).arg(archive),
            Self::SevenZip => command.args(["l", "-ba", "-slt", "-pnone"]).arg(archive),
            Self::Bsdtar => command.arg("-tf").arg(archive),
        };
        let verdict = run(&mut command);
        let lines = verdict.output.split(|&b| b == b'\n');
        let names = match self {
            Self::SevenZip => {
                lines.filter_map(|line| line.strip_prefix(b"Path = ")).map(<[u8]>::to_vec).collect()
            }
            _ => lines.filter(|l| !l.is_empty()).map(<[u8]>::to_vec).collect(),
        };
        Some((verdict, names))
    }
}

/// What Python's zipfile says about one archive: its entries, or its complaint.
pub type PythonAnswer = Result<Vec<Listed>, String>;

/// Lists and reads every entry with Python's zipfile.
#[must_use]
pub fn python_entries(archive: &Path, password: Option<&str>) -> Option<PythonAnswer> {
    python_entries_of(&[archive], password)?.pop()
}

/// The same for many archives, with one start of Python for all.
#[must_use]
pub fn python_entries_of<P: AsRef<Path>>(
    archives: &[P],
    password: Option<&str>,
) -> Option<Vec<PythonAnswer>> {
    Tool::Python.or_skip()?;
    let mut command = Command::new("python3");
    command
        .args(["-c", PYTHON_ENTRIES, password.unwrap_or("")])
        .args(archives.iter().map(AsRef::as_ref));
    let verdict = run(&mut command);
    let mut answers: Vec<PythonAnswer> = Vec::new();
    for line in String::from_utf8_lossy(&verdict.output).lines() {
        if line == "archive" {
            answers.push(Ok(Vec::new()));
        } else if let Some(last) = answers.last_mut() {
            if let Some(complaint) = line.strip_prefix("error\t") {
                *last = Err(complaint.to_owned());
            } else if let Ok(entries) = last {
                let fields: Vec<&str> = line.split('\t').collect();
                match listed(&fields) {
                    Some(entry) => entries.push(entry),
                    None => *last = Err(format!("unexpected line: {line}")),
                }
            }
        }
    }
    // Python itself failed, or was killed on the way.
    if answers.len() != archives.len() || !verdict.accepted {
        let complaint = last_line(&verdict.errors);
        answers.resize(archives.len(), Err(complaint));
    }
    Some(answers)
}

/// Names as bsdtar lists them when the archive comes through a pipe: a reader that sees local headers only.
#[must_use]
pub fn bsdtar_pipe(archive: &[u8]) -> Option<(Verdict, Vec<Vec<u8>>)> {
    Tool::Bsdtar.or_skip()?;
    let mut command = Command::new("bsdtar");
    command.args(["--passphrase", "none", "-tf", "-"]);
    let verdict = run_with_input(&mut command, archive);
    let names = verdict
        .output
        .split(|&b| b == b'\n')
        .filter(|l| !l.is_empty())
        .map(<[u8]>::to_vec)
        .collect();
    Some((verdict, names))
}

/// Writes `bytes` to a temporary file and asks `question` about its path.
///
/// # Panics
/// If there is no room for the file.
pub fn with_file<T>(bytes: &[u8], question: impl FnOnce(&Path) -> T) -> T {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().join("archive.zip");
    File::create(&path).and_then(|mut file| file.write_all(bytes)).expect("a temporary file");
    question(&path)
}

fn seven_password(password: Option<&str>) -> String {
    format!("-p{}", password.unwrap_or("none"))
}

fn starts(command: &str, arguments: &[&str]) -> bool {
    Command::new(command)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

fn run(command: &mut Command) -> Verdict {
    command.stdin(Stdio::null());
    finish(command.output())
}

fn run_with_input(command: &mut Command, input: &[u8]) -> Verdict {
    let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    finish(child.and_then(|mut child| {
        let mut pipe = child.stdin.take();
        std::thread::scope(|scope| {
            scope.spawn(move || {
                if let Some(pipe) = pipe.as_mut() {
                    // A tool that has seen enough closes its end: no fault of ours.
                    let _ = pipe.write_all(input);
                }
                drop(pipe);
            });
            child.wait_with_output()
        })
    }))
}

fn finish(output: io::Result<std::process::Output>) -> Verdict {
    match output {
        Ok(output) => Verdict {
            accepted: output.status.success(),
            code: output.status.code(),
            output: output.stdout,
            errors: String::from_utf8_lossy(&output.stderr).into_owned(),
        },
        Err(error) => {
            Verdict { accepted: false, code: None, output: Vec::new(), errors: error.to_string() }
        }
    }
}

fn last_line(text: &str) -> String {
    text.trim_end().lines().last().unwrap_or("").to_owned()
}

fn listed(fields: &[&str]) -> Option<Listed> {
    let [name, size, compressed, method, external, extra, offset, crc32, read, sha256] = fields
    else {
        return None;
    };
    Some(Listed {
        name: String::from_utf8(unhex(name)?).ok()?,
        size: size.parse().ok()?,
        compressed_size: compressed.parse().ok()?,
        method: method.parse().ok()?,
        external: external.parse().ok()?,
        extra: unhex(extra)?,
        offset: offset.parse().ok()?,
        crc32: crc32.parse().ok()?,
        read: read.parse().ok()?,
        sha256: (*sha256).to_owned(),
    })
}

/// The bytes of a string of hex digits; `None` if it is not one.
#[must_use]
pub fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.is_ascii() {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok()).collect()
}

const PYTHON_TEST: &str = "\
import sys, zipfile
with zipfile.ZipFile(sys.argv[2]) as z:
    z.setpassword(sys.argv[1].encode() or None)
    bad = z.testzip()
    if bad is not None:
        sys.exit('damaged: %r' % bad)
";

const PYTHON_EXTRACT: &str = "\
import sys, zipfile
with zipfile.ZipFile(sys.argv[2]) as z:
    z.extractall(sys.argv[3], pwd=sys.argv[1].encode() or None)
";

const PYTHON_NAMES: &str = "\
import sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as z:
    for name in z.namelist():
        sys.stdout.buffer.write(name.encode('utf-8', 'surrogateescape') + b'\\n')
";

const PYTHON_ENTRIES: &str = "\
import sys, zipfile, zlib, hashlib
password = sys.argv[1].encode() or None
for path in sys.argv[2:]:
    print('archive')
    try:
        with zipfile.ZipFile(path) as z:
            for i in z.infolist():
                crc, count, sha = 0, 0, hashlib.sha256()
                with z.open(i, pwd=password) as f:
                    while True:
                        piece = f.read(1 << 20)
                        if not piece:
                            break
                        crc, count = zlib.crc32(piece, crc), count + len(piece)
                        sha.update(piece)
                print(i.filename.encode('utf-8', 'replace').hex(), i.file_size, i.compress_size, i.compress_type,
                      i.external_attr, i.extra.hex(), i.header_offset, crc, count, sha.hexdigest(), sep='\\t')
    except Exception as e:
        print('error', ascii(e), sep='\\t')
";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data;
    use crate::lay::{LaidEntry, Lay};

    fn sample() -> Vec<u8> {
        Lay::of([
            LaidEntry::directory("d/"),
            LaidEntry::stored("d/a.txt", "hello"),
            LaidEntry::deflated("d/b.txt", data::text(5000, 1)),
            LaidEntry::deflated("empty", ""),
        ])
        .build()
    }

    #[test]
    fn python_reads_what_was_laid() {
        let Some(entries) = with_file(&sample(), |path| python_entries(path, None)) else {
            return;
        };
        let entries = entries.expect("a valid archive");
        assert_eq!(entries.len(), 4);
        assert_eq!(entries[1].name, "d/a.txt");
        assert_eq!(entries[1].read, 5);
        assert_eq!(entries[2].crc32, crc32fast::hash(&data::text(5000, 1)));
        assert_eq!(entries[2].method, 8);
    }

    #[test]
    fn tools_tell_whole_from_damaged() {
        let good = sample();
        let mut bad = good.clone();
        let at = 30 + 2 + 30 + 7;
        bad[at] ^= 1;
        for tool in Tool::ALL {
            if let Some(verdict) = with_file(&good, |path| tool.test(path, None)) {
                assert!(verdict.accepted, "{tool:?}: {verdict:?}");
            }
            if let Some(verdict) = with_file(&bad, |path| tool.test(path, None)) {
                assert!(!verdict.accepted, "{tool:?} accepts a flipped bit");
            }
        }
    }

    #[test]
    fn tools_list_the_same_names() {
        let expected = ["d/", "d/a.txt", "d/b.txt", "empty"];
        for tool in Tool::ALL {
            let Some((verdict, names)) = with_file(&sample(), |path| tool.names(path)) else {
                continue;
            };
            assert!(verdict.accepted, "{tool:?}: {verdict:?}");
            let names: Vec<String> = names
                .iter()
                .map(|n| String::from_utf8_lossy(n).trim_end_matches('/').to_owned())
                .collect();
            let expected = expected.map(|n| n.trim_end_matches('/'));
            assert_eq!(names, expected, "{tool:?}");
        }
        if let Some((verdict, names)) = bsdtar_pipe(&sample()) {
            assert!(verdict.accepted, "{verdict:?}");
            assert_eq!(names.len(), 4);
        }
    }

    #[test]
    fn tools_extract_the_same_tree() {
        let mut trees = Vec::new();
        for tool in Tool::ALL {
            let into = tempfile::tempdir().expect("a directory");
            let Some(verdict) = with_file(&sample(), |path| tool.extract(path, into.path(), None))
            else {
                continue;
            };
            assert!(verdict.accepted, "{tool:?}: {verdict:?}");
            let tree = tree_digest(into.path()).expect("readable");
            let contents: Vec<_> = tree.into_iter().map(|(p, n)| (p, n.kind)).collect();
            trees.push((tool, contents));
        }
        for pair in trees.windows(2) {
            assert_eq!(pair[0].1, pair[1].1, "{:?} and {:?}", pair[0].0, pair[1].0);
        }
    }

    #[test]
    fn hex_is_undone() {
        assert_eq!(unhex("00ff10"), Some(vec![0, 255, 16]));
        assert_eq!(unhex("0"), None);
        assert_eq!(unhex("zz"), None);
    }
}
