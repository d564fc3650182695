//! Copies of contents to a place that others have chosen.

/// Bytes after which addresses look the same to a processor that compares their low bits only.
pub(crate) const PAGE: usize = 4 << 10;
/// Targets that lie so little behind their sources, page by page, are close.
const CLOSE: usize = 64;
/// Bytes that stay in the first cache while they are copied twice.
const STEP: usize = 2 << 10;

/// Addresses between which a plain copy takes up to twenty times as long, because each load waits
/// for the store before it. Contents between the headers of blocks come to lie so: a few bytes
/// further on in their pages than in their source.
const fn is_slow(to: usize, from: usize) -> bool {
    let ahead = to.wrapping_sub(from) % PAGE;
    ahead > 0 && ahead < CLOSE
}

/// Copies as many bytes as both have; over a place in the middle where that is faster.
pub(crate) fn copy(to: &mut [u8], from: &[u8]) {
    let len = to.len().min(from.len());
    let (Some(to), Some(from)) = (to.get_mut(..len), from.get(..len)) else { return };
    if len < PAGE || !is_slow(to.as_ptr().addr(), from.as_ptr().addr()) {
        return to.copy_from_slice(from);
    }
    let mut room = [0; PAGE + STEP];
    let away = from.as_ptr().addr().wrapping_add(PAGE / 4).wrapping_sub(room.as_ptr().addr());
    let between = room.get_mut(away % PAGE..).unwrap_or_default();
    for (to, from) in to.chunks_mut(STEP).zip(from.chunks(STEP)) {
        if let Some(between) = between.get_mut(..from.len()) {
            between.copy_from_slice(from);
            to.copy_from_slice(between);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_whatever_the_distance() {
        let from: Vec<u8> = (0..10_000_u32).map(|n| (n * 7 / 3) as u8).collect();
        let mut to = vec![0; 20_000];
        let aligned = from.as_ptr().addr().wrapping_sub(to.as_ptr().addr()) % PAGE;
        for ahead in [0, 1, 5, 63, 64, 4_095] {
            for len in [0, 1, 4_095, 4_096, 6_143, 6_144, 10_000] {
                to.fill(0);
                let start = aligned + ahead;
                copy(&mut to[start..start + len], &from);
                assert!(to[start..start + len] == from[..len], "{ahead} ahead, {len} bytes");
                assert_eq!(to[start + len], 0, "and no byte more");
            }
        }
    }
}
