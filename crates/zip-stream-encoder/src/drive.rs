//! What the blocking faces share: opening and closing, one source at a time.

use crate::content::{Contained, Opened, read_some};
use crate::error::{Error, Result};
use crate::machine::{Machine, Want};

/// A machine and the sources it is driven over.
#[derive(Debug)]
pub(crate) struct Drive<C> {
    pub(crate) machine: Machine,
    pub(crate) contents: C,
    pub(crate) open: Option<Opened>,
    /// Bytes that may still be read of what is open: those of the span, and one to see its end.
    pub(crate) left: u64,
}

impl<C: Contained> Drive<C> {
    pub(crate) const fn new(machine: Machine, contents: C) -> Self {
        Self { machine, contents, open: None, left: 0 }
    }

    /// Opens or closes as the machine wants, until it wants something else.
    pub(crate) fn want(&mut self) -> Result<Want> {
        loop {
            match self.machine.want() {
                Ok(Want::Open { entry, span }) => match self.contents.open(entry, span) {
                    Ok(opened) => {
                        self.open = Some(opened);
                        self.left = span.len().saturating_add(1);
                        self.machine.opened();
                    }
                    Err(error) => return Err(self.machine.open_failed(error)),
                },
                Ok(Want::Close) => {
                    self.open = None;
                    self.machine.closed();
                }
                Ok(other) => return Ok(other),
                Err(error) => {
                    self.open = None;
                    return Err(error);
                }
            }
        }
    }

    /// Reads some bytes of the reader that is open, at most `most`; none at its end. What is in
    /// memory is taken from where it is.
    pub(crate) fn read(&mut self, most: u64, buf: &mut [u8]) -> Result<usize> {
        let most = usize::try_from(most.min(self.left)).unwrap_or(usize::MAX).min(buf.len());
        let room = buf.get_mut(..most).unwrap_or_default();
        let read = match &mut self.open {
            Some(Opened::Read(reader)) => read_some(reader, room),
            Some(Opened::Bytes(_)) | None => return Err(Error::Ended),
        };
        match read {
            Ok(read) => {
                self.left = self.left.saturating_sub(read as u64);
                Ok(read)
            }
            Err(error) => {
                self.open = None;
                Err(self.machine.read_failed(error))
            }
        }
    }
}
