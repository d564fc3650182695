//! Encrypted entries of some size, a few of which are taken at once because of their keys.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};

use zip_codec::member::{Encryption, Keyring, Password};
use zip_format::extra::aes::Strength;
use zip_format::method::Method;
use zip_io::Source;
use zip_mmap_reader::{Archive, Options, Parallel, Passwords};
use zip_testkit::data;

use crate::common::sources;
use crate::sealing::{File, archive};

const LARGE: usize = 300 << 10;

fn options(passwords: Passwords) -> Options {
    Options { passwords, ..Options::default() }
}

fn secret() -> Passwords {
    Passwords::one(Password::new("secret"))
}

/// A source that counts the calls that read an entry or more.
struct Counted {
    bytes: Vec<u8>,
    entry: usize,
    large: AtomicUsize,
}

impl Source for Counted {
    fn len(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn read_at(&self, buf: &mut [u8], at: u64) -> io::Result<usize> {
        self.large.fetch_add(usize::from(buf.len() >= self.entry), Ordering::Relaxed);
        self.bytes.read_at(buf, at)
    }
}

#[test]
fn large_neighbours_are_read_with_those_whose_keys_are_made_together() {
    // Of the second size one fills a batch of small ones, and two do not fit.
    for size in [LARGE, 200 << 10] {
        neighbours_of(size);
    }
}

fn neighbours_of(size: usize) {
    let contents = data::noise(size, 1);
    let names: Vec<String> = (0..11).map(|n| format!("{n:02}")).collect();
    for strength in [Strength::Aes128, Strength::Aes192, Strength::Aes256] {
        let encryption = Encryption::aes(strength, Password::new("secret"));
        let files = names.iter().map(|name| File {
            name,
            contents: &contents,
            method: Method::STORED,
            encryption: Some(encryption.clone()),
            pushed: false,
        });
        let bytes = archive(&files.collect::<Vec<_>>());
        let all: Vec<usize> = (0..names.len()).collect();
        let reads = |passwords: Passwords, threads: usize| {
            let source = Counted { bytes: bytes.clone(), entry: size, large: AtomicUsize::new(0) };
            let opened = Archive::new(source, options(passwords)).expect("opens");
            for read in opened.read_many(&all, Parallel::threads(threads)) {
                assert!(read.expect("its password") == contents);
            }
            opened.source().large.load(Ordering::Relaxed)
        };
        assert_eq!(reads(secret(), 1), names.len().div_ceil(Keyring::at_once(strength)));
        // Every thread has its share, and where each is asked for its own, none is made early.
        assert_eq!(reads(secret(), 16), names.len());
        let asked = Passwords::by_entry(|_, _| vec![Password::new("secret")]);
        assert_eq!(reads(asked, 1), names.len());
    }
}

/// Whatever lies between them, and whichever is wrong, each has its own result.
#[test]
fn neighbours_of_every_kind_do_not_disturb_each_other() {
    let sizes = [LARGE, 700_000, 10, LARGE, 5 << 20, LARGE, 0, LARGE, LARGE, 1 << 20, LARGE, LARGE];
    let contents: Vec<Vec<u8>> = (0..40)
        .map(|n| {
            if n % 3 == 0 {
                data::text(sizes[n % 12], n as u64)
            } else {
                data::noise(sizes[n % 12], n as u64)
            }
        })
        .collect();
    let names: Vec<String> = (0..40).map(|n| format!("{n:02}")).collect();
    let files = names.iter().zip(&contents).enumerate().map(|(n, (name, contents))| {
        let password = Password::new(if n % 11 == 10 { "another" } else { "secret" });
        let encryption = match n % 7 {
            3 => None,
            4 => Some(Encryption::aes(Strength::Aes128, password)),
            5 => Some(Encryption::insecure_traditional(password)),
            _ => Some(Encryption::aes256(password)),
        };
        let method = if n % 3 == 0 { Method::DEFLATE } else { Method::STORED };
        File { name, contents, method, encryption, pushed: n % 5 == 0 }
    });
    let mut bytes = archive(&files.collect::<Vec<_>>());
    let sound = Archive::new(bytes.clone(), options(secret())).expect("opens");
    // One bit of a large entry that opens.
    let damaged = sound.entry(8).expect("there").check().expect("sound").payload;
    bytes[damaged.start as usize + 100_000] ^= 1;
    for (kind, source) in sources(&bytes) {
        let opened = Archive::new(source, options(secret())).expect("opens");
        let alone =
            |n: usize| opened.entry(n).expect("there").read().map_err(|error| error.to_string());
        let all: Vec<usize> = (0..40).rev().chain([7, 7, 0]).collect();
        for order in [(0..40).collect(), all] {
            let alone: Vec<_> = order.iter().map(|&n| alone(n)).collect();
            for threads in [1, 2, 8] {
                let together = opened.visit(&order, Parallel::threads(threads), |visit| {
                    visit.contents().map(<[u8]>::to_vec)
                });
                for ((&n, together), alone) in order.iter().zip(together).zip(&alone) {
                    let together = together.map_err(|error| error.to_string());
                    assert!(together == *alone, "{kind}: {n} with {threads} threads");
                    let opens = n != 8 && (n % 11 != 10 || n % 7 == 3);
                    assert_eq!(together.ok().as_ref(), opens.then(|| &contents[n]), "{kind}: {n}");
                }
            }
        }
    }
}
