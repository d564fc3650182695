//! Replays seeds and past findings on stable: `cargo test --no-default-features` in `fuzz/`.

use std::path::Path;

use arbitrary::{Arbitrary, Unstructured};

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
        let digits: String =
            block.lines().filter_map(|line| line.strip_prefix("sealed: ")).collect();
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
    for bytes in files("findings") {
        all(&bytes);
        structured(&bytes);
    }
}

/// Some plans, files and names out of noise, as the engine makes them out of its bytes.
#[test]
fn structured_noise() {
    for seed in 0..200 {
        structured(&zip_testkit::data::noise(40 + seed as usize * 7, seed));
    }
}

/// Python reads the same archives, where it accepts what we accept strictly: the hand-laid ones,
/// and what the engine has found since `cargo xtask fuzz peers_agree` was run here.
#[test]
fn python_agrees() {
    let mut archives: Vec<Vec<u8>> =
        zip_testkit::hostile::small().into_iter().map(|row| row.bytes).collect();
    archives.extend(files("corpus/peers_agree"));
    archives.retain(|bytes| pzip_fuzz::ours(bytes).is_some());
    let directory = tempfile::tempdir().unwrap();
    for batch in archives.chunks(200) {
        let mut paths = Vec::new();
        for (number, bytes) in batch.iter().enumerate() {
            paths.push(directory.path().join(number.to_string()));
            std::fs::write(&paths[number], bytes).unwrap();
        }
        let Some(answers) = zip_testkit::oracle::python_entries_of(&paths, None) else { return };
        for (bytes, answer) in batch.iter().zip(answers) {
            let Ok(theirs) = answer else { continue };
            let ours = pzip_fuzz::ours(bytes).unwrap();
            assert_eq!(ours.len(), theirs.len());
            for (ours, theirs) in ours.iter().zip(&theirs) {
                assert_eq!(ours.contents.len() as u64, theirs.read, "{:?}", ours.name);
                assert_eq!(pzip_fuzz::crc32(&ours.contents), theirs.crc32, "{:?}", ours.name);
            }
        }
    }
}

fn files(directory: &str) -> Vec<Vec<u8>> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join(directory);
    let Ok(entries) = std::fs::read_dir(directory) else { return Vec::new() };
    entries.map(|entry| std::fs::read(entry.unwrap().path()).unwrap()).collect()
}

fn structured(bytes: &[u8]) {
    let mut wild = Unstructured::new(bytes);
    if let Ok(plan) = pzip_fuzz::Plan::arbitrary(&mut wild) {
        pzip_fuzz::roundtrip(&plan);
    }
    let mut wild = Unstructured::new(bytes);
    if let Ok(files) = pzip_fuzz::Files::arbitrary(&mut wild) {
        pzip_fuzz::stream_length(&files);
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
    pzip_fuzz::peers_agree(bytes);
    pzip_fuzz::edit(bytes);
    for gone in [0_u32, 1, 0x5555_5555] {
        pzip_fuzz::edit(&[&gone.to_le_bytes()[..], bytes].concat());
    }
}
