//! Encrypted entries: the right bytes under the right password, and never a byte otherwise.

use std::io::{self, Read};

use zip_codec::member::{CryptoError, Encryption, Password};
use zip_format::error::Category;
use zip_format::extra::aes::Strength;
use zip_format::method::Method;
use zip_format::profile::Relax;
use zip_mmap_reader::{Archive, Error, Options, Parallel, Passwords};
use zip_testkit::data;
use zip_testkit::hostile::{self, Class, Expect};

use crate::common::{Drops, ask_all};
use crate::sealing::{File, archive};
use crate::sha256::sha256;
use crate::shared_set::{folder, rows};

fn with(passwords: Passwords) -> Options {
    Options { passwords, ..Options::default() }
}

fn one(text: &str) -> Options {
    with(Passwords::one(Password::new(text)))
}

fn encryptions(password: &str) -> [Encryption; 4] {
    let password = Password::new(password);
    [
        Encryption::aes(Strength::Aes128, password.clone()),
        Encryption::aes(Strength::Aes192, password.clone()),
        Encryption::aes256(password.clone()),
        Encryption::insecure_traditional(password),
    ]
}

fn file<'f>(name: &'f str, contents: &'f [u8], encryption: &Encryption) -> File<'f> {
    let encryption = Some(encryption.clone());
    File { name, contents, method: Method::DEFLATE, encryption, pushed: false }
}

#[test]
fn rows_of_the_testkit_with_their_password_and_with_others() {
    let mut wrong = Vec::new();
    for row in hostile::small().into_iter().filter(|row| row.class == Class::Crypto) {
        let Some(password) = row.password else { continue };
        for (relax, expect) in [(Relax::STRICT, row.expect), (Relax::LENIENT, row.compat)] {
            let options = Options { relax, ..one(password) };
            let said = ask_all(&row.bytes, &options, row.name);
            match expect {
                Expect::Encrypted
                    if said.is_accepted()
                        && (!row.lists_entries() || said.contents() == row.entries) => {}
                Expect::RejectEntry if said.fault_of(0).is_some() => {}
                _ => wrong.push(format!("{}: {:?}", row.name, said.fault_of(0))),
            }
        }
        let said = ask_all(&row.bytes, &one("another"), row.name);
        let fault = said.fault_of(0).map(|fault| fault.category);
        // A check byte or verifier fits by chance, one time in 256 or less; then it is damaged.
        if row.expect == Expect::Encrypted && fault != Some(Category::Password) {
            wrong.push(format!("{}, another password: {fault:?}", row.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_method_and_strength_whole_and_pushed() {
    let (text, noise) = (data::text(30_000, 1), data::noise(3_000, 2));
    for encryption in encryptions("secret") {
        let mut files = Vec::new();
        for pushed in [false, true] {
            for method in [Method::STORED, Method::DEFLATE] {
                for (name, contents) in [("text", &text[..]), ("noise", &noise), ("empty", b"")] {
                    files.push((format!("{name} {method} {pushed}"), contents, method, pushed));
                }
            }
        }
        let files: Vec<File<'_>> = files
            .iter()
            .map(|(name, contents, method, pushed)| File {
                method: *method,
                pushed: *pushed,
                ..file(name, contents, &encryption)
            })
            .collect();
        let bytes = archive(&files);
        let said = ask_all(&bytes, &one("secret"), "sealed here");
        assert!(said.is_accepted(), "{:?} {:?}", said.refused, said.entry_faults());
        for (file, (name, contents)) in files.iter().zip(said.contents()) {
            assert_eq!((file.name.as_bytes(), file.contents), (&name[..], &contents[..]));
        }
        assert!(!find(&bytes, &text[..40]), "plain text in an encrypted archive");
        assert!(!find(&bytes, &noise[..40]), "plain text in an encrypted archive");
        let said = ask_all(&bytes, &Options::default(), "sealed here");
        for (_, fault) in said.entry_faults() {
            assert_eq!(fault.category, Category::Password);
        }
        assert_eq!(said.entry_faults().len(), files.len());
    }
}

fn find(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[test]
fn many_passwords_in_one_archive() {
    let passwords = ["alpha", "beta", "gamma"];
    let files: Vec<File<'_>> = (0..24)
        .map(|n| {
            let kind = &encryptions(passwords[n % 3])[n % 4];
            file(["a", "b", "c"][n % 3], b"contents of an entry", kind)
        })
        .collect();
    let bytes = archive(&files);
    let relax = Relax::STRICT | Relax::DUPLICATES;
    let list = Passwords::list(passwords.map(Password::new));
    let by_entry = Passwords::by_entry(|_, entry| {
        let name = entry.raw_name().first();
        vec![Password::new(match name {
            Some(b'a') => "alpha",
            Some(b'b') => "beta",
            _ => "gamma",
        })]
    });
    let all: Vec<usize> = (0..24).collect();
    for passwords in [list, by_entry] {
        let options = Options { relax, ..with(passwords) };
        let opened = Archive::new(bytes.clone(), options).expect("opens");
        for threads in [1, 3] {
            for contents in opened.read_many(&all, Parallel::threads(threads)) {
                assert_eq!(contents.expect("opens"), b"contents of an entry");
            }
        }
    }
    let opened = Archive::new(bytes, Options { relax, ..one("alpha") }).expect("opens");
    let results = opened.test(&all, Parallel::threads(2));
    for (n, result) in results.iter().enumerate() {
        match result {
            Ok(()) => assert_eq!(n % 3, 0, "entry {n} has another password"),
            // Of wrong passwords one in 256 fits a traditional check byte.
            Err(error) => {
                assert_ne!(n % 3, 0);
                let is_traditional = n % 4 == 3;
                assert!(is_traditional || error.category() == Category::Password, "{error}");
            }
        }
    }
    let beta = Passwords::one(Password::new("beta"));
    let entry = opened.entry(1).expect("there are 24").with_passwords(&beta);
    assert_eq!(entry.read().expect("its own password"), b"contents of an entry");
    let opened = opened.with_passwords(beta.clone());
    assert_eq!(opened.entry(1).expect("there").read().expect("opens"), b"contents of an entry");
}

#[test]
fn plain_entries_where_encryption_is_required() {
    let encryption = Encryption::aes256(Password::new("secret"));
    let plain = File { encryption: None, ..file("plain", b"swapped", &encryption) };
    let bytes = archive(&[file("sealed", b"sealed", &encryption), plain]);
    let passwords = Passwords::one(Password::new("secret"));
    let opened = Archive::new(bytes.clone(), with(passwords.clone())).expect("opens");
    assert_eq!(opened.by_name("plain").expect("there").read().expect("reads"), b"swapped");
    let opened = Archive::new(bytes, with(passwords.require_encryption())).expect("opens");
    assert_eq!(opened.by_name("sealed").expect("there").read().expect("reads"), b"sealed");
    let error = opened.by_name("plain").expect("there").read().expect_err("it is not encrypted");
    let Error::Codec(zip_codec::Error::Crypto(CryptoError::NotEncrypted)) = error.cause() else {
        panic!("{error}");
    };
    assert_eq!(error.category(), Category::Unsafe);
}

/// Every bit and every prefix: an error, or the same contents where the bit means nothing.
#[test]
fn every_flipped_bit_and_every_cut() {
    let contents = b"forty bytes that nobody else ought to see";
    let encryption = Encryption::aes(Strength::Aes128, Password::new("secret"));
    let bytes = archive(&[File { method: Method::STORED, ..file("f", contents, &encryption) }]);
    let read = |bytes: &[u8]| -> Result<Vec<u8>, Error> {
        let opened = Archive::new(bytes, one("secret"))?;
        opened.entry(0).ok_or_else(|| Error::NotFound(String::new()))?.read()
    };
    assert_eq!(read(&bytes).expect("whole"), contents);
    for bit in 0..8 * bytes.len() {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        if let Ok(found) = read(&flipped) {
            assert_eq!(found, contents, "bit {bit}: other contents");
        }
    }
    let payload = bytes.len() - read_tail(&bytes);
    for at in payload - 58..payload {
        let mut flipped = bytes.clone();
        flipped[at] ^= 1;
        assert!(read(&flipped).is_err(), "payload byte {at}");
    }
    for len in 0..bytes.len() {
        assert!(read(&bytes[..len]).is_err(), "{len} bytes");
    }
}

/// Bytes from the directory on.
fn read_tail(bytes: &[u8]) -> usize {
    let directory = bytes.windows(4).position(|window| window == b"PK\x01\x02").expect("there");
    bytes.len() - directory
}

/// Larger than what is read in one piece.
fn large() -> (Vec<u8>, Vec<u8>) {
    let contents = data::noise(5 << 20, 9);
    let encryption = Encryption::aes256(Password::new("secret"));
    let bytes =
        archive(&[File { method: Method::STORED, ..file("large", &contents, &encryption) }]);
    (contents, bytes)
}

/// A source of which one read shows other bytes than the reads before.
struct Turncoat {
    bytes: Vec<u8>,
    /// Offset that changes once it was read.
    at: u64,
    read: std::sync::atomic::AtomicBool,
}

impl zip_io::Source for Turncoat {
    fn len(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn read_at(&self, buf: &mut [u8], at: u64) -> io::Result<usize> {
        let len = self.bytes.read_at(buf, at)?;
        if (at..at + len as u64).contains(&self.at)
            && self.read.swap(true, std::sync::atomic::Ordering::Relaxed)
        {
            buf[(self.at - at) as usize] ^= 1;
        }
        Ok(len)
    }
}

#[test]
fn large_entries_are_proven_before_a_byte_is_given_out() {
    let (contents, sound) = large();
    let mut bytes = sound.clone();
    let opened = |bytes: &[u8]| {
        let most = usize::MAX;
        Archive::new(Drops { bytes: bytes.to_vec(), most }, one("secret")).expect("opens")
    };
    let whole = opened(&bytes);
    let entry = whole.entry(0).expect("there");
    assert!(entry.read().expect("reads") == contents);
    let mut read = Vec::new();
    entry.reader().expect("proven").read_to_end(&mut read).expect("reads");
    assert!(read == contents);
    let in_memory = Archive::new(bytes.clone(), one("secret")).expect("opens");
    assert!(in_memory.entry(0).expect("there").read().expect("reads") == contents);

    // The last byte of the body.
    let at = bytes.len() - read_tail(&bytes) - 11;
    bytes[at] ^= 1;
    let changed = opened(&bytes);
    let entry = changed.entry(0).expect("there");
    let mut out = vec![7; contents.len()];
    let error = entry.read_into(&mut zip_mmap_reader::Scratch::new(), &mut out);
    assert_eq!(error.expect_err("it was changed").category(), Category::Damaged);
    assert!(out.iter().all(|&byte| byte == 0 || byte == 7), "contents stayed behind");
    assert!(entry.reader().is_err(), "a reader over what was changed");
    let results = changed.visit(&[0], Parallel::threads(1), |visit| {
        visit.copy_to(&mut |_| panic!("a byte was given out"))
    });
    assert!(results[0].is_err());
    assert!(changed.test(&[0], Parallel::threads(1))[0].is_err());
    let wrong = Archive::new(bytes, one("wrong")).expect("opens");
    let error = wrong.entry(0).expect("there").read().expect_err("another password");
    assert_eq!(error.category(), Category::Password);

    // Proven, and changed before the second pass.
    // Far from both ends, which are read when the archive is opened and its headers checked.
    let (at, read) = (2 << 20, std::sync::atomic::AtomicBool::new(false));
    let changing = Archive::new(Turncoat { bytes: sound, at, read }, one("secret")).expect("opens");
    let mut reader = changing.entry(0).expect("there").reader().expect("sound so far");
    let error = reader.read_to_end(&mut Vec::new()).expect_err("it changed");
    assert_eq!(error.kind(), io::ErrorKind::InvalidData);
}

#[cfg(feature = "async")]
#[test]
fn the_same_as_a_future() {
    use futures::executor::block_on;
    use futures::io::Cursor;
    use zip_mmap_reader::AsyncArchive;

    let (contents, mut bytes) = large();
    block_on(async {
        let opened = AsyncArchive::open(Cursor::new(&bytes), Options::default()).await;
        let mut opened = opened.expect("opens");
        let error = opened.read(0).await.expect_err("no password");
        assert_eq!(error.category(), Category::Password);
        let mut opened = opened.with_passwords(Passwords::one(Password::new("secret")));
        assert!(opened.read(0).await.expect("reads") == contents);
        let mut copy = Vec::new();
        opened.copy_to(0, &mut copy).await.expect("reads");
        assert!(copy == contents);
    });
    let at = bytes.len() - read_tail(&bytes) - 11;
    bytes[at] ^= 1;
    block_on(async {
        let mut opened =
            AsyncArchive::open(Cursor::new(&bytes), one("secret")).await.expect("opens");
        let mut copy = Vec::new();
        let error = opened.copy_to(0, &mut copy).await.expect_err("it was changed");
        assert_eq!(error.category(), Category::Damaged);
        assert!(copy.is_empty(), "bytes were given out before they were proven");
    });
}

#[test]
fn traditional_entries_of_any_size_find_their_password_in_a_list() {
    let contents = data::text(9 << 20, 3);
    let noise = data::noise(5 << 20, 3);
    let encryption = Encryption::insecure_traditional(Password::new("the right one"));
    let stored = File { method: Method::STORED, ..file("noise", &noise, &encryption) };
    let bytes = archive(&[file("text", &contents, &encryption), stored]);
    // Enough for some to fit the check byte.
    let passwords = (0..1500_u32).map(|n| Password::new(n.to_string()));
    let passwords = Passwords::list(passwords.chain([Password::new("the right one")]));
    let source = Drops { bytes, most: usize::MAX };
    let opened = Archive::new(source, with(passwords)).expect("opens");
    for (index, contents) in [&contents, &noise].into_iter().enumerate() {
        let entry = opened.entry(index).expect("there");
        assert!(entry.read().expect("reads") == *contents);
        let mut read = Vec::new();
        entry.reader().expect("fits").read_to_end(&mut read).expect("reads");
        assert!(read == *contents);
    }
}

/// The encrypted rows of the shared set, with the password they name and with another.
#[test]
fn rows_of_the_shared_set() {
    let Some(folder) = folder() else { return };
    let contents = rows(&folder.join("contents.tsv"));
    for row in rows(&folder.join("expected.tsv")).iter().filter(|row| row[1] == "crypto") {
        let Some(password) = row[5].strip_prefix("password: ") else { continue };
        let bytes = std::fs::read(folder.join(&row[0])).expect("a file of the table");
        for (relax, verdict) in [(Relax::STRICT, &row[2]), (Relax::LENIENT, &row[3])] {
            let said = ask_all(&bytes, &Options { relax, ..one(password) }, &row[0]);
            assert_eq!(said.is_accepted(), verdict == "encrypted", "{row:?}: {said:?}");
            let said = ask_all(&bytes, &Options { relax, ..one("another") }, &row[0]);
            assert!(!said.is_accepted(), "{row:?} under another password");
        }
        let expected = contents.iter().find(|found| found[0] == row[0]);
        if let Some([_, _, size, digest]) = expected.map(Vec::as_slice) {
            let said = ask_all(&bytes, &one(password), &row[0]);
            let (_, found) = said.contents().remove(0);
            assert_eq!((found.len().to_string(), sha256(&found)), (size.clone(), digest.clone()));
        }
    }
}
