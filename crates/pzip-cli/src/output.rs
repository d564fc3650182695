//! What people and programs read: escaped names, tables, JSON lines.

use std::fmt::{self, Write as _};
use std::fs::File;
use std::io::{self, BufWriter, Write};

use pzip::format::dos_time::Civil;
use pzip::format::name::Name;
use pzip::format::time::{Instant, Origin};

/// What a pipe holds.
const BLOCK_BYTES: usize = 64 << 10;

/// Standard output without the buffer that ends with lines, which bytes have none of: it would
/// search each piece for them, and part it. For who writes large pieces.
///
/// # Errors
/// It is closed, or no more files may be open.
pub(crate) fn binary_stdout() -> io::Result<File> {
    #[cfg(unix)]
    let owned = std::os::fd::AsFd::as_fd(&io::stdout()).try_clone_to_owned()?;
    #[cfg(windows)]
    let owned = std::os::windows::io::AsHandle::as_handle(&io::stdout()).try_clone_to_owned()?;
    Ok(owned.into())
}

/// [`binary_stdout`] for pieces of any length, which go out in blocks.
///
/// # Errors
/// As [`binary_stdout`].
pub(crate) fn block_stdout() -> io::Result<BufWriter<File>> {
    Ok(BufWriter::with_capacity(BLOCK_BYTES, binary_stdout()?))
}

/// A text that cannot steer the terminal: control characters and those that change the direction
/// of writing appear as `\u{..}`.
pub(crate) struct Escaped<'t>(pub &'t str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for char in self.0.chars() {
            if is_harmful(char) {
                write!(f, "{}", char.escape_unicode())?;
            } else {
                f.write_char(char)?;
            }
        }
        Ok(())
    }
}

/// A name as tables show it, no two alike: a backslash of the name is `\\\\`, and one alone begins an
/// escape, of a character that could steer the terminal or of a byte that is no text.
pub(crate) fn shown(name: &Name<'_>) -> String {
    let name = match name.text() {
        Some(text) => text.replace('\\', "\\\\"),
        // That has them doubled.
        None => name.to_string(),
    };
    Escaped(&name).to_string()
}

fn is_harmful(char: char) -> bool {
    char.is_control()
        || matches!(char,
            '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

/// A date and time in fields, as a table shows it.
pub(crate) struct DateTime(pub Civil);

impl fmt::Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let c = self.0;
        write!(
            f,
            "{:04}-{:02}-{:02} {:02}:{:02}:{:02}",
            c.year, c.month, c.day, c.hour, c.minute, c.second
        )
    }
}

/// The same in RFC 3339 and UTC; without `Z` where the archive does not say which zone it is in.
pub(crate) fn rfc3339(instant: Instant) -> String {
    let zone = if instant.origin == Origin::Dos { "" } else { "Z" };
    format!("{}{zone}", DateTime(Civil::from_unix(instant.seconds))).replacen(' ', "T", 1)
}

/// A Unix mode as `ls -l` shows it.
pub(crate) fn mode_text(kind: char, mode: u32) -> String {
    let mut text = String::from(kind);
    for shift in [6, 3, 0] {
        let bits = mode >> shift;
        text.push(if bits & 4 != 0 { 'r' } else { '-' });
        text.push(if bits & 2 != 0 { 'w' } else { '-' });
        text.push(if bits & 1 != 0 { 'x' } else { '-' });
    }
    text
}

/// Writes one JSON object and a line feed.
pub(crate) fn json_line(out: &mut impl Write, value: &serde_json::Value) -> io::Result<()> {
    serde_json::to_writer(&mut *out, value)?;
    out.write_all(b"\n")
}

/// A line on standard error, escaped.
pub(crate) fn complain(text: impl fmt::Display) {
    let text = text.to_string();
    // Nobody is left to tell when standard error is closed.
    let _ = writeln!(io::stderr().lock(), "pzip: {}", Escaped(&text));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_steer_the_terminal() {
        let escaped = Escaped("a\u{1b}[2J\nb\u{202e}c é").to_string();
        assert_eq!(escaped, "a\\u{1b}[2J\\u{a}b\\u{202e}c é");
    }

    #[test]
    fn shown_names_are_unique() {
        use pzip::format::{flags::Flags, version::Host};
        let names: [&[u8]; 6] = [b"\xff", b"\\xff", b"\\\\xff", b"\x1b", b"\\u{1b}", b"\xff\\xff"];
        let mut all: Vec<String> = names
            .iter()
            .map(|name| shown(&Name::decode(name, Flags::empty(), Host::UNIX, None)))
            .collect();
        assert_eq!(all[..2], ["\\xff", "\\\\xff"]);
        all.sort();
        all.dedup();
        assert_eq!(all.len(), names.len(), "{all:?}");
    }

    #[test]
    fn modes_as_ls_shows_them() {
        assert_eq!(mode_text('-', 0o100_754), "-rwxr-xr--");
    }
}
