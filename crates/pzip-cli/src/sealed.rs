//! Keys of sealed archives, and archives that may be sealed.

use std::path::Path;

use pzip::crypto::sealed::{
    Derivation, Error, Header, OpenOptions, RawKey, SealOptions, SealedSource, Sealer, Secret,
};
use pzip::format::error::Category;
use pzip::io::file::FileSink;
use pzip::io::write::WriteSink;
use pzip::io::{Sink, Source};
use pzip::reader::Password;
use zeroize::Zeroizing;

use crate::args::Key;
use crate::exit::Failure;
use crate::output::block_stdout;
use crate::password::{PasswordArgs, ask};

/// The bytes of an archive, wherever they are.
pub(crate) type AnySource = Box<dyn Source>;

/// Bytes that `seal` and `unseal` give a thread at a time: they fit into its cache.
pub(crate) const PIECE_BYTES: usize = 512 << 10;

/// A source that was sealed or not.
pub(crate) enum Opened {
    /// It was not.
    Plain(AnySource),
    /// It was, and is open.
    Sealed(Box<SealedSource<AnySource>>),
}

impl Opened {
    pub(crate) const fn is_sealed(&self) -> bool {
        matches!(self, Self::Sealed(_))
    }

    /// The bytes of the archive itself.
    pub(crate) fn into_any(self) -> AnySource {
        match self {
            Self::Plain(source) => source,
            Self::Sealed(source) => source,
        }
    }
}

impl Key {
    /// The key of `--key-file`.
    fn read(&self) -> Result<Option<RawKey>, Failure> {
        self.key_file.as_deref().map(read_key_file).transpose()
    }

    /// A sealer with the key, or else with a password.
    pub(crate) fn sealer(
        &self,
        options: &SealOptions,
        passwords: &PasswordArgs,
    ) -> Result<Sealer, Failure> {
        if let Some(key) = self.read()? {
            if passwords.is_given() {
                return Err(Failure::usage("a key and a password; an archive is sealed with one"));
            }
            return Ok(Sealer::new(Secret::Key(&key), options)?);
        }
        let password = passwords.for_new()?.ok_or_else(|| {
            Failure::usage(
                "nothing to seal with; give a key or a password: --key-file FILE, \
                 --password-file FILE",
            )
        })?;
        Ok(Sealer::new(Secret::Password(&password), options)?)
    }

    /// A source of this path, unsealed if it is sealed.
    pub(crate) fn open_any(
        &self,
        source: AnySource,
        passwords: &[Password],
        path: &Path,
    ) -> Result<Opened, Failure> {
        let opened = self.open(source, passwords, path).map_err(|failure| failure.about(path))?;
        // Passwords say nothing: they may be those of entries.
        if self.key_file.is_some() && !opened.is_sealed() {
            let text = "not sealed, though a key was given: anybody could have written it";
            return Err(Failure::new(Category::Unsafe, text).about(path));
        }
        Ok(opened)
    }

    /// The same for a source that must be sealed.
    pub(crate) fn open_sealed(
        &self,
        source: AnySource,
        passwords: &[Password],
        path: &Path,
    ) -> Result<SealedSource<AnySource>, Failure> {
        match self.open(source, passwords, path).map_err(|failure| failure.about(path))? {
            Opened::Plain(_) => Err(Failure::from(Error::NotSealed).about(path)),
            Opened::Sealed(source) => Ok(*source),
        }
    }

    fn open(
        &self,
        source: AnySource,
        passwords: &[Password],
        path: &Path,
    ) -> Result<Opened, Failure> {
        let header = match Header::read(&source) {
            Ok(header) => header,
            Err(Error::NotSealed) => return Ok(Opened::Plain(source)),
            Err(error) => return Err(error.into()),
        };
        let key = self.read()?;
        let opened = match (key, header.derivation()) {
            (Some(key), Derivation::RawKey) => unseal(source, Secret::Key(&key))?,
            // Says that a password is wanted.
            (Some(key), _) if passwords.is_empty() => unseal(source, Secret::Key(&key))?,
            (None, Derivation::RawKey) => {
                return Err(missing("sealed with a key; give it: --key-file FILE"));
            }
            (_, _) if passwords.is_empty() => match ask(path.display())? {
                Some(password) => unseal(source, Secret::Password(&password))?,
                None => {
                    let text = "sealed with a password; give it: --password-file FILE";
                    return Err(missing(text));
                }
            },
            (_, _) => unseal_with_any(source, passwords)?,
        };
        Ok(Opened::Sealed(Box::new(opened)))
    }
}

/// Whether a source begins as a sealed archive does.
pub(crate) fn is_sealed(source: &dyn Source) -> bool {
    !matches!(Header::read(source), Err(Error::NotSealed | Error::Read { .. }))
}

fn missing(text: &str) -> Failure {
    Failure::new(Category::Password, text)
}

fn unseal<S: Source>(source: S, secret: Secret<'_>) -> Result<SealedSource<S>, Error> {
    SealedSource::open(source, secret, &OpenOptions::default())
}

/// Tries all but the last on a borrowed source first. Mostly there is one, which is tried once.
fn unseal_with_any(
    source: AnySource,
    passwords: &[Password],
) -> Result<SealedSource<AnySource>, Failure> {
    let wrong = |password: &&Password| {
        let tried = unseal(&source, Secret::Password(password));
        matches!(tried, Err(Error::WrongSecret { .. }))
    };
    let Some((last, others)) = passwords.split_last() else {
        return Err(missing("sealed with a password"));
    };
    let right = others.iter().find(|password| !wrong(password)).unwrap_or(last);
    Ok(unseal(source, Secret::Password(right))?)
}

/// Where `seal` and `unseal` write to; `-` is standard output.
pub(crate) fn sink_of(path: &Path) -> Result<Box<dyn Sink>, Failure> {
    if path == Path::new("-") {
        let out = block_stdout().map_err(|error| Failure::output(&error))?;
        return Ok(Box::new(WriteSink::new(out)));
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
