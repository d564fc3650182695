//! A plan as bytes, for another process or another day.
//!
//! *Shape*, little-endian: `pzipplan`, version u16 (1), verifier of the first password in the
//! first entry that has it u16, length of the archive's comment u16, AES strength u8 (0 of a plan that is not
//! encrypted; 1, 2, 3), passwords after the first u8, entries u64, comment; in version 2, which is
//! that of split volumes, their size u64; for each password after the first the verifier of the
//! first entry that has it u16, or 0; for each entry the lengths of name, comment and key u16,
//! method u16, kind of contents u8, which of time and owner there are and the strength u8, host
//! u8, number of its password u8,
//! external attributes u32, CRC-32 u32, size u64, compressed size u64, time i64, owner twice u32,
//! then the three texts and the salt; at last a CRC-32 of all that u32.
//!
//! Neither passwords nor keys are in it.
//!
//! Places are not written: the reader computes them, and so cannot be told wrong ones.

use std::collections::HashSet;

use zip_codec::error::Error as CodecError;
#[cfg(feature = "crypto")]
use zip_codec::member::{CryptoError, Password};
use zip_format::crc32::Crc32;
use zip_format::extra::aes::Strength;

use super::build::Builder;
use super::layout::Plan;
use super::row::{Row, code_of, strength_of};
use crate::entry::Contents;
use crate::error::{Error, Result};
use crate::seal::Lock;

/// How encrypted plans are.
const SCHEME: &str = "AE-2";

const MAGIC: &[u8; 8] = b"pzipplan";
/// One archive.
const PLAIN: u16 = 1;
/// Split volumes.
const SPLIT: u16 = 2;
/// Bytes of the head, and of an entry without its texts.
const HEAD_LEN: usize = 24;
const ENTRY_LEN: usize = 52;

impl Plan {
    /// A plan out of the bytes of [`Plan::to_bytes`], made here or by another process. Every
    /// entry is checked as if it were pushed, and every place computed anew.
    ///
    /// # Errors
    /// [`Error::BadPlan`], and what [`Builder::push`] refuses; an encrypted plan, whose password
    /// is missing.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        read(bytes, |_, _| Err(no_password()))
    }

    /// The same for a plan that was [encrypted](Plan::encrypted) with this password, or not at
    /// all.
    ///
    /// # Errors
    /// As [`Plan::from_bytes`]; another password, which goes unnoticed once in 65,536 times.
    #[cfg(feature = "crypto")]
    pub fn from_bytes_with(bytes: &[u8], password: &Password) -> Result<Self> {
        Self::from_bytes_under(bytes, std::slice::from_ref(password))
    }

    /// The same for a plan that was [encrypted under](Plan::encrypted_under) these passwords, in
    /// the same order, or not at all.
    ///
    /// # Errors
    /// As [`Plan::from_bytes_with`]; a missing password where there are fewer than the plan was
    /// made with, [`Error::PasswordCount`] where there are more. Of passwords that no entry has,
    /// none is wrong.
    #[cfg(feature = "crypto")]
    pub fn from_bytes_under(bytes: &[u8], passwords: &[Password]) -> Result<Self> {
        read(bytes, |strength, wanted| match passwords.len() {
            found if found < wanted => Err(no_password()),
            found if found > wanted => Err(Error::PasswordCount { found, most: wanted }),
            _ => Ok(Builder::locked(Lock::new(strength, passwords.into()))),
        })
    }

    /// The plan as bytes: about its size in memory.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        write(self, &mut |piece| out.extend_from_slice(piece));
        out
    }
}

#[cfg(feature = "crypto")]
fn no_password() -> Error {
    CodecError::from(CryptoError::PasswordMissing { scheme: SCHEME }).into()
}

#[cfg(feature = "crypto")]
fn wrong_password() -> Error {
    CodecError::from(CryptoError::WrongPassword { scheme: SCHEME }).into()
}

#[cfg(not(feature = "crypto"))]
fn no_password() -> Error {
    CodecError::EncryptionNotBuiltIn { scheme: SCHEME }.into()
}

#[cfg(not(feature = "crypto"))]
use no_password as wrong_password;

/// For each password its verifier in the first entry that has it.
fn verifiers(plan: &Plan) -> Vec<u16> {
    plan.lock().map_or(Vec::new(), |lock| lock.verifiers(plan.all_salts()))
}

/// Gives the bytes of a plan to `out`, in pieces.
pub(super) fn write(plan: &Plan, out: &mut dyn FnMut(&[u8])) {
    let mut crc = Crc32::new();
    let mut put = |bytes: &[u8]| {
        crc.update(bytes);
        out(bytes);
    };
    let mut record = Vec::with_capacity(ENTRY_LEN);
    record.extend_from_slice(MAGIC);
    let strength = code_of(plan.lock().map(Lock::strength));
    let version = if plan.volume_size().is_some() { SPLIT } else { PLAIN };
    let verifiers = verifiers(plan);
    let (first, others) =
        verifiers.split_first().map_or((0, &[][..]), |(&first, more)| (first, more));
    for word in [version, first, plan.comment.len() as u16] {
        record.extend_from_slice(&word.to_le_bytes());
    }
    // At most 256 passwords, the builder has seen to that.
    record.extend_from_slice(&[strength, others.len() as u8]);
    record.extend_from_slice(&(plan.rows.len() as u64).to_le_bytes());
    put(&record);
    put(&plan.comment);
    if let Some(size) = plan.volume_size() {
        put(&size.to_le_bytes());
    }
    others.iter().for_each(|verifier| put(&verifier.to_le_bytes()));
    for row in &plan.rows {
        record.clear();
        for word in [row.name_len, row.comment_len, row.key_len, row.method] {
            record.extend_from_slice(&word.to_le_bytes());
        }
        record.extend_from_slice(&[row.known, row.has, row.host, row.password]);
        record.extend_from_slice(&row.external.to_le_bytes());
        record.extend_from_slice(&row.crc32.to_le_bytes());
        record.extend_from_slice(&row.size.to_le_bytes());
        record.extend_from_slice(&row.compressed_size.to_le_bytes());
        record.extend_from_slice(&row.modified.to_le_bytes());
        for id in row.owner {
            record.extend_from_slice(&id.to_le_bytes());
        }
        put(&record);
        let start = row.texts as usize;
        put(plan.texts.get(start..start + row.texts_len()).unwrap_or(&[]));
    }
    let sum = crc.value();
    out(&sum.to_le_bytes());
}

/// Reads a plan, believing nothing.
fn read(bytes: &[u8], locked: impl FnOnce(Strength, usize) -> Result<Builder>) -> Result<Plan> {
    let bad = Error::BadPlan;
    let mut all = Cut(bytes);
    if all.take(MAGIC.len()) != Some(MAGIC) {
        return Err(bad("it does not begin with `pzipplan`"));
    }
    let short = || bad("it is cut off");
    let version = all.u16().ok_or_else(short)?;
    if version != PLAIN && version != SPLIT {
        return Err(bad("it is of another version than 1 or 2"));
    }
    let body_len = bytes.len().checked_sub(4).filter(|&len| len >= HEAD_LEN).ok_or_else(short)?;
    let (body, sum) = bytes.split_at(body_len);
    if zip_format::crc32::crc32(body).to_le_bytes() != sum {
        return Err(bad("its checksum is wrong"));
    }
    let mut rest = Cut(body.get(MAGIC.len() + 2..).unwrap_or(&[]));
    let mut said = vec![rest.u16().ok_or_else(short)?];
    let comment_len = rest.u16().ok_or_else(short)?;
    let (mut builder, others) = match rest.array().ok_or_else(short)? {
        [0, 0] if said == [0] => (Builder::default(), 0),
        [code @ 1..=3, others] => {
            let others = usize::from(others);
            (locked(strength_of(code).ok_or_else(short)?, 1 + others)?, others)
        }
        _ => return Err(bad("it needs a newer reader")),
    };
    let entries = rest.u64().ok_or_else(short)?;
    builder.set_comment(rest.take(comment_len.into()).ok_or_else(short)?)?;
    let volume_size = if version == SPLIT { Some(rest.u64().ok_or_else(short)?) } else { None };
    for _ in 0..others {
        said.push(rest.u16().ok_or_else(short)?);
    }
    // What the count claims is believed as far as there are bytes for it.
    let claimed = usize::try_from(entries).unwrap_or(usize::MAX);
    builder.reserve(claimed.min(rest.0.len() / ENTRY_LEN));
    let mut salts = HashSet::new();
    for _ in 0..entries {
        let row = rest.row().ok_or_else(short)?;
        let texts = rest.take(row.texts_len()).ok_or_else(short)?;
        let entry = row.entry(texts).ok_or(bad("an entry is of an unknown kind"))?;
        let wanted = builder.lock().filter(|_| entry.contents != Contents::None);
        if row.strength() != wanted.map(Lock::strength) {
            return Err(bad("an entry contradicts itself"));
        }
        let salt = row.salt(texts);
        if salt.is_some_and(|salt| !salts.insert(salt)) {
            return Err(bad("two entries have one salt"));
        }
        let salt = wanted.zip(salt).and_then(|(lock, salt)| lock.restored(salt));
        if usize::from(row.password) > others {
            return Err(bad("an entry has a password that is not there"));
        }
        builder.push_salted(&entry, salt, row.password)?;
        let same = builder.last().is_some_and(|written| written.facts() == row.facts());
        if !same {
            return Err(bad("an entry contradicts itself"));
        }
    }
    if !rest.0.is_empty() {
        return Err(bad("bytes are left over"));
    }
    let plan = match volume_size {
        Some(size) => builder.finish_in_volumes(size)?,
        None => builder.finish(),
    };
    // A plan without passwords says 0 as well.
    let found = verifiers(&plan);
    let same = if found.is_empty() { said == [0] } else { found == said };
    if same { Ok(plan) } else { Err(wrong_password()) }
}

/// Bytes that are read from the front.
struct Cut<'a>(&'a [u8]);

impl<'a> Cut<'a> {
    fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(head)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*head)
    }

    fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
    }

    fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    /// The fixed part of an entry, whose texts are taken to begin at zero.
    fn row(&mut self) -> Option<Row> {
        let [name_len, comment_len, key_len, method] =
            [self.u16()?, self.u16()?, self.u16()?, self.u16()?];
        let [known, has, host, password] = self.array()?;
        let (external, crc32) = (self.u32()?, self.u32()?);
        let (size, compressed_size) = (self.u64()?, self.u64()?);
        let modified = self.array().map(i64::from_le_bytes)?;
        let owner = [self.u32()?, self.u32()?];
        Some(Row {
            local: 0,
            central: 0,
            texts: 0,
            size,
            compressed_size,
            modified,
            owner,
            crc32,
            external,
            name_len,
            comment_len,
            key_len,
            method,
            host,
            has,
            known,
            password,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::{Entry, Wrap};
    use zip_format::extra::unix::Owner;
    use zip_format::method::Method;

    fn sample() -> Builder {
        let mut builder = Plan::builder();
        let raw = Contents::Raw { method: Method::DEFLATE, compressed_size: 5, size: 9, crc32: 7 };
        for entry in [
            Entry::directory(b"d/").with_mode(0o700),
            Entry::file("d/é".as_bytes(), Contents::of(b"12345")).with_modified(-5),
            Entry::file(b"s", Contents::sized(1 << 33)).with_key(b"bucket#1"),
            Entry::file(b"t", Contents::Sized { size: 3, wrap: Wrap::Stored }).with_comment(b"c"),
            Entry::file(b"r", raw).with_owner(Owner { uid: 1, gid: 70_000 }),
            Entry::symlink(b"l", Contents::of(b"d/")),
        ] {
            builder.push(&entry).unwrap();
        }
        builder.set_comment(b"all of it").unwrap();
        builder
    }

    #[test]
    fn a_plan_comes_back_as_it_was() {
        let split = || sample().finish_in_volumes(1 << 20).unwrap();
        for plan in [sample().finish(), split()] {
            let bytes = plan.to_bytes();
            let back = Plan::from_bytes(&bytes).unwrap();
            assert_eq!(back.to_bytes(), bytes);
            assert_eq!((back.len(), back.tag()), (plan.len(), plan.tag()));
            assert_eq!(format!("{:?}", back.rows), format!("{:?}", plan.rows));
            assert_eq!(back.volumes(), plan.volumes());
            assert_eq!(back.comment(), b"all of it");
        }
        let other = sample().finish_in_volumes(1 << 21).unwrap();
        assert_ne!(split().tag(), other.tag(), "other volumes are other bytes");
        assert_ne!(split().tag(), sample().finish().tag());
    }

    #[test]
    fn no_prefix_and_no_flipped_bit_is_a_plan() {
        let bytes = sample().finish().to_bytes();
        for cut in 0..bytes.len() {
            assert!(Plan::from_bytes(&bytes[..cut]).is_err(), "cut at {cut}");
        }
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(Plan::from_bytes(&flipped).is_err(), "bit {bit}");
        }
    }

    #[test]
    fn a_forger_is_refused_too() {
        for bytes in
            [sample().finish().to_bytes(), sample().finish_in_volumes(1 << 20).unwrap().to_bytes()]
        {
            forge(&bytes);
        }
    }

    fn forge(bytes: &[u8]) {
        let mut errors = 0;
        for at in 0..bytes.len() - 4 {
            for value in [0, 1, 0xff] {
                let mut forged = bytes[..bytes.len() - 4].to_vec();
                forged[at] = value;
                forged.extend(zip_format::crc32::crc32(&forged).to_le_bytes());
                match Plan::from_bytes(&forged) {
                    Ok(plan) => assert_eq!(plan.to_bytes(), forged, "one plan, one form"),
                    Err(_) => errors += 1,
                }
            }
        }
        assert!(errors > 100, "lengths, kinds and names are looked at");
    }
}
