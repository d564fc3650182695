//! The range a run goes over, and the bytes of it that are made and not yet delivered.

use zip_format::position::Span;

/// Bytes from `at` to `end` are still to be made; those before, in so far as they are not payload
/// that was passed on, stand here until they are taken.
#[derive(Debug)]
pub(super) struct Ready {
    pub(super) bytes: Vec<u8>,
    /// Bytes of these that were delivered.
    taken: usize,
    /// The next byte of the archive to be made, and the one after the last.
    pub(super) at: u64,
    pub(super) end: u64,
}

impl Ready {
    pub(super) const fn over(range: Span) -> Self {
        Self { bytes: Vec::new(), taken: 0, at: range.start, end: range.end }
    }

    /// What was made and not taken.
    pub(super) fn left(&self) -> &[u8] {
        self.bytes.get(self.taken..).unwrap_or(&[])
    }

    pub(super) fn took(&mut self, bytes: usize) {
        self.taken = self.taken.saturating_add(bytes).min(self.bytes.len());
    }

    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.taken = 0;
    }

    /// Bytes that are to be delivered from now on.
    pub(super) const fn remaining(&self) -> u64 {
        // Both only grow up to `end`, and what is ready was counted into `at`.
        self.end - self.at + (self.bytes.len() - self.taken) as u64
    }

    /// Appends the next bytes of the archive, which are those of `whole` that lie in the range;
    /// its last byte is the one before `until`. Returns how many there were.
    pub(super) fn lay(&mut self, whole: &[u8], until: u64) -> usize {
        let start = until.saturating_sub(whole.len() as u64);
        let cut = |offset: u64| (offset.clamp(start, until) - start) as usize;
        let part = whole.get(cut(self.at)..cut(self.end)).unwrap_or(&[]);
        self.bytes.extend_from_slice(part);
        self.at += part.len() as u64;
        part.len()
    }

    /// A whole record was appended to `before` bytes, and lies there in the archive: what is
    /// outside of the range goes.
    pub(super) fn laid(&mut self, span: Span, before: usize) {
        debug_assert_eq!((self.bytes.len() - before) as u64, span.len(), "at {}", span.start);
        let end = span.end.min(self.end);
        let cut = |offset: u64| before + (offset - span.start) as usize;
        self.bytes.truncate(cut(end));
        self.bytes.drain(before..cut(self.at));
        self.at = end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_outside_of_the_range_goes() {
        // Of eight bytes at 100 to 108.
        for (start, end, kept) in [
            (100, 108, &b"abcdefgh"[..]),
            (100, 200, b"abcdefgh"),
            (102, 108, b"cdefgh"),
            (102, 104, b"cd"),
        ] {
            let mut ready = Ready::over(Span { start, end });
            assert_eq!(ready.lay(b"abcdefgh", 108), kept.len());
            assert_eq!((ready.left(), ready.at), (kept, end.min(108)));
            assert_eq!(ready.remaining(), end - start);

            let mut ready = Ready::over(Span { start, end });
            ready.bytes.extend_from_slice(b"abcdefgh");
            ready.laid(Span { start: 100, end: 108 }, 0);
            assert_eq!((ready.left(), ready.at), (kept, end.min(108)));
            ready.took(1);
            assert_eq!(ready.left(), &kept[1..]);
            assert_eq!(ready.remaining(), end - start - 1);
        }
    }
}
