//! Secrets, headers and limits.

use std::io;

use zip_crypto::Password;
use zip_crypto::sealed::{
    Argon2, Derivation, Error, Header, Limits, OpenOptions, RawKey, SealOptions, SealedSink,
    SealedSource, Sealer, Secret,
};
use zip_format::error::Category;
use zip_io::{Sink, Source};

use crate::sealed::support::{key, open, options, plain_of, read_all, seal};

const QUICK: Argon2 = Argon2 { memory_kib: 32, passes: 1, lanes: 2 };

fn seal_with_password(password: &[u8], argon2: Argon2) -> Vec<u8> {
    let options = SealOptions { argon2, ..SealOptions::default() };
    let sealer = Sealer::new(Secret::Password(&Password::new(password)), &options).unwrap();
    let mut sink = SealedSink::new(Vec::new(), sealer);
    sink.write_all(b"hidden").unwrap();
    sink.finish().unwrap();
    sink.into_inner()
}

fn open_with<'b>(sealed: &'b [u8], secret: Secret<'_>) -> Result<SealedSource<&'b [u8]>, Error> {
    SealedSource::open(sealed, secret, &OpenOptions::default())
}

#[test]
fn a_password_opens_and_another_does_not() {
    let sealed = seal_with_password("pässword".as_bytes(), QUICK);
    let opened = open_with(&sealed, Secret::Password(&Password::new("pässword"))).unwrap();
    assert_eq!(read_all(&opened).unwrap(), b"hidden");
    assert_eq!(opened.header().derivation(), Derivation::Argon2id(QUICK));
    for wrong in ["", "passwort", "pässwor", "pässword ", "password"] {
        let error = open_with(&sealed, Secret::Password(&Password::new(wrong))).unwrap_err();
        assert!(matches!(error, Error::WrongSecret { kind: "password" }), "{error}");
        assert_eq!(error.category(), Category::Password);
    }
    let error = open_with(&sealed, Secret::Key(&key())).unwrap_err();
    assert!(matches!(error, Error::SecretKind { wanted: "password" }), "{error}");
    let error = open_with(&seal(b"x", 64), Secret::Password(&Password::new("x"))).unwrap_err();
    assert!(matches!(error, Error::SecretKind { wanted: "key" }), "{error}");
}

#[test]
fn ten_thousand_wrong_keys_never_open() {
    let sealed = seal(&plain_of(100), 64);
    for number in 0..10_000_u32 {
        let mut bytes = *key().expose();
        bytes[28..].iter_mut().zip(number.to_le_bytes()).for_each(|(to, from)| *to ^= from);
        bytes[0] ^= 1;
        let error = open_with(&sealed, Secret::Key(&RawKey::new(&bytes))).unwrap_err();
        assert!(matches!(error, Error::WrongSecret { kind: "key" }), "{error}");
    }
}

/// Each field of the header, changed to another lawful value: the key check holds all of them.
#[test]
fn header_fields_cannot_be_changed() {
    let good = seal(&plain_of(300), 64);
    let with = |at: usize, value: u32| {
        let mut sealed = good.clone();
        sealed[at..at + 4].copy_from_slice(&value.to_le_bytes());
        open(&sealed[..]).unwrap_err()
    };
    assert!(matches!(with(12, 128), Error::WrongSecret { .. }), "frame size");
    for at in [32, 36, 40, 44] {
        assert!(matches!(with(at, 0), Error::WrongSecret { .. }), "salt");
    }
    for at in (48..80).step_by(4) {
        assert!(matches!(with(at, 0), Error::WrongSecret { .. }), "key check");
    }
    let good = seal_with_password(b"secret", QUICK);
    for (at, value) in [(16, 33), (20, 2), (24, 1)] {
        let mut sealed = good.clone();
        sealed[at] = value;
        let error = open_with(&sealed, Secret::Password(&Password::new("secret"))).unwrap_err();
        assert!(matches!(error, Error::WrongSecret { .. }), "{error}");
    }
    // From password to key: there is no way around Argon2.
    let mut sealed = good.clone();
    sealed[9] = 0;
    sealed[16..28].fill(0);
    let error = open_with(&sealed, Secret::Password(&Password::new("secret"))).unwrap_err();
    assert!(matches!(error, Error::SecretKind { wanted: "key" }), "{error}");
}

/// Parameters at the top of their range are refused before they cost anything.
#[test]
fn a_hostile_header_costs_nothing() {
    let good = seal_with_password(b"secret", QUICK);
    for (at, what) in [(16, "memory"), (20, "passes"), (24, "lanes")] {
        let mut sealed = good.clone();
        if at == 24 {
            sealed[16..20].copy_from_slice(&(200_u32 << 10).to_le_bytes());
            sealed[24..28].copy_from_slice(&17_u32.to_le_bytes());
        } else {
            sealed[at..at + 4].copy_from_slice(&u32::MAX.to_le_bytes());
        }
        match open_with(&sealed, Secret::Password(&Password::new("secret"))).unwrap_err() {
            Error::Limit { what: found, .. } => assert!(found.contains(what), "{found}"),
            other => panic!("{what}: {other}"),
        }
    }
    let limits = Limits { memory_kib: 31, ..Limits::default() };
    let options = OpenOptions { limits, ..OpenOptions::default() };
    let error = SealedSource::open(&good[..], Secret::Password(&Password::new("secret")), &options)
        .unwrap_err();
    assert!(matches!(error, Error::Limit { limit: 31, found: 32, .. }), "{error}");
    assert_eq!(error.category(), Category::Limit);

    let limits = Limits { frame_bytes: 64, ..Limits::default() };
    let options = OpenOptions { limits, ..OpenOptions::default() };
    let sealed = seal(b"x", 65);
    let error = SealedSource::open(&sealed[..], Secret::Key(&key()), &options).unwrap_err();
    assert!(matches!(error, Error::Limit { limit: 64, found: 65, .. }), "{error}");
}

#[test]
fn what_is_not_sealed_says_so() {
    for bytes in [&b""[..], b"PK\x05\x06", b"\x8aPZS", &[0; 100]] {
        let error = Header::read(bytes).unwrap_err();
        assert!(matches!(error, Error::NotSealed), "{error}");
    }
    let sealed = seal(b"x", 64);
    let header = Header::read(&sealed[..]).unwrap();
    assert_eq!((header.frame_bytes(), header.derivation()), (64, Derivation::RawKey));
    let mut newer = sealed;
    newer[8] = 2;
    assert_eq!(Header::read(&newer[..]).unwrap_err().category(), Category::Unsupported);
}

#[test]
fn salts_are_new_each_time_and_nothing_is_shown() {
    let mut salts = std::collections::BTreeSet::new();
    for _ in 0..10_000 {
        let sealer = Sealer::new(Secret::Key(&key()), &options(64)).unwrap();
        assert!(salts.insert(sealer.header().salt()));
    }
    let sealed = seal(b"contents", 64);
    let debug = format!("{:?}", open(&sealed[..]).unwrap());
    let sealer = Sealer::new(Secret::Key(&key()), &options(64)).unwrap();
    let sink = format!("{:?}", SealedSink::new(Vec::new(), sealer));
    for text in [debug, sink] {
        assert!(!text.contains("66, 66, 66, 66"), "the key is shown: {text}");
    }
}

/// A source that fails: its error, its kind, and where.
#[test]
fn errors_of_the_source_below_go_through() {
    #[derive(Debug)]
    struct Broken<'b>(&'b [u8], u64);
    impl Source for Broken<'_> {
        fn len(&self) -> u64 {
            self.0.len() as u64
        }
        fn read_at(&self, buf: &mut [u8], at: u64) -> io::Result<usize> {
            if (at..at + buf.len() as u64).contains(&self.1) {
                return Err(io::Error::new(io::ErrorKind::TimedOut, "no answer"));
            }
            Source::read_at(self.0, buf, at)
        }
    }
    let plain = plain_of(1_000);
    let sealed = seal(&plain, 64);
    for at in [0, sealed.len() as u64 - 1] {
        let error = open(Broken(&sealed, at)).unwrap_err();
        assert!(matches!(error, Error::Read { .. }), "{error}");
        assert_eq!(error.category(), Category::Io);
    }
    let source = open(Broken(&sealed, 80 + 80 * 3)).unwrap();
    let mut all = vec![0; 1_000];
    assert_eq!(source.read_at(&mut all, 0).unwrap(), 192);
    let error = source.read_at(&mut all, 192).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    assert!(error.to_string().contains("offset 320"), "{error}");
}
