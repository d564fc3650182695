//! Finished members to the sink: local header, payload, and in the end the directory. The only
//! place that knows offsets.

use zip_format::directory::build::Builder;
use zip_io::Sink;

use crate::compress::{Batch, meta_of};
use crate::error::{Error, Result};
use crate::options::OnFailure;
use crate::report::{Failure, Report, Written};

/// Writes batches in the order they are given.
pub(crate) struct Assembler<S> {
    sink: S,
    builder: Builder,
    report: Report,
    on_failure: OnFailure,
    /// For payloads that come from a temporary file.
    buffer: Vec<u8>,
}

/// Bytes copied from a temporary file at a time.
const COPY_BYTES: usize = 256 << 10;

impl<S: Sink> Assembler<S> {
    pub(crate) fn new(sink: S, on_failure: OnFailure) -> Self {
        let (builder, report) = (Builder::new(), Report::default());
        Self { sink, builder, report, on_failure, buffer: Vec::new() }
    }

    /// Writes one batch; returns its buffer for the next.
    pub(crate) fn write(&mut self, batch: Batch<'_>) -> Result<Vec<u8>> {
        let Batch { members, bytes, failed } = batch;
        let mut start = 0;
        for member in members {
            let part = |from, to| bytes.get(from..to).unwrap_or(&[]);
            let header = part(start, member.header_end);
            let at = self.sink.reserve(header.len() as u64).map_err(Error::Sink)?;
            if let Some(mut spool) = member.spool {
                self.sink.write_all(header).map_err(Error::Sink)?;
                self.buffer.resize(COPY_BYTES, 0);
                spool.drain(&mut self.sink, &mut self.buffer).map_err(Error::Sink)?;
            } else {
                // Header and payload lie next to each other.
                self.sink.write_all(part(start, member.end)).map_err(Error::Sink)?;
            }
            start = member.end;
            self.builder.push(&meta_of(&member.item), &member.payload, at)?;
            self.report.bytes_in = self.report.bytes_in.saturating_add(member.payload.size);
            self.report.written.push(Written {
                index: member.index,
                method: member.payload.method,
                size: member.payload.size,
                compressed_size: member.payload.compressed_size,
            });
        }
        for (index, item, error) in failed {
            let name = String::from_utf8_lossy(&item.name).into_owned();
            if self.on_failure == OnFailure::Stop {
                return Err(Error::Item { index, name, cause: Box::new(error) });
            }
            self.report.failed.push(Failure { index, name, error });
        }
        let mut bytes = bytes;
        bytes.clear();
        Ok(bytes)
    }

    /// Writes directory and trailer; the archive is complete when this returns.
    pub(crate) fn finish(mut self, comment: &[u8]) -> Result<(S, Report)> {
        let mut ending = self.builder.ending(comment)?;
        while let Some(len) = ending.reserve(self.sink.room()) {
            let at = self.sink.reserve(len).map_err(Error::Sink)?;
            self.sink.write_all(ending.place(at)).map_err(Error::Sink)?;
        }
        self.sink.finish().map_err(Error::Sink)?;
        self.report.bytes_out = self.sink.written();
        Ok((self.sink, self.report))
    }
}
