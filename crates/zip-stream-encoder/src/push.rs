//! The machine into a [`Sink`], through one buffer that headers and sources share.

use zip_io::Sink;

use crate::content::{Contained, Opened};
use crate::drive::Drive;
use crate::error::{Error, Result};
use crate::machine::{Fed, Want};

/// Bytes gathered before a write.
const BUFFER: usize = 256 << 10;
/// With less room than this, what is there is written before a source is read.
const LEAST_READ: usize = 64 << 10;
/// What is in memory in pieces of this size is written from where it is.
const DIRECT: usize = 32 << 10;

/// A sink behind a buffer.
struct Out<'s> {
    sink: &'s mut dyn Sink,
    buffer: Vec<u8>,
    filled: usize,
    written: u64,
}

impl Out<'_> {
    fn flush(&mut self) -> Result<()> {
        let filled = self.buffer.get(..self.filled).unwrap_or(&self.buffer);
        if !filled.is_empty() {
            self.sink.write_all(filled).map_err(Error::Sink)?;
        }
        self.written += self.filled as u64;
        self.filled = 0;
        Ok(())
    }

    fn put(&mut self, bytes: &[u8]) -> Result<()> {
        if bytes.len() > self.buffer.len() - self.filled {
            self.flush()?;
        }
        if bytes.len() >= DIRECT {
            self.flush()?;
            self.written += bytes.len() as u64;
            return self.sink.write_all(bytes).map_err(Error::Sink);
        }
        if let Some(room) = self.buffer.get_mut(self.filled..self.filled + bytes.len()) {
            room.copy_from_slice(bytes);
            self.filled += bytes.len();
        }
        Ok(())
    }
}

/// Writes all there is, and finishes the sink.
pub(crate) fn write_to<C: Contained>(drive: &mut Drive<C>, sink: &mut dyn Sink) -> Result<u64> {
    check(sink)?;
    let mut out = Out { sink, buffer: vec![0; BUFFER], filled: 0, written: 0 };
    loop {
        match drive.want()? {
            Want::Take => {
                let ready = drive.machine.ready();
                let len = ready.len();
                out.put(ready)?;
                drive.machine.took(len);
            }
            Want::Input { most } => pour(drive, most, &mut out)?,
            Want::Done => break,
            Want::Open { .. } | Want::Close => return Err(Error::Ended),
        }
    }
    out.flush()?;
    out.sink.finish().map_err(Error::Sink)?;
    Ok(out.written)
}

/// Refuses a sink that would have to be asked where each record goes.
pub(crate) fn check(sink: &dyn Sink) -> Result<()> {
    if sink.room() == u64::MAX { Ok(()) } else { Err(Error::VolumesBelow) }
}

/// Takes the next bytes of what is open to the sink.
fn pour<C: Contained>(drive: &mut Drive<C>, most: u64, out: &mut Out<'_>) -> Result<()> {
    if let Some(Opened::Bytes(bytes)) = &mut drive.open {
        // In steps that stay in the cache between the checksum and the copy.
        let len = usize::try_from(most).unwrap_or(usize::MAX).min(bytes.len()).min(BUFFER);
        let bytes = bytes.split_to(len);
        return match drive.machine.feed(&bytes)? {
            Fed::Pass(len) => out.put(bytes.get(..len).unwrap_or(&bytes)),
            Fed::Used(_) => Ok(()),
        };
    }
    if out.buffer.len() - out.filled < LEAST_READ {
        out.flush()?;
    }
    let room = out.buffer.get_mut(out.filled..).unwrap_or_default();
    let read = drive.read(most, room)?;
    if let Fed::Pass(len) = drive.machine.feed(room.get(..read).unwrap_or(&[]))? {
        out.filled += len;
    }
    Ok(())
}
