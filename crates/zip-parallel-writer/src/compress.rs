//! Items to finished members: what a worker does between taking and giving.
//!
//! Small items are read and compressed whole, several to a [`Batch`] whose headers and payloads
//! lie in one buffer; large ones, and those of unknown size that turn out to be, go through a
//! streaming encoder into a spool.

use std::io::{self, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};

use zip_codec::level::Level;
use zip_codec::member::encode::{Encoder, encode_all};
use zip_codec::member::{Facts, Scratch};
use zip_codec::step::Want;
use zip_format::directory::build::{self, Meta, Payload};
use zip_format::method::Method;
use zip_io::spool::Spool;

use crate::error::{Error, Result};
use crate::item::Item;
use crate::options::Options;

/// Contents up to this size are compressed in one piece.
pub(crate) const WHOLE_BYTES: usize = 4 << 20;
/// Bytes of a large item read, and of its payload written, at a time.
const PIECE_BYTES: usize = 256 << 10;
/// Bytes of a large item's payload kept in memory before they go to a temporary file.
const SPOOL_BYTES: usize = 4 << 20;
/// Bytes at the start of a large item that decide whether it is worth compressing.
const LOOK_BYTES: usize = 256 << 10;

/// A member whose payload is finished.
pub(crate) struct Member<'i> {
    pub(crate) index: usize,
    pub(crate) item: Item<'i>,
    pub(crate) payload: Payload,
    /// Where header and payload end in the batch's buffer; the payload of a spooled one is not
    /// there.
    pub(crate) header_end: usize,
    pub(crate) end: usize,
    pub(crate) spool: Option<Spool>,
}

/// Members that follow each other in the archive, and the items between them that failed.
#[derive(Default)]
pub(crate) struct Batch<'i> {
    pub(crate) members: Vec<Member<'i>>,
    pub(crate) bytes: Vec<u8>,
    pub(crate) failed: Vec<(usize, Item<'i>, Error)>,
}

impl Batch<'_> {
    /// Bytes of memory the batch holds until it is written.
    pub(crate) fn weight(&self) -> usize {
        let spooled = self.members.iter().filter_map(|member| member.spool.as_ref());
        let in_memory = spooled.filter(|spool| !spool.is_on_disk()).map(Spool::len);
        // At most `SPOOL_BYTES` each.
        self.bytes.capacity() + in_memory.sum::<u64>() as usize
    }
}

/// What one worker keeps from item to item.
#[derive(Default)]
pub(crate) struct Worker {
    scratch: Scratch,
    input: Vec<u8>,
    output: Vec<u8>,
}

impl Worker {
    /// Compresses one item into the batch. A failure leaves no trace in it but its report.
    pub(crate) fn compress<'i>(
        &mut self,
        index: usize,
        mut item: Item<'i>,
        options: &Options<'_>,
        batch: &mut Batch<'i>,
    ) -> Result<()> {
        options.check_cancel()?;
        let observer = options.observer;
        observer.start(index, &|| String::from_utf8_lossy(&item.name).into_owned());
        let before = batch.bytes.len();
        // A source of the caller's may panic; that is its item's failure and no one else's.
        let caught =
            catch_unwind(AssertUnwindSafe(|| self.encode(index, &mut item, options, batch)));
        let result = caught.unwrap_or_else(|panic| {
            *self = Self::default();
            Err(Error::Panicked(panic_text(&*panic)))
        });
        match result {
            Ok((payload, header_end, spool)) => {
                item.contents = None;
                let end = batch.bytes.len();
                observer.finish(index);
                batch.members.push(Member { index, item, payload, header_end, end, spool });
                Ok(())
            }
            Err(Error::Cancelled) => Err(Error::Cancelled),
            Err(error) => {
                batch.bytes.truncate(before);
                observer.fail(index, &error);
                item.contents = None;
                batch.failed.push((index, item, error));
                Ok(())
            }
        }
    }

    fn encode(
        &mut self,
        index: usize,
        item: &mut Item<'_>,
        options: &Options<'_>,
        batch: &mut Batch<'_>,
    ) -> Result<(Payload, usize, Option<Spool>)> {
        let method = item.method.unwrap_or(options.method);
        let level = item.level.unwrap_or(options.level);
        let mut contents = item.contents.take();
        let Some(input) = contents.as_mut() else {
            return self.append(item, method, level, &[], batch);
        };
        if let Some(bytes) = input.as_slice().filter(|bytes| bytes.len() <= WHOLE_BYTES) {
            options.observer.advance(index, bytes.len() as u64);
            return self.append(item, method, level, bytes, batch);
        }
        let hint = input.len_hint();
        let mut reader = input.open().map_err(Error::Input)?;
        // One byte more than expected, so that the end shows without growing the buffer.
        let expected = hint.map_or(PIECE_BYTES, |len| {
            usize::try_from(len).unwrap_or(WHOLE_BYTES).min(WHOLE_BYTES) + 1
        });
        let mut bytes = std::mem::take(&mut self.input);
        let filled = fill(&mut *reader, &mut bytes, expected);
        let result = filled.and_then(|(len, ended)| {
            let contents = bytes.get(..len).unwrap_or(&[]);
            if ended {
                options.observer.advance(index, len as u64);
                self.append(item, method, level, contents, batch)
            } else {
                self.stream(index, item, (method, level), contents, &mut *reader, options, batch)
            }
        });
        self.input = bytes;
        result
    }

    /// Compresses contents that are in memory, and lays header and payload down.
    fn append(
        &mut self,
        item: &Item<'_>,
        method: Method,
        level: Level,
        contents: &[u8],
        batch: &mut Batch<'_>,
    ) -> Result<(Payload, usize, Option<Spool>)> {
        let facts = encode_all(&mut self.scratch, method, level, contents, &mut self.output)?;
        let payload = payload_of(&facts);
        build::write_local(&meta_of(item), &payload, &mut batch.bytes)?;
        let header_end = batch.bytes.len();
        let stored = facts.method == Method::STORED;
        batch.bytes.extend_from_slice(if stored { contents } else { &self.output });
        Ok((payload, header_end, None))
    }

    /// Compresses what is too large for memory: the bytes read so far, then the rest.
    #[expect(clippy::too_many_arguments, reason = "one call, all of it needed")]
    fn stream(
        &mut self,
        index: usize,
        item: &Item<'_>,
        (method, level): (Method, Level),
        first: &[u8],
        reader: &mut dyn Read,
        options: &Options<'_>,
        batch: &mut Batch<'_>,
    ) -> Result<(Payload, usize, Option<Spool>)> {
        let look = first.get(..LOOK_BYTES).unwrap_or(first);
        let looked =
            encode_all(&mut self.scratch, method, level.min(Level::FAST), look, &mut self.output)?;
        let mut encoder = Encoder::new(&mut self.scratch, looked.method, level)?;
        let mut spool = Spool::new(SPOOL_BYTES);
        self.output.resize(PIECE_BYTES, 0);
        let output = &mut self.output;
        let mut give = |encoder: &mut Encoder, mut input: &[u8], last| -> Result<()> {
            options.check_cancel()?;
            options.observer.advance(index, input.len() as u64);
            loop {
                let step = encoder.push(input, last, output)?;
                input = input.get(step.consumed..).unwrap_or(&[]);
                let produced = output.get(..step.produced).unwrap_or(&[]);
                spool.write_all(produced).map_err(Error::Spool)?;
                match step.want {
                    Want::Nothing => return Ok(()),
                    Want::Input if !last => return Ok(()),
                    Want::Input | Want::Output => {}
                }
            }
        };
        let mut run = || -> Result<()> {
            for piece in first.chunks(PIECE_BYTES) {
                give(&mut encoder, piece, false)?;
            }
            let mut buffer = vec![0; PIECE_BYTES];
            loop {
                match read_some(reader, &mut buffer).map_err(Error::Input)? {
                    0 => return give(&mut encoder, &[], true),
                    len => give(&mut encoder, buffer.get(..len).unwrap_or(&[]), false)?,
                }
            }
        };
        let result = run();
        let facts = encoder.facts();
        encoder.recycle(&mut self.scratch);
        result?;
        let payload = payload_of(&facts);
        build::write_local(&meta_of(item), &payload, &mut batch.bytes)?;
        Ok((payload, batch.bytes.len(), Some(spool)))
    }
}

/// What the headers say of an item.
pub(crate) fn meta_of<'m>(item: &'m Item<'_>) -> Meta<'m> {
    Meta {
        name: &item.name,
        comment: &item.comment,
        modified: item.modified,
        attributes: item.attributes,
        owner: item.owner,
    }
}

const fn payload_of(facts: &Facts) -> Payload {
    Payload {
        method: facts.method,
        crc32: facts.crc32,
        compressed_size: facts.compressed_size,
        size: facts.size,
    }
}

/// Reads until the end or until more than [`WHOLE_BYTES`] are there; says which.
fn fill(reader: &mut dyn Read, buffer: &mut Vec<u8>, expected: usize) -> Result<(usize, bool)> {
    let mut filled = 0;
    let mut room = expected;
    loop {
        // Only ever grown, so that no byte is zeroed twice.
        if buffer.len() < room {
            buffer.resize(room, 0);
        }
        let free = buffer.get_mut(filled..room).unwrap_or(&mut []);
        match read_some(reader, free).map_err(Error::Input)? {
            0 => return Ok((filled, true)),
            len => filled += len,
        }
        if filled > WHOLE_BYTES {
            return Ok((filled, false));
        }
        if filled == room {
            room = (room * 2).clamp(PIECE_BYTES, WHOLE_BYTES + 1);
        }
    }
}

fn read_some(reader: &mut dyn Read, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match reader.read(buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Ok(len) if len > buffer.len() => {
                return Err(io::Error::other("reader claims to have read more than was asked for"));
            }
            other => return other,
        }
    }
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default()
}
