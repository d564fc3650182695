//! The tag of a plan: a SHA-256 over its bytes, cut to 128 bits.
//!
//! The bytes hold all that the archive depends on: names, times, modes, comments, sizes, known
//! checksums, keys of contents, and the version of the layout. A checksum would do against
//! accidents; but where strangers choose names, a tag that two plans share would join pieces of
//! two archives in somebody's cache.

use std::fmt::Write;

use sha2::{Digest, Sha256};

use super::bytes;
use super::layout::Plan;

impl Plan {
    /// A tag of the archive for HTTP's `ETag`, without its quotes: 32 hexadecimal digits of a
    /// SHA-256 over the whole plan. Two plans with the same tag give the same bytes, if they are
    /// [pinned](Plan::is_pinned).
    #[must_use]
    pub fn tag(&self) -> &str {
        self.tag.get_or_init(|| of(self))
    }
}

fn of(plan: &Plan) -> String {
    let mut hash = Sha256::new();
    bytes::write(plan, &mut |piece| hash.update(piece));
    let mut text = String::with_capacity(32);
    for byte in hash.finalize().iter().take(16) {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}
