//! The deviations a reader may put up with, as flags. Their meaning is in [`crate::profile`], from
//! where they are exported.

bitflags::bitflags! {
    /// Deviations a reader puts up with.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub struct Relax: u32 {
        /// Bytes before the first record: self-extractors, zipapps. On by default.
        const PREFIX = 1;
        /// Bytes after the end of central directory record.
        const TRAILING = 1 << 1;
        /// Bytes between records that belong to none: deleted members, padding, hidden files.
        const GAPS = 1 << 2;
        /// Two entries with one name.
        const DUPLICATES = 1 << 3;
        /// A count in the end record that is only right modulo 65,536 (writers without zip64).
        const COUNT = 1 << 4;
        /// An end record signature inside the archive comment, or a second end record.
        const END_IN_COMMENT = 1 << 5;
        /// A data descriptor that differs from the central header, is missing, or has a form
        /// that its headers do not announce.
        const DESCRIPTOR = 1 << 6;
        /// A name flagged as UTF-8 that is none.
        const BAD_UTF8 = 1 << 7;
        /// A deflated entry of size zero without a single payload byte.
        const EMPTY_DEFLATE = 1 << 8;
        /// An AE-2 entry that keeps the CRC-32 of its contents, which AE-2 is there to hide.
        const AE2_CRC = 1 << 9;
        /// A zip64 record of zeros that no slot refers to, beside sizes that are none.
        const ZEROED_ZIP64 = 1 << 10;
        /// A local name in code page 437 that the directory gives in UTF-8.
        const RECODED_NAMES = 1 << 11;
    }
}

/// Names of the flags as the command line spells them.
const NAMES: [(Relax, &str); 12] = [
    (Relax::PREFIX, "prefix"),
    (Relax::TRAILING, "trailing"),
    (Relax::GAPS, "gaps"),
    (Relax::DUPLICATES, "duplicates"),
    (Relax::COUNT, "count"),
    (Relax::END_IN_COMMENT, "end-in-comment"),
    (Relax::DESCRIPTOR, "descriptor"),
    (Relax::BAD_UTF8, "bad-utf8"),
    (Relax::EMPTY_DEFLATE, "empty-deflate"),
    (Relax::AE2_CRC, "ae2-crc"),
    (Relax::ZEROED_ZIP64, "zeroed-zip64"),
    (Relax::RECODED_NAMES, "recoded-names"),
];

impl Default for Relax {
    fn default() -> Self {
        Self::STRICT
    }
}

impl Relax {
    /// The default of everything that reads contents: only a prefix is accepted.
    pub const STRICT: Self = Self::PREFIX;

    /// The default of listing: everything that can be named is accepted.
    pub const LENIENT: Self = Self::all();

    /// The flag of this name.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        NAMES.iter().find(|(_, n)| *n == name).map(|(flag, _)| *flag)
    }

    /// The names of the flags that are set, in a fixed order.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        NAMES.iter().filter(move |(flag, _)| self.contains(*flag)).map(|(_, name)| *name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_flag_has_one_name() {
        let named = NAMES.iter().fold(Relax::empty(), |all, (flag, _)| all | *flag);
        assert_eq!(named, Relax::all());
        assert_eq!(Relax::by_name("gaps"), Some(Relax::GAPS));
        assert!(Relax::STRICT.names().eq(["prefix"]));
    }
}
