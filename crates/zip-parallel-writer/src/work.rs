//! What a thread does with a job: items to members, failures to reports.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use zip_codec::chunk;
use zip_codec::level::Level;
use zip_codec::member::Facts;
use zip_format::crc32::crc32;
use zip_format::directory::build;
use zip_format::encryption::Scheme;
use zip_format::method::Method;
use zip_io::{Input, Sink};

use crate::desk::Desk;
use crate::error::{Error, Result, panic_text};
use crate::events::Events;
use crate::feed::{BATCH_BYTES, Job};
use crate::form::Form;
use crate::hall::Hall;
use crate::intake::{Intake, Place};
use crate::item::Item;
use crate::large::{self, Large};
use crate::member::{Batch, Body, Late, Made, Member, meta_of, payload_of};
use crate::options::{OnFailure, Options};
use crate::outlet::Outlet;
use crate::read::WHOLE_BYTES;
use crate::takeover;

/// Room for a local header that is not unusual.
const HEADER_BYTES: usize = 512;
/// Room for a batch of which nothing is stored.
const BATCH_BUFFER_BYTES: usize = BATCH_BYTES as usize;

/// A thread of a run: what it shares, and what it keeps from item to item.
pub(crate) struct Work<'h, 'o, 'i, S: Sink> {
    pub(crate) hall: &'h Hall<'i, S>,
    pub(crate) options: &'o Options<'o>,
    pub(crate) desk: Desk<'h>,
    intake: Intake<'h, 'o, 'i, S>,
    /// When the last item ended, and the next one begins.
    ended: Instant,
}

impl<'h, 'o, 'i, S: Sink> Work<'h, 'o, 'i, S> {
    pub(crate) fn new(hall: &'h Hall<'i, S>, options: &'o Options<'o>) -> Self {
        let (desk, intake) = (Desk::new(&hall.desks), Intake::new(hall, options));
        Self { hall, options, desk, intake, ended: Instant::now() }
    }

    /// Does a job, and hands in what it gives. An error ends the run.
    pub(crate) fn job(&mut self, job: Job<'i>) -> Result<()> {
        // What is alone takes its buffer when its length is known.
        let bytes = if job.single { Vec::new() } else { self.hall.buffer(BATCH_BUFFER_BYTES) };
        let mut batch = Batch { bytes, ..Batch::default() };
        let (grows, mut handed_in) = (job.grows(), false);
        self.ended = Instant::now();
        for (index, item) in job.items {
            let place = Place {
                index,
                // Asking the clock takes longer than some members do.
                started: self.ended,
                number: job.single.then_some(job.number),
                waits: job.reserve > 0,
                grows,
            };
            handed_in = self.item(place, item, &mut batch)?;
        }
        let events = Events::new(self.options);
        for (index, mut item, error) in job.refused {
            item.contents = None;
            events.start(index, &item);
            events.fail(index, &error);
            self.fail(index, item, error, &mut batch)?;
        }
        self.desk.leave();
        if !handed_in {
            self.hall.deposit(job.number, batch, self.options);
        }
        Ok(())
    }

    /// Notes a failure, or ends the run for it.
    fn fail(
        &self,
        index: usize,
        item: Item<'i>,
        error: Error,
        batch: &mut Batch<'i>,
    ) -> Result<()> {
        if self.options.on_failure == OnFailure::Stop {
            let (name, cause) = (item.text_name(), Box::new(error));
            return Err(Error::Item { index, name, cause });
        }
        batch.failed.push((index, item, error));
        Ok(())
    }

    /// Makes a member of an item. A failure leaves no trace but its report. True if the member is
    /// in the archive already, and its job over.
    fn item(&mut self, place: Place, mut item: Item<'i>, batch: &mut Batch<'i>) -> Result<bool> {
        let index = place.index;
        self.options.check_cancel()?;
        let events = Events::new(self.options);
        events.start(index, &item);
        let before = batch.bytes.len();
        // A source of the caller's may panic; that is its item's failure and no one else's.
        let caught = catch_unwind(AssertUnwindSafe(|| self.make(place, &mut item, batch)));
        let made = caught.unwrap_or_else(|panic| {
            self.desk.leave_broken();
            Some(Err(Error::Panicked(panic_text(&*panic))))
        });
        self.ended = Instant::now();
        match made {
            None => Ok(true),
            Some(Ok(Made { facts, scheme, header_end, body })) => {
                let (payload, end) = (payload_of(&facts), batch.bytes.len());
                let time = self.ended.duration_since(place.started);
                let member = Member { index, item, payload, scheme, header_end, end, body, time };
                batch.members.push(member);
                Ok(false)
            }
            Some(Err(Error::Cancelled)) => Err(Error::Cancelled),
            Some(Err(error)) => {
                batch.bytes.truncate(before);
                item.contents = None;
                events.fail(index, &error);
                self.fail(index, item, error, batch).map(|()| false)
            }
        }
    }

    /// The member, or `None` if it is in the archive or reported already.
    fn make(
        &mut self,
        place: Place,
        item: &mut Item<'i>,
        batch: &mut Batch<'i>,
    ) -> Option<Result<Made<'i>>> {
        let level = item.level.unwrap_or(self.options.level);
        let method = match item.method.unwrap_or(self.options.method) {
            _ if level == Level::NONE => Method::STORED,
            method => method,
        };
        let Some(input) = item.contents.take() else {
            return Some(self.desk.tools().append(item, (method, level), None, &[], batch));
        };
        match item.form.clone() {
            Form::Contents => self.contents(place, item, input, (method, level), batch),
            Form::Compressed(compressed) => {
                let (intake, desk) = (&mut self.intake, &mut self.desk);
                Some(takeover::compressed(place, item, compressed, input, intake, desk, batch))
            }
            Form::Gzip => {
                let (intake, desk) = (&mut self.intake, &mut self.desk);
                Some(takeover::gzip(place, item, input, intake, desk, batch))
            }
            Form::Carried(mut carried) => {
                let index = place.index;
                let made = takeover::carry(index, item, &mut carried, input, batch, self.options);
                item.form = Form::Carried(carried);
                Some(made)
            }
        }
    }

    fn contents(
        &mut self,
        place: Place,
        item: &Item<'i>,
        mut input: Box<dyn Input + 'i>,
        (method, level): (Method, Level),
        batch: &mut Batch<'i>,
    ) -> Option<Result<Made<'i>>> {
        let events = Events::new(self.options);
        let hint = input.len_hint();
        // Bytes that are sealed must pass through here.
        let plain = item.encryption(self.options).is_none();
        if let Some(bytes) = input.as_slice().filter(|bytes| bytes.len() <= WHOLE_BYTES) {
            events.advance(place.index, bytes.len() as u64);
            return Some(self.append(place, item, (method, level), bytes, batch));
        }
        if method == Method::STORED
            && plain
            && let Some(known) = lend(item, input.as_slice(), batch)
        {
            return Some(known.map(|(facts, header_end)| Made {
                facts,
                scheme: Scheme::None,
                header_end,
                body: Body::Lent(input),
            }));
        }
        let is_large = hint.is_some_and(|len| len > WHOLE_BYTES as u64);
        let can_be_late = is_large && self.hall.rewinds && input.can_reopen() && !input.may_wait();
        if method == Method::STORED && can_be_late && plain {
            return Some(Ok(late(input, hint, batch)));
        }
        let mut buffer = self.intake.begin(place, hint, &mut self.desk);
        let made = self.read(place, item, &mut *input, hint, (method, level), &mut buffer, batch);
        self.intake.end(place, buffer);
        match made {
            Reading::Made(made) => made,
            Reading::Again => Some(match lend(item, input.as_slice(), batch) {
                Some(lent) => lent.map(|(facts, header_end)| Made {
                    facts,
                    scheme: Scheme::None,
                    header_end,
                    body: Body::Lent(input),
                }),
                None => Ok(late(input, hint, batch)),
            }),
        }
    }

    #[expect(clippy::too_many_arguments, reason = "one call, all of it needed")]
    fn read(
        &mut self,
        place: Place,
        item: &Item<'i>,
        input: &mut dyn Input,
        hint: Option<u64>,
        (method, level): (Method, Level),
        buffer: &mut Vec<u8>,
        batch: &mut Batch<'i>,
    ) -> Reading<'i> {
        let in_memory = input.as_slice().is_some();
        let reopens =
            self.hall.rewinds && hint.is_some() && input.can_reopen() && !input.may_wait();
        let mut reader = match input.open() {
            Ok(reader) => reader,
            Err(error) => return Reading::Made(Some(Err(Error::Input(error)))),
        };
        let known = (WHOLE_BYTES, hint);
        let (len, ended) = match self.intake.fill(place, &mut *reader, buffer, known) {
            Ok(filled) => filled,
            Err(error) => return Reading::Made(Some(Err(error))),
        };
        let first = buffer.get(..len).unwrap_or(&[]);
        if ended {
            Events::new(self.options).advance(place.index, len as u64);
            return Reading::Made(Some(self.append(place, item, (method, level), first, batch)));
        }
        let method = match large::look(&mut self.desk, method, level, first) {
            Ok(method) => method,
            Err(error) => return Reading::Made(Some(Err(error))),
        };
        let plain = item.encryption(self.options).is_none();
        if method == Method::STORED && (in_memory || reopens) && plain {
            return Reading::Again;
        }
        let seal = match self.desk.begin_seal(item, self.options) {
            Ok(seal) => seal,
            Err(error) => return Reading::Made(Some(Err(error))),
        };
        let mut large = Large { index: place.index, first, reader: &mut *reader };
        let mut outlet = Outlet::new(self.hall, place.number, place.index, hint, seal);
        let (out, desk, options) = (&mut outlet, &mut self.desk, self.options);
        // A panic of the reader must not take the outlet along: it may hold the assembler.
        let facts = catch_unwind(AssertUnwindSafe(|| match method {
            Method::STORED => {
                desk.leave();
                large::store(&mut large, item, out, options)
            }
            _ if chunk::is_divisible(method, level) => {
                large::divide(&mut large, item, level, self.hall, desk, out, options)
            }
            _ => large::stream(&mut large, item, (method, level), desk, out, options),
        }));
        let facts = facts.unwrap_or_else(|panic| {
            self.desk.leave_broken();
            Err(Error::Panicked(panic_text(&*panic)))
        });
        let ended = outlet.end(item, facts, place.started, batch, self.options);
        Reading::Made(ended)
    }

    fn append(
        &mut self,
        place: Place,
        item: &Item<'_>,
        (method, level): (Method, Level),
        contents: &[u8],
        batch: &mut Batch<'_>,
    ) -> Result<Made<'static>> {
        let encryption = item.encryption(self.options);
        if batch.bytes.capacity() == 0 {
            batch.bytes = self.hall.buffer(contents.len() + HEADER_BYTES);
        }
        let tools = self.desk.tools();
        let made = tools.append(item, (method, level), encryption, contents, batch)?;
        Events::new(self.options).produce(place.index, made.facts.compressed_size);
        Ok(made)
    }
}

/// What reading gave.
enum Reading<'i> {
    Made(Option<Result<Made<'i>>>),
    /// Nothing yet: it is not worth compressing, and best read once more, straight into the
    /// archive.
    Again,
}

/// The header of contents that lie in memory and are stored from there.
fn lend(
    item: &Item<'_>,
    contents: Option<&[u8]>,
    batch: &mut Batch<'_>,
) -> Option<Result<(Facts, usize)>> {
    let contents = contents?;
    let size = contents.len() as u64;
    let method = Method::STORED;
    let facts = Facts { method, crc32: crc32(contents), size, compressed_size: size };
    let laid = build::write_local(&meta_of(item), &payload_of(&facts), &mut batch.bytes);
    Some(laid.map(|()| (facts, batch.bytes.len())).map_err(Error::from))
}

/// Contents that are read when they are written; there are no facts of them yet.
fn late<'i>(input: Box<dyn Input + 'i>, hint: Option<u64>, batch: &Batch<'_>) -> Made<'i> {
    let size = hint.unwrap_or(0);
    let facts = Facts { method: Method::STORED, crc32: 0, size, compressed_size: size };
    let body = Body::Late(input, Late::Stored);
    Made { facts, scheme: Scheme::None, header_end: batch.bytes.len(), body }
}
