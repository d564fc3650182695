//! Unicode Path 0x7075 and Unicode Comment 0x6375 (APPNOTE 4.6.8 and 4.6.9).
//!
//! *Shape*: version u8 (1), CRC-32 of the field it replaces u32, UTF-8 text. Another version, or
//! a CRC that does not fit (a tool renamed the entry without knowing the record), means that the
//! record is to be ignored. One too short for its CRC is malformed: readers that only look at the
//! text would take what there is.

use super::{find, push};
use crate::bytes::Cursor;
use crate::crc32::crc32;
use crate::error::{Error, ErrorKind, Result};

/// The text that replaces `raw`, if the extra field has a valid record `id` for it.
///
/// # Errors
/// The record stands twice, is too short, or its chain is broken; or the text is no UTF-8 though
/// the CRC fits.
pub fn text_for<'a>(field: &'a [u8], id: u16, raw: &[u8]) -> Result<Option<&'a str>> {
    let Some(data) = find(field, id)? else {
        return Ok(None);
    };
    let bad = Error::new(ErrorKind::BadExtra { id }, 0);
    let mut cursor = Cursor(data);
    if cursor.u8().ok_or(bad)? != 1 {
        return Ok(None);
    }
    let sum = cursor.u32().ok_or(bad)?;
    if sum != crc32(raw) {
        return Ok(None);
    }
    match core::str::from_utf8(cursor.0) {
        Ok(text) => Ok(Some(text)),
        Err(_) => Err(bad),
    }
}

/// Appends a record that replaces `raw` by `text`.
///
/// # Errors
/// The text is longer than 65,530 bytes.
pub fn push_text(out: &mut alloc::vec::Vec<u8>, id: u16, raw: &[u8], text: &str) -> Result<()> {
    let mut data = alloc::vec![1];
    data.extend_from_slice(&crc32(raw).to_le_bytes());
    data.extend_from_slice(text.as_bytes());
    push(out, id, &data)
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::super::id::UNICODE_PATH;
    use super::*;

    #[test]
    fn guarded_by_the_crc_of_the_raw_name() {
        let mut field = Vec::new();
        push_text(&mut field, UNICODE_PATH, b"old", "neu-é").unwrap();
        assert_eq!(text_for(&field, UNICODE_PATH, b"old"), Ok(Some("neu-é")));
        assert_eq!(text_for(&field, UNICODE_PATH, b"renamed"), Ok(None));
        field[4] = 2;
        assert_eq!(text_for(&field, UNICODE_PATH, b"old"), Ok(None), "unknown version");
    }

    #[test]
    fn text_that_is_none_is_an_error() {
        let mut field = Vec::new();
        let mut data = Vec::from([1]);
        data.extend(crc32(b"x").to_le_bytes());
        data.push(0xff);
        push(&mut field, UNICODE_PATH, &data).unwrap();
        assert!(text_for(&field, UNICODE_PATH, b"x").is_err());
        for short in [&[][..], &[1], &[1, 2, 3, 4]] {
            let mut field = Vec::new();
            push(&mut field, UNICODE_PATH, short).unwrap();
            assert!(text_for(&field, UNICODE_PATH, b"x").is_err(), "{} bytes", short.len());
        }
    }
}
