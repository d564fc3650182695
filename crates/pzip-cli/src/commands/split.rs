//! `pzip split`: an archive anew in volumes, or in others.

use crate::args::{Common, Split};
use crate::commands::rewrite::{Rewrite, sink_of_volumes};
use crate::exit::Outcome;
use crate::volume_args::policy;

/// Runs the command.
pub(crate) fn run(args: &Split, common: &Common) -> Outcome {
    let policy = policy(args.segment_size, args.raw_volumes)?;
    let Split { input, output, check, .. } = args;
    let Split { drop_prefix, drop_signature, .. } = *args;
    let rewrite = Rewrite { input, output, drop_prefix, drop_signature, check: *check };
    rewrite.run(common, || sink_of_volumes(output, policy))
}
