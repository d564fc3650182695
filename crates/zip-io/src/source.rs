//! The contract of a finished archive's bytes: positioned, shared, thread-safe.

use std::fs::File;
use std::io;
use std::sync::Arc;

use zip_format::position::Position;

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
    /// What the system says.
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

    /// All bytes at once, where they are in memory: the door to reading without a copy.
    fn as_slice(&self) -> Option<&[u8]> {
        None
    }

    /// The file, where the source is one whole file: the door to copies inside of the system.
    fn as_file(&self) -> Option<&File> {
        None
    }

    /// Offset in the whole of a position on a volume; `None` if there is no such volume.
    fn resolve(&self, position: Position) -> Option<u64> {
        (position.disk == 0).then_some(position.offset)
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
            fn as_slice(&self) -> Option<&[u8]> {
                (**self).as_slice()
            }
            fn as_file(&self) -> Option<&File> {
                (**self).as_file()
            }
            fn resolve(&self, position: Position) -> Option<u64> {
                (**self).resolve(position)
            }
        })*
    };
}

forward! {
    impl[S: Source + ?Sized] &S;
    impl[S: Source + ?Sized] Box<S>;
    impl[S: Source + ?Sized] Arc<S>;
}
