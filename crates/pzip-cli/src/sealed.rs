//! Keys of sealed archives, and archives that may be sealed.

use std::path::Path;

use pzip::crypto::sealed::{
    Derivation, Error, Header, OpenOptions, RawKey, SealOptions, SealedSource, Sealer, Secret,
};
use pzip::format::error::Category;
use pzip::io::Sink;
use pzip::io::file::FileSink;
use pzip::io::write::WriteSink;
use zeroize::Zeroizing;

use crate::args::Key;
use crate::exit::Failure;
use crate::open::AnySource;

/// Bytes that `seal` and `unseal` give a thread at a time: they fit into its cache.
pub(crate) const PIECE_BYTES: usize = 512 << 10;

/// A secret that was read.
pub(crate) enum Held {
    /// From a key file.
    Key(RawKey),
    /// From wherever passwords come from.
    Password(Zeroizing<Vec<u8>>),
}

impl Held {
    fn as_secret(&self) -> Secret<'_> {
        match self {
            Self::Key(key) => Secret::Key(key),
            Self::Password(password) => Secret::Password(password),
        }
    }
}

/// Asks for a password; `None` where there is no way to one. Asked only when one is needed.
pub(crate) type AskPassword<'a> = &'a dyn Fn() -> Result<Option<Zeroizing<Vec<u8>>>, Failure>;

/// There is no way to a password.
pub(crate) fn no_password() -> AskPassword<'static> {
    &|| Ok(None)
}

impl Key {
    /// The key of `--key-file`.
    fn read(&self) -> Result<Option<Held>, Failure> {
        self.key_file.as_deref().map(|path| read_key_file(path).map(Held::Key)).transpose()
    }

    /// A sealer with the key, or else with a password.
    pub(crate) fn sealer(
        &self,
        options: &SealOptions,
        password: AskPassword<'_>,
    ) -> Result<Sealer, Failure> {
        let held = match self.read()? {
            Some(key) => key,
            None => password()?.map(Held::Password).ok_or_else(|| {
                Failure::usage("nothing to seal with; give a key in a file: --key-file FILE")
            })?,
        };
        Ok(Sealer::new(held.as_secret(), options)?)
    }

    /// Whether a secret was given, so that an archive without one would be another than expected.
    fn is_given(&self) -> bool {
        self.key_file.is_some()
    }

    /// An open source, unsealed if it is sealed.
    pub(crate) fn open_any(
        &self,
        source: AnySource,
        password: AskPassword<'_>,
    ) -> Result<AnySource, Failure> {
        match self.open(source, password)? {
            Opened::Plain(_) if self.is_given() => Err(Failure::new(
                Category::Unsafe,
                "not sealed, though a key was given: anybody could have written it",
            )),
            Opened::Plain(source) => Ok(source),
            Opened::Sealed(source) => Ok(source),
        }
    }

    /// The same for a source that must be sealed.
    pub(crate) fn open_sealed(
        &self,
        source: AnySource,
        password: AskPassword<'_>,
    ) -> Result<SealedSource<AnySource>, Failure> {
        match self.open(source, password)? {
            Opened::Plain(_) => Err(Error::NotSealed.into()),
            Opened::Sealed(source) => Ok(*source),
        }
    }

    fn open(&self, source: AnySource, password: AskPassword<'_>) -> Result<Opened, Failure> {
        let header = match Header::read(&source) {
            Ok(header) => header,
            Err(Error::NotSealed) => return Ok(Opened::Plain(source)),
            Err(error) => return Err(error.into()),
        };
        let missing = |text| Failure::new(Category::Password, text);
        let held = match (self.read()?, header.derivation()) {
            (Some(held), _) => held,
            (None, Derivation::RawKey) => {
                return Err(missing("sealed with a key; give it: --key-file FILE"));
            }
            (None, _) => {
                let password = password()?;
                password.map(Held::Password).ok_or_else(|| missing("sealed with a password"))?
            }
        };
        let opened = SealedSource::open(source, held.as_secret(), &OpenOptions::default());
        Ok(Opened::Sealed(Box::new(opened?)))
    }
}

enum Opened {
    Plain(AnySource),
    Sealed(Box<SealedSource<AnySource>>),
}

/// Where `seal` and `unseal` write to; `-` is standard output.
pub(crate) fn sink_of(path: &Path) -> Result<Box<dyn Sink>, Failure> {
    if path == Path::new("-") {
        return Ok(Box::new(WriteSink::new(std::io::stdout())));
    }
    let sink = FileSink::create(path).map_err(|error| io_failure(path, &error))?;
    Ok(Box::new(sink))
}

/// A failed read or write of a file, of the class of the sealed archive's error if it holds one.
pub(crate) fn io_failure(path: &Path, error: &std::io::Error) -> Failure {
    let sealed = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
    let category = sealed.map_or(Category::Io, Error::category);
    Failure::new(category, error).about(path)
}

/// 32 bytes as they are, or 64 hexadecimal digits with blanks around them.
fn read_key_file(path: &Path) -> Result<RawKey, Failure> {
    // Enough to see that a file is too long, without reading all of it.
    const MOST: u64 = 1 << 10;
    let file = std::fs::File::open(path);
    let mut bytes = Zeroizing::new(Vec::with_capacity(MOST as usize));
    let read = file.and_then(|file| {
        std::io::Read::read_to_end(&mut std::io::Read::take(file, MOST), &mut bytes)
    });
    if let Err(error) = read {
        return Err(Failure::new(Category::Io, format_args!("{}: {error}", path.display())));
    }
    if let Ok(key) = bytes.as_slice().try_into() {
        return Ok(RawKey::new(key));
    }
    from_hex(bytes.trim_ascii()).ok_or_else(|| {
        let path = path.display();
        Failure::usage(format_args!("{path}: no key; a key is 32 bytes or 64 hexadecimal digits"))
    })
}

fn from_hex(digits: &[u8]) -> Option<RawKey> {
    let (pairs, rest) = digits.as_chunks::<2>();
    let mut key = Zeroizing::new([0_u8; 32]);
    if pairs.len() != key.len() || !rest.is_empty() {
        return None;
    }
    for (byte, pair) in key.iter_mut().zip(pairs) {
        for digit in pair {
            // At most 15, so the cast loses nothing.
            *byte = *byte << 4 | char::from(*digit).to_digit(16)? as u8;
        }
    }
    Some(RawKey::new(&key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_bytes_or_digits() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("key");
        let read = |contents: &[u8]| {
            std::fs::write(&path, contents).unwrap();
            read_key_file(&path).ok().map(|key| *key.expose())
        };
        let bytes: [u8; 32] = std::array::from_fn(|at| at as u8 ^ 0xa5);
        let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(read(&bytes), Some(bytes));
        assert_eq!(read(digits.as_bytes()), Some(bytes));
        assert_eq!(read(format!(" {}\r\n", digits.to_uppercase()).as_bytes()), Some(bytes));
        for bad in [&b""[..], &bytes[..31], &[0; 33], &digits.as_bytes()[..63], &[b'g'; 64]] {
            assert_eq!(read(bad), None);
        }
        assert_eq!(read(&[b'0'; 2_000]), None);
        assert!(read_key_file(&directory.path().join("missing")).is_err());
    }
}
