//! One thing to add: name, attributes, contents, and what it wants differently from the rest.

use std::io::{self, Read};
use std::path::PathBuf;

use zip_codec::level::Level;
use zip_format::attributes::{Attributes, Kind};
use zip_format::extra::unix::Owner;
use zip_format::method::Method;
use zip_io::Input;
use zip_io::file::FileInput;
use zip_io::input::{LazyInput, ReadInput};
use zip_io::memory::BytesInput;

use crate::cipher::Encryption;
use crate::form::{Compressed, Form};
use crate::options::Options;

/// One entry to be written.
///
/// ```
/// use zip_parallel_writer::Item;
/// let text = Item::bytes("notes.txt", "remember").with_modified(1_700_000_000);
/// let file = Item::file("src/main.rs", "/home/me/src/main.rs").with_mode(0o644);
/// let link = Item::symlink("current", "releases/7");
/// ```
pub struct Item<'i> {
    /// Name in the archive, `/` between components, one more at the end of a directory. UTF-8 is
    /// marked as such; other bytes stay as they are.
    pub name: Vec<u8>,
    /// Kind and mode. Of a carried entry, these and all below are in its form.
    pub attributes: Attributes,
    /// Last modification, in seconds since 1970 UTC.
    pub modified: Option<i64>,
    /// Owner, if it is to be kept.
    pub owner: Option<Owner>,
    /// Comment.
    pub comment: Vec<u8>,
    /// Contents, or what `form` says these bytes are; `None` for a directory.
    pub contents: Option<Box<dyn Input + 'i>>,
    /// What the bytes of `contents` are.
    pub form: Form,
    /// Method, if not the archive's.
    pub method: Option<Method>,
    /// Level, if not the archive's.
    pub level: Option<Level>,
    /// Whether and how it is encrypted.
    #[cfg(feature = "crypto")]
    pub protection: Protection,
}

/// Whether and how an item is encrypted.
#[cfg(feature = "crypto")]
#[derive(Clone, Debug, Default)]
pub enum Protection {
    /// As [`Options::encryption`] says.
    #[default]
    Archive,
    /// Not at all, whatever the archive's items are.
    Plain,
    /// In this way.
    Encrypted(Encryption),
}

impl std::fmt::Debug for Item<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Item")
            .field("name", &String::from_utf8_lossy(&self.name))
            .field("attributes", &self.attributes)
            .finish_non_exhaustive()
    }
}

impl<'i> Item<'i> {
    pub(crate) fn new(name: impl Into<Vec<u8>>, kind: Kind, permissions: u32) -> Self {
        Self {
            name: name.into(),
            attributes: Attributes::unix(kind, permissions),
            modified: None,
            owner: None,
            comment: Vec::new(),
            contents: None,
            form: Form::Contents,
            method: None,
            level: None,
            #[cfg(feature = "crypto")]
            protection: Protection::Archive,
        }
    }

    /// A file whose contents come from any [`Input`], opened when its turn comes.
    pub fn input(name: impl Into<Vec<u8>>, contents: impl Input + 'i) -> Self {
        Self { contents: Some(Box::new(contents)), ..Self::new(name, Kind::File, 0o644) }
    }

    /// A file with these bytes: a `Vec<u8>`, a `&'static [u8]`, a `String`, an `Arc<[u8]>`.
    pub fn bytes(name: impl Into<Vec<u8>>, contents: impl AsRef<[u8]> + Send + 'i) -> Self {
        Self::input(name, BytesInput(contents))
    }

    /// A file with the contents of the one at `path`, opened when its turn comes.
    pub fn file(name: impl Into<Vec<u8>>, path: impl Into<PathBuf>) -> Self {
        Self::input(name, FileInput::new(path))
    }

    /// A file with all that a reader gives.
    pub fn read(name: impl Into<Vec<u8>>, reader: impl Read + Send + 'i) -> Self {
        Self::input(name, ReadInput::new(reader))
    }

    /// A file with all that the reader of `open` gives, which is called when the item's turn
    /// comes; `len` is the number of bytes, if known.
    pub fn open<R, F>(name: impl Into<Vec<u8>>, len: Option<u64>, open: F) -> Self
    where
        R: Read + Send + 'static,
        F: FnMut() -> io::Result<R> + Send + 'i,
    {
        Self::input(name, LazyInput::new(open, len))
    }

    /// A file whose payload was compressed elsewhere: `payload` gives that, and `facts` its
    /// method, sizes and CRC-32. Method and level of the archive do not matter to it.
    pub fn compressed(
        name: impl Into<Vec<u8>>,
        facts: Compressed,
        payload: impl Input + 'i,
    ) -> Self {
        Self { form: Form::Compressed(facts), ..Self::input(name, payload) }
    }

    /// A file whose contents are in a gzip file: its deflate stream becomes the payload as it is,
    /// after it was decoded once and found right. A time in it becomes the item's. Files of
    /// several members fail.
    pub fn gzip(name: impl Into<Vec<u8>>, file: impl Input + 'i) -> Self {
        Self { form: Form::Gzip, ..Self::input(name, file) }
    }

    /// A directory; a `/` is added where the name lacks it.
    pub fn directory(name: impl Into<Vec<u8>>) -> Self {
        let mut item = Self::new(name, Kind::Directory, 0o755);
        if !item.name.ends_with(b"/") {
            item.name.push(b'/');
        }
        item
    }

    /// A symbolic link to `target`, which is stored as its contents.
    pub fn symlink(name: impl Into<Vec<u8>>, target: impl Into<Vec<u8>>) -> Self {
        let contents: Box<dyn Input> = Box::new(BytesInput(target.into()));
        Self {
            contents: Some(contents),
            method: Some(Method::STORED),
            ..Self::new(name, Kind::Symlink, 0o777)
        }
    }

    /// With these Unix permission bits.
    #[must_use]
    pub fn with_mode(mut self, permissions: u32) -> Self {
        let kind = self.attributes.kind().unwrap_or(Kind::File);
        self.attributes = Attributes::unix(kind, permissions);
        self
    }

    /// With this modification time, in seconds since 1970 UTC.
    #[must_use]
    pub const fn with_modified(mut self, seconds: i64) -> Self {
        self.modified = Some(seconds);
        self
    }

    /// With this owner.
    #[must_use]
    pub const fn with_owner(mut self, owner: Owner) -> Self {
        self.owner = Some(owner);
        self
    }

    /// With this comment.
    #[must_use]
    pub fn with_comment(mut self, comment: impl Into<Vec<u8>>) -> Self {
        self.comment = comment.into();
        self
    }

    /// With this method instead of the archive's.
    #[must_use]
    pub const fn with_method(mut self, method: Method) -> Self {
        self.method = Some(method);
        self
    }

    /// With this level instead of the archive's.
    #[must_use]
    pub const fn with_level(mut self, level: Level) -> Self {
        self.level = Some(level);
        self
    }

    /// Encrypted in this way, and not as the archive's other items. Of a carried entry nothing
    /// changes.
    #[cfg(feature = "crypto")]
    #[must_use]
    pub fn with_encryption(mut self, encryption: Encryption) -> Self {
        self.protection = Protection::Encrypted(encryption);
        self
    }

    /// Not encrypted, even where the archive's other items are.
    #[cfg(feature = "crypto")]
    #[must_use]
    pub fn without_encryption(mut self) -> Self {
        self.protection = Protection::Plain;
        self
    }

    /// How its contents are encrypted, in an archive of these options.
    #[cfg_attr(not(feature = "crypto"), expect(clippy::unused_self, reason = "with it, it is"))]
    pub(crate) const fn encryption<'e>(
        &'e self,
        options: &'e Options<'_>,
    ) -> Option<&'e Encryption> {
        #[cfg(feature = "crypto")]
        return match &self.protection {
            Protection::Archive => options.encryption.as_ref(),
            Protection::Plain => None,
            Protection::Encrypted(encryption) => Some(encryption),
        };
        #[cfg(not(feature = "crypto"))]
        {
            let _ = options;
            None
        }
    }

    /// With this name instead; of a carried entry, too.
    #[must_use]
    pub fn with_name(mut self, name: impl Into<Vec<u8>>) -> Self {
        self.name = name.into();
        self
    }

    /// The name as text, escaped where it is none.
    pub(crate) fn text_name(&self) -> String {
        String::from_utf8_lossy(&self.name).into_owned()
    }

    /// Bytes of the contents, if known beforehand; a hint, since files change.
    #[must_use]
    pub fn len_hint(&self) -> Option<u64> {
        self.contents.as_ref().map_or(Some(0), Input::len_hint)
    }
}
