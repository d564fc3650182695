//! What was wrong, and at which byte.
//!
//! One small `Copy` type for the whole crate. A variant of [`ErrorKind`] names a fact and carries
//! the numbers behind it; `at` is the byte offset of the record (or field) that shows it, counted
//! from the start of the bytes the parser was given. Layers above rebase it with [`Error::offset`]
//! and add what they alone know: the entry's name, the item's index, the volume's number.

mod category;
mod subject;

use core::fmt;

use crate::relax::Relax;
use crate::signature;

pub use category::Category;
pub use subject::{Field, Record};

/// The fact that was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// No end of central directory record within the last 65,557 bytes.
    NoEndRecord,
    /// Two end records could both be the one; readers would disagree about the contents.
    Ambiguous {
        /// Offset of the other candidate.
        other: u64,
    },
    /// A comment for an archive holds the signature of an end record, which readers that search
    /// from the end would find first.
    EndInComment,
    /// The last names or comments of a directory hold end records, one for each form that the end
    /// of the archive can have, so that readers could take either for it.
    EndInDirectory,
    /// The record goes on after the bytes end.
    Truncated {
        /// Which record.
        record: Record,
        /// Bytes it needs.
        needed: u64,
        /// Bytes there are.
        available: u64,
    },
    /// Another record, or none, stands where this one was announced.
    Signature {
        /// The record that was expected.
        record: Record,
        /// The four bytes found, little-endian.
        found: u32,
    },
    /// A zip64 sentinel announces a value that nothing holds.
    MissingZip64 {
        /// The field that is saturated.
        field: Field,
    },
    /// A record's own length field contradicts its contents.
    Length {
        /// Which record.
        record: Record,
        /// The length it claims.
        claimed: u64,
    },
    /// An extra record that may stand only once stands twice.
    DuplicateExtra {
        /// Its header id.
        id: u16,
    },
    /// An extra record whose contents break its own definition.
    BadExtra {
        /// Its header id.
        id: u16,
    },
    /// Two records disagree about a field that changes bytes, name or kind.
    Mismatch {
        /// The field.
        field: Field,
        /// What the authoritative record says; for names, the length.
        expected: u64,
        /// What the other one says.
        found: u64,
    },
    /// A span ends beyond the bytes that can hold it.
    OutOfBounds {
        /// The record that makes the claim.
        record: Record,
        /// First byte it claims.
        start: u64,
        /// Byte after the last it claims.
        end: u64,
        /// Byte after the last there is.
        limit: u64,
    },
    /// Two members share bytes.
    Overlap {
        /// Where the other member starts.
        other: u64,
    },
    /// A local header that the directory does not name, before the first that it names.
    HiddenMember {
        /// Bytes before the first member the directory names.
        bytes: u64,
    },
    /// Bytes that belong to no record.
    Gap {
        /// How many.
        bytes: u64,
    },
    /// Bytes before the first record.
    Prefix {
        /// How many.
        bytes: u64,
    },
    /// Bytes after the end of central directory record and its comment.
    Trailing {
        /// How many.
        bytes: u64,
    },
    /// Two entries have the same name, after decoding.
    DuplicateName {
        /// Offset of the other entry's central header.
        other: u64,
    },
    /// A name holds a NUL byte, where C readers would cut it.
    NulInName,
    /// A name flagged as UTF-8 is none.
    BadUtf8,
    /// The entry looks like a directory but has contents.
    DirectoryWithData {
        /// Its uncompressed size.
        size: u64,
    },
    /// The sizes of payload and contents contradict each other: stored, and not the same; or
    /// too few payload bytes for method and cipher.
    PayloadSize {
        /// Size of the payload.
        compressed: u64,
        /// Size of the contents.
        size: u64,
    },
    /// A deflated entry without a single payload byte: not even an empty stream.
    EmptyDeflate,
    /// An AE-2 entry with a CRC-32 of its contents, which AE-2 leaves out because it tells about
    /// them: libzip writes such.
    Ae2Crc {
        /// What the field holds.
        crc32: u32,
    },
    /// The count of entries differs from the entries there are.
    Count {
        /// What the end record claims.
        claimed: u64,
        /// Entries in the directory.
        found: u64,
    },
    /// The data descriptor is missing, or in a form its headers do not announce.
    BadDescriptor,
    /// The name is longer than the field, or the limit, allows.
    NameTooLong {
        /// Its length in bytes.
        bytes: u64,
    },
    /// A record on a volume that is not among those that were opened.
    OtherDisk {
        /// The volume, from 0.
        disk: u32,
    },
    /// A saved index does not fit the archive, and why.
    SavedIndex(&'static str),
    /// A feature nobody here implements, by name.
    Unsupported(&'static str),
    /// A limit of [`crate::limits::Limits`] was reached.
    Limit {
        /// Which one.
        what: &'static str,
        /// Its value.
        limit: u64,
        /// What the archive asks for.
        found: u64,
    },
}

/// What was wrong, and at which byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Error {
    /// The fact.
    pub kind: ErrorKind,
    /// Offset of the record or field that shows it, in bytes.
    pub at: u64,
    /// The relaxation that accepts it; empty where none does.
    pub needs: Relax,
}

/// Shorthand for results of this crate.
pub type Result<T> = core::result::Result<T, Error>;

impl Error {
    /// An error at a byte offset.
    #[must_use]
    pub const fn new(kind: ErrorKind, at: u64) -> Self {
        Self { kind, at, needs: Relax::empty() }
    }

    /// The same error, seen from a frame that starts `by` bytes earlier.
    #[must_use]
    pub const fn offset(self, by: u64) -> Self {
        Self { at: self.at.saturating_add(by), ..self }
    }

    /// The same error, which this relaxation accepts.
    #[must_use]
    pub const fn needing(self, needs: Relax) -> Self {
        Self { needs, ..self }
    }

    /// The class of this error.
    #[must_use]
    pub const fn category(&self) -> Category {
        match self.kind {
            ErrorKind::NoEndRecord => Category::NotZip,
            ErrorKind::Unsupported(_) | ErrorKind::OtherDisk { .. } => Category::Unsupported,
            ErrorKind::Limit { .. } => Category::Limit,
            // Of what is to be written.
            ErrorKind::EndInComment | ErrorKind::EndInDirectory => Category::Usage,
            _ => Category::Damaged,
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::NoEndRecord => {
                f.write_str("no end of central directory record: not a ZIP archive, or cut off")
            }
            Self::Ambiguous { other } => {
                write!(
                    f,
                    "ambiguous: another end of central directory record (or zip64 one) at offset {other}"
                )
            }
            Self::EndInComment => {
                f.write_str("the comment holds the signature of an end of central directory record")
            }
            Self::EndInDirectory => f.write_str(
                "the last names or comments hold end of central directory records that readers \
                 would take for the archive's own",
            ),
            Self::Truncated { record, needed, available } => {
                write!(f, "{record} is cut off: needs {needed} bytes, {available} are there")
            }
            Self::Signature { record, found } => match signature::name(found) {
                Some(name) => write!(f, "expected a {record}, found {name} ({found:#010x})"),
                None => write!(f, "expected a {record}, found {found:#010x}"),
            },
            Self::MissingZip64 { field } => {
                write!(f, "{field} is announced as zip64, but no zip64 value is there")
            }
            Self::Length { record, claimed } => {
                write!(f, "{record} claims an impossible length of {claimed} bytes")
            }
            Self::DuplicateExtra { id } => write!(f, "extra record {id:#06x} stands twice"),
            Self::BadExtra { id } => write!(f, "extra record {id:#06x} is malformed"),
            Self::Mismatch { field: Field::Name, expected, found } => write!(
                f,
                "name differs between records ({expected} bytes in one, {found} in the other)"
            ),
            Self::Mismatch { field, expected, found } => {
                write!(f, "{field} differs between records: {expected} and {found}")
            }
            Self::OutOfBounds { record, start, end, limit } => {
                write!(f, "{record} claims bytes {start}..{end}, but only {limit} can hold it")
            }
            Self::Overlap { other } => {
                write!(f, "member overlaps the one at offset {other}")
            }
            Self::HiddenMember { bytes } => write!(
                f,
                "a member that the directory does not name, in {bytes} bytes before the first it names"
            ),
            Self::Gap { bytes } => write!(f, "{bytes} bytes belong to no record"),
            Self::Prefix { bytes } => write!(f, "{bytes} bytes before the first record"),
            Self::Trailing { bytes } => write!(f, "{bytes} bytes after the end record"),
            Self::DuplicateName { other } => {
                write!(f, "name occurs twice (other central header at offset {other})")
            }
            Self::NulInName => f.write_str("name contains a NUL byte"),
            Self::BadUtf8 => f.write_str("name is flagged as UTF-8, but is not"),
            Self::DirectoryWithData { size } => {
                write!(f, "directory entry holds {size} bytes of contents")
            }
            Self::PayloadSize { compressed, size } => {
                write!(f, "{compressed} payload bytes cannot hold {size} bytes of contents")
            }
            Self::EmptyDeflate => f.write_str("deflated payload has no bytes at all"),
            Self::Ae2Crc { crc32 } => write!(
                f,
                "AE-2 entry with a CRC-32 of its contents ({crc32:#010x}), which AE-2 is to hide"
            ),
            Self::Count { claimed, found } => {
                write!(f, "end record claims {claimed} entries, the directory has {found}")
            }
            Self::BadDescriptor => {
                f.write_str("data descriptor is missing or contradicts the directory")
            }
            Self::NameTooLong { bytes } => write!(f, "name of {bytes} bytes is too long"),
            Self::OtherDisk { disk } => {
                write!(f, "record on volume {disk} (from 0) of a split archive, which is not open")
            }
            Self::SavedIndex(why) => {
                write!(f, "the saved index cannot be used: {why}; open without it and save anew")
            }
            Self::Unsupported(what) => write!(f, "{what} is not supported"),
            Self::Limit { what, limit, found } => {
                write!(f, "limit reached: {what} is {found}, at most {limit} allowed")
            }
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (at offset {})", self.kind, self.at)
    }
}

impl core::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_small() {
        assert!(size_of::<Error>() <= 64, "{} bytes", size_of::<Error>());
    }
}
