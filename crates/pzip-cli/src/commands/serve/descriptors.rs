//! As many descriptors as the downloads may need, where the system allows that.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::output::complain;

/// What a download holds: a connection, a file, the next file.
const EACH: u64 = 3;
/// Standard streams, the root, those of the runtime, and directories that are walked.
const OTHERS: u64 = 256;

/// Raises the soft limit to what so many downloads and other connections take, at most to the hard
/// one, and says so if that is not enough.
pub(super) fn allow(downloads: u64, connections: u64) {
    let wanted = downloads.saturating_mul(EACH).saturating_add(connections).saturating_add(OTHERS);
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current.is_none_or(|current| current >= wanted) {
        return;
    }
    let allowed = maximum.map_or(wanted, |maximum| maximum.min(wanted));
    let raised = setrlimit(Resource::Nofile, Rlimit { current: Some(allowed), maximum });
    let has = if raised.is_ok() { allowed } else { current.unwrap_or(allowed) };
    if has < wanted {
        complain(format_args!(
            "{downloads} downloads at once may need {wanted} open files; the system allows {has}"
        ));
    }
}
