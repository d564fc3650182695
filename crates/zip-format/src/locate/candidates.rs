//! Which of the signatures in the tail is the end record.

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
pub(super) fn choose(
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
            trailing = Some(at);
        }
    }
    if let Some(at) = exact {
        // Any signature behind the chosen record stands in its comment, if it is not a number of
        // its own that looks so; and whole records are told before mere signatures.
        let own = at + eocd::FIXED_LEN - SIGNATURE.len();
        let other = second.or(last.filter(|&last| last > own));
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
    if let Some(at) = trailing {
        let record = tail.get(at..).unwrap_or(&[]);
        let len = Eocd::parse(record).map_or(0, |eocd| eocd.len());
        let bytes = (record.len() - len.min(record.len())) as u64;
        let error = Error::new(ErrorKind::Trailing { bytes }, start + (at + len) as u64);
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
pub(super) fn fits(eocd: &Eocd<'_>, at: u64, volumes: VolumeMap<'_>) -> bool {
    let zip64 = eocd.directory_offset == SATURATED_32 || eocd.directory_size == SATURATED_32;
    if volumes.is_one() {
        let ends = u64::from(eocd.directory_offset) + u64::from(eocd.directory_size);
        let same_disk = eocd.disk == eocd.directory_disk;
        return (zip64 || ends <= at) && same_disk && eocd.entries == eocd.entries_on_disk;
    }
    let (disk, offset) = (eocd.directory_disk.into(), eocd.directory_offset.into());
    let start = volumes.resolve(Position { disk, offset });
    let inside = start.is_some_and(|start| start + u64::from(eocd.directory_size) <= at);
    let zip64 = zip64 || eocd.directory_disk == SATURATED_16;
    (zip64 || inside) && eocd.entries_on_disk <= eocd.entries
}

/// The same where only the last volume is known; `at` is an offset on it.
pub(super) fn fits_alone(eocd: &Eocd<'_>, at: u64) -> bool {
    if eocd.disk == eocd.directory_disk {
        let ends = u64::from(eocd.directory_offset) + u64::from(eocd.directory_size);
        let zip64 = eocd.directory_offset == SATURATED_32 || eocd.directory_size == SATURATED_32;
        return (zip64 || ends <= at) && eocd.entries_on_disk <= eocd.entries;
    }
    eocd.directory_disk < eocd.disk && eocd.entries_on_disk <= eocd.entries
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
