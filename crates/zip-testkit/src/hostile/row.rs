//! One row: an archive, what is wrong with it, and the verdict. The few entries most rows are made of.

use std::fmt;

use crate::lay::{LaidEntry, Lay};

/// What a reader is expected to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Expect {
    /// Open, list, verify, extract; the contents are those of `entries`.
    Accept,
    /// A typed error before any entry is yielded.
    RejectOpen,
    /// May open and list; reading the entry at fault ends in a typed error and never in success. Refusing to open is
    /// allowed too.
    RejectEntry,
    /// Listing and reading into memory are fine; writing the entry at fault into a directory is refused, and nothing
    /// appears outside of or instead of the destination.
    RefuseExtract,
    /// Stops with a limit error under default limits, in bounded memory and time.
    Limit,
    /// Without the password, or with another: a typed error and no data. With it: the contents of `entries`.
    Encrypted,
    /// A typed error that names the feature.
    Unsupported,
}

/// What kind of fault a row is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Class {
    /// No fault, but odd: must be accepted.
    Control,
    /// Names that lead elsewhere.
    Path,
    /// Symbolic links.
    Symlink,
    /// Modes and file types.
    Mode,
    /// Two names for one place.
    Collision,
    /// Sizes and work out of proportion.
    Bomb,
    /// Local and central header disagree.
    Mismatch,
    /// Payload and headers disagree.
    Data,
    /// Records and the bytes between them.
    Framing,
    /// Bytes missing.
    Truncation,
    /// Zip64 records and extra records.
    Zip64,
    /// Encryption.
    Crypto,
}

/// One archive and the verdict on it.
#[derive(Clone)]
pub struct Hostile {
    /// Unique name.
    pub name: &'static str,
    /// Kind of fault.
    pub class: Class,
    /// What a strict, safe reader does by default.
    pub expect: Expect,
    /// What a relaxation that was asked for may do; the same as `expect` where there is none.
    pub compat: Expect,
    /// The reason.
    pub why: &'static str,
    /// A feature without which `Unsupported` is right as well: `bzip2`, `lzma`, `zstd`, `xz`, `deflate64`, `ppmd`.
    pub needs: Option<&'static str>,
    /// The password, where one opens the archive.
    pub password: Option<&'static str>,
    /// Index in the directory of the first entry at fault, where it is an entry.
    pub fault: Option<usize>,
    /// Names and contents in the order of the directory, where entries can be read: `Accept`, `RefuseExtract`,
    /// `Encrypted`. Names are the bytes of the central header. Empty for the other outcomes.
    pub entries: Vec<(Vec<u8>, Vec<u8>)>,
    /// The archive.
    pub bytes: Vec<u8>,
}

impl Hostile {
    /// A row out of bytes, without entries.
    pub(super) fn raw(
        class: Class,
        name: &'static str,
        expect: Expect,
        why: &'static str,
        bytes: Vec<u8>,
    ) -> Self {
        Self {
            name,
            class,
            expect,
            compat: expect,
            why,
            needs: None,
            password: None,
            fault: None,
            entries: Vec::new(),
            bytes,
        }
    }

    /// A row out of a laid archive, with its entries where they can be read.
    pub(super) fn laid(
        class: Class,
        name: &'static str,
        expect: Expect,
        why: &'static str,
        lay: Lay,
    ) -> Self {
        let mut row = Self::raw(class, name, expect, why, lay.build());
        let entries = lay.entries;
        if row.lists_entries() {
            let order = lay.directory_order.unwrap_or_else(|| (0..entries.len()).collect());
            row.entries = order
                .into_iter()
                .map(|index| &entries[index])
                .filter(|entry| entry.has_central)
                .map(|entry| (entry.central.name.clone(), entry.contents.clone()))
                .collect();
        }
        if expect != Expect::Accept && !entries.is_empty() {
            row.fault = Some(0);
        }
        row
    }

    /// `entries` says what is in the archive.
    #[must_use]
    pub fn lists_entries(&self) -> bool {
        matches!(self.expect, Expect::Accept | Expect::RefuseExtract | Expect::Encrypted)
    }

    pub(super) fn compat(mut self, compat: Expect) -> Self {
        self.compat = compat;
        self
    }

    pub(super) fn needs(mut self, feature: &'static str) -> Self {
        self.needs = Some(feature);
        self
    }

    pub(super) fn fault(mut self, index: usize) -> Self {
        self.fault = Some(index);
        self
    }

    pub(super) fn password(mut self, password: &'static str) -> Self {
        self.password = Some(password);
        self
    }
}

/// Without the bytes, so that a failed assertion can be read.
impl fmt::Debug for Hostile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} ({:?}, {} bytes): {:?} because {}",
            self.name,
            self.class,
            self.bytes.len(),
            self.expect,
            self.why
        )
    }
}

/// Eleven bytes that most rows use as contents.
pub(super) const HELLO: &[u8] = b"hello, zip\n";

/// 2,500 bytes that deflate well.
pub(super) fn text() -> Vec<u8> {
    b"The quick brown fox jumps over the lazy dog. ".iter().copied().cycle().take(2500).collect()
}

/// `name` with [`HELLO`] in it.
pub(super) fn hello(name: impl AsRef<[u8]>) -> LaidEntry {
    LaidEntry::stored(name, HELLO)
}

/// Two stored entries, a = AAAA and b = BBBB.
pub(super) fn two() -> Lay {
    Lay::of([LaidEntry::stored("a", "AAAA"), LaidEntry::stored("b", "BBBB")])
}
