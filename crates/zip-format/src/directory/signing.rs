//! The APK Signing Block, which Android puts between the last member and the directory: a record
//! of its own, though APPNOTE does not know it.
//!
//! *Shape* (source.android.com, "APK Signature Scheme v2"): size u64 of all that follows, pairs,
//! the same size u64, `APK Sig Block 42`. It ends where the directory starts. Nothing but its
//! frame is read here; a block whose sizes are not exact is a gap. `apksigner` puts zeros before
//! it, so that it starts at a multiple of 4,096; fewer than that belong to the block.

use crate::position::Span;

/// What ends the block.
const MAGIC: &[u8; 16] = b"APK Sig Block 42";
/// Bytes of the first size, which that does not count.
const SIZE_BYTES: u64 = 8;
/// What the block is aligned to.
const PAGE_BYTES: u64 = 4_096;
/// Bytes of the second size and the magic.
const TAIL_BYTES: u64 = SIZE_BYTES + MAGIC.len() as u64;

/// The bytes that show whether there is a block in this room; `None` where it has none for one.
pub(super) fn tail(room: Span) -> Option<Span> {
    let holds = room.len() >= SIZE_BYTES + TAIL_BYTES;
    holds.then(|| Span { start: room.end - TAIL_BYTES, end: room.end })
}

/// The block that ends with these bytes, if it lies in the room; its first size is unproven.
pub(super) fn block(room: Span, tail: &[u8]) -> Option<Span> {
    let size = tail.first_chunk().filter(|_| tail.ends_with(MAGIC))?;
    let size = u64::from_le_bytes(*size).checked_add(SIZE_BYTES)?;
    let start = room.end.checked_sub(size)?;
    (size >= SIZE_BYTES + TAIL_BYTES && start >= room.start)
        .then_some(Span { start, end: room.end })
}

/// The first bytes of a block in this room, for [`padding`], and as many before it as may be
/// padding.
pub(super) fn head(room: Span, block: Span) -> Span {
    let aligned = block.start.is_multiple_of(PAGE_BYTES);
    let most = if aligned { PAGE_BYTES - 1 } else { 0 };
    let start = block.start.saturating_sub(most).max(room.start).min(block.start);
    Span { start, end: block.start.saturating_add(SIZE_BYTES) }
}

/// How many bytes before the block are padding; `None` where its first size is not exact.
pub(super) fn padding(block: Span, head: &[u8]) -> Option<u64> {
    let (before, size) = head.split_last_chunk::<{ SIZE_BYTES as usize }>()?;
    let is_exact = Some(u64::from_le_bytes(*size)) == block.len().checked_sub(SIZE_BYTES);
    let zeros = before.iter().rev().take_while(|&&byte| byte == 0).count();
    is_exact.then_some(zeros as u64)
}
