//! Reading inputs: whole ones into a buffer, large ones in pieces.

use std::io::{self, Read};

use crate::error::{Error, Result};
use crate::options::Options;

/// Contents up to this size are read, and compressed, in one piece.
pub(crate) const WHOLE_BYTES: usize = 2 << 20;
/// Bytes read at a time from what is larger.
pub(crate) const PIECE_BYTES: usize = 256 << 10;

/// Most bytes that [`fill`] reads of an input of this length, if it is known, up to
/// [`WHOLE_BYTES`]: one more than that, so that the end shows without growing the buffer.
pub(crate) const fn most_bytes(hint: Option<u64>) -> usize {
    match hint {
        Some(len) if len < WHOLE_BYTES as u64 => len as usize + 1,
        _ => WHOLE_BYTES + 1,
    }
}

/// Bytes for which an input that may wait has memory at first, and then; past the last it has it
/// for all that is read in one piece. The first ones are what it mostly lets others wait for. Where
/// nobody knows how many follow, it gets a part of them before the most there can be.
pub(crate) const fn growth(hint: Option<u64>) -> &'static [usize] {
    const FIRST: usize = 64 << 10;
    match hint {
        Some(len) if len <= FIRST as u64 => &[],
        Some(_) => &[FIRST],
        None => &[FIRST, 512 << 10],
    }
}

/// Reads on after the `filled` bytes that are there, until the end or until more than `most` are
/// there; returns how many, and whether that was the end. `hint` is the expected length.
///
/// # Errors
/// As [`read_some`].
pub(crate) fn fill(
    reader: &mut dyn Read,
    buffer: &mut Vec<u8>,
    mut filled: usize,
    most: usize,
    hint: Option<u64>,
    options: &Options<'_>,
) -> Result<(usize, bool)> {
    let step = PIECE_BYTES.min(most + 1);
    let mut room = hint.map_or(step, |_| most_bytes(hint).min(most + 1));
    while filled <= most {
        if filled >= room {
            room = (filled * 2).clamp(step, most + 1);
        }
        // Only ever grown, so that no byte is zeroed twice.
        if buffer.len() < room {
            buffer.resize(room, 0);
        }
        let free = buffer.get_mut(filled..room).unwrap_or(&mut []);
        match read_some(reader, free, options)? {
            0 => return Ok((filled, true)),
            len => filled += len,
        }
    }
    Ok((filled, false))
}

/// Fills the buffer as far as the reader goes; returns how far.
///
/// # Errors
/// As [`read_some`].
pub(crate) fn read_up_to(
    reader: &mut dyn Read,
    buffer: &mut [u8],
    options: &Options<'_>,
) -> Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match read_some(reader, buffer.get_mut(filled..).unwrap_or(&mut []), options)? {
            0 => break,
            len => filled += len,
        }
    }
    Ok(filled)
}

/// One read; zero only at the end.
///
/// # Errors
/// [`Error::Input`]; [`Error::Cancelled`], looked at before each try.
pub(crate) fn read_some(
    reader: &mut dyn Read,
    buffer: &mut [u8],
    options: &Options<'_>,
) -> Result<usize> {
    loop {
        options.check_cancel()?;
        match reader.read(buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Ok(len) if len > buffer.len() => {
                let text = "reader claims to have read more than was asked for";
                return Err(Error::Input(io::Error::other(text)));
            }
            other => return other.map_err(Error::Input),
        }
    }
}
