//! Caps a reader applies before it allocates or goes on.
//!
//! All of them are on by default, all can be raised. They are compared with what an archive
//! really holds or produces, never with what it claims, wherever the two can differ.

/// What an archive may ask for.
///
/// `u64::MAX` (or `u32::MAX`) in a field switches that limit off.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Entries in the central directory.
    pub entries: u64,
    /// Bytes of the central directory.
    pub directory_bytes: u64,
    /// Bytes of one name.
    pub name_bytes: u64,
    /// Decoded bytes of one entry.
    pub entry_bytes: u64,
    /// Decoded bytes of all entries of one run.
    pub total_bytes: u64,
    /// Decoded bytes per payload byte, of entries that are not free of it.
    pub ratio: u64,
    /// Entries with fewer decoded bytes than this may have any ratio: files of zeros (images of
    /// disks, databases, logs that were allocated in advance) are common, and 1,030:1 by deflate.
    pub ratio_free_bytes: u64,
    /// Memory one decoder may take for its window or model.
    pub window_bytes: u64,
}

impl Limits {
    /// No limit at all, for archives of one's own.
    #[must_use]
    pub const fn none() -> Self {
        Self {
            entries: u64::MAX,
            directory_bytes: u64::MAX,
            name_bytes: u64::MAX,
            entry_bytes: u64::MAX,
            total_bytes: u64::MAX,
            ratio: u64::MAX,
            ratio_free_bytes: u64::MAX,
            window_bytes: u64::MAX,
        }
    }
}

impl Default for Limits {
    /// Room for every archive that tools write of real data, and a stop for bombs.
    fn default() -> Self {
        Self {
            entries: 1 << 28,
            directory_bytes: 1 << 32,
            name_bytes: 65_535,
            entry_bytes: 1 << 40,
            total_bytes: 1 << 42,
            ratio: 1_000,
            ratio_free_bytes: 64 << 20,
            window_bytes: 128 << 20,
        }
    }
}
