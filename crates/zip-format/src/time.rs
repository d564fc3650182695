//! The best modification instant of an entry, and where it came from.
//!
//! NTFS times are the most exact (100 ns, UTC), then the extended timestamp (seconds, UTC), then
//! the DOS time of the header: two seconds, local time of a zone that nobody wrote down. Whoever
//! knows it, or guesses it as the tools of the field do, says so by a [`Zone`].

use crate::dos_time::{Civil, DosDateTime};
use crate::extra::ntfs::NtfsTimes;
use crate::extra::timestamp::Timestamp;
use crate::extra::{find_harmless, id};

/// Which field an instant was read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Origin {
    /// NTFS record 0x000a, UTC.
    Ntfs,
    /// Extended timestamp 0x5455, UTC.
    Extended,
    /// DOS time of the header: local time, taken as if it were UTC until [`Instant::in_zone`]
    /// says otherwise.
    Dos,
}

/// An instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Instant {
    /// Seconds since 1970-01-01 00:00:00 UTC.
    pub seconds: i64,
    /// Nanoseconds of that second.
    pub nanoseconds: u32,
    /// The field it was read from.
    pub origin: Origin,
}

/// Where on the line of time the clocks of one place show a date and time.
///
/// A closure from [`Civil`] to seconds is one. This crate has no database of zones.
pub trait Zone: Send + Sync {
    /// Seconds since 1970-01-01 00:00:00 UTC at which a clock shows `civil`. What it never showed,
    /// or showed twice, is for the zone to decide.
    fn to_unix(&self, civil: Civil) -> i64;
}

impl<F: Fn(Civil) -> i64 + Send + Sync> Zone for F {
    fn to_unix(&self, civil: Civil) -> i64 {
        self(civil)
    }
}

impl Instant {
    /// The same instant, if it is known; where it is a DOS time, the one that clocks in `zone`
    /// showed so. To be asked once, of what [`modified`] gives.
    #[must_use]
    pub fn in_zone(self, zone: &dyn Zone) -> Self {
        match self.origin {
            Origin::Dos => Self { seconds: zone.to_unix(Civil::from_unix(self.seconds)), ..self },
            Origin::Ntfs | Origin::Extended => self,
        }
    }
}

/// The best modification instant of a header.
#[must_use]
pub fn modified(dos: DosDateTime, extra: &[u8]) -> Instant {
    let ntfs = find_harmless(extra, id::NTFS)
        .and_then(NtfsTimes::parse)
        // Zero means "not set", not 1601.
        .filter(|times| times.modified.0 != 0);
    if let Some(times) = ntfs {
        let (seconds, nanoseconds) = times.modified.to_unix();
        return Instant { seconds, nanoseconds, origin: Origin::Ntfs };
    }
    let extended =
        find_harmless(extra, id::TIMESTAMP).and_then(|data| Timestamp::parse(data).modified);
    if let Some(seconds) = extended {
        return Instant { seconds: seconds.into(), nanoseconds: 0, origin: Origin::Extended };
    }
    Instant { seconds: dos.to_civil().to_unix(), nanoseconds: 0, origin: Origin::Dos }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    #[test]
    fn the_more_exact_source_wins() {
        let dos = DosDateTime::default();
        assert_eq!(modified(dos, &[]).origin, Origin::Dos);
        let mut extra = Vec::new();
        Timestamp::push_modified(&mut extra, 77);
        assert_eq!(
            (modified(dos, &extra).origin, modified(dos, &extra).seconds),
            (Origin::Extended, 77)
        );
        let mut data = Vec::from([0, 0, 0, 0, 1, 0, 24, 0]);
        data.extend([0; 24]);
        crate::extra::push(&mut extra, id::NTFS, &data).unwrap();
        assert_eq!(modified(dos, &extra).origin, Origin::Extended, "a zero FILETIME is not set");
    }

    #[test]
    fn only_dos_times_are_of_a_zone() {
        let an_hour_east = |civil: Civil| civil.to_unix() - 3_600;
        let dos = modified(DosDateTime::default(), &[]);
        let there = dos.in_zone(&an_hour_east);
        assert_eq!((there.seconds, there.origin), (dos.seconds - 3_600, Origin::Dos));
        let mut extra = Vec::new();
        Timestamp::push_modified(&mut extra, 77);
        assert_eq!(modified(DosDateTime::default(), &extra).in_zone(&an_hour_east).seconds, 77);
    }
}
