//! The sink over volumes: starts a new one where one is full, or where a record would be parted.

use std::io;

use zip_format::position::Position;
use zip_format::signature::{SINGLE_VOLUME_MARKER, SPANNING_MARKER};
use zip_io::{Sink, Source};

use crate::error::Error;
use crate::policy::{Kind, MOST_VOLUMES, Policy};
use crate::volume::Volumes;

/// A [`Sink`] whose bytes go to [`Volumes`].
///
/// With [`Kind::Split`] each record stays on one volume (APPNOTE 8.5.2), positions name the volume,
/// and the first volume begins with the marker of a split archive; should all fit into it, the
/// marker says that (8.5.3). With [`Kind::Raw`] there is one position for all, and the cuts are
/// wherever a volume is full.
///
/// A volume is handed over when it is complete, which shows when the next byte comes.
///
/// ```
/// use zip_io::Sink;
/// use zip_segment::volume::MemoryVolumes;
/// use zip_segment::{Kind, Policy, SegmentedSink};
///
/// let mut sink = SegmentedSink::new(MemoryVolumes::new(), Policy::new(Kind::Split, 65_536)?)?;
/// assert_eq!(sink.position().offset, 4, "behind the marker");
/// sink.write_all(&[0; 65_500])?;
/// let at = sink.reserve(46)?;
/// assert_eq!((at.disk, at.offset), (1, 0), "no record is parted");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct SegmentedSink<V> {
    volumes: V,
    policy: Policy,
    /// The current volume, and the bytes on it.
    number: u32,
    offset: u64,
    /// Bytes on all volumes before each one up to the current one.
    before: Vec<u64>,
    /// Failed or finished: nothing may follow, least of all the completion of a broken archive.
    closed: bool,
}

impl<V: Volumes> SegmentedSink<V> {
    /// Begins the first volume.
    ///
    /// # Errors
    /// What the volumes say.
    pub fn new(volumes: V, policy: Policy) -> io::Result<Self> {
        let mut sink =
            Self { volumes, policy, number: 0, offset: 0, before: vec![0], closed: false };
        sink.volumes.start(0).map_err(|error| sink.failed(error))?;
        if policy.kind() == Kind::Split {
            sink.write_all(&SPANNING_MARKER.to_le_bytes())?;
        }
        Ok(sink)
    }

    /// The volumes: those of a finished archive, or what there is of them.
    pub fn into_volumes(self) -> V {
        self.volumes
    }

    /// Bytes that fit on the current volume.
    const fn left(&self) -> u64 {
        self.policy.size() - self.offset
    }

    fn next_volume(&mut self) -> io::Result<()> {
        if self.number + 1 >= MOST_VOLUMES {
            self.closed = true;
            return Err(Error::TooManyVolumes {
                most: MOST_VOLUMES,
                found: u64::from(MOST_VOLUMES) + 1,
            }
            .into());
        }
        self.volumes.complete(false).map_err(|error| self.failed(error))?;
        self.before.push(self.written());
        self.number += 1;
        self.offset = 0;
        self.volumes.start(self.number).map_err(|error| self.failed(error))
    }

    /// Closes the sink and says on which volume it failed.
    fn failed(&mut self, source: io::Error) -> io::Error {
        self.failed_at(self.number, self.offset, source)
    }

    fn failed_at(&mut self, number: u32, at: u64, source: io::Error) -> io::Error {
        self.closed = true;
        if let Some(Error::Write { .. }) = Error::of(&source) {
            // It is about an earlier volume.
            return source;
        }
        Error::Write { number, at, source }.into()
    }

    /// Volume, and offset on it, of what was written at `at`; of the end, too.
    fn place(&self, at: Position) -> Option<(u32, u64)> {
        let (number, offset) = match self.policy.kind() {
            Kind::Raw => {
                let volume = u32::try_from(at.offset / self.policy.size()).ok()?;
                (volume, at.offset % self.policy.size())
            }
            Kind::Split => (at.disk, at.offset),
        };
        if number == self.number + 1 && offset == 0 && self.left() == 0 {
            // The volume that begins with the next byte.
            return Some((self.number, self.offset));
        }
        let end = match self.before.get(number as usize + 1) {
            Some(next) => next - self.before.get(number as usize)?,
            None if number == self.number => self.offset,
            None => return None,
        };
        (offset <= end).then_some((number, offset))
    }

    fn check_open(&self) -> io::Result<()> {
        if self.closed { Err(Error::Closed.into()) } else { Ok(()) }
    }
}

impl<V: Volumes> Sink for SegmentedSink<V> {
    fn write_all(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        self.check_open()?;
        while !bytes.is_empty() {
            if self.left() == 0 {
                self.next_volume()?;
            }
            let room = usize::try_from(self.left()).unwrap_or(usize::MAX).min(bytes.len());
            let (now, later) = bytes.split_at_checked(room).unwrap_or((bytes, &[]));
            self.volumes.write_all(now).map_err(|error| self.failed(error))?;
            self.offset += now.len() as u64;
            bytes = later;
        }
        Ok(())
    }

    fn copy_from(&mut self, source: &dyn Source, at: u64, len: u64) -> io::Result<u64> {
        self.check_open()?;
        if self.left() == 0 && len > 0 {
            self.next_volume()?;
        }
        let len = len.min(self.left());
        let copied = self.volumes.copy_from(source, at, len).map_err(|error| self.failed(error))?;
        self.offset += copied;
        Ok(copied)
    }

    fn position(&self) -> Position {
        match self.policy.kind() {
            Kind::Raw => Position::on_first(self.written()),
            Kind::Split if self.left() == 0 => Position { disk: self.number + 1, offset: 0 },
            Kind::Split => Position { disk: self.number, offset: self.offset },
        }
    }

    fn reserve(&mut self, len: u64) -> io::Result<Position> {
        self.check_open()?;
        if self.policy.kind() == Kind::Split {
            let size = self.policy.size();
            if len > size {
                self.closed = true;
                return Err(Error::RecordTooLong { len, size }.into());
            }
            if len > self.left() {
                self.next_volume()?;
            }
        }
        Ok(self.position())
    }

    fn room(&self) -> u64 {
        match self.policy.kind() {
            Kind::Raw => u64::MAX,
            Kind::Split if self.left() == 0 => self.policy.size(),
            Kind::Split => self.left(),
        }
    }

    fn written(&self) -> u64 {
        self.before.last().copied().unwrap_or(0) + self.offset
    }

    fn can_rewind(&self) -> bool {
        self.volumes.can_rewind()
    }

    fn rewind(&mut self, to: Position) -> io::Result<()> {
        self.check_open()?;
        let (number, offset) = self.place(to).ok_or(io::ErrorKind::InvalidInput)?;
        self.volumes
            .rewind(number, offset)
            .map_err(|error| self.failed_at(number, offset, error))?;
        self.before.truncate(number as usize + 1);
        (self.number, self.offset) = (number, offset);
        Ok(())
    }

    fn patch(&mut self, at: Position, mut bytes: &[u8]) -> io::Result<()> {
        self.check_open()?;
        let (mut number, mut offset) = self.place(at).ok_or(io::ErrorKind::InvalidInput)?;
        // Raw cuts part what they patch as they part what they write.
        while !bytes.is_empty() {
            let room = self.policy.size() - offset;
            let room = usize::try_from(room).unwrap_or(usize::MAX).min(bytes.len());
            let (now, later) = bytes.split_at_checked(room).unwrap_or((bytes, &[]));
            self.volumes
                .patch(number, offset, now)
                .map_err(|error| self.failed_at(number, offset, error))?;
            (bytes, number, offset) = (later, number + 1, 0);
        }
        Ok(())
    }

    fn finish(&mut self) -> io::Result<()> {
        self.check_open()?;
        if self.policy.kind() == Kind::Split && self.number == 0 {
            let marker = SINGLE_VOLUME_MARKER.to_le_bytes();
            self.volumes.replace_head(&marker).map_err(|error| self.failed(error))?;
        }
        self.volumes.complete(true).map_err(|error| self.failed(error))?;
        self.closed = true;
        Ok(())
    }
}
