//! A directory tree as a sorted list that two runs can be compared by.

use std::collections::BTreeMap;
use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::Path;

/// Everything below a root: path relative to it, with `/` between the components, to what is there.
pub type Tree = BTreeMap<Vec<u8>, Node>;

/// One thing in a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// What it is, and what is in it.
    pub kind: Kind,
    /// The permission bits `0o777`; 0 where the system has none, and for links, whose mode means nothing.
    pub mode: u32,
    /// Set-user-id, set-group-id and sticky bits are set: what extraction must never leave behind.
    pub special_bits: bool,
    /// Modification time in whole seconds since 1970; 0 for links, which std cannot set.
    pub mtime_seconds: i64,
}

/// What a [`Node`] is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A directory.
    Directory,
    /// A regular file.
    File {
        /// CRC-32 of its contents.
        crc32: u32,
        /// Length of its contents.
        len: u64,
    },
    /// A symbolic link.
    Symlink {
        /// Where it points, as written in the link.
        target: Vec<u8>,
    },
    /// A pipe, socket or device. Not opened.
    Special,
}

/// The tree below `root`, without `root` itself. Links are not followed.
///
/// # Errors
/// Those of the file system.
pub fn tree_digest(root: &Path) -> io::Result<Tree> {
    let mut tree = Tree::new();
    walk(root, &[], &mut tree)?;
    Ok(tree)
}

fn walk(directory: &Path, prefix: &[u8], tree: &mut Tree) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let mut name = prefix.to_vec();
        name.extend_from_slice(entry.file_name().as_encoded_bytes());
        let path = entry.path();
        let metadata = fs::symlink_metadata(&path)?;
        let kind = if metadata.is_dir() {
            let mut below = name.clone();
            below.push(b'/');
            walk(&path, &below, tree)?;
            Kind::Directory
        } else if metadata.is_symlink() {
            let target = fs::read_link(&path)?;
            Kind::Symlink { target: target.as_os_str().as_encoded_bytes().to_vec() }
        } else if metadata.is_file() {
            let (crc32, len) = hash(&path)?;
            Kind::File { crc32, len }
        } else {
            Kind::Special
        };
        let link = metadata.is_symlink();
        let mode = if link { 0 } else { mode_of(&metadata) };
        let node = Node {
            kind,
            mode: mode & 0o777,
            special_bits: mode & 0o7000 != 0,
            mtime_seconds: if link { 0 } else { seconds_of(&metadata) },
        };
        tree.insert(name, node);
    }
    Ok(())
}

fn hash(path: &Path) -> io::Result<(u32, u64)> {
    let mut file = File::open(path)?;
    let mut hasher = crc32fast::Hasher::new();
    let mut buf = vec![0; 256 << 10];
    let mut len = 0;
    loop {
        let n = file.read(&mut buf)?;
        if n == 0 {
            return Ok((hasher.finalize(), len));
        }
        hasher.update(&buf[..n]);
        len += n as u64;
    }
}

fn seconds_of(metadata: &Metadata) -> i64 {
    let Ok(time) = metadata.modified() else {
        return 0;
    };
    match time.duration_since(std::time::UNIX_EPOCH) {
        Ok(after) => after.as_secs() as i64,
        Err(before) => -(before.duration().as_secs() as i64),
    }
}

#[cfg(unix)]
fn mode_of(metadata: &Metadata) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode()
}

#[cfg(not(unix))]
fn mode_of(_: &Metadata) -> u32 {
    0
}
