//! A sink behind a buffer: small pieces are gathered, large ones go out from where they are.
//! Where the plan has volumes, the sink begins each where the plan does.

use std::sync::Arc;

use zip_format::position::{Position, Span};
use zip_io::Sink;

use crate::error::{Error, Result};
use crate::machine::Machine;
use crate::plan::Plan;

/// Bytes gathered before a write.
pub(crate) const BUFFER: usize = 256 << 10;
/// What is in memory in pieces of this size is written from where it is.
const DIRECT: usize = 32 << 10;

/// Writes to a sink, unless that would have to be asked where each record goes.
pub(crate) fn write_whole(sink: &mut dyn Sink, bytes: &[u8]) -> Result<()> {
    if sink.room() != u64::MAX {
        return Err(Error::VolumesBelow);
    }
    sink.write_all(bytes).map_err(Error::Sink)
}

/// The same where the plan knows that.
fn write(sink: &mut dyn Sink, volumes: Option<&mut Volumes>, bytes: &[u8]) -> Result<()> {
    match volumes {
        _ if bytes.is_empty() => Ok(()),
        Some(volumes) => volumes.write(sink, bytes),
        None => write_whole(sink, bytes),
    }
}

/// The volumes of a plan, on their way into a sink that has such.
struct Volumes {
    plan: Arc<Plan>,
    /// All bytes of the archive come, or there are volumes that would be cut off.
    is_whole: bool,
    /// The next byte of the archive.
    at: u64,
    /// The volume that begins next; the first one when nothing was written.
    next: u32,
}

impl Volumes {
    /// Writes bytes of the archive, each on its volume.
    fn write(&mut self, sink: &mut dyn Sink, mut bytes: &[u8]) -> Result<()> {
        while !bytes.is_empty() {
            let start = self.plan.volumes().span(self.next).map(|volume| volume.start);
            if start == Some(self.at) {
                let skipped = self.begin(sink)?.min(bytes.len());
                bytes = bytes.get(skipped..).unwrap_or(&[]);
                self.at += skipped as u64;
                continue;
            }
            let room = start.map_or(u64::MAX, |start| start - self.at);
            let room = usize::try_from(room).unwrap_or(usize::MAX).min(bytes.len());
            let (now, later) = bytes.split_at(room);
            sink.write_all(now).map_err(Error::Sink)?;
            self.at += now.len() as u64;
            bytes = later;
        }
        Ok(())
    }

    /// Has the sink begin the next volume; returns how many bytes of it are there by themselves.
    fn begin(&mut self, sink: &mut dyn Sink) -> Result<usize> {
        let planned = self.plan.volume_size().unwrap_or(u64::MAX);
        // The sink has written the marker.
        let there = if self.next == 0 { self.plan.marker().len() } else { 0 };
        let expected = Position { disk: self.next, offset: there as u64 };
        if self.next > 0 && sink.position() != expected {
            // The record that comes does not fit; how long it is need not be known.
            sink.reserve(sink.room().saturating_add(1).min(planned)).map_err(Error::Sink)?;
        }
        if !self.is_whole || sink.position() != expected || sink.room() != planned - expected.offset
        {
            return Err(Error::OtherVolumes { planned });
        }
        self.next += 1;
        Ok(there)
    }
}

/// A sink behind a buffer.
pub(crate) struct Out<'s> {
    sink: &'s mut dyn Sink,
    volumes: Option<Volumes>,
    buffer: Vec<u8>,
    filled: usize,
    written: u64,
}

impl<'s> Out<'s> {
    /// For the bytes that a machine yields, which has not begun. What lies on one volume is that
    /// volume, or a piece of it, and needs a sink that knows none; so does a plan without any.
    pub(crate) fn new(sink: &'s mut dyn Sink, machine: &Machine) -> Self {
        let (plan, range) = (machine.plan(), machine.range());
        let volume = plan.volumes().position(range.start).disk;
        let is_inside = sink.room() == u64::MAX
            && plan.volumes().span(volume).is_some_and(|volume| range.end <= volume.end);
        let volumes = (plan.volume_size().is_some() && !is_inside).then(|| Volumes {
            plan: Arc::clone(plan),
            is_whole: range == Span { start: 0, end: plan.len() },
            at: 0,
            next: 0,
        });
        Self { sink, volumes, buffer: vec![0; BUFFER], filled: 0, written: 0 }
    }

    pub(crate) fn flush(&mut self) -> Result<()> {
        let filled = std::mem::take(&mut self.filled);
        let waiting = self.buffer.get(..filled).unwrap_or(&[]);
        self.written += waiting.len() as u64;
        write(self.sink, self.volumes.as_mut(), waiting)
    }

    pub(crate) fn put(&mut self, bytes: &[u8]) -> Result<()> {
        if bytes.len() > self.buffer.len() - self.filled {
            self.flush()?;
        }
        if bytes.len() >= DIRECT {
            self.flush()?;
            self.written += bytes.len() as u64;
            return write(self.sink, self.volumes.as_mut(), bytes);
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
