//! What the last volume alone says about the others: how many there are, and where the directory
//! starts. This is for finding the volumes; the [`Locator`](super::Locator) then checks all of it.

use super::candidates;
use crate::eocd::Eocd;
use crate::eocd64::{self, Eocd64, Eocd64Locator};
use crate::error::Result;
use crate::extra::zip64::{SATURATED_16, SATURATED_32};
use crate::position::Position;
use crate::profile::Relax;

/// What an end record claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Number of volumes; 1 for plain archives and raw cuts.
    pub claimed_volumes: u64,
    /// Where the directory starts, if the bytes at hand show it.
    pub directory: Option<Position>,
}

/// Reads the claim out of `tail`, the end of the last volume: [`TAIL_LEN`](super::TAIL_LEN) bytes,
/// or all of a shorter volume. `start` is the offset of these bytes on the volume.
///
/// # Errors
/// There is no end record.
pub fn claim(tail: &[u8], start: u64) -> Result<Claim> {
    let mut needs = Relax::empty();
    // Which record it is, and whether anything is odd about it, is for the locator to judge.
    let chosen =
        candidates::choose(tail, start, Relax::LENIENT, &mut needs, candidates::fits_alone)?;
    let (before, record) = tail.split_at_checked(chosen).unwrap_or((&[], &[]));
    let eocd = Eocd::parse(record)?;
    let mut claim = Claim {
        claimed_volumes: u64::from(eocd.disk) + 1,
        directory: Some(Position {
            disk: eocd.directory_disk.into(),
            offset: eocd.directory_offset.into(),
        }),
    };
    let saturated = eocd.disk == SATURATED_16
        || eocd.directory_disk == SATURATED_16
        || eocd.directory_offset == SATURATED_32;
    let locator = before.last_chunk::<{ eocd64::LOCATOR_LEN }>();
    let locator = locator.and_then(|bytes| Eocd64Locator::parse(bytes).ok());
    let (true, Some(locator)) = (saturated, locator) else { return Ok(claim) };
    if eocd.disk == SATURATED_16 {
        claim.claimed_volumes = locator.disks.max(1).into();
    }
    // Directly before the locator, as everyone writes it.
    let fixed = eocd64::FIXED_LEN + eocd64::LOCATOR_LEN;
    let record = before.len().checked_sub(fixed).and_then(|at| before.get(at..));
    let record = record.and_then(|bytes| Eocd64::parse(bytes).ok());
    claim.directory = record
        .map(|record| Position { disk: record.directory_disk, offset: record.directory_offset });
    Ok(claim)
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    fn end(disk: u16, directory_disk: u16, offset: u32) -> Eocd<'static> {
        Eocd {
            disk,
            directory_disk,
            entries_on_disk: 1,
            entries: 2,
            directory_size: 100,
            directory_offset: offset,
            comment: b"PK",
        }
    }

    #[test]
    fn claims_of_plain_split_and_zip64_end_records() {
        let mut tail = Vec::from([0; 200]);
        end(6, 5, 70_000).write(&mut tail).unwrap();
        let directory = Some(Position { disk: 5, offset: 70_000 });
        assert_eq!(claim(&tail, 0), Ok(Claim { claimed_volumes: 7, directory }));
        assert!(claim(&tail[..200], 0).is_err());

        let mut tail = Vec::from([0; 200]);
        Eocd64::new(70_000, 69_999, 2, 100, 9).write(&mut tail);
        Eocd64Locator { disk: 70_000, offset: 200, disks: 70_001 }.write(&mut tail);
        end(u16::MAX, u16::MAX, u32::MAX).write(&mut tail).unwrap();
        let directory = Some(Position { disk: 69_999, offset: 9 });
        assert_eq!(claim(&tail, 0), Ok(Claim { claimed_volumes: 70_001, directory }));
        tail.drain(..210);
        assert_eq!(claim(&tail, 210).unwrap().directory, None, "not in these bytes");
    }

    #[test]
    fn any_saturated_number_refers_to_zip64_and_none_needs_it() {
        let told = |disk, directory_disk, offset| {
            let mut tail = Vec::from([0; 200]);
            Eocd64::new(8, 7, 2, 100, 5000).write(&mut tail);
            Eocd64Locator { disk: 8, offset: 200, disks: 9 }.write(&mut tail);
            end(disk, directory_disk, offset).write(&mut tail).unwrap();
            let claim = claim(&tail, 0).unwrap();
            (claim.claimed_volumes, claim.directory.map(|at| (at.disk, at.offset)))
        };
        assert_eq!(told(8, 7, u32::MAX), (9, Some((7, 5000))), "the offset");
        assert_eq!(told(8, u16::MAX, 5000), (9, Some((7, 5000))), "the directory's volume");
        assert_eq!(told(u16::MAX, 7, 5000), (9, Some((7, 5000))), "the last volume");
        // Numbers of their own are taken as they are; the locator then compares the two records.
        assert_eq!(told(3, 2, 60), (4, Some((2, 60))));
    }
}
