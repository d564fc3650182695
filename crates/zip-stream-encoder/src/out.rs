//! A sink behind a buffer: small pieces are gathered, large ones go out from where they are.

use zip_io::Sink;

use crate::error::{Error, Result};

/// Bytes gathered before a write.
pub(crate) const BUFFER: usize = 256 << 10;
/// What is in memory in pieces of this size is written from where it is.
const DIRECT: usize = 32 << 10;

/// Writes to a sink, unless that would have to be asked where each record goes.
pub(crate) fn write(sink: &mut dyn Sink, bytes: &[u8]) -> Result<()> {
    if sink.room() != u64::MAX {
        return Err(Error::VolumesBelow);
    }
    sink.write_all(bytes).map_err(Error::Sink)
}

/// A sink behind a buffer.
pub(crate) struct Out<'s> {
    sink: &'s mut dyn Sink,
    buffer: Vec<u8>,
    filled: usize,
    written: u64,
}

impl<'s> Out<'s> {
    pub(crate) fn new(sink: &'s mut dyn Sink) -> Self {
        Self { sink, buffer: vec![0; BUFFER], filled: 0, written: 0 }
    }

    pub(crate) fn flush(&mut self) -> Result<()> {
        let waiting = self.buffer.get(..self.filled).unwrap_or(&[]);
        if !waiting.is_empty() {
            write(self.sink, waiting)?;
        }
        self.written += waiting.len() as u64;
        self.filled = 0;
        Ok(())
    }

    pub(crate) fn put(&mut self, bytes: &[u8]) -> Result<()> {
        if bytes.len() > self.buffer.len() - self.filled {
            self.flush()?;
        }
        if bytes.len() >= DIRECT {
            self.flush()?;
            self.written += bytes.len() as u64;
            return write(self.sink, bytes);
        }
        if let Some(room) = self.buffer.get_mut(self.filled..self.filled + bytes.len()) {
            room.copy_from_slice(bytes);
            self.filled += bytes.len();
        }
        Ok(())
    }

    /// Room for at least so many bytes, which somebody else fills and [adds](Out::add).
    pub(crate) fn room(&mut self, least: usize) -> Result<&mut [u8]> {
        if self.buffer.len() - self.filled < least {
            self.flush()?;
        }
        Ok(self.buffer.get_mut(self.filled..).unwrap_or_default())
    }

    /// The first so many bytes of the room were filled.
    pub(crate) fn add(&mut self, bytes: usize) {
        self.filled = self.filled.saturating_add(bytes).min(self.buffer.len());
    }

    /// Writes what is left and finishes the sink; returns the number of bytes.
    pub(crate) fn finish(mut self) -> Result<u64> {
        self.flush()?;
        self.sink.finish().map_err(Error::Sink)?;
        Ok(self.written)
    }
}
