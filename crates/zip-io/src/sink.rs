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

    /// Ends the archive: everything written is in its final place when this returns. Dropping a
    /// sink without this call leaves nothing behind where the sink can help it.
    ///
    /// # Errors
    /// What the system says.
    fn finish(&mut self) -> io::Result<()>;
}

impl<S: Sink + ?Sized> Sink for &mut S {
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
    fn finish(&mut self) -> io::Result<()> {
        (**self).finish()
    }
}

impl<S: Sink + ?Sized> Sink for Box<S> {
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
    fn finish(&mut self) -> io::Result<()> {
        (**self).finish()
    }
}
