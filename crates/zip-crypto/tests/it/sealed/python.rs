//! Another language reads what we write, and the vectors of `docs/sealed-format.md`.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use zip_crypto::Password;
use zip_crypto::sealed::{Argon2, SealOptions, SealedSink, Sealer, Secret};
use zip_io::Sink;
use zip_testkit::oracle::python_with;

use crate::sealed::support::{key, plain_of, seal};

const PAGE: &str = include_str!("../../../../../docs/sealed-format.md");

/// A Python that has both packages.
fn python() -> Option<PathBuf> {
    python_with(&["argon2", "cryptography"])
}

fn unseal(python: &Path, sealed: &[u8], kind: &str, secret: &str) -> Output {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), sealed).unwrap();
    let reader = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sealed_reader.py");
    let mut command = Command::new(python);
    command.arg(reader).arg(file.path()).args([kind, secret]);
    command.output().unwrap()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn python_opens_what_we_write() {
    let Some(python) = python() else { return };
    let secret = hex(key().expose());
    for (len, frame) in [(0, 64), (64, 64), (1_000, 64), (200_000, 1 << 16), (131_072, 1 << 16)] {
        let plain = plain_of(len);
        let sealed = seal(&plain, frame);
        let output = unseal(&python, &sealed, "key", &secret);
        assert!(
            output.stdout == plain,
            "{len} {frame}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        for changed in [&sealed[..sealed.len() - 1], &[&sealed[..], &[0]].concat()] {
            let output = unseal(&python, changed, "key", &secret);
            assert!(!output.status.success() && output.stdout.is_empty());
        }
    }
    let argon2 = Argon2 { memory_kib: 1_024, passes: 2, lanes: 3 };
    let options = SealOptions { argon2, ..SealOptions::default() };
    let sealer = Sealer::new(Secret::Password(&Password::new("pässword")), &options).unwrap();
    let mut sink = SealedSink::new(Vec::new(), sealer);
    sink.write_all(b"hidden").unwrap();
    sink.finish().unwrap();
    let sealed = sink.into_inner();
    assert_eq!(unseal(&python, &sealed, "password", "pässword").stdout, b"hidden");
    let wrong = unseal(&python, &sealed, "password", "passwort");
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("wrong secret"));
}

#[test]
fn python_opens_the_vectors() {
    let Some(python) = python() else { return };
    let mut opened = 0;
    for block in PAGE.split("```text\nsecret: ").skip(1) {
        let (block, _) = block.split_once("```").unwrap();
        let (kind, secret) = block.lines().next().unwrap().split_once(' ').unwrap();
        let bytes = |name: &str| -> Vec<u8> {
            let lines = block.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
            let digits: String = lines.map(str::trim).collect();
            let pairs = (0..digits.len()).step_by(2);
            pairs.map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect()
        };
        let output = unseal(&python, &bytes("sealed"), kind, secret);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.stdout, bytes("plain"));
        opened += 1;
    }
    assert_eq!(opened, 3);
}
