//! Archives whose size nobody promises: contents of any length, compressed on the way, and a
//! policy for sources that cannot be opened.
//!
//! Such an archive has no ranges, and its tag is nobody's. What has a plan is better off with it.

mod item;
mod machine;
mod placeholder;

use std::collections::VecDeque;
use std::io::{self, Read};

use bytes::Bytes;
use zip_codec::level::Level;
use zip_io::Sink;

pub use item::{Item, Open};
pub use machine::Machine;
use placeholder::Placeholder;

use crate::error::{Error, Result, shown};
use crate::gather::Gather;
use crate::out::write_whole;

/// Bytes read at once. Contents that end within them have headers that need no descriptor.
const READ_BYTES: usize = 64 << 10;

/// What happens to an entry whose contents cannot be opened, or fail at their first byte. Later
/// it is too late: its header is out, and the stream ends with the error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnFailure {
    /// The stream ends with the error.
    #[default]
    Stop,
    /// The entry is left out, and reported.
    Skip,
    /// Behind all other entries stands a file of its name and `.error.txt`, which says what went
    /// wrong; it is reported as well. An entry of that name keeps it, wherever it comes, and the
    /// file is called `.error-2.txt`, or the next number that is free.
    Placeholder,
}

/// An entry that is not in the archive as it was meant to be.
#[derive(Debug)]
#[non_exhaustive]
pub struct Missing {
    /// Its name, lossily.
    pub name: String,
    /// Why.
    pub error: io::Error,
}

/// An archive of a size that is known when it is over, as an iterator of pieces.
///
/// *Limits*: the directory so far (about 50 bytes and the name, an entry), the names once more to
/// find those that stand twice, what is missing, one coder, and 64 KiB of what is read.
///
/// ```
/// use zip_stream_encoder::open_ended::{Item, OnFailure, OpenEnded};
/// let items = vec![
///     Item::file("log.txt", || Ok(&b"of whatever length"[..])),
///     Item::file("gone.txt", || std::fs::File::open("/none/such")),
/// ];
/// let mut archive = Vec::new();
/// let missing = OpenEnded::new(items).on_failure(OnFailure::Placeholder).write_to(&mut archive)?;
/// assert_eq!(missing[0].name, "gone.txt");
/// # Ok::<(), zip_stream_encoder::Error>(())
/// ```
pub struct OpenEnded<'i, I> {
    items: I,
    machine: Machine,
    on_failure: OnFailure,
    current: Option<Box<dyn Read + Send + 'i>>,
    name: String,
    read: u64,
    buffer: Vec<u8>,
    gather: Gather,
    missing: Vec<Missing>,
    /// Written behind all entries, so that these have the names they ask for.
    placeholders: VecDeque<Placeholder>,
    ended: bool,
    failed: Option<Error>,
}

impl<I> std::fmt::Debug for OpenEnded<'_, I> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OpenEnded").field("machine", &self.machine).finish_non_exhaustive()
    }
}

impl<'i, I: Iterator<Item = Item<'i>>> OpenEnded<'i, I> {
    /// An archive of these entries, which are asked for one by one. Deflate of the usual level.
    pub fn new(items: impl IntoIterator<IntoIter = I>) -> Self {
        Self {
            items: items.into_iter(),
            machine: Machine::new(Level::DEFAULT),
            on_failure: OnFailure::Stop,
            current: None,
            name: String::new(),
            read: 0,
            buffer: Vec::new(),
            gather: Gather::default(),
            missing: Vec::new(),
            placeholders: VecDeque::new(),
            ended: false,
            failed: None,
        }
    }

    /// With this level; 0 writes stored blocks of deflate.
    #[must_use]
    pub const fn with_level(mut self, level: Level) -> Self {
        self.machine.set_level(level);
        self
    }

    /// With this comment of the archive.
    ///
    /// # Errors
    /// It has more than 65,535 bytes.
    pub fn with_comment(mut self, comment: &[u8]) -> Result<Self> {
        self.machine.set_comment(comment)?;
        Ok(self)
    }

    /// With this policy.
    #[must_use]
    pub const fn on_failure(mut self, on_failure: OnFailure) -> Self {
        self.on_failure = on_failure;
        self
    }

    /// Entries that were left out, or replaced, so far.
    #[must_use]
    pub fn missing(&self) -> &[Missing] {
        &self.missing
    }

    /// Writes everything to a sink and finishes it; returns what was left out or replaced.
    ///
    /// # Errors
    /// What a source says in the middle of its contents, or the sink; it is not finished then.
    /// [`Error::VolumesBelow`] before anything is written.
    pub fn write_to(mut self, sink: &mut dyn Sink) -> Result<Vec<Missing>> {
        for piece in &mut self {
            write_whole(sink, &piece?)?;
        }
        sink.finish().map_err(Error::Sink)?;
        Ok(self.missing)
    }

    /// Goes on until a piece is due, or there is nothing more.
    fn gather(&mut self) -> Result<()> {
        while !self.gather.is_due() && !self.ended {
            if self.current.is_some() {
                self.go_on()?;
            } else if let Some(item) = self.items.next() {
                self.begin(item)?;
            } else if let Some(placeholder) = self.placeholders.pop_front() {
                placeholder.write(&mut self.machine)?;
            } else {
                self.machine.finish()?;
                self.ended = true;
            }
            let ready = self.machine.take();
            self.gather.pass(ready);
        }
        Ok(())
    }

    fn begin(&mut self, mut item: Item<'i>) -> Result<()> {
        let Some(open) = item.open.take() else {
            return self.machine.whole(&item.meta(), None);
        };
        self.machine.check(&item.meta())?;
        let mut head = vec![0; READ_BYTES];
        let first = open().map_err(|error| (error, true)).and_then(|mut reader| {
            let read = fill(&mut reader, &mut head).map_err(|error| (error, false))?;
            Ok((reader, read))
        });
        let (reader, read) = match first {
            Ok(first) => first,
            Err((error, opening)) => return self.replace(item, error, opening),
        };
        head.truncate(read);
        if read as u64 > item.at_most {
            let (promised, found) = (item.at_most, read as u64);
            return Err(Error::TooLong { name: shown(&item.name), promised, found });
        }
        if read < READ_BYTES {
            return self.machine.whole(&item.meta(), Some(&head));
        }
        self.machine.begin(&item.meta(), item.at_most)?;
        self.machine.push(&head)?;
        (self.current, self.read, self.name) = (Some(reader), read as u64, shown(&item.name));
        self.buffer = head;
        Ok(())
    }

    /// Goes on with what is open.
    fn go_on(&mut self) -> Result<()> {
        let Some(reader) = &mut self.current else { return Ok(()) };
        self.buffer.resize(READ_BYTES, 0);
        match fill(reader, &mut self.buffer) {
            Ok(0) => {
                self.current = None;
                self.machine.end()
            }
            Ok(read) => {
                self.read += read as u64;
                self.machine.push(self.buffer.get(..read).unwrap_or(&[]))
            }
            Err(source) => {
                let (name, at) = (std::mem::take(&mut self.name), self.read);
                Err(Error::Read { name, at, source })
            }
        }
    }

    /// Does what the policy says of an entry that cannot be had.
    fn replace(&mut self, item: Item<'i>, error: io::Error, opening: bool) -> Result<()> {
        let name = shown(&item.name);
        match self.on_failure {
            OnFailure::Stop if opening => return Err(Error::Open { name, source: error }),
            OnFailure::Stop => return Err(Error::Read { name, at: 0, source: error }),
            OnFailure::Skip => {}
            OnFailure::Placeholder => {
                self.placeholders.push_back(Placeholder::new(item, &name, &error));
            }
        }
        self.missing.push(Missing { name, error });
        Ok(())
    }
}

impl<'i, I: Iterator<Item = Item<'i>>> Iterator for OpenEnded<'i, I> {
    type Item = Result<Bytes>;

    fn next(&mut self) -> Option<Self::Item> {
        if !self.ended
            && let Err(error) = self.gather()
        {
            (self.failed, self.ended, self.current) = (Some(error), true, None);
        }
        match self.gather.next() {
            Some(piece) => Some(Ok(piece)),
            None => self.failed.take().map(Err),
        }
    }
}

/// Reads until the buffer is full or the reader at its end.
fn fill(reader: &mut dyn Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match reader.read(buffer.get_mut(filled..).unwrap_or_default()) {
            Ok(0) => break,
            Ok(read) if read > buffer.len() - filled => {
                let text = "a reader claims to have read more than it was asked for";
                return Err(io::Error::other(text));
            }
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}
