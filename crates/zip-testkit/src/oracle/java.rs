//! Java's readers as judges: `ZipInputStream`, which goes forward over local headers, and
//! `ZipFile`, which starts from the directory. Both know stored and deflate, and no encryption.
//!
//! One virtual machine serves a whole process: it takes a path a line, and ends when its input
//! does. `java Program.java` compiles the program in memory, so nothing is left behind.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError};

use super::unhex;

/// One entry as Java reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JavaEntry {
    /// Name as decoded by Java, in UTF-8.
    pub name: String,
    /// Bytes that were read.
    pub read: u64,
    /// CRC-32 of what was read.
    pub crc32: u32,
}

/// Its entries in the order the reader has them, or its complaint.
pub type JavaEntries = Result<Vec<JavaEntry>, String>;

/// What Java says about one archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JavaAnswer {
    /// Of `ZipInputStream`.
    pub stream: JavaEntries,
    /// Of `ZipFile`.
    pub file: JavaEntries,
}

/// Reads every entry with both of Java's readers; `None`, after printing a line, without a JDK.
#[must_use]
pub fn java_entries(archive: &Path) -> Option<JavaAnswer> {
    static MACHINE: OnceLock<Option<Mutex<Machine>>> = OnceLock::new();
    let Some(machine) = MACHINE.get_or_init(|| Machine::start().map(Mutex::new)) else {
        println!("skipped: java, with its compiler, is not installed");
        return None;
    };
    let mut machine = machine.lock().unwrap_or_else(PoisonError::into_inner);
    Some(machine.ask(archive).unwrap_or_else(|| {
        let gone = || Err("the virtual machine is gone".to_owned());
        JavaAnswer { stream: gone(), file: gone() }
    }))
}

struct Machine {
    _process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Machine {
    fn start() -> Option<Self> {
        let directory = tempfile::tempdir().ok()?;
        let program = directory.path().join("Entries.java");
        std::fs::write(&program, PROGRAM).ok()?;
        let mut process = Command::new("java")
            .args(["-XX:TieredStopAtLevel=1", "-Dfile.encoding=UTF-8", "-Dsun.jnu.encoding=UTF-8"])
            .arg(&program)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let input = process.stdin.take()?;
        let mut output = BufReader::new(process.stdout.take()?);
        let mut line = String::new();
        output.read_line(&mut line).ok()?;
        (line == "ready\n").then_some(Self { _process: process, input, output })
    }

    fn ask(&mut self, archive: &Path) -> Option<JavaAnswer> {
        writeln!(self.input, "{}", archive.display()).and_then(|()| self.input.flush()).ok()?;
        let mut answer = JavaAnswer { stream: Ok(Vec::new()), file: Ok(Vec::new()) };
        loop {
            let mut line = String::new();
            if self.output.read_line(&mut line).ok()? == 0 {
                return None;
            }
            let fields: Vec<&str> = line.trim_end().split('\t').collect();
            let entries = match *fields.first()? {
                "stream" => &mut answer.stream,
                "file" => &mut answer.file,
                _ => return Some(answer),
            };
            match (entry(&fields), &mut *entries) {
                (Some(entry), Ok(entries)) => entries.push(entry),
                _ => *entries = Err(fields.get(1..)?.join(" ")),
            }
        }
    }
}

fn entry(fields: &[&str]) -> Option<JavaEntry> {
    let [_, name, read, crc32] = fields else { return None };
    let name = String::from_utf8(unhex(name)?).ok()?;
    Some(JavaEntry { name, read: read.parse().ok()?, crc32: crc32.parse().ok()? })
}

const PROGRAM: &str = r#"
import java.io.*;
import java.nio.charset.StandardCharsets;
import java.util.*;
import java.util.zip.*;

public class Entries {
    static PrintStream out;

    static void tell(String reader, String name, InputStream in) throws IOException {
        CRC32 crc = new CRC32();
        byte[] buffer = new byte[1 << 16];
        long count = 0;
        for (int n; (n = in.read(buffer)) >= 0; count += n) crc.update(buffer, 0, n);
        StringBuilder hex = new StringBuilder();
        for (byte b : name.getBytes(StandardCharsets.UTF_8)) hex.append(String.format("%02x", b));
        out.println(reader + "\t" + hex + "\t" + count + "\t" + crc.getValue());
    }

    public static void main(String[] arguments) throws IOException {
        out = new PrintStream(new FileOutputStream(FileDescriptor.out), false, "UTF-8");
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        out.println("ready");
        out.flush();
        for (String path; (path = in.readLine()) != null; ) {
            try (ZipInputStream zip = new ZipInputStream(new BufferedInputStream(new FileInputStream(path)))) {
                for (ZipEntry entry; (entry = zip.getNextEntry()) != null; ) tell("stream", entry.getName(), zip);
            } catch (Exception e) {
                out.println("stream\t" + e.toString().replace('\t', ' ').replace('\n', ' '));
            }
            try (ZipFile zip = new ZipFile(path)) {
                for (ZipEntry entry : Collections.list(zip.entries()))
                    tell("file", entry.getName(), zip.getInputStream(entry));
            } catch (Exception e) {
                out.println("file\t" + e.toString().replace('\t', ' ').replace('\n', ' '));
            }
            out.println("end");
            out.flush();
        }
    }
}
"#;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lay::{LaidEntry, Lay};
    use crate::oracle::with_file;

    #[test]
    fn both_readers_tell_whole_from_damaged() {
        let good = Lay::of([
            LaidEntry::directory("d/"),
            LaidEntry::stored("d/a", "hello"),
            LaidEntry::deflated("ü", "text, text, text, text, text, text"),
        ])
        .build();
        let Some(answer) = with_file(&good, java_entries) else { return };
        let (stream, file) = (answer.stream.expect("sound"), answer.file.expect("sound"));
        assert_eq!(stream, file);
        assert_eq!(stream.len(), 3);
        assert_eq!(stream[1].crc32, crc32fast::hash(b"hello"));
        assert_eq!(stream[2].name, "ü");
        let mut bad = good;
        // A byte of the first payload; `ZipFile` does not look at checksums.
        bad[30 + 2 + 30 + 3] ^= 1;
        let answer = with_file(&bad, java_entries).expect("it was there");
        assert!(answer.stream.is_err(), "{answer:?}");
        let answer = with_file(b"no archive", java_entries).expect("it was there");
        assert!(answer.file.is_err(), "{answer:?}");
    }
}
