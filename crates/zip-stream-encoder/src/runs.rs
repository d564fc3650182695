//! Checksums of pieces of some contents, joined where they meet.
//!
//! Two checksums of neighbouring pieces combine into that of both, so a download that broke off
//! leaves behind what its successor need not read again.

use zip_format::crc32::Crc32;
use zip_format::position::Span;

/// A piece and its checksum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    span: Span,
    crc32: u32,
}

/// Pieces of the contents of one entry whose checksums are known.
///
/// *Limits*: 32 pieces; more are not kept, which costs reading them again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Runs(Vec<Run>);

/// Pieces that are kept. Readers go forward, so few occur; who asks for many little ranges gets
/// no more memory for it.
const MAX_RUNS: usize = 32;

impl Runs {
    /// Nothing is known.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// All of the contents, of this size.
    #[must_use]
    pub fn whole(crc32: u32, size: u64) -> Self {
        let mut runs = Self::new();
        runs.insert(Span { start: 0, end: size }, crc32);
        runs
    }

    /// Takes in a piece. It replaces those that it covers; one that overlaps another in part, or
    /// lies in it, is left out: it says nothing that can be combined.
    pub fn insert(&mut self, span: Span, crc32: u32) {
        let at = self.0.partition_point(|run| run.span.end <= span.start);
        let to = self.0.partition_point(|run| run.span.start < span.end).max(at);
        let overlapped = self.0.get(at..to).unwrap_or(&[]);
        let covers = |run: &Run| {
            span.start <= run.span.start && run.span.end <= span.end && run.span != span
        };
        if span.is_empty() || !overlapped.iter().all(covers) {
            return;
        }
        self.0.splice(at..to, [Run { span, crc32 }]);
        let count = self.0.len();
        // The later pair first, so that `at` stays the piece's place.
        self.join(at);
        if let Some(before) = at.checked_sub(1) {
            self.join(before);
        }
        if self.0.len() == count && count > MAX_RUNS {
            // It met no neighbour, and there is no room for it by itself.
            self.0.remove(at);
        }
    }

    /// Combines the run at `at` with the next, if they meet.
    fn join(&mut self, at: usize) {
        if let Some(&[left, right]) = self.0.get(at..at.saturating_add(2))
            && left.span.end == right.span.start
        {
            let mut crc = Crc32::resume(left.crc32, left.span.len());
            crc.combine(&Crc32::resume(right.crc32, right.span.len()));
            let span = Span { start: left.span.start, end: right.span.end };
            self.0.splice(at..at + 2, [Run { span, crc32: crc.value() }]);
        }
    }

    /// Takes in all pieces of another.
    pub fn merge(&mut self, other: &Self) {
        for run in &other.0 {
            self.insert(run.span, run.crc32);
        }
    }

    /// The checksum of all of `size` bytes, if it is known.
    #[must_use]
    pub fn complete(&self, size: u64) -> Option<u32> {
        match self.0.as_slice() {
            _ if size == 0 => Some(0),
            [run] if run.span == Span { start: 0, end: size } => Some(run.crc32),
            _ => None,
        }
    }

    /// The first bytes at or behind `from`, of `size` in all, that are in no piece.
    #[must_use]
    pub fn gap(&self, from: u64, size: u64) -> Option<Span> {
        let mut start = from;
        for run in &self.0 {
            if run.span.end <= start {
                continue;
            }
            if run.span.start > start {
                return Some(Span { start, end: run.span.start.min(size) })
                    .filter(|gap| !gap.is_empty());
            }
            start = run.span.end;
        }
        Some(Span { start, end: size }).filter(|gap| !gap.is_empty())
    }

    /// Some piece lies behind `size` bytes: it was told of other contents.
    pub(crate) fn exceeds(&self, size: u64) -> bool {
        self.0.last().is_some_and(|run| run.span.end > size)
    }
}

/// Sums contents that come in order from somewhere on, around the pieces that are known.
#[derive(Clone, Debug)]
pub(crate) struct Summer {
    pub(crate) runs: Runs,
    /// Bytes summed since the last piece was closed; they end at `at`.
    crc: Crc32,
    since: u64,
    at: u64,
    size: u64,
}

impl Summer {
    /// Contents of `size` bytes, of which the one at `from` comes next.
    pub(crate) fn new(runs: Runs, from: u64, size: u64) -> Self {
        Self { runs, crc: Crc32::new(), since: from, at: from, size }
    }

    /// Takes in the next bytes.
    pub(crate) fn update(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let end = self.at.saturating_add(bytes.len() as u64);
            let gap = self.runs.gap(self.at, self.size.max(end));
            let (skip, sum) = match gap {
                Some(gap) => (gap.start - self.at, gap.len()),
                None => (bytes.len() as u64, 0),
            };
            if skip > 0 {
                self.close();
            }
            let skip = usize::try_from(skip).unwrap_or(usize::MAX).min(bytes.len());
            bytes = bytes.get(skip..).unwrap_or(&[]);
            self.at += skip as u64;
            if skip > 0 {
                self.since = self.at;
            }
            let sum = usize::try_from(sum).unwrap_or(usize::MAX).min(bytes.len());
            let (now, rest) = bytes.split_at(sum);
            self.crc.update(now);
            self.at += sum as u64;
            bytes = rest;
        }
    }

    /// Makes a piece of what was summed since the last one.
    pub(crate) fn close(&mut self) {
        let crc = std::mem::take(&mut self.crc);
        self.runs.insert(Span { start: self.since, end: self.at }, crc.value());
        self.since = self.at;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use zip_format::crc32::crc32;

    fn span(start: usize, end: usize) -> Span {
        Span { start: start as u64, end: end as u64 }
    }

    #[test]
    fn pieces_meet_in_any_order() {
        let bytes: Vec<u8> = (0..=255).collect();
        let cuts = [0, 10, 11, 100, 256];
        let pieces: Vec<_> = cuts.windows(2).map(|pair| (pair[0], pair[1])).collect();
        for order in [[0, 1, 2, 3], [3, 2, 1, 0], [1, 3, 0, 2], [2, 0, 3, 1]] {
            let mut runs = Runs::new();
            for at in order {
                assert_eq!(runs.complete(256), None);
                let (start, end) = pieces[at];
                runs.insert(span(start, end), crc32(&bytes[start..end]));
                runs.insert(span(start, end), 0);
            }
            assert_eq!(runs.complete(256), Some(crc32(&bytes)), "{order:?}");
            assert_eq!(runs, Runs::whole(crc32(&bytes), 256));
        }
    }

    #[test]
    fn what_covers_replaces_and_what_overlaps_does_not() {
        let mut runs = Runs::new();
        runs.insert(span(2, 4), 1);
        runs.insert(span(6, 9), 2);
        let before = runs.clone();
        for (start, end) in [(3, 5), (2, 4), (6, 7), (4, 7), (1, 3), (3, 8)] {
            runs.insert(span(start, end), 7);
            assert_eq!(runs, before, "{start}..{end}");
        }
        runs.insert(span(1, 10), 3);
        assert_eq!(runs.gap(1, 10), None);
        assert_eq!(runs.0.len(), 1);
    }

    #[test]
    fn gaps_are_what_is_missing() {
        let mut runs = Runs::new();
        assert_eq!(runs.gap(0, 9), Some(span(0, 9)));
        runs.insert(span(2, 4), 1);
        runs.insert(span(6, 9), 1);
        assert_eq!(runs.gap(0, 9), Some(span(0, 2)));
        assert_eq!(runs.gap(2, 9), Some(span(4, 6)));
        assert_eq!(runs.gap(5, 9), Some(span(5, 6)));
        assert_eq!(runs.gap(6, 9), None);
        assert_eq!(Runs::new().complete(0), Some(0));
    }

    #[test]
    fn a_summer_goes_around_what_is_known() {
        let bytes: Vec<u8> = (0..200).map(|n| n as u8 ^ 0x5a).collect();
        for from in [0, 1, 50, 60, 99, 150] {
            for step in [1, 7, 200] {
                let mut runs = Runs::new();
                runs.insert(span(50, 100), crc32(&bytes[50..100]));
                let mut summer = Summer::new(runs, from as u64, 200);
                for chunk in bytes[from..].chunks(step) {
                    summer.update(chunk);
                }
                summer.close();
                let first = bytes[..from].len() as u64;
                if let Some(gap) = summer.runs.gap(0, 200) {
                    assert!(gap.end <= first && gap.end <= 50, "from {from}: {gap:?}");
                    let (start, end) = (gap.start as usize, gap.end as usize);
                    summer.runs.insert(gap, crc32(&bytes[start..end]));
                }
                if let Some(gap) = summer.runs.gap(0, 200) {
                    let (start, end) = (gap.start as usize, gap.end as usize);
                    summer.runs.insert(gap, crc32(&bytes[start..end]));
                }
                assert_eq!(summer.runs.complete(200), Some(crc32(&bytes)), "{from}, {step}");
            }
        }
    }

    #[test]
    fn many_little_pieces_take_no_more_memory() {
        let mut runs = Runs::new();
        for n in 0..10_000 {
            runs.insert(span(n * 3, n * 3 + 1), n as u32);
        }
        assert!(runs.0.len() <= MAX_RUNS);
        assert_eq!(runs.gap(0, 4), Some(span(1, 3)), "the first is still there");
    }
}
