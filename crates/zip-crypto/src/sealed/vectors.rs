//! The vectors of `docs/sealed-format.md`, written and read.

use zip_io::{Sink, Source};

use super::derive::FileKeys;
use super::{Argon2, OpenOptions, RawKey, SealOptions, SealedSink, SealedSource, Sealer, Secret};
use super::{Header, PieceJob};
use crate::password::Password;

const PAGE: &str = include_str!("../../../../docs/sealed-format.md");

/// A block of `name: value` lines.
struct Vector<'p>(&'p str);

impl<'p> Vector<'p> {
    fn all() -> Vec<Self> {
        let blocks = PAGE.split("```text\n").filter_map(|block| block.split_once("```"));
        blocks
            .map(|(block, _)| Self(block))
            .filter(|block| block.0.starts_with("secret: "))
            .collect()
    }

    fn text(&self, name: &str) -> &'p str {
        let line = self.0.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        line.unwrap_or_else(|| panic!("{name} of {}", self.0))
    }

    /// All values of this name, one after the other.
    fn bytes(&self, name: &str) -> Vec<u8> {
        let lines = self.0.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix(":"));
        unhex(&lines.collect::<String>())
    }

    fn number(&self, name: &str) -> u32 {
        self.text(name).parse().unwrap()
    }

    fn with_secret<T>(&self, run: impl FnOnce(Secret<'_>, SealOptions) -> T) -> T {
        let mut options =
            SealOptions { frame_bytes: self.number("frame size"), ..SealOptions::default() };
        match self.text("secret").split_once(' ').unwrap() {
            ("key", digits) => {
                let key = RawKey::new(unhex(digits)[..].try_into().unwrap());
                run(Secret::Key(&key), options)
            }
            (_, password) => {
                options.argon2 = Argon2 {
                    memory_kib: self.number("memory"),
                    passes: self.number("passes"),
                    lanes: self.number("lanes"),
                };
                run(Secret::Password(&Password::new(password)), options)
            }
        }
    }
}

fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<u32> = text.chars().filter_map(|digit| digit.to_digit(16)).collect();
    digits.chunks(2).map(|pair| (pair[0] << 4 | pair[1]) as u8).collect()
}

fn hex(bytes: &[u8]) -> String {
    let lines =
        bytes.chunks(32).map(|line| line.iter().map(|byte| format!("{byte:02x}")).collect());
    lines.collect::<Vec<String>>().join("\n")
}

#[test]
fn vectors_are_written() {
    let vectors = Vector::all();
    assert_eq!(vectors.len(), 3);
    for vector in vectors {
        let salt: [u8; 16] = vector.bytes("salt")[..].try_into().unwrap();
        let plain = vector.bytes("plain");
        vector.with_secret(|secret, options| {
            let sealer = Sealer::with_salt(secret, &salt, &options);
            let keys = FileKeys::derive(secret, sealer.header()).unwrap();
            assert_eq!(hex(keys.frame_key().as_slice()), hex(&vector.bytes("frame key")));
            // Cut anyhow, sealed by anyone: the bytes are the same.
            let mut inline = SealedSink::new(Vec::new(), sealer);
            inline.write_all(&plain).unwrap();
            inline.finish().unwrap();
            assert_eq!(hex(&inline.into_inner()), hex(&vector.bytes("sealed")));
            let sealer = Sealer::with_salt(secret, &salt, &options);
            let mut pooled = SealedSink::with_spawner(Vec::new(), sealer, 2, 3, PieceJob::seal);
            for byte in &plain {
                pooled.write_all(&[*byte]).unwrap();
            }
            pooled.finish().unwrap();
            assert_eq!(hex(&pooled.into_inner()), hex(&vector.bytes("sealed")));
        });
    }
}

#[test]
fn vectors_are_read() {
    for vector in Vector::all() {
        let sealed = vector.bytes("sealed");
        vector.with_secret(|secret, _| {
            assert_eq!(Header::parse(&sealed).unwrap().salt()[..], vector.bytes("salt"));
            let source = SealedSource::open(&sealed[..], secret, &OpenOptions::default()).unwrap();
            let mut plain = vec![0; source.len() as usize];
            source.read_exact_at(&mut plain, 0).unwrap();
            assert_eq!(plain, vector.bytes("plain"));
        });
    }
}
