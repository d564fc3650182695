//! The zone of whoever runs the command: that of the system, or the one `TZ` names. DOS times are
//! read in it and tables are written in it, as by all tools of the field.

use std::sync::OnceLock;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use pzip::format::dos_time::Civil;

/// UTC where the system names no zone.
fn here() -> &'static TimeZone {
    static HERE: OnceLock<TimeZone> = OnceLock::new();
    HERE.get_or_init(TimeZone::system)
}

/// The Unix time at which clocks here show `civil`; the first, where they were turned back.
pub(crate) fn to_unix(civil: Civil) -> i64 {
    to_unix_in(here(), civil)
}

/// What clocks here show at a Unix time.
pub(crate) fn civil(seconds: i64) -> Civil {
    civil_in(here(), seconds)
}

fn to_unix_in(zone: &TimeZone, civil: Civil) -> i64 {
    let field = |value: u8| i8::try_from(value).ok();
    let shown = || {
        let year = i16::try_from(civil.year).ok()?;
        let (month, day) = (field(civil.month)?, field(civil.day)?);
        let (hour, minute, second) =
            (field(civil.hour)?, field(civil.minute)?, field(civil.second)?);
        let shown = DateTime::new(year, month, day, hour, minute, second, 0).ok()?;
        zone.to_ambiguous_timestamp(shown).compatible().ok()
    };
    shown().map_or_else(|| civil.to_unix(), Timestamp::as_second)
}

fn civil_in(zone: &TimeZone, seconds: i64) -> Civil {
    // Outside of the years that zones are defined for, any is as good as UTC.
    let Ok(instant) = Timestamp::from_second(seconds) else { return Civil::from_unix(seconds) };
    let shift = zone.to_offset(instant).seconds();
    Civil::from_unix(seconds.saturating_add(shift.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_of_new_york() {
        let zone = TimeZone::posix("EST5EDT,M3.2.0,M11.1.0").expect("a rule of POSIX");
        let summer = Civil { year: 2026, month: 7, day: 1, hour: 12, minute: 0, second: 2 };
        assert_eq!(to_unix_in(&zone, summer), summer.to_unix() + 4 * 3_600);
        let winter = Civil { month: 1, ..summer };
        assert_eq!(to_unix_in(&zone, winter), winter.to_unix() + 5 * 3_600);
        for shown in [summer, winter] {
            assert_eq!(civil_in(&zone, to_unix_in(&zone, shown)), shown);
        }
        // Shown twice, and never.
        let twice = Civil { month: 11, hour: 1, ..summer };
        assert_eq!(to_unix_in(&zone, twice), twice.to_unix() + 4 * 3_600);
        let never = Civil { month: 3, day: 8, hour: 2, ..summer };
        assert_eq!(civil_in(&zone, to_unix_in(&zone, never)).hour, 3);
        let _ = (civil_in(&zone, i64::MAX), civil_in(&zone, i64::MIN));
        let far = Civil { year: 1 << 40, ..summer };
        assert_eq!(to_unix_in(&zone, far), far.to_unix());
    }
}
