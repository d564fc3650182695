//! A payload on its way from a worker to the archive: in memory up to a cap, then in an unnamed
//! temporary file.

use std::io::{self, Read, Seek, SeekFrom, Write};

use tempfile::SpooledTempFile;

use crate::sink::Sink;

/// Bytes written once and read once, in order.
#[derive(Debug)]
pub struct Spool {
    file: SpooledTempFile,
    len: u64,
}

impl Spool {
    /// A spool that keeps up to `memory` bytes in memory.
    #[must_use]
    pub fn new(memory: usize) -> Self {
        Self { file: SpooledTempFile::new(memory), len: 0 }
    }

    /// Number of bytes.
    #[must_use]
    pub const fn len(&self) -> u64 {
        self.len
    }

    /// True when nothing was written.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// True once the bytes are in a file.
    #[must_use]
    pub fn is_on_disk(&self) -> bool {
        self.file.is_rolled()
    }

    /// Takes more bytes.
    ///
    /// # Errors
    /// What the system says of the temporary file: a full disk, for one.
    pub fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.len = self.len.saturating_add(bytes.len() as u64);
        Ok(())
    }

    /// Passes all bytes on, through `buffer`, and empties the spool.
    ///
    /// # Errors
    /// What the system, or the sink, says.
    pub fn drain(&mut self, sink: &mut dyn Sink, buffer: &mut [u8]) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(0))?;
        let mut left = self.len;
        while left > 0 {
            let read = match self.file.read(buffer) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            sink.write_all(buffer.get(..read).unwrap_or(&[]))?;
            left = left.saturating_sub(read as u64);
        }
        self.len = 0;
        self.file.seek(SeekFrom::Start(0))?;
        self.file.set_len(0)
    }
}
