//! Replays seeds and past findings on stable: `cargo test --no-default-features` in `fuzz/`.

use std::path::Path;

/// The testkit's archives, whole and damaged, through every target that takes bytes.
#[test]
fn hand_laid_archives() {
    for row in zip_testkit::hostile::small() {
        all(&row.bytes);
    }
}

/// The same in volumes: cut at several sizes, and one of them changed in each way.
#[test]
fn hand_laid_archives_in_volumes() {
    for row in zip_testkit::hostile::small() {
        for (size, number, at) in [(1, 0, 0), (64, 3, 100)] {
            for how in 0..5 {
                let head = [size, number, at, how];
                pzip_fuzz::volumes(&[&head[..], &row.bytes].concat());
            }
        }
    }
}

/// The vectors of the sealed format, whole and with each byte changed.
#[test]
fn sealed_vectors() {
    let page = include_str!("../../docs/sealed-format.md");
    for block in page.split("```text\nsecret: ").skip(1) {
        let block = block.split("```").next().unwrap();
        let digits: String = block.lines().filter_map(|line| line.strip_prefix("sealed: ")).collect();
        let byte = |at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap();
        let mut sealed: Vec<u8> = (0..digits.len()).step_by(2).map(byte).collect();
        pzip_fuzz::open_sealed(&sealed);
        for at in 0..sealed.len() {
            sealed[at] ^= 0xff;
            pzip_fuzz::open_sealed(&sealed);
            sealed[at] ^= 0xff;
        }
    }
}

/// Inputs that once broke a promise: `fuzz/findings/*`.
#[test]
fn past_findings() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("findings");
    let Ok(entries) = std::fs::read_dir(directory) else { return };
    for entry in entries {
        all(&std::fs::read(entry.unwrap().path()).unwrap());
    }
}

fn all(bytes: &[u8]) {
    pzip_fuzz::eocd(bytes);
    pzip_fuzz::local(bytes);
    pzip_fuzz::central(bytes);
    pzip_fuzz::extra(bytes);
    pzip_fuzz::name(bytes);
    pzip_fuzz::locate(bytes);
    pzip_fuzz::directory(bytes);
    pzip_fuzz::archive_agree(bytes);
    pzip_fuzz::member_decode(bytes);
    pzip_fuzz::open_sealed(bytes);
    pzip_fuzz::volumes(bytes);
}
