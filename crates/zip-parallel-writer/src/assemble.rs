//! Finished members to the sink: local header, payload, and in the end the directory. The only
//! place that knows offsets.

use std::time::Duration;

use zip_format::directory::build::{Builder, Payload};
use zip_format::encryption::Scheme;
use zip_format::position::Position;
use zip_io::Sink;

use crate::copy::{Out, copy_input, copy_late, unpack};
use crate::error::{Error, Result};
use crate::events::Events;
use crate::form::Form;
use crate::item::Item;
use crate::member::{Batch, Body, Late, Member, meta_of};
use crate::options::{OnFailure, Options};
use crate::report::{Failure, Report, Written};

/// Writes batches in the order they are given.
pub(crate) struct Assembler<S> {
    pub(crate) out: Out<S>,
    builder: Builder,
    report: Report,
}

impl<S: Sink> Assembler<S> {
    pub(crate) fn new(sink: S) -> Self {
        Self { out: Out::new(sink), builder: Builder::new(), report: Report::default() }
    }

    /// Writes one batch; returns its buffer for the next. An error ends the run.
    pub(crate) fn write(&mut self, batch: Batch<'_>, options: &Options<'_>) -> Result<Vec<u8>> {
        let Batch { members, bytes, failed } = batch;
        let mut start = 0;
        for member in members {
            let header = bytes.get(start..member.header_end).unwrap_or(&[]);
            let here = bytes.get(start..member.end).unwrap_or(&[]);
            start = member.end;
            self.member(member, header, here, options)?;
        }
        for (index, item, error) in failed {
            self.failed(index, &item, error, options)?;
        }
        Ok(bytes)
    }

    fn member(
        &mut self,
        member: Member<'_>,
        header: &[u8],
        here: &[u8],
        options: &Options<'_>,
    ) -> Result<()> {
        let Member { index, item, mut payload, scheme, body, time, .. } = member;
        if let Body::Late(input, late) = body {
            return self.late(index, &item, input, late, options);
        }
        let before = self.out.sink.position();
        let at = self.out.sink.reserve(header.len() as u64).map_err(Error::Sink)?;
        match body {
            // Header and payload lie next to each other.
            Body::Here => self.out.sink.write_all(here).map_err(Error::Sink)?,
            Body::Spooled(mut spool) => {
                self.out.sink.write_all(header).map_err(Error::Sink)?;
                self.out.buffer.resize(crate::read::PIECE_BYTES, 0);
                spool.drain(&mut self.out.sink, &mut self.out.buffer).map_err(Error::Sink)?;
            }
            Body::Unpacked(spool, method) => {
                self.out.sink.write_all(header).map_err(Error::Sink)?;
                unpack(&mut self.out, spool, method, &mut payload)?;
            }
            Body::Lent(mut input) => {
                self.out.sink.write_all(header).map_err(Error::Sink)?;
                if let Err(error) =
                    copy_input(&mut self.out, index, &mut *input, payload.compressed_size, options)
                {
                    return self.undo(before, index, &item, error, options);
                }
                if let Form::Carried(carried) = &item.form {
                    self.out.header.clear();
                    carried.write_descriptor(&mut self.out.header);
                    let len = self.out.header.len() as u64;
                    self.out.sink.reserve(len).map_err(Error::Sink)?;
                    self.out.sink.write_all(&self.out.header).map_err(Error::Sink)?;
                }
            }
            Body::Late(..) => {}
        }
        self.enter(&item, &payload, scheme, at)?;
        self.written(index, &payload, time, options);
        Ok(())
    }

    /// An input that is read now.
    fn late(
        &mut self,
        index: usize,
        item: &Item<'_>,
        mut input: Box<dyn zip_io::Input + '_>,
        late: Late,
        options: &Options<'_>,
    ) -> Result<()> {
        let started = std::time::Instant::now();
        let before = self.out.sink.position();
        match copy_late(&mut self.out, index, item, &mut *input, late, options) {
            Ok((payload, at)) => {
                self.enter(item, &payload, Scheme::None, at)?;
                self.written(index, &payload, started.elapsed(), options);
                Ok(())
            }
            Err(error) => self.undo(before, index, item, error, options),
        }
    }

    /// The central header of a member whose local header is at `at`.
    fn enter(
        &mut self,
        item: &Item<'_>,
        payload: &Payload,
        scheme: Scheme,
        at: Position,
    ) -> Result<()> {
        match &item.form {
            Form::Carried(carried) => self.builder.push_carried(carried, at)?,
            _ => self.builder.push_sealed(&meta_of(item), payload, scheme, at)?,
        }
        Ok(())
    }

    fn written(&mut self, index: usize, payload: &Payload, time: Duration, options: &Options<'_>) {
        self.report.bytes_in = self.report.bytes_in.saturating_add(payload.size);
        let (method, size, compressed_size) =
            (payload.method, payload.size, payload.compressed_size);
        self.report.written.push(Written { index, method, size, compressed_size, time });
        Events::new(options).finish(index);
    }

    /// Takes back what was written of an item that failed; the archive is as before it.
    fn undo(
        &mut self,
        before: Position,
        index: usize,
        item: &Item<'_>,
        error: Error,
        options: &Options<'_>,
    ) -> Result<()> {
        if matches!(error, Error::Sink(_) | Error::Cancelled) {
            return Err(error);
        }
        if self.out.sink.position() != before {
            if !self.out.sink.can_rewind() {
                let (name, cause) = (item.text_name(), Box::new(error));
                return Err(Error::Item { index, name, cause });
            }
            self.out.sink.rewind(before).map_err(Error::Sink)?;
        }
        Events::new(options).fail(index, &error);
        self.failed(index, item, error, options)
    }

    /// Notes an item that is left out, or ends the run for it.
    fn failed(
        &mut self,
        index: usize,
        item: &Item<'_>,
        error: Error,
        options: &Options<'_>,
    ) -> Result<()> {
        let name = item.text_name();
        if options.on_failure == OnFailure::Stop {
            return Err(Error::Item { index, name, cause: Box::new(error) });
        }
        self.report.failed.push(Failure { index, name, error });
        Ok(())
    }

    /// Ends a member begun `at` a place with [`Out::begin`], or takes back what is behind `before`.
    pub(crate) fn end(
        &mut self,
        index: usize,
        item: &Item<'_>,
        (before, at): (Position, Position),
        ended: Result<(Payload, Scheme, Duration)>,
        options: &Options<'_>,
    ) -> Result<()> {
        match ended {
            Ok((payload, scheme, time)) => {
                self.enter(item, &payload, scheme, at)?;
                self.written(index, &payload, time, options);
                Ok(())
            }
            Err(error) => self.undo(before, index, item, error, options),
        }
    }

    /// What was written so far, for a run that has failed.
    pub(crate) fn into_report(self) -> Report {
        self.report
    }

    /// Writes directory and trailer; the archive is complete when this returns.
    pub(crate) fn finish(mut self, comment: &[u8]) -> (Result<S>, Report) {
        match self.close(comment) {
            Ok(()) => (Ok(self.out.sink), self.report),
            Err(error) => (Err(error), self.report),
        }
    }

    fn close(&mut self, comment: &[u8]) -> Result<()> {
        let sink = &mut self.out.sink;
        let mut ending = self.builder.ending(comment)?;
        while let Some(len) = ending.reserve(sink.room())? {
            let at = sink.reserve(len).map_err(Error::Sink)?;
            sink.write_all(ending.place(at)).map_err(Error::Sink)?;
        }
        sink.finish().map_err(Error::Sink)?;
        self.report.bytes_out = sink.written();
        Ok(())
    }
}
