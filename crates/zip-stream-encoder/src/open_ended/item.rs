//! Entries of an archive whose size nobody promises.

use std::io::{self, Read};

use zip_format::attributes::{Attributes, Kind};
use zip_format::directory::build::Meta;
use zip_format::extra::unix::Owner;

use crate::error::shown;

/// One entry, with what opens its contents.
pub struct Item<'i> {
    /// Name, as in [`crate::Entry`].
    pub name: Vec<u8>,
    /// Comment.
    pub comment: Vec<u8>,
    /// Last modification, in seconds since 1970 UTC.
    pub modified: Option<i64>,
    /// Kind and mode.
    pub attributes: Attributes,
    /// Owner, if it is to be kept.
    pub owner: Option<Owner>,
    /// Bytes that the contents surely do not exceed. Below 4 GiB the descriptor is narrow, which
    /// more readers understand that go forward only.
    pub at_most: u64,
    /// Opens the contents when their turn comes; `None` for a directory.
    pub open: Option<Open<'i>>,
}

/// Opens contents.
pub type Open<'i> = Box<dyn FnOnce() -> io::Result<Box<dyn Read + Send + 'i>> + Send + 'i>;

impl std::fmt::Debug for Item<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Item").field("name", &shown(&self.name)).finish_non_exhaustive()
    }
}

impl<'i> Item<'i> {
    fn new(name: impl Into<Vec<u8>>, kind: Kind, permissions: u32, open: Option<Open<'i>>) -> Self {
        Self {
            name: name.into(),
            comment: Vec::new(),
            modified: None,
            attributes: Attributes::unix(kind, permissions),
            owner: None,
            at_most: u64::MAX,
            open,
        }
    }

    /// A file of mode 644 with all that is read from what `open` returns.
    pub fn file<R: Read + Send + 'i>(
        name: impl Into<Vec<u8>>,
        open: impl FnOnce() -> io::Result<R> + Send + 'i,
    ) -> Self {
        let open: Open<'i> = Box::new(move || Ok(Box::new(open()?)));
        Self::new(name, Kind::File, 0o644, Some(open))
    }

    /// A directory of mode 755; the name must end in `/`.
    pub fn directory(name: impl Into<Vec<u8>>) -> Self {
        Self::new(name, Kind::Directory, 0o755, None)
    }

    /// With this time of modification, in seconds since 1970 UTC.
    #[must_use]
    pub const fn with_modified(mut self, seconds: i64) -> Self {
        self.modified = Some(seconds);
        self
    }

    /// With contents of at most so many bytes; more are an error.
    #[must_use]
    pub const fn with_at_most(mut self, bytes: u64) -> Self {
        self.at_most = bytes;
        self
    }

    /// What the headers say.
    pub(crate) fn meta(&self) -> Meta<'_> {
        Meta {
            name: &self.name,
            comment: &self.comment,
            modified: self.modified,
            attributes: self.attributes,
            owner: self.owner,
        }
    }
}
