//! Dates of HTTP, RFC 9110, 5.6.7: `Sun, 06 Nov 1994 08:49:37 GMT`.

use zip_format::dos_time::Civil;

const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// A Unix time as a date of HTTP; `None` outside of the years 1 to 9999, which the form has no
/// room for.
#[must_use]
pub fn format(seconds: i64) -> Option<String> {
    let Civil { year, month, day, hour, minute, second } = Civil::from_unix(seconds);
    if !(1..=9999).contains(&year) {
        return None;
    }
    // The first day of 1970 was a Thursday.
    let weekday = DAYS.get(seconds.div_euclid(86_400).rem_euclid(7) as usize)?;
    let month = MONTHS.get(usize::from(month).checked_sub(1)?)?;
    Some(format!("{weekday}, {day:02} {month} {year:04} {hour:02}:{minute:02}:{second:02} GMT"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_dates() {
        assert_eq!(format(784_111_777).unwrap(), "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(format(0).unwrap(), "Thu, 01 Jan 1970 00:00:00 GMT");
        assert_eq!(format(-1).unwrap(), "Wed, 31 Dec 1969 23:59:59 GMT");
        assert_eq!(format(i64::MAX), None);
    }
}
