//! Archives that come out the same wherever and whenever they are made.

use pzip::format::attributes::Kind;
use pzip::writer::Item;

use crate::exit::Failure;

/// The environment variable of <https://reproducible-builds.org/specs/source-date-epoch/>.
const VARIABLE: &str = "SOURCE_DATE_EPOCH";

/// Refuses to promise the same bytes of what is encrypted.
///
/// # Errors
/// Both are wanted.
pub(crate) fn without_encryption(reproducible: bool, encrypted: bool) -> Result<(), Failure> {
    if reproducible && encrypted {
        return Err(Failure::usage(
            "--reproducible promises the same bytes each time, and what is encrypted never has \
             them: every salt is new",
        ));
    }
    Ok(())
}

/// Later times than `SOURCE_DATE_EPOCH` become that. With `plain`, times that are not so given
/// are left out, as are owners, and modes are 644 and 755.
///
/// # Errors
/// The variable is no number.
pub(crate) fn settle(items: &mut [Item<'_>], plain: bool) -> Result<(), Failure> {
    let epoch = match std::env::var(VARIABLE) {
        Ok(text) => Some(text.parse::<i64>().map_err(|_| {
            Failure::usage(format_args!("{VARIABLE} is {text:?}, not a number of seconds"))
        })?),
        Err(_) => None,
    };
    for item in items {
        if plain {
            item.modified = epoch;
            item.owner = None;
            let mode = item.attributes.unix_mode().unwrap_or(0o644);
            let runs = mode & 0o111 != 0 || item.attributes.kind() == Some(Kind::Directory);
            let settled = std::mem::replace(item, Item::directory("")).with_mode(match runs {
                true => 0o755,
                false => 0o644,
            });
            *item = settled;
        } else if let Some(epoch) = epoch {
            item.modified = item.modified.map(|time| time.min(epoch));
        }
    }
    Ok(())
}
