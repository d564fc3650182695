//! The contract of an archive being written: forward only, with positions.

use std::io;

use zip_format::position::Position;

use crate::source::Source;

/// Takes the bytes of an archive in their order.
pub trait Sink: Send {
    /// Takes all of `bytes`.
    ///
    /// # Errors
    /// What the system says. The sink is then of no further use.
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Takes up to `len` bytes at `at` of a source without passing them through this process, and
    /// says how many; zero where that cannot be done, and [`Sink::write_all`] has to.
    ///
    /// # Errors
    /// What the system says. The sink is then of no further use.
    fn copy_from(&mut self, source: &dyn Source, at: u64, len: u64) -> io::Result<u64> {
        let _ = (source, at, len);
        Ok(0)
    }

    /// Where the next byte goes.
    fn position(&self) -> Position;

    /// Says that the next `len` bytes are one record and must not be parted (APPNOTE 8.5.2);
    /// returns where they go. A sink over volumes starts a new one here if it must.
    ///
    /// # Errors
    /// What the system says.
    fn reserve(&mut self, len: u64) -> io::Result<Position> {
        let _ = len;
        Ok(self.position())
    }

    /// Bytes that still go to the volume of [`Sink::position`]; a record no longer than that is
    /// reserved without starting a new one.
    fn room(&self) -> u64 {
        u64::MAX
    }

    /// Bytes of the archive so far, on all volumes.
    fn written(&self) -> u64 {
        self.position().offset
    }

    /// Whether [`Sink::rewind`] and [`Sink::patch`] work.
    fn can_rewind(&self) -> bool {
        false
    }

    /// Forgets everything from `to` on; the next byte goes there.
    ///
    /// # Errors
    /// What the system says; `Unsupported` where [`Sink::can_rewind`] is false. The sink is then
    /// of no further use.
    fn rewind(&mut self, to: Position) -> io::Result<()> {
        let _ = to;
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Replaces bytes that were written; the position stays.
    ///
    /// # Errors
    /// As [`Sink::rewind`].
    fn patch(&mut self, at: Position, bytes: &[u8]) -> io::Result<()> {
        let _ = (at, bytes);
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Ends the archive: everything written is in its final place when this returns. Dropping a
    /// sink without this call leaves nothing behind where the sink can help it.
    ///
    /// # Errors
    /// What the system says.
    fn finish(&mut self) -> io::Result<()>;
}

/// What leads to a sink is one. Every method is passed on, so that none falls back to its default.
macro_rules! passed_on {
    ($($pointer:ty),*) => {$(
        impl<S: Sink + ?Sized> Sink for $pointer {
            fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
                (**self).write_all(bytes)
            }
            fn copy_from(&mut self, source: &dyn Source, at: u64, len: u64) -> io::Result<u64> {
                (**self).copy_from(source, at, len)
            }
            fn position(&self) -> Position {
                (**self).position()
            }
            fn reserve(&mut self, len: u64) -> io::Result<Position> {
                (**self).reserve(len)
            }
            fn room(&self) -> u64 {
                (**self).room()
            }
            fn written(&self) -> u64 {
                (**self).written()
            }
            fn can_rewind(&self) -> bool {
                (**self).can_rewind()
            }
            fn rewind(&mut self, to: Position) -> io::Result<()> {
                (**self).rewind(to)
            }
            fn patch(&mut self, at: Position, bytes: &[u8]) -> io::Result<()> {
                (**self).patch(at, bytes)
            }
            fn finish(&mut self) -> io::Result<()> {
                (**self).finish()
            }
        }
    )*};
}

passed_on!(&mut S, Box<S>);
