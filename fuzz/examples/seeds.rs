//! Lays the first inputs of every target into `corpus/`: `cargo run --no-default-features --example
//! seeds`, which `cargo xtask fuzz` does by itself. They are the testkit's archives; records cut out
//! of them for the targets of one record; payloads for the coders.

use std::fs;
use std::path::{Path, PathBuf};

use pzip::codec::level::Level;
use pzip::codec::member::Scratch;
use pzip::codec::member::encode::encode_all;
use pzip::format::method::Method;
use zip_testkit::data::{Kind, noise, payload};

fn main() -> std::io::Result<()> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    for row in zip_testkit::hostile::small() {
        let name = format!("seed-{}", row.name);
        for target in ["locate", "directory", "archive_agree", "peers_agree", "open_sealed"] {
            lay(&corpus, target, &name, &row.bytes)?;
        }
        lay(&corpus, "edit", &name, &[&[0; 4], &row.bytes[..]].concat())?;
        for (target, signature) in [
            ("eocd", b"PK\x05\x06"),
            ("eocd", b"PK\x06\x06"),
            ("local", b"PK\x03\x04"),
            ("central", b"PK\x01\x02"),
        ] {
            let found = row.bytes.windows(4).position(|four| four == signature);
            if let Some(at) = found {
                let record = &row.bytes[at..row.bytes.len().min(at + 300)];
                lay(&corpus, target, &format!("{name}-{:02x}", signature[2]), record)?;
                if target == "central" {
                    lay(&corpus, "extra", &name, record.get(46..).unwrap_or(&[]))?;
                    lay(&corpus, "name", &name, record.get(46..).unwrap_or(&[]))?;
                }
            }
        }
    }
    let contents = payload(Kind::Text, 900, 1);
    let methods = [0, 8, 9, 12, 14, 20, 93, 95, 98];
    for (number, method) in methods.into_iter().enumerate() {
        let (mut scratch, mut out) = (Scratch::new(), Vec::new());
        let level = Level::DEFAULT;
        // Two of them are only read.
        if encode_all(&mut scratch, Method(method), level, &contents, &mut out).is_ok() {
            let size = (contents.len() as u16).to_le_bytes();
            let head = [number as u8, size[0], size[1], 40];
            lay(&corpus, "member_decode", &format!("seed-{method}"), &[&head[..], &out].concat())?;
        }
    }
    for target in ["roundtrip", "stream_length"] {
        for seed in 0..8 {
            lay(&corpus, target, &format!("seed-{seed}"), &noise(100 << seed, seed))?;
        }
    }
    Ok(())
}

fn lay(corpus: &Path, target: &str, name: &str, bytes: &[u8]) -> std::io::Result<()> {
    let directory: PathBuf = corpus.join(target);
    fs::create_dir_all(&directory)?;
    let safe: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' }).collect();
    fs::write(directory.join(safe), bytes)
}
