//! The passwords of an archive: none, one, several that are tried, or one by entry.

#[cfg(feature = "crypto")]
use std::sync::Arc;

#[cfg(feature = "crypto")]
use zip_codec::member::Password;
#[cfg(feature = "crypto")]
use zip_format::entry::Entry;

/// Passwords that may open the entries of an archive; none by default. Cheap to clone.
///
/// Without the feature `crypto` there are none, and encrypted entries are not in this build.
#[derive(Clone, Default)]
pub struct Passwords {
    #[cfg(feature = "crypto")]
    given: Given,
    #[cfg(feature = "crypto")]
    required: bool,
}

#[cfg(feature = "crypto")]
#[derive(Clone, Default)]
enum Given {
    #[default]
    None,
    List(Arc<[Password]>),
    ByEntry(Arc<ByEntry>),
}

#[cfg(feature = "crypto")]
type ByEntry = dyn Fn(usize, &Entry<'_>) -> Vec<Password> + Send + Sync;

#[cfg(feature = "crypto")]
impl Passwords {
    /// One for all entries.
    #[must_use]
    pub fn one(password: Password) -> Self {
        Self::list([password])
    }

    /// Several, of which each entry may have any. They are tried in turn, beginning with the one
    /// that opened the entry before; each costs a key derivation, 0.05 to 0.2 ms.
    #[must_use]
    pub fn list(passwords: impl IntoIterator<Item = Password>) -> Self {
        Self { given: Given::List(passwords.into_iter().collect()), required: false }
    }

    /// Asked for each encrypted entry, by its number and what the directory says of it.
    ///
    /// *Threads*: called from all that read.
    #[must_use]
    pub fn by_entry(
        passwords: impl Fn(usize, &Entry<'_>) -> Vec<Password> + Send + Sync + 'static,
    ) -> Self {
        Self { given: Given::ByEntry(Arc::new(passwords)), required: false }
    }

    /// Entries that are not encrypted are an error, [`zip_crypto::Error::NotEncrypted`], but for
    /// directories: whoever can change an archive can put plain entries in place of encrypted
    /// ones.
    ///
    /// [`zip_crypto::Error::NotEncrypted`]: zip_codec::error::Error::Crypto
    #[must_use]
    pub fn require_encryption(self) -> Self {
        Self { required: true, ..self }
    }

    pub(crate) const fn is_required(&self) -> bool {
        self.required
    }

    /// Those of one entry.
    pub(crate) fn of(&self, index: usize, entry: &Entry<'_>) -> Arc<[Password]> {
        match &self.given {
            Given::None => Arc::new([]),
            Given::List(list) => list.clone(),
            Given::ByEntry(ask) => ask(index, entry).into(),
        }
    }

    /// All entries have the same.
    pub(crate) const fn is_shared(&self) -> bool {
        matches!(self.given, Given::List(_))
    }
}

impl std::fmt::Debug for Passwords {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Passwords")
    }
}
