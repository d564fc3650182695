//! The grammar of volumes: their sizes and kinds.

use clap::Args;
use pzip::segment::{Kind, Policy};

use crate::exit::Failure;

/// Whether and how an archive is cut into volumes.
#[derive(Args, Debug)]
pub(crate) struct Volumes {
    /// Write volumes of this size: a.z01, a.z02, ..., a.zip. Bytes, or with K, M, G, T (1024) or
    /// KB, MB, GB, TB (1000); or cd, dvd, bluray, fat32, floppy
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub(crate) segment_size: Option<u64>,
    /// Cut a plain archive where a volume is full: a.zip.001, a.zip.002, ...
    #[arg(long, requires = "segment_size")]
    pub(crate) raw_volumes: bool,
}

impl Volumes {
    /// How the archive is cut, if it is.
    pub(crate) fn policy(&self) -> Result<Option<Policy>, Failure> {
        self.segment_size.map(|size| policy(size, self.raw_volumes)).transpose()
    }
}

/// Volumes of this size and kind, if there are such.
pub(crate) fn policy(size: u64, raw: bool) -> Result<Policy, Failure> {
    let kind = if raw { Kind::Raw } else { Kind::Split };
    Policy::new(kind, size).map_err(|error| {
        let hint = if raw { "" } else { " (with --raw-volumes they can have any size)" };
        Failure::usage(format_args!("{error}{hint}"))
    })
}

/// What fits on a medium, in bytes: not more than the smallest of its kind holds.
const MEDIA: [(&str, u64); 5] = [
    // 1.44 MB with a FAT file system.
    ("floppy", 1_457_664),
    ("cd", 700 << 20),
    ("dvd", 4_700_000_000),
    ("bluray", 25_000_000_000),
    // The largest file of the file system, which also is the largest volume.
    ("fat32", u32::MAX as u64),
];

/// Reads a size: `65536`, `64K`, `100M`, `4.7G`, `700MB`, `fat32`.
pub(crate) fn size(text: &str) -> Result<u64, String> {
    let lower = text.to_ascii_lowercase();
    if let Some((_, size)) = MEDIA.iter().find(|(name, _)| *name == lower) {
        return Ok(*size);
    }
    let number_len = lower.find(|char: char| !char.is_ascii_digit() && char != '.');
    let (number, unit) = lower.split_at(number_len.unwrap_or(lower.len()));
    let (power, base): (u32, u64) = match unit.trim_end_matches("ib") {
        "" | "b" => (0, 1),
        "k" => (1, 1024),
        "m" => (2, 1024),
        "g" => (3, 1024),
        "t" => (4, 1024),
        "kb" => (1, 1000),
        "mb" => (2, 1000),
        "gb" => (3, 1000),
        "tb" => (4, 1000),
        _ => return Err(format!("no unit is called {unit}")),
    };
    scaled(number, base.pow(power)).ok_or_else(|| format!("{number} is no size"))
}

/// A decimal number times a unit, exactly, rounded down.
fn scaled(number: &str, unit: u64) -> Option<u64> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && fraction.is_empty() || fraction.len() > 18 {
        return None;
    }
    let digits = |text: &str| if text.is_empty() { Some(0) } else { text.parse::<u64>().ok() };
    let part = u128::from(digits(fraction)?) * u128::from(unit);
    let part = part / 10_u128.pow(fraction.len() as u32);
    digits(whole)?.checked_mul(unit)?.checked_add(u64::try_from(part).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_as_people_write_them() {
        for (text, expected) in [
            ("65536", Some(65_536)),
            ("64K", Some(65_536)),
            ("64k", Some(65_536)),
            ("64KiB", Some(65_536)),
            ("100M", Some(104_857_600)),
            ("100MB", Some(100_000_000)),
            ("4.7G", Some(5_046_586_572)),
            ("4.7GB", Some(4_700_000_000)),
            (".5T", Some(549_755_813_888)),
            ("fat32", Some(4_294_967_295)),
            ("FAT32", Some(4_294_967_295)),
            ("18446744073709551615", Some(u64::MAX)),
            ("18446744073709551616", None),
            ("16777216T", None),
            ("", None),
            (".", None),
            ("K", None),
            ("1.2.3M", None),
            ("-1", None),
            ("1e6", None),
            ("10X", None),
        ] {
            assert_eq!(size(text).ok(), expected, "{text}");
        }
        for (name, bytes) in MEDIA {
            assert_eq!(size(name), Ok(bytes));
        }
    }
}
