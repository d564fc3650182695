//! Entries in, a plan out: names checked, every record placed.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, BuildHasherDefault, Hasher};
use std::sync::OnceLock;

#[cfg(feature = "crypto")]
use zip_codec::member::Password;
use zip_format::attributes::Kind;
use zip_format::directory::ending::Form;
use zip_format::directory::lookalike::{check_comment, holds_end};
#[cfg(feature = "crypto")]
use zip_format::extra::aes::Strength;
use zip_format::method::Method;
use zip_format::path::{NamePolicy, Refusal, SafePath};
use zip_format::position::{Position, Span};

use super::borders::{Borders, MARKER_LEN};
use super::layout::Plan;
use super::row::Row;
use crate::entry::{Contents, Entry};
use crate::error::{Error, Result, shown};
use crate::seal::{Lock, Salt};

/// Archives end here, so that sums of a few lengths stay below 2^64.
const MAX_LEN: u64 = 1 << 63;
/// Passwords of a plan: their number is a byte in each entry.
#[cfg(feature = "crypto")]
const MAX_PASSWORDS: usize = 1 << u8::BITS;
/// Bytes of a name, comment or key.
const MAX_TEXT: usize = u16::MAX as usize;

/// Collects entries and lays the archive out.
///
/// *Limits*: an entry takes 80 bytes, its texts, and about 20 bytes more until
/// [`Builder::finish`], in which names that stand twice are found.
#[derive(Debug, Default)]
pub struct Builder {
    rows: Vec<Row>,
    texts: Vec<u8>,
    comment: Vec<u8>,
    /// Byte after the last member.
    end: u64,
    names: Names,
    /// What entries are encrypted with, all but directories.
    lock: Option<Lock>,
}

impl Plan {
    /// A plan without entries yet.
    #[must_use]
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// A plan without entries yet, whose entries will be encrypted: with WinZip AES (AE-2), this
    /// length of key, one password for all, and a fresh salt of the system's each. Directories have no
    /// contents and stay plain; names, sizes and times are readable.
    ///
    /// The salts are part of the plan, so it gives the same bytes whenever it is streamed.
    /// *Contents that changed need a new plan*: under one salt, two versions are enciphered with
    /// the same key stream, and whoever has both learns how they differ. The plan says no secret
    /// ([`Plan::to_bytes`]); the password is asked for again ([`Plan::from_bytes_with`]).
    ///
    /// A range that holds the end of a payload, and not its start, has all of that entry read.
    #[cfg(feature = "crypto")]
    #[must_use]
    pub fn encrypted(strength: Strength, password: Password) -> Builder {
        Builder::locked(Lock::new(strength, Box::new([password])))
    }

    /// The same with several passwords, 1 to 256: [`Builder::push_under`] says by number which one
    /// an entry has.
    ///
    /// # Errors
    /// [`Error::PasswordCount`].
    #[cfg(feature = "crypto")]
    pub fn encrypted_under(
        strength: Strength,
        passwords: impl IntoIterator<Item = Password>,
    ) -> Result<Builder> {
        let passwords: Box<[Password]> = passwords.into_iter().collect();
        match passwords.len() {
            1..=MAX_PASSWORDS => Ok(Builder::locked(Lock::new(strength, passwords))),
            found => Err(Error::PasswordCount { found, most: MAX_PASSWORDS }),
        }
    }
}

impl Builder {
    /// Makes room for this many entries.
    pub fn reserve(&mut self, entries: usize) {
        self.rows.reserve_exact(entries);
        self.names.first.reserve(entries);
    }

    /// As [`Plan::encrypted`].
    #[cfg(feature = "crypto")]
    pub(super) fn locked(lock: Lock) -> Self {
        Self { lock: Some(lock), ..Self::default() }
    }

    pub(super) const fn lock(&self) -> Option<&Lock> {
        self.lock.as_ref()
    }

    /// Adds an entry and returns its number. In an encrypted plan it has the first password.
    ///
    /// # Errors
    /// A name that would not be safe to extract, or stands twice; a text that does not fit; facts
    /// that contradict each other; an archive of more than 2^63 bytes; no random bytes for a salt.
    /// The plan is then as before.
    pub fn push(&mut self, entry: &Entry<'_>) -> Result<usize> {
        self.push_fresh(entry, 0)
    }

    /// Adds an entry that is encrypted with the password of this number, counted from 0 in the list
    /// of [`Plan::encrypted_under`]. Directories stay plain.
    ///
    /// # Errors
    /// As [`Builder::push`]; [`Error::NoSuchPassword`], also where the plan is not encrypted.
    #[cfg(feature = "crypto")]
    pub fn push_under(&mut self, entry: &Entry<'_>, password: usize) -> Result<usize> {
        let known = self.lock.as_ref().map_or(0, Lock::passwords);
        let Some(number) = u8::try_from(password).ok().filter(|_| password < known) else {
            let (index, name) = (self.rows.len(), shown(entry.meta.name));
            return Err(Error::NoSuchPassword { index, name, password, known });
        };
        self.push_fresh(entry, number)
    }

    fn push_fresh(&mut self, entry: &Entry<'_>, password: u8) -> Result<usize> {
        let lock = self.lock.as_ref().filter(|_| entry.contents != Contents::None);
        let salt = lock.map(Lock::fresh).transpose()?;
        self.push_salted(entry, salt, password)
    }

    /// The same with a salt that is there already; without, the entry is plain.
    pub(super) fn push_salted(
        &mut self,
        entry: &Entry<'_>,
        salt: Option<Salt>,
        password: u8,
    ) -> Result<usize> {
        let index = self.rows.len();
        let entry = Entry { contents: entry.contents.settled(), ..*entry };
        check(index, &entry)?;
        let strength = self.lock.as_ref().filter(|_| salt.is_some()).map(Lock::strength);
        let member = entry.contents.records(entry.meta, strength);
        let len = member
            .payload
            .compressed_size
            .checked_add(member.local_len() + member.descriptor_len())
            .and_then(|len| len.checked_add(self.end))
            .filter(|&end| end < MAX_LEN);
        let end = len.ok_or(Error::TooLarge { index })?;
        self.names.claim(index, &entry, &self.rows, &self.texts)?;

        let mut row = Row::new(&entry, strength, self.texts.len() as u64);
        row.local = self.end;
        row.password = if salt.is_some() { password } else { 0 };
        self.end = end;
        for text in [entry.meta.name, entry.meta.comment, entry.key] {
            self.texts.extend_from_slice(text);
        }
        self.texts.extend_from_slice(salt.as_ref().map_or(&[], Salt::bytes));
        self.rows.push(row);
        Ok(index)
    }

    /// Sets the archive's comment.
    ///
    /// # Errors
    /// More than 65,535 bytes, or the signature of an end record among them.
    pub fn set_comment(&mut self, comment: &[u8]) -> Result<()> {
        if comment.len() > MAX_TEXT {
            let (index, found) = (self.rows.len(), comment.len());
            let what = "a comment of the archive";
            return Err(Error::TextTooLong { index, name: String::new(), what, found });
        }
        check_comment(comment)?;
        self.comment = comment.to_vec();
        Ok(())
    }

    /// The comment of the archive.
    pub(crate) fn comment(&self) -> &[u8] {
        &self.comment
    }

    /// What [`Builder::push`] would say against the entry, but for names that stand twice.
    pub(crate) fn check_name(&self, entry: &Entry<'_>) -> Result<()> {
        check(self.rows.len(), entry)
    }

    /// The row of the entry pushed last.
    pub(super) fn last(&self) -> Option<&Row> {
        self.rows.last()
    }

    /// Bytes of the members so far.
    #[must_use]
    pub const fn members_len(&self) -> u64 {
        self.end
    }

    /// The plan.
    #[must_use]
    pub fn finish(self) -> Plan {
        let Self { mut rows, texts, comment, end, lock, .. } = self;
        let mut at = end;
        for row in &mut rows {
            row.central = at;
            // Whatever was pushed is there.
            let local = Position::on_first(row.local);
            at += row.member(&texts).map_or(0, |member| member.central_len(local));
        }
        let mut plan = Plan {
            rows: rows.into_boxed_slice(),
            texts: texts.into_boxed_slice(),
            comment: comment.into_boxed_slice(),
            directory: Span { start: end, end: at },
            form: Form::default(),
            len: at,
            volumes: None,
            lock,
            tag: OnceLock::new(),
        };
        plan.len += plan.settle_trailer();
        plan
    }

    /// The plan of an archive over split volumes (`a.z01`, `a.z02`, ..., `a.zip`) of at most `size`
    /// bytes, 64 KiB to 4 GiB - 1. Number and lengths of the volumes are known from now on
    /// ([`Plan::volumes`]), and all records name them.
    ///
    /// What such a plan gives are the volumes behind each other. [`Encoder::write_to`] hands them
    /// to a sink over volumes of this size; a range that is one volume gives that one alone.
    /// Raw cuts need no plan of their own: any range of a plain one is a cut.
    ///
    /// # Errors
    /// [`Error::VolumeSize`]; [`Error::TooManyVolumes`]; [`Error::RecordTooLong`] for a name or
    /// comment that does not fit on a volume.
    ///
    /// [`Encoder::write_to`]: crate::Encoder::write_to
    pub fn finish_in_volumes(self, size: u64) -> Result<Plan> {
        let mut borders = Borders::new(size)?;
        let Self { mut rows, texts, comment, lock, .. } = self;
        let mut at = MARKER_LEN;
        for row in &mut rows {
            // Whatever was pushed is there.
            let Some(member) = row.member(&texts) else { continue };
            let payload = at + member.local_len();
            borders.record(at, member.local_len())?;
            let descriptor = payload + member.payload.compressed_size;
            borders.bytes(payload, member.payload.compressed_size)?;
            borders.record(descriptor, member.descriptor_len())?;
            row.local = at;
            at = descriptor + member.descriptor_len();
        }
        let start = at;
        for row in &mut rows {
            let local = borders.position(row.local);
            let len = row.member(&texts).map_or(0, |member| member.central_len(local));
            borders.record(at, len)?;
            row.central = at;
            at += len;
        }
        let mut plan = Plan {
            rows: rows.into_boxed_slice(),
            texts: texts.into_boxed_slice(),
            comment: comment.into_boxed_slice(),
            directory: Span { start, end: at },
            form: Form::default(),
            len: at,
            volumes: Some(borders),
            lock,
            tag: OnceLock::new(),
        };
        plan.place_trailer()?;
        Ok(plan)
    }
}

/// What can be said against an entry by itself.
fn check(index: usize, entry: &Entry<'_>) -> Result<()> {
    let meta = &entry.meta;
    let name = || shown(meta.name.get(..meta.name.len().min(200)).unwrap_or(meta.name));
    for (what, text) in [("a name", meta.name), ("a comment", meta.comment), ("a key", entry.key)] {
        if text.len() > MAX_TEXT {
            return Err(Error::TextTooLong { index, name: name(), what, found: text.len() });
        }
    }
    let refuse = |why| Err(Error::Name { index, name: name(), why });
    match SafePath::check(meta.name, NamePolicy::Unix) {
        Ok(path) if path.as_bytes().is_empty() => return refuse(Refusal::Empty),
        Ok(_) => {}
        Err(why) => return refuse(why),
    }
    let directory = meta.attributes.kind() == Some(Kind::Directory);
    let contents = entry.contents;
    let why = if directory != meta.name.ends_with(b"/") {
        "the names of directories, and no others, end in `/`"
    } else if directory != (contents == Contents::None) {
        "directories, and no others, are without contents"
    } else if holds_end(meta.comment) {
        "its comment holds the signature of an end record"
    } else if let Contents::Raw { method, compressed_size, size, .. } = contents {
        match method {
            Method::STORED if compressed_size != size => "stored, and the sizes differ",
            Method::AES => "an encrypted payload cannot be passed on",
            Method::STORED => return Ok(()),
            _ if compressed_size == 0 => "a compressed payload has at least one byte",
            _ => return Ok(()),
        }
    } else {
        return Ok(());
    };
    Err(Error::Contradiction { index, name: name(), why })
}

/// Which names there are: a keyed hash of each, and the entry it stands for.
#[derive(Debug, Default)]
struct Names {
    hasher: RandomState,
    first: HashMap<u64, u32, BuildHasherDefault<Hashed>>,
    /// Entries whose hash an entry of another name had before: practically none.
    more: Vec<u32>,
}

impl Names {
    fn claim(&mut self, index: usize, entry: &Entry<'_>, rows: &[Row], texts: &[u8]) -> Result<()> {
        let key = place(entry.meta.name);
        let number = u32::try_from(index).map_err(|_| Error::TooLarge { index })?;
        let is_same = |other: u32| {
            let other = rows.get(other as usize).and_then(|row| row.entry(texts));
            other.is_some_and(|other| place(other.meta.name) == key)
        };
        let hash = self.hasher.hash_one(key);
        let Some(&other) = self.first.get(&hash) else {
            self.first.insert(hash, number);
            return Ok(());
        };
        match [other].iter().chain(&self.more).copied().find(|&other| is_same(other)) {
            Some(other) => Err(Error::DuplicateName {
                index,
                name: shown(entry.meta.name),
                other: other as usize,
            }),
            None => {
                self.more.push(number);
                Ok(())
            }
        }
    }
}

/// The hash of what is a hash already.
#[derive(Debug, Default)]
struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        // Not called for the keys here, which are words; right for any others.
        for &byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(byte);
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

/// What two names that mean one place on disk have in common: `./a`, `a` and `a/`.
fn place(name: &[u8]) -> &[u8] {
    let name = name.strip_prefix(b"./").unwrap_or(name);
    name.strip_suffix(b"/").unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_refused() {
        let file = |name: &'static str| Entry::file(name.as_bytes(), Contents::of(b"x"));
        let mut builder = Builder::default();
        assert!(builder.push(&file("a/b")).is_ok());
        for name in ["", "./", "/a", "../a", "a/../b", "a\0b", "a//b", "a\u{1b}"] {
            let refused = builder.push(&file(name));
            assert!(matches!(refused, Err(Error::Name { index: 1, .. })), "{name:?}: {refused:?}");
        }
        for twice in [file("a/b"), file("./a/b"), Entry::directory(b"a/b/")] {
            let refused = builder.push(&twice);
            assert!(matches!(refused, Err(Error::DuplicateName { other: 0, .. })), "{refused:?}");
        }
        let long = "x/".repeat(40_000);
        let refused = builder.push(&Entry::directory(long.as_bytes()));
        assert!(matches!(refused, Err(Error::TextTooLong { found: 80_000, .. })));
        for name in ["a:b", "a\\b"] {
            assert!(builder.push(&file(name)).is_ok(), "what only Windows misreads is a name");
        }
        assert_eq!(builder.finish().entries(), 3, "what was refused left no trace");
    }

    #[test]
    fn facts_that_contradict_each_other_are_refused() {
        let raw = |method, compressed_size, size| Contents::Raw {
            method,
            compressed_size,
            size,
            crc32: 0,
        };
        for entry in [
            Entry::file(b"a/", Contents::of(b"")),
            Entry::directory(b"a"),
            Entry::file(b"a", Contents::None),
            Entry { contents: Contents::of(b"x"), ..Entry::directory(b"a/") },
            Entry::file(b"a", raw(Method::STORED, 1, 2)),
            Entry::file(b"a", raw(Method::AES, 1, 2)),
            Entry::file(b"a", raw(Method::DEFLATE, 0, 0)),
        ] {
            let refused = Builder::default().push(&entry);
            assert!(matches!(refused, Err(Error::Contradiction { .. })), "{entry:?}");
        }
        let huge = Entry::file(b"a", Contents::Known { size: 1 << 63, crc32: 0 });
        assert!(matches!(Builder::default().push(&huge), Err(Error::TooLarge { index: 0 })));
        let huge = Entry::file(b"a", Contents::sized(u64::MAX));
        assert!(matches!(Builder::default().push(&huge), Err(Error::TooLarge { index: 0 })));
    }

    #[test]
    fn names_of_one_hash_are_told_apart() {
        let mut names = Names::default();
        let (mut rows, mut texts) = (Vec::new(), Vec::new());
        for (index, name) in ["a", "b", "c"].into_iter().enumerate() {
            let entry = Entry::file(name.as_bytes(), Contents::of(b""));
            // As if all of them had one hash.
            let hash = names.hasher.hash_one(place(entry.meta.name));
            names.first.entry(hash).or_insert(0);
            let claimed = names.claim(index, &entry, &rows, &texts);
            assert!(claimed.is_ok(), "{name}: {claimed:?}");
            rows.push(Row::new(&entry, None, texts.len() as u64));
            texts.extend_from_slice(name.as_bytes());
        }
        let again = Entry::file(b"c", Contents::of(b""));
        assert!(names.claim(3, &again, &rows, &texts).is_err(), "found among the others");
    }
}
