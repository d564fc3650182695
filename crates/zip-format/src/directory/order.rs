//! The order of the members in the archive, where it is not that of the directory.

use alloc::vec::Vec;

use crate::error::{Error, ErrorKind, Result};
use crate::position::Span;

/// Which member comes behind which, 4 bytes an entry.
#[derive(Clone, Debug)]
pub(super) struct Order {
    /// The entry whose member comes first.
    first: u32,
    /// For each entry, the one whose member comes behind its own; for the last of all, itself.
    next: Vec<u32>,
}

impl Order {
    /// Sorts the members, which are given with the numbers of their entries, and returns what they
    /// span together, too.
    ///
    /// # Errors
    /// Two share bytes; [`Overlap`] has the number of the latter.
    pub(super) fn new(
        mut members: Vec<(Span, u32)>,
    ) -> core::result::Result<(Self, Span), Overlap> {
        members.sort_unstable_by_key(|(span, number)| (span.start, *number));
        let mut next = alloc::vec![0; members.len()];
        let mut put = |number: u32, behind: u32| {
            if let Some(place) = next.get_mut(number as usize) {
                *place = behind;
            }
        };
        for pair in members.windows(2) {
            let [(before, number), (after, behind)] = pair else { continue };
            if after.start < before.end {
                return Err(Overlap { number: *behind, other: before.start });
            }
            put(*number, *behind);
        }
        let (first, last) = (members.first().copied(), members.last().copied());
        let nothing = (Span { start: 0, end: 0 }, 0);
        let ((first_span, first), (last_span, last)) =
            (first.unwrap_or(nothing), last.unwrap_or(nothing));
        put(last, last);
        Ok((Self { first, next }, Span { start: first_span.start, end: last_span.end }))
    }

    /// The entry whose member comes behind that of this one; `None` behind the last.
    pub(super) fn behind(&self, number: usize) -> Option<usize> {
        let next = *self.next.get(number)? as usize;
        (next != number).then_some(next)
    }

    /// The entry whose member comes first; `None` where there are none.
    pub(super) fn first(&self) -> Option<usize> {
        (!self.next.is_empty()).then_some(self.first as usize)
    }
}

/// Two members share bytes.
#[derive(Debug)]
pub(super) struct Overlap {
    /// The entry of the one that starts further back.
    pub(super) number: u32,
    /// Where the other starts.
    pub(super) other: u64,
}

impl Overlap {
    /// As an error, of the central header at `at`.
    pub(super) fn error<T>(&self, at: u64) -> Result<T> {
        Err(Error::new(ErrorKind::Overlap { other: self.other }, at))
    }
}
