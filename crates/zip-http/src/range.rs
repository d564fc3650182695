//! The `Range` header, RFC 9110, 14.1.2 and 14.2: byte ranges of a known length.

use zip_format::position::Span;

/// Ranges that are answered; a request for more gets the whole, as it may by RFC 9110, 14.2.
pub const MAX_RANGES: usize = 32;

/// What a `Range` header asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// The whole: the header is malformed, of another unit, or asks for too much.
    Whole,
    /// These ranges, at least one, none of them empty, in the order asked for.
    Ranges(Vec<Span>),
    /// Only ranges that lie outside.
    Unsatisfiable,
}

/// Reads a `Range` header for something of `len` bytes.
///
/// Ranges that overlap or touch are joined, so that no byte is sent twice however many ranges ask
/// for it.
#[must_use]
pub fn parse(header: &str, len: u64) -> Wanted {
    let Some((unit, set)) = header.split_once('=') else { return Wanted::Whole };
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return Wanted::Whole;
    }
    let mut ranges = Vec::new();
    let specs = set.split(',').map(str::trim).filter(|spec| !spec.is_empty());
    let mut count = 0;
    for spec in specs {
        count += 1;
        match one(spec, len) {
            None => return Wanted::Whole,
            _ if count > MAX_RANGES => return Wanted::Whole,
            Some(span) if span.is_empty() => {}
            Some(span) => ranges.push(span),
        }
    }
    match (count, ranges.is_empty()) {
        (0, _) => Wanted::Whole,
        (_, true) => Wanted::Unsatisfiable,
        _ => Wanted::Ranges(joined(ranges)),
    }
}

/// One range, cut to the length; empty if it lies outside, `None` if it is malformed.
fn one(spec: &str, len: u64) -> Option<Span> {
    let (first, last) = spec.split_once('-')?;
    let (first, last) = (first.trim(), last.trim());
    if first.is_empty() {
        // The last so many bytes.
        let count = number(last)?.min(len);
        return Some(Span { start: len - count, end: len });
    }
    let start = number(first)?;
    if last.is_empty() {
        return Some(Span { start: start.min(len), end: len });
    }
    let end = number(last)?.saturating_add(1);
    if end <= start {
        return None;
    }
    Some(Span { start: start.min(len), end: end.min(len) })
}

/// A number of digits alone; one that is too large is as large as can be.
fn number(text: &str) -> Option<u64> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(text.parse().unwrap_or(u64::MAX))
}

/// The same bytes without overlap: as they are if there is none, else joined and in order.
fn joined(ranges: Vec<Span>) -> Vec<Span> {
    let mut sorted = ranges.clone();
    sorted.sort_unstable_by_key(|span| span.start);
    let mut out: Vec<Span> = Vec::with_capacity(sorted.len());
    for span in sorted {
        match out.last_mut() {
            Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
            _ => out.push(span),
        }
    }
    if out.len() == ranges.len() { ranges } else { out }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranges(header: &str, len: u64) -> Option<Vec<(u64, u64)>> {
        match parse(header, len) {
            Wanted::Ranges(spans) => Some(spans.iter().map(|s| (s.start, s.end)).collect()),
            _ => None,
        }
    }

    #[test]
    fn forms_of_ranges() {
        assert_eq!(ranges("bytes=0-0", 10), Some(vec![(0, 1)]));
        assert_eq!(ranges("bytes=5-", 10), Some(vec![(5, 10)]));
        assert_eq!(ranges("bytes=-3", 10), Some(vec![(7, 10)]));
        assert_eq!(ranges("bytes=-30", 10), Some(vec![(0, 10)]));
        assert_eq!(ranges("Bytes = 2-99999999999999999999999", 10), Some(vec![(2, 10)]));
        assert_eq!(ranges("bytes=6-7, 0-1,,", 10), Some(vec![(6, 8), (0, 2)]), "their order");
        assert_eq!(ranges("bytes=4-6,0-4,20-30", 10), Some(vec![(0, 7)]), "joined");
    }

    #[test]
    fn what_lies_outside_and_what_makes_no_sense() {
        for header in ["bytes=10-", "bytes=10-20,99-", "bytes=-0", "bytes=18446744073709551615-"] {
            assert_eq!(parse(header, 10), Wanted::Unsatisfiable, "{header}");
        }
        for header in
            ["bytes", "bytes=", "bytes=-", "bytes=3-2", "bytes=a-b", "lines=1-2", "bytes=+1-2", ""]
        {
            assert_eq!(parse(header, 10), Wanted::Whole, "{header}");
        }
        let flood = format!("bytes={}", "0-,".repeat(1_000));
        assert_eq!(parse(&flood, 10), Wanted::Whole);
    }
}
