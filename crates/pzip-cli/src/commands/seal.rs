//! `pzip seal`: a whole archive, encrypted.

use pzip::crypto::sealed::{Frames, SealOptions};
use pzip::io::file::FileSource;
use pzip::io::{Observer, Sink, Source};
use pzip::reader;

use crate::args::{Common, Seal};
use crate::exit::{Failure, Outcome};
use crate::output::complain;
use crate::pipeline;
use crate::progress::{Progress, cancel_on_interrupt};
use crate::sealed::{PIECE_BYTES, io_failure, sink_of};

/// Runs the command.
pub(crate) fn run(args: &Seal, common: &Common) -> Outcome {
    let source = FileSource::open(&args.archive).map_err(|e| io_failure(&args.archive, &e))?;
    let options = SealOptions { frame_bytes: args.frame_size, ..SealOptions::default() };
    let mut sealer = args.key.sealer(&options, &args.passwords)?;
    let mut sink = sink_of(&args.out)?;
    let failed = |error: &std::io::Error| io_failure(&args.out, error);
    sink.write_all(sealer.header().as_bytes()).map_err(|error| failed(&error))?;

    let (len, cancel) = (source.len(), cancel_on_interrupt());
    let progress = Progress::new(len, common.quiet);
    let frames_at_once = (PIECE_BYTES / sealer.frame_bytes()).max(1);
    let most = (frames_at_once * sealer.frame_bytes()) as u64;
    let mut ended = false;
    let take = |_: &mut (Vec<u8>, Vec<u8>)| -> Result<Option<(Frames, u64, usize)>, Failure> {
        cancel.check().map_err(reader::Error::from)?;
        if ended {
            return Ok(None);
        }
        let at = sealer.plain_len();
        // At most `most`.
        let piece = usize::try_from((len - at).min(most)).unwrap_or(0);
        ended = at + piece as u64 == len;
        let frames = sealer.take(piece, ended)?;
        Ok(Some((frames, at, piece)))
    };
    let work = |(frames, at, piece): (Frames, u64, usize), buffers: &mut (Vec<u8>, Vec<u8>)| {
        let (plain, out) = buffers;
        plain.resize(piece, 0);
        source.read_exact_at(plain, at).map_err(|e| io_failure(&args.archive, &e))?;
        frames.seal_into(plain, out)?;
        progress.advance(0, piece as u64);
        Ok(())
    };
    let write = |(_, out): &mut (Vec<u8>, Vec<u8>)| sink.write_all(out).map_err(|e| failed(&e));
    pipeline::run(common.resolved_threads(), take, work, write)?;
    sink.finish().map_err(|error| failed(&error))?;
    drop(progress);
    if !common.quiet {
        let (path, sealed) = (args.out.display(), sealer.sealed_len());
        complain(format_args!("{path}: {len} bytes sealed in {sealed}"));
    }
    Ok(())
}
