//! Which of the signatures in the tail is the end record.

use core::cmp::Ordering;

use crate::eocd::{self, Eocd};
use crate::error::{Error, ErrorKind, Result};
use crate::extra::zip64::{SATURATED_16, SATURATED_32};
use crate::position::{Position, VolumeMap};
use crate::profile::Relax;
use crate::signature;

/// What the end record starts with.
const SIGNATURE: [u8; 4] = signature::EOCD.to_le_bytes();

/// Index of the one end record in the tail, which starts at `start`. `plausible` says of a record
/// at an offset whether its own numbers could be those of an archive that ends there.
pub(crate) fn choose(
    tail: &[u8],
    start: u64,
    relax: Relax,
    needs: &mut Relax,
    plausible: impl Fn(&Eocd<'_>, u64) -> bool,
) -> Result<usize> {
    let (mut exact, mut trailing) = (None, None);
    let mut second = None;
    let mut last = None;
    let mut rejected = None;
    for at in signatures(tail) {
        last = Some(at);
        let record = tail.get(at..).unwrap_or(&[]);
        let Ok(eocd) = Eocd::parse(record) else {
            continue;
        };
        let fits = plausible(&eocd, start + at as u64);
        if eocd.len() == record.len() {
            // The first in file order is the outer one: its comment holds the others. One that
            // contradicts itself is not chosen, but others may look only at where it ends.
            match (fits, exact) {
                (true, None) => {
                    exact = Some(at);
                    second = rejected;
                }
                (_, Some(_)) => second = Some(at),
                (false, None) => rejected = Some(at),
            }
        } else if fits {
            trailing = Some((at, at + eocd.len()));
        }
    }
    if let Some(at) = exact {
        // A signature behind the chosen record stands in its comment, if it is not a number of
        // its own that looks so, with too little behind it to be a record. Whole records are told
        // before mere signatures.
        let own = at + eocd::FIXED_LEN - SIGNATURE.len();
        let is_other =
            |&found: &usize| found > own || found > at && found + eocd::FIXED_LEN <= tail.len();
        let other = second.or_else(|| match last {
            Some(last) if last > at => signatures(tail).filter(is_other).last(),
            _ => None,
        });
        if let Some(other) = other {
            let kind = ErrorKind::Ambiguous { other: start + other as u64 };
            let error = Error::new(kind, start + at as u64);
            relax.allow(needs, Relax::END_IN_COMMENT, error)?;
        }
        return Ok(at);
    }
    if let Some(at) = rejected {
        // Its own fields are wrong; `place` says which.
        return Ok(at);
    }
    if let Some((at, end)) = trailing {
        let bytes = (tail.len() - end) as u64;
        let error = Error::new(ErrorKind::Trailing { bytes }, start + end as u64);
        relax.allow(needs, Relax::TRAILING, error)?;
        return Ok(at);
    }
    match last {
        // A record is there, but its comment is cut off, or it contradicts itself.
        Some(at) => match Eocd::parse(tail.get(at..).unwrap_or(&[])) {
            Err(error) => Err(error.offset(start + at as u64)),
            Ok(_) => Ok(at),
        },
        None => Err(Error::new(ErrorKind::NoEndRecord, start + tail.len() as u64)),
    }
}

/// What an end record of an archive over these volumes can say.
///
/// Each slot may refer to zip64 for itself, as [`End::widened`](super::end::End::widened) takes
/// it. Whatever is accepted in the end must fit here: one that does not is no second candidate,
/// and nothing is told of bytes behind it.
pub(super) fn fits(eocd: &Eocd<'_>, at: u64, volumes: VolumeMap<'_>) -> bool {
    if volumes.is_one() {
        return (is_wide(eocd) || ends_by(eocd, at))
            && are_one(eocd.disk, eocd.directory_disk)
            && are_one(eocd.entries, eocd.entries_on_disk);
    }
    let disk = eocd.directory_disk.into();
    let start = volumes.resolve(Position { disk, offset: eocd.directory_offset.into() });
    let inside = start.is_some_and(|start| start + u64::from(eocd.directory_size) <= at);
    let wide = is_wide(eocd) || eocd.directory_disk == SATURATED_16;
    (wide || inside) && is_part(eocd)
}

/// The same where only the last volume is known; `at` is an offset on it.
pub(super) fn fits_alone(eocd: &Eocd<'_>, at: u64) -> bool {
    let inside = match eocd.directory_disk.cmp(&eocd.disk) {
        // How long the volumes before are is not known.
        Ordering::Less => true,
        Ordering::Equal => is_wide(eocd) || ends_by(eocd, at),
        Ordering::Greater => false,
    };
    (eocd.directory_disk == SATURATED_16 || inside) && is_part(eocd)
}

/// Where the directory is stands in a zip64 record.
const fn is_wide(eocd: &Eocd<'_>) -> bool {
    eocd.directory_offset == SATURATED_32 || eocd.directory_size == SATURATED_32
}

/// A directory on the volume of its end record ends before that.
fn ends_by(eocd: &Eocd<'_>, at: u64) -> bool {
    u64::from(eocd.directory_offset) + u64::from(eocd.directory_size) <= at
}

/// Two numbers that are one where there is one volume, if neither refers to zip64.
const fn are_one(a: u16, b: u16) -> bool {
    a == b || a == SATURATED_16 || b == SATURATED_16
}

/// The entries of one volume are some of all, or their number stands in a zip64 record.
const fn is_part(eocd: &Eocd<'_>) -> bool {
    eocd.entries_on_disk <= eocd.entries || eocd.entries_on_disk == SATURATED_16
}

/// Offsets of the end record's signature, ascending.
///
/// All of the tail is searched in every archive, since a second record makes it ambiguous; so it
/// is first looked at in blocks, in a form that compilers turn into vector instructions.
fn signatures(bytes: &[u8]) -> impl Iterator<Item = usize> {
    const BLOCK: usize = 64;
    let [.., third, fourth] = SIGNATURE;
    bytes.chunks(BLOCK).enumerate().flat_map(move |(number, _)| {
        let start = number * BLOCK;
        // A signature that starts in this block ends within its first three neighbours.
        let reach = bytes.get(start..).unwrap_or(&[]);
        let suspect = match reach.first_chunk::<{ BLOCK + 3 }>() {
            Some(reach) => {
                let ends = reach[2..].iter().zip(&reach[3..]);
                ends.fold(false, |any, (&a, &b)| any | ((a == third) & (b == fourth)))
            }
            None => true,
        };
        let windows = if suspect { reach } else { &[] };
        let hits = windows.windows(4).take(BLOCK).enumerate();
        hits.filter(|(_, window)| *window == SIGNATURE).map(move |(at, _)| start + at)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ends at offset 150 of its volume.
    const HONEST: Eocd<'static> = Eocd {
        disk: 0,
        directory_disk: 0,
        entries_on_disk: 2,
        entries: 2,
        directory_size: 100,
        directory_offset: 50,
        comment: b"",
    };

    #[test]
    fn on_one_volume_the_directory_ends_before_its_end_record() {
        let fits = |eocd: Eocd<'_>, at| fits(&eocd, at, VolumeMap::one(at + 22));
        assert_eq!([149, 150, 151].map(|at| fits(HONEST, at)), [false, true, true]);
        // Each slot may refer to zip64 alone, the others then hold the truth or the same.
        assert!(fits(Eocd { directory_size: u32::MAX, ..HONEST }, 150));
        assert!(fits(Eocd { directory_offset: u32::MAX, ..HONEST }, 150));
        for (number, fit) in [(0, true), (1, false), (u16::MAX, true)] {
            assert_eq!(fits(Eocd { disk: number, ..HONEST }, 150), fit, "disk {number}");
            let eocd = Eocd { directory_disk: number, ..HONEST };
            assert_eq!(fits(eocd, 150), fit, "directory on disk {number}");
        }
        for (number, fit) in [(1, false), (2, true), (3, false), (u16::MAX, true)] {
            assert_eq!(fits(Eocd { entries: number, ..HONEST }, 150), fit, "{number} entries");
            let eocd = Eocd { entries_on_disk: number, ..HONEST };
            assert_eq!(fits(eocd, 150), fit, "{number} entries on this disk");
        }
    }

    #[test]
    fn over_volumes_the_directory_starts_on_the_one_that_is_named() {
        let fits = |eocd: Eocd<'_>, at| fits(&eocd, at, VolumeMap::new(&[0, 1000], 2000));
        // From 900 on the first to 200 on the second.
        let first = Eocd { disk: 1, directory_offset: 900, directory_size: 300, ..HONEST };
        assert_eq!([1199, 1200, 1201].map(|at| fits(first, at)), [false, true, true]);
        let second = Eocd { directory_disk: 1, directory_offset: 0, ..first };
        assert_eq!([1299, 1300].map(|at| fits(second, at)), [false, true]);
        assert!(!fits(Eocd { directory_disk: 2, ..first }, 1900), "no such volume");
        assert!(!fits(Eocd { directory_offset: 1001, ..first }, 1900), "that volume is shorter");
        assert!(fits(Eocd { directory_disk: u16::MAX, ..first }, 1199));
        assert!(fits(Eocd { directory_size: u32::MAX, ..first }, 1199));
        assert!(fits(Eocd { directory_offset: u32::MAX, ..first }, 1199));
        for (on_disk, fit) in [(0, true), (2, true), (3, false), (u16::MAX, true)] {
            let eocd = Eocd { entries_on_disk: on_disk, ..first };
            assert_eq!(fits(eocd, 1200), fit, "{on_disk} of 2");
        }
    }

    #[test]
    fn of_other_volumes_the_last_alone_says_nothing() {
        let here = Eocd { disk: 1, directory_disk: 1, ..HONEST };
        assert_eq!([149, 150, 151].map(|at| fits_alone(&here, at)), [false, true, true]);
        assert!(fits_alone(&Eocd { directory_size: u32::MAX, ..here }, 149));
        assert!(fits_alone(&Eocd { directory_offset: u32::MAX, ..here }, 149));
        for (directory_disk, fit) in [(0, true), (2, false), (u16::MAX, true)] {
            let eocd = Eocd { directory_disk, ..here };
            assert_eq!(fits_alone(&eocd, 0), fit, "directory on disk {directory_disk}");
        }
        for disk in [1, 2] {
            for (on_disk, fit) in [(0, true), (2, true), (3, false), (u16::MAX, true)] {
                let eocd = Eocd { disk, entries_on_disk: on_disk, ..here };
                assert_eq!(fits_alone(&eocd, 150), fit, "{on_disk} of 2");
            }
        }
    }
}
