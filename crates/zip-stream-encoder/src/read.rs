//! The machine as [`Read`]: sources are read straight into the caller's buffer.

use std::io::{self, Read};

use crate::content::{Contained, Opened};
use crate::copy::copy;
use crate::drive::Drive;
use crate::error::{Error, Result};
use crate::machine::{Fed, Want};

/// An archive as a reader. Comes out of [`crate::Encoder::into_reader`].
///
/// *Limits*: what [`crate::Machine`] holds; no buffer of its own. Small buffers mean small reads
/// of the sources.
#[derive(Debug)]
pub struct Reader<C>(pub(crate) Drive<C>);

impl<C: Contained> Reader<C> {
    /// Reads some bytes; none only after the last, or into no room.
    ///
    /// # Errors
    /// As the iterator.
    pub fn read_some(&mut self, buf: &mut [u8]) -> Result<usize> {
        if buf.is_empty() {
            return Ok(0);
        }
        loop {
            match self.0.want()? {
                Want::Take => {
                    let ready = self.0.machine.ready();
                    let len = ready.len().min(buf.len());
                    if let (Some(to), Some(from)) = (buf.get_mut(..len), ready.get(..len)) {
                        to.copy_from_slice(from);
                    }
                    self.0.machine.took(len);
                    return Ok(len);
                }
                Want::Input { most } if matches!(self.0.open, Some(Opened::Bytes(_))) => {
                    match self.take(most, buf)? {
                        0 => {}
                        len => return Ok(len),
                    }
                }
                Want::Input { most } => {
                    let read = self.0.read(most, buf)?;
                    match self.0.machine.feed(buf.get(..read).unwrap_or(&[]))? {
                        Fed::Pass(len) if len > 0 => return Ok(len),
                        Fed::Pass(_) => {}
                        // What is not given out, or not as it is, does not stay with the caller.
                        Fed::Used(_) => buf.get_mut(..read).unwrap_or_default().fill(0),
                    }
                }
                Want::Done => return Ok(0),
                Want::Open { .. } | Want::Close => return Err(Error::Ended),
            }
        }
    }

    /// Copies from contents in memory; returns how many bytes were delivered.
    fn take(&mut self, most: u64, buf: &mut [u8]) -> Result<usize> {
        let Some(Opened::Bytes(bytes)) = &mut self.0.open else { return Err(Error::Ended) };
        let most = usize::try_from(most).unwrap_or(usize::MAX).min(STEP_BYTES);
        let piece = bytes.split_to(most.min(bytes.len()).min(buf.len()));
        // Summed first: that brings the bytes into the cache, wherever the copy goes.
        match self.0.machine.feed(&piece)? {
            Fed::Pass(len) => {
                copy(buf, piece.get(..len).unwrap_or(&piece));
                Ok(len)
            }
            Fed::Used(_) => Ok(0),
        }
    }
}

/// Bytes that stay in the cache between the sum and the copy.
const STEP_BYTES: usize = 128 << 10;

impl<C: Contained> Read for Reader<C> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.read_some(buf).map_err(Error::into_io)
    }
}
