//! The contract of a finished archive's bytes: positioned, shared, thread-safe.

use std::fs::File;
use std::io;
use std::sync::Arc;

use zip_format::position::{Position, Span, VolumeMap};

/// A file at its current place, for sources that are files themselves and can have the system copy
/// from the one to the other.
#[derive(Clone, Copy, Debug)]
pub struct OpenFile<'f>(pub &'f File);

/// Bytes of a finished archive, read by position from any thread.
pub trait Source: Send + Sync {
    /// Number of bytes. It does not change.
    fn len(&self) -> u64;

    /// True when there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Reads some bytes at `at`; zero only at the end, or for an empty buffer.
    ///
    /// # Errors
    /// What the system says; `InvalidData` where a source that decodes finds wrong bytes below.
    fn read_at(&self, buf: &mut [u8], at: u64) -> io::Result<usize>;

    /// Fills the buffer with the bytes at `at`.
    ///
    /// # Errors
    /// `UnexpectedEof` where the source ends, also when it became shorter than it was.
    fn read_exact_at(&self, mut buf: &mut [u8], mut at: u64) -> io::Result<()> {
        while !buf.is_empty() {
            match self.read_at(buf, at) {
                Ok(0) => {
                    let text = format!("source ends at offset {at}; was it cut off meanwhile?");
                    return Err(io::Error::new(io::ErrorKind::UnexpectedEof, text));
                }
                Ok(read) => {
                    buf = buf.get_mut(read..).ok_or_else(lied)?;
                    at = at.saturating_add(read as u64);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Copies up to `len` bytes at `at` to the current place of `file` without passing them through
    /// this process, and says how many; zero where that cannot be done, or not here.
    ///
    /// # Errors
    /// What the system says of the file: a full disk, for one.
    fn copy_to_file(&self, at: u64, len: u64, file: OpenFile<'_>) -> io::Result<u64> {
        let _ = (at, len, file);
        Ok(0)
    }

    /// All bytes at once, where they are in memory: the door to reading without a copy.
    fn as_slice(&self) -> Option<&[u8]> {
        None
    }

    /// Where the volumes start in the whole, if the records of the archive name volumes; fewer
    /// than two starts where there is one.
    fn volume_starts(&self) -> &[u64] {
        &[]
    }

    /// The volumes as readers understand positions with.
    fn volumes(&self) -> VolumeMap<'_> {
        VolumeMap::new(self.volume_starts(), self.len())
    }

    /// Offset in the whole of a position on a volume; `None` if there is no such volume, or if it
    /// ends before.
    fn resolve(&self, position: Position) -> Option<u64> {
        self.volumes().resolve(position)
    }

    /// An error if bytes of this span cannot be had although the source is open: a volume is
    /// missing. Reads nothing.
    ///
    /// # Errors
    /// Which volume that is.
    fn probe(&self, span: Span) -> io::Result<()> {
        let _ = span;
        Ok(())
    }
}

fn lied() -> io::Error {
    io::Error::other("source claims to have read more than it was asked for")
}

macro_rules! forward {
    ($($(#[$doc:meta])* impl[$($generic:tt)*] $type:ty;)*) => {
        $($(#[$doc])* impl<$($generic)*> Source for $type {
            fn len(&self) -> u64 {
                (**self).len()
            }
            fn read_at(&self, buf: &mut [u8], at: u64) -> io::Result<usize> {
                (**self).read_at(buf, at)
            }
            fn copy_to_file(&self, at: u64, len: u64, file: OpenFile<'_>) -> io::Result<u64> {
                (**self).copy_to_file(at, len, file)
            }
            fn as_slice(&self) -> Option<&[u8]> {
                (**self).as_slice()
            }
            fn volume_starts(&self) -> &[u64] {
                (**self).volume_starts()
            }
            fn probe(&self, span: Span) -> io::Result<()> {
                (**self).probe(span)
            }
        })*
    };
}

forward! {
    impl[S: Source + ?Sized] &S;
    impl[S: Source + ?Sized] Box<S>;
    impl[S: Source + ?Sized] Arc<S>;
}
