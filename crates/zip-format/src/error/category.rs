//! Classes of errors: what a caller decides by.

/// The class of an error, the same for every crate of the family.
///
/// Exit codes, C status values and Python exceptions are tables over this enum, written once each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Category {
    /// The bytes are no ZIP archive: no end of central directory record was found.
    NotZip,
    /// A ZIP archive whose records or payloads contradict themselves or each other.
    Damaged,
    /// A lawful archive that asks for something nobody here can do.
    Unsupported,
    /// Something we can do, but not in this build: a cargo feature is off.
    NotBuiltIn,
    /// The password is missing or wrong.
    Password,
    /// A limit was reached: entries, output bytes, ratio, window size.
    Limit,
    /// Refused because carrying it out would be unsafe: a name that leaves the directory, say.
    Unsafe,
    /// The caller asked for something that makes no sense.
    Usage,
    /// The operating system, or a source or sink of the caller's, failed.
    Io,
    /// The caller cancelled.
    Cancelled,
}

impl Category {
    /// All classes, the gravest first: what speaks for a run in which several things failed.
    ///
    /// What may be an attack comes before what is broken, that before what may be well elsewhere
    /// or another time, and that before what can be had by asking otherwise.
    pub const BY_GRAVITY: [Self; 10] = [
        Self::Unsafe,
        Self::Damaged,
        Self::NotZip,
        Self::Limit,
        Self::Io,
        Self::Password,
        Self::Unsupported,
        Self::NotBuiltIn,
        Self::Usage,
        Self::Cancelled,
    ];

    /// The gravest of several.
    pub fn gravest(categories: impl IntoIterator<Item = Self>) -> Option<Self> {
        let rank = |category: Self| Self::BY_GRAVITY.iter().position(|&other| other == category);
        categories.into_iter().min_by_key(|&category| rank(category))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gravest_speaks_for_all() {
        use Category::{Cancelled, Damaged, Limit, Unsafe};
        assert_eq!(Category::gravest([]), None);
        assert_eq!(Category::gravest([Cancelled]), Some(Cancelled));
        assert_eq!(Category::gravest([Limit, Damaged, Cancelled]), Some(Damaged));
        assert_eq!(Category::gravest([Damaged, Unsafe]), Some(Unsafe));
    }
}
