//! Readers of WinZip AES: 7-Zip and bsdtar, and the libraries pyzipper (Python) and zip4j (Java),
//! which need a few lines around them.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use tempfile::TempDir;

use super::{Tool, Verdict, run};

/// Each reader that is installed, and how it ended when it read all contents of an archive.
#[must_use]
pub fn aes_readers(archive: &Path, password: &str) -> Vec<(&'static str, Verdict)> {
    let mut verdicts = Vec::new();
    for (name, tool) in [("7zz", Tool::SevenZip), ("bsdtar", Tool::Bsdtar)] {
        verdicts.extend(tool.test(archive, Some(password)).map(|verdict| (name, verdict)));
    }
    if let Some(python) = python_with(&["pyzipper"]) {
        let mut command = Command::new(python);
        command.args(["-c", PYZIPPER_TEST, password]).arg(archive);
        verdicts.push(("pyzipper", run(&mut command)));
    }
    if let Some(mut command) = zip4j() {
        command.arg("t").arg(archive).arg(password);
        verdicts.push(("zip4j", run(&mut command)));
    }
    verdicts
}

/// A Python that has these modules: of the environment that `cargo xtask peers` makes, or any;
/// `None`, after printing a line, where there is none.
#[must_use]
pub fn python_with(modules: &[&str]) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let places =
        [root.join("target/python/bin/python"), "python3".into(), "/usr/bin/python3".into()];
    let import = format!("import {}", modules.join(", "));
    let found = places.into_iter().find(|python| {
        let asked = Command::new(python).args(["-c", &import]).stderr(Stdio::null()).status();
        asked.is_ok_and(|status| status.success())
    });
    if found.is_none() {
        println!("skipped: no Python with {} (cargo xtask peers)", modules.join(" and "));
    }
    found
}

/// zip4j behind a small program, compiled once per process: a command to which `t ARCHIVE
/// PASSWORD`, `x ARCHIVE PASSWORD INTO` or `SCHEME ARCHIVE PASSWORD FOLDER` is appended, where a
/// scheme is `traditional`, or bits of the key and version, as in `256 2`.
///
/// `None`, after printing a line, without zip4j or a compiler of Java.
///
/// # Panics
/// If there is no room for the program, or it does not compile.
#[must_use]
pub fn zip4j() -> Option<Command> {
    const JAR: &str = "/usr/share/java/zip4j.jar";
    static BUILT: OnceLock<Option<TempDir>> = OnceLock::new();
    let classes = BUILT.get_or_init(|| {
        if !Path::new(JAR).is_file() || !super::starts("javac", &["-version"]) {
            return None;
        }
        // Of a static nothing is dropped, so it stays where all that is built does.
        let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target");
        std::fs::create_dir_all(&target).expect("a directory");
        let root = tempfile::Builder::new().prefix("zip4j-").tempdir_in(target);
        let root = root.expect("a temporary directory");
        let source = root.path().join("Drive.java");
        std::fs::write(&source, ZIP4J).expect("room for a file");
        let mut javac = Command::new("javac");
        let built = run(javac.args(["-cp", JAR, "-d"]).arg(root.path()).arg(&source));
        assert!(built.accepted, "{}", built.errors);
        Some(root)
    });
    let Some(classes) = classes else {
        println!("skipped: no zip4j, or no JDK (cargo xtask peers)");
        return None;
    };
    let mut java = Command::new("java");
    java.arg("-cp").arg(format!("{JAR}:{}", classes.path().display())).arg("Drive");
    Some(java)
}

const PYZIPPER_TEST: &str = "\
import sys, pyzipper
with pyzipper.AESZipFile(sys.argv[2]) as z:
    z.setpassword(sys.argv[1].encode())
    for i in z.infolist():
        assert len(z.read(i)) == i.file_size, i.filename
";

const ZIP4J: &str = r#"
import net.lingala.zip4j.ZipFile;
import net.lingala.zip4j.model.*;
import net.lingala.zip4j.model.enums.*;
import java.io.*;
public class Drive {
    public static void main(String[] a) throws Exception {
        ZipFile zip = new ZipFile(new File(a[1]), a[2].toCharArray());
        if (a[0].equals("x")) { zip.extractAll(a[3]); return; }
        if (a[0].equals("t")) {
            for (FileHeader header : zip.getFileHeaders()) {
                if (header.isDirectory()) continue;
                try (InputStream in = zip.getInputStream(header)) {
                    long count = 0;
                    byte[] buffer = new byte[1 << 16];
                    for (int n; (n = in.read(buffer)) >= 0; count += n);
                    if (count != header.getUncompressedSize()) throw new IOException(header.getFileName());
                }
            }
            return;
        }
        ZipParameters p = new ZipParameters();
        p.setEncryptFiles(true);
        if (a[0].equals("traditional")) {
            p.setEncryptionMethod(EncryptionMethod.ZIP_STANDARD);
        } else {
            p.setEncryptionMethod(EncryptionMethod.AES);
            p.setAesKeyStrength(a[0].startsWith("128") ? AesKeyStrength.KEY_STRENGTH_128 : AesKeyStrength.KEY_STRENGTH_256);
            p.setAesVersion(a[0].endsWith("1") ? AesVersion.ONE : AesVersion.TWO);
        }
        p.setIncludeRootFolder(false);
        zip.addFolder(new File(a[3]), p);
    }
}
"#;
