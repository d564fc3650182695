//! Replays seeds and past findings on stable: `cargo test --no-default-features` in `fuzz/`.

use std::path::Path;

/// The testkit's archives, whole and damaged, through every target that takes bytes.
#[test]
fn hand_laid_archives() {
    for row in zip_testkit::hostile::small() {
        all(&row.bytes);
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
}
