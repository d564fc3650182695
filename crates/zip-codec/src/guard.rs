//! Refuses members that are too large, or too large for their payload, before they are decoded.
//!
//! A decoder here never gives out more bytes than the directory announces, and fails if it could.
//! So what a member really produces is bounded by what it claims, and comparing the claim once is
//! as good as counting, whichever way the member is cut into pieces. Who lies about the size gets
//! an error in either case.

use zip_format::limits::Limits;

use crate::error::{Error, Result};

/// Succeeds if `size` contents bytes out of `compressed_size` payload bytes are within the limits.
///
/// The one rule of everything that decodes: also of readers, before they make room for contents.
///
/// # Errors
/// [`Error::Limit`].
pub fn admit(size: u64, compressed_size: u64, limits: &Limits) -> Result<()> {
    if size > limits.entry_bytes {
        return Err(Error::Limit {
            what: "uncompressed size in bytes",
            limit: limits.entry_bytes,
            found: size,
        });
    }
    if size >= limits.ratio_free_bytes && size > limits.ratio.saturating_mul(compressed_size) {
        return Err(Error::Limit {
            what: "compression ratio",
            limit: limits.ratio,
            found: size / compressed_size.max(1),
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_entries_have_no_ratio() {
        let mut limits = Limits::default();
        (limits.ratio, limits.ratio_free_bytes) = (10, 1 << 20);
        let check = |size, payload| admit(size, payload, &limits).is_ok();
        assert!(check((1 << 20) - 1, 1));
        assert!(!check(1 << 20, 1));
        assert!(check(20 << 20, 2 << 20));
        assert!(!check((20 << 20) + 1, 2 << 20));
        assert!(admit(u64::MAX - 1, 0, &Limits::none()).is_ok(), "no limit, no ratio");
    }

    #[test]
    fn zeros_as_deflate_packs_them_are_no_bomb() {
        let limits = Limits::default();
        for mib in [2, 10, 30, 63] {
            assert!(admit(mib << 20, (mib << 20) / 1_032, &limits).is_ok(), "{mib} MiB");
        }
        assert!(admit(256 << 20, (256 << 20) / 1_032, &limits).is_err());
    }

    #[test]
    fn large_entries_are_refused() {
        let mut limits = Limits::none();
        limits.entry_bytes = 100;
        assert!(admit(100, 100, &limits).is_ok());
        assert!(admit(101, 101, &limits).is_err());
    }
}
