//! What a walk needs to know of a file, out of one `stat`.

use std::fs::Metadata;
use std::io;
use std::path::Path;
use std::time::SystemTime;

use zip_format::attributes::Kind;
use zip_format::extra::unix::Owner;

/// A file, whatever its path: device and number on Unix, its canonical path elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FileId(Identity);

#[cfg(unix)]
type Identity = (u64, u64);
#[cfg(not(unix))]
type Identity = std::path::PathBuf;

impl FileId {
    /// The file at `path`, links followed.
    ///
    /// # Errors
    /// What the system says; `NotFound` where there is none.
    pub fn of(path: &Path) -> io::Result<Self> {
        #[cfg(unix)]
        return Ok(Self(identity(&std::fs::metadata(path)?)));
        #[cfg(not(unix))]
        return Ok(Self(std::fs::canonicalize(path)?));
    }
}

#[cfg(unix)]
fn identity(metadata: &Metadata) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt;
    (metadata.dev(), metadata.ino())
}

/// What shows that a file was written to: its length and its times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    pub(super) len: u64,
    modified: Option<SystemTime>,
}

impl Stamp {
    pub(super) fn new(metadata: &Metadata) -> Self {
        Self { len: metadata.len(), modified: metadata.modified().ok() }
    }
}

/// What is kept of a `stat`.
#[derive(Clone, Debug)]
pub(super) struct Facts {
    pub(super) kind: Kind,
    pub(super) len: u64,
    pub(super) stamp: Stamp,
    /// It has fewer blocks than its length takes.
    pub(super) has_holes: bool,
    /// Permission bits; `None` where the system has none.
    pub(super) permissions: Option<u32>,
    pub(super) modified: Option<i64>,
    pub(super) owner: Option<Owner>,
    #[cfg(unix)]
    identity: (u64, u64),
}

impl Facts {
    pub(super) fn new(metadata: &Metadata) -> Self {
        let file_type = metadata.file_type();
        let kind = if file_type.is_symlink() {
            Kind::Symlink
        } else if file_type.is_dir() {
            Kind::Directory
        } else if file_type.is_file() {
            Kind::File
        } else {
            Kind::Special
        };
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            Self {
                kind,
                len: metadata.len(),
                stamp: Stamp::new(metadata),
                has_holes: metadata.blocks().saturating_mul(512) < metadata.len(),
                permissions: Some(metadata.mode() & 0o7777),
                modified: Some(metadata.mtime()),
                owner: Some(Owner { uid: metadata.uid(), gid: metadata.gid() }),
                identity: identity(metadata),
            }
        }
        #[cfg(not(unix))]
        {
            use std::time::UNIX_EPOCH;
            let seconds = |modified: SystemTime| match modified.duration_since(UNIX_EPOCH) {
                Ok(after) => i64::try_from(after.as_secs()).ok(),
                Err(before) => i64::try_from(before.duration().as_secs()).ok().map(|s| -s),
            };
            let permissions = metadata.permissions().readonly().then_some(0o444);
            let modified = metadata.modified().ok().and_then(seconds);
            Self {
                kind,
                len: metadata.len(),
                stamp: Stamp::new(metadata),
                has_holes: false,
                permissions,
                modified,
                owner: None,
            }
        }
    }

    /// The file's identity.
    #[cfg(unix)]
    pub(super) fn id(&self, _path: &Path) -> Option<FileId> {
        Some(FileId(self.identity))
    }

    /// The file's identity, for which the system must be asked.
    #[cfg(not(unix))]
    pub(super) fn id(&self, path: &Path) -> Option<FileId> {
        FileId::of(path).ok()
    }
}
