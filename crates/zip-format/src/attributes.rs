//! External file attributes, APPNOTE 4.4.15: a Unix mode above, DOS bits below.

use crate::version::{Host, MadeBy};

/// What an entry is, as far as its headers tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// A regular file. Also what was read from a pipe: Info-ZIP (`zip -`) and 7-Zip (`-si`) keep
    /// the mode of the pipe with it, and every tool extracts its contents to a file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link; the contents are its target.
    Symlink,
    /// A device, socket or named FIFO: never created by us.
    Special,
}

impl Kind {
    /// The word for it in listings.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Directory => "dir",
            Self::Symlink => "symlink",
            Self::Special => "special",
        }
    }
}

/// The external attributes field with the host that gives it meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Attributes {
    /// The field as it stands in the central header.
    pub external: u32,
    /// The host that wrote it.
    pub host: Host,
}

/// File type bits of a Unix mode.
const TYPE_MASK: u32 = 0o170_000;
/// Regular file.
const TYPE_FILE: u32 = 0o100_000;
/// Directory.
const TYPE_DIRECTORY: u32 = 0o040_000;
/// The modes of pipes without a name, which contents were read from: those of Linux and of macOS.
/// A FIFO has a name, and as a rule the mode of a file beside the type.
const PIPE_MODES: [u32; 2] = [0o010_600, 0o010_660];
/// Symbolic link.
const TYPE_SYMLINK: u32 = 0o120_000;
/// The directory bit of MS-DOS.
const DOS_DIRECTORY: u32 = 0x10;
/// The read-only bit of MS-DOS.
const DOS_READ_ONLY: u32 = 0x01;

impl Attributes {
    /// Attributes of a Unix file of this kind and these permission bits.
    #[must_use]
    pub const fn unix(kind: Kind, permissions: u32) -> Self {
        let (type_bits, dos) = match kind {
            Kind::Directory => (TYPE_DIRECTORY, DOS_DIRECTORY),
            Kind::Symlink => (TYPE_SYMLINK, 0),
            Kind::File | Kind::Special => (TYPE_FILE, 0),
        };
        let read_only = if permissions & 0o222 == 0 { DOS_READ_ONLY } else { 0 };
        let mode = type_bits | (permissions & 0o7777);
        Self { external: mode << 16 | dos | read_only, host: MadeBy::PZIP.host() }
    }

    /// The Unix mode with its type bits, if the host kept one and it is not zero.
    #[must_use]
    pub const fn unix_mode(self) -> Option<u32> {
        let mode = self.external >> 16;
        if self.host.has_unix_mode() && mode != 0 { Some(mode) } else { None }
    }

    /// What the attributes say the entry is; `None` where they say nothing.
    #[must_use]
    pub const fn kind(self) -> Option<Kind> {
        if let Some(mode) = self.unix_mode() {
            match mode & TYPE_MASK {
                TYPE_FILE => return Some(Kind::File),
                _ if mode == PIPE_MODES[0] || mode == PIPE_MODES[1] => return Some(Kind::File),
                TYPE_DIRECTORY => return Some(Kind::Directory),
                TYPE_SYMLINK => return Some(Kind::Symlink),
                0 => {}
                _ => return Some(Kind::Special),
            }
        }
        // The low byte has MS-DOS bits whatever the host (APPNOTE 4.4.15).
        if self.external & DOS_DIRECTORY != 0 { Some(Kind::Directory) } else { None }
    }

    /// The DOS read-only bit.
    #[must_use]
    pub const fn read_only(self) -> bool {
        self.external & DOS_READ_ONLY != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_and_kinds() {
        let link = Attributes::unix(Kind::Symlink, 0o777);
        assert_eq!(link.unix_mode(), Some(0o120_777));
        assert_eq!(link.kind(), Some(Kind::Symlink));
        for (mode, kind) in [
            (0o010_600, Kind::File),
            (0o010_660, Kind::File),
            (0o010_644, Kind::Special),
            (0o020_644, Kind::Special),
            (0o060_644, Kind::Special),
            (0o140_644, Kind::Special),
            (0o170_644, Kind::Special),
        ] {
            let attributes = Attributes { external: mode << 16, host: Host::UNIX };
            assert_eq!(attributes.kind(), Some(kind), "{mode:o}");
        }
        let dos = Attributes { external: 0x10, host: Host::FAT };
        assert_eq!((dos.kind(), dos.unix_mode()), (Some(Kind::Directory), None));
        assert_eq!(Attributes { external: 0, host: Host::UNIX }.kind(), None);
    }
}
