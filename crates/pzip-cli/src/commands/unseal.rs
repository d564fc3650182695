//! `pzip unseal`: the archive that was sealed.

use pzip::io::{Observer, Sink, Source};
use pzip::reader;

use crate::args::{Common, Unseal};
use crate::exit::Outcome;
use crate::open::any;
use crate::pipeline;
use crate::progress::{Progress, cancel_on_interrupt};
use crate::sealed::{PIECE_BYTES, io_failure, sink_of};

/// Runs the command. Under its name the archive appears only when all of it was right.
pub(crate) fn run(args: &Unseal, common: &Common) -> Outcome {
    let path = &args.archive;
    let source = args.key.open_sealed(any(path)?, &args.passwords.named()?, path)?;
    let mut sink = sink_of(&args.out)?;

    let (len, cancel) = (source.len(), cancel_on_interrupt());
    let progress = Progress::new(len, common.quiet);
    let frame_bytes = source.header().frame_bytes() as usize;
    let most = ((PIECE_BYTES / frame_bytes).max(1) * frame_bytes) as u64;
    let mut at = 0;
    let take = |_: &mut Vec<u8>| {
        cancel.check().map_err(reader::Error::from)?;
        let piece = at..len.min(at + most);
        at = piece.end;
        Ok((!piece.is_empty()).then_some(piece))
    };
    let work = |piece: std::ops::Range<u64>, out: &mut Vec<u8>| {
        // At most `most`.
        out.resize(usize::try_from(piece.end - piece.start).unwrap_or(0), 0);
        source.read_exact_at(out, piece.start).map_err(|error| io_failure(path, &error))?;
        progress.advance(0, piece.end - piece.start);
        Ok(())
    };
    let write = |bytes: &mut Vec<u8>| sink.write_all(bytes).map_err(|e| io_failure(&args.out, &e));
    pipeline::run(common.resolved_threads(), take, work, write)?;
    sink.finish().map_err(|error| io_failure(&args.out, &error))
}
