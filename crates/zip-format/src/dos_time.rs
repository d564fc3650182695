//! MS-DOS date and time, APPNOTE 4.4.6: local time in steps of two seconds, 1980 to 2107.

/// Seconds of a day.
const DAY: i64 = 86_400;

/// A date and time as they stand in the headers.
///
/// *Shape*: time = hour(5) minute(6) second/2(5), date = year-1980(7) month(4) day(5).
/// Impossible dates occur in real archives (month 0, day 31 of February); they are kept as they
/// are and only pulled into range when an instant is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct DosDateTime {
    /// The time field.
    pub time: u16,
    /// The date field.
    pub date: u16,
}

impl Default for DosDateTime {
    /// 1980-01-01 00:00:00, the first one there is.
    fn default() -> Self {
        Self { time: 0, date: 0x21 }
    }
}

/// A date and time in fields, without a time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Civil {
    /// Year.
    pub year: i64,
    /// Month, from 1.
    pub month: u8,
    /// Day of the month, from 1.
    pub day: u8,
    /// Hour, 0 to 23.
    pub hour: u8,
    /// Minute.
    pub minute: u8,
    /// Second.
    pub second: u8,
}

impl Civil {
    /// The fields of a Unix time, in UTC.
    #[must_use]
    pub fn from_unix(seconds: i64) -> Self {
        let days = seconds.div_euclid(DAY);
        let rest = seconds.rem_euclid(DAY);
        // Days since 0000-03-01, in eras of 400 years: the usual calendar arithmetic, in which
        // the leap day is the last day of the year. No step can overflow below 2^63 seconds.
        let shifted = days.saturating_add(719_468);
        let era = shifted.div_euclid(146_097);
        let day_of_era = shifted.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * day_of_year + 2) / 153;
        let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
        Self {
            year: year_of_era + era * 400 + i64::from(month <= 2),
            month: month as u8,
            day: (day_of_year - (153 * shifted_month + 2) / 5 + 1) as u8,
            hour: (rest / 3_600) as u8,
            minute: (rest / 60 % 60) as u8,
            second: (rest % 60) as u8,
        }
    }

    /// The Unix time of these fields, taken as UTC; the first or last there is where the year is
    /// beyond it.
    #[must_use]
    pub fn to_unix(self) -> i64 {
        let year = i128::from(self.year) - i128::from(self.month <= 2);
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let shifted_month = (i128::from(self.month) + 9) % 12;
        let day_of_year = (153 * shifted_month + 2) / 5 + i128::from(self.day) - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        let seconds = (era * 146_097 + day_of_era - 719_468) * i128::from(DAY)
            + i128::from(self.hour) * 3_600
            + i128::from(self.minute) * 60
            + i128::from(self.second);
        seconds.clamp(i64::MIN.into(), i64::MAX.into()) as i64
    }
}

impl DosDateTime {
    /// The fields, pulled into their ranges: month 0 is January, second 62 is 59.
    #[must_use]
    pub fn to_civil(self) -> Civil {
        let (time, date) = (self.time, self.date);
        Civil {
            year: 1980 + i64::from(date >> 9),
            month: ((date >> 5) & 15).clamp(1, 12) as u8,
            day: (date & 31).max(1) as u8,
            hour: (time >> 11).min(23) as u8,
            minute: ((time >> 5) & 63).min(59) as u8,
            second: ((time & 31) * 2).min(59) as u8,
        }
    }

    /// The nearest DOS time not after these fields; clamped to 1980..=2107.
    #[must_use]
    pub fn from_civil(civil: Civil) -> Self {
        if civil.year < 1980 {
            return Self::default();
        }
        if civil.year > 2107 {
            return Self { time: 0xbf7d, date: 0xff9f };
        }
        let year = (civil.year - 1980) as u16;
        Self {
            time: u16::from(civil.hour) << 11
                | u16::from(civil.minute) << 5
                | u16::from(civil.second / 2),
            date: year << 9 | u16::from(civil.month) << 5 | u16::from(civil.day),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_instants() {
        let civil = Civil { year: 2026, month: 11, day: 21, hour: 5, minute: 38, second: 7 };
        assert_eq!(civil.to_unix(), 1_795_239_487);
        assert_eq!(Civil::from_unix(1_795_239_487), civil);
        assert_eq!(Civil::from_unix(-1).year, 1969);
        let dos = DosDateTime::from_civil(civil);
        assert_eq!(dos.to_civil(), Civil { second: 6, ..civil }, "two-second steps, rounded down");
    }

    #[test]
    fn impossible_dates_are_pulled_into_range() {
        for date in 0..=u16::MAX {
            let civil = DosDateTime { time: 0xffff, date }.to_civil();
            assert!((1..=12).contains(&civil.month) && civil.day >= 1 && civil.hour <= 23);
            let _ = civil.to_unix();
        }
    }

    #[test]
    fn unix_time_round_trips_over_leap_years() {
        for day in -40_000..80_000 {
            let seconds = day * DAY + 3;
            assert_eq!(Civil::from_unix(seconds).to_unix(), seconds);
        }
        let _ = Civil::from_unix(i64::MAX);
        let _ = Civil::from_unix(i64::MIN);
    }
}
