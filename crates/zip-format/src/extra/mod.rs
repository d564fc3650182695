//! The extra field, APPNOTE 4.5: a chain of records, each an id, a length, and data.
//!
//! Unknown ids are walked over and survive. Up to three bytes after the last record are padding:
//! Android's `zipalign` leaves them.

pub mod aes;
pub mod ntfs;
pub mod timestamp;
pub mod unicode;
pub mod unix;
pub mod zip64;

use alloc::vec::Vec;

use crate::bytes::{Cursor, put_len, put_u16};
use crate::error::{Error, ErrorKind, Record, Result};

/// Header ids of the extra records this crate reads or names.
pub mod id {
    /// Zip64 extended information, APPNOTE 4.5.3.
    pub const ZIP64: u16 = 0x0001;
    /// NTFS times, APPNOTE 4.5.5.
    pub const NTFS: u16 = 0x000a;
    /// PKWARE Unix, APPNOTE 4.5.7.
    pub const PKWARE_UNIX: u16 = 0x000d;
    /// Strong encryption header, APPNOTE 4.5.12.
    pub const STRONG_ENCRYPTION: u16 = 0x0017;
    /// Extended timestamp (Info-ZIP "UT").
    pub const TIMESTAMP: u16 = 0x5455;
    /// Info-ZIP Unix, first form ("UX").
    pub const UNIX1: u16 = 0x5855;
    /// Info-ZIP Unix, second form ("Ux").
    pub const UNIX2: u16 = 0x7855;
    /// Info-ZIP Unix, third form ("ux").
    pub const UNIX3: u16 = 0x7875;
    /// Info-ZIP Unicode Comment, APPNOTE 4.6.8.
    pub const UNICODE_COMMENT: u16 = 0x6375;
    /// Info-ZIP Unicode Path, APPNOTE 4.6.9.
    pub const UNICODE_PATH: u16 = 0x7075;
    /// WinZip AES.
    pub const AES: u16 = 0x9901;
    /// JAR marker: the first entry of a Java archive.
    pub const JAR: u16 = 0xcafe;
    /// Android `zipalign` padding.
    pub const ANDROID_ALIGNMENT: u16 = 0xd935;
}

/// One record of an extra field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExtraRecord<'a> {
    /// Header id.
    pub id: u16,
    /// Data, without id and length.
    pub data: &'a [u8],
}

/// The records of an extra field, in their order.
#[derive(Clone, Debug)]
pub struct ExtraRecords<'a>(Cursor<'a>);

/// Walks an extra field.
#[must_use]
pub const fn records(field: &[u8]) -> ExtraRecords<'_> {
    ExtraRecords(Cursor(field))
}

impl<'a> Iterator for ExtraRecords<'a> {
    type Item = Result<ExtraRecord<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        let id = self.0.u16()?;
        let len = self.0.u16()?;
        if let Some(data) = self.0.take(usize::from(len)) {
            Some(Ok(ExtraRecord { id, data }))
        } else {
            // The chain is broken: nothing after this point means anything.
            self.0 = Cursor(&[]);
            Some(Err(Error::new(ErrorKind::BadExtra { id }, 0)))
        }
    }
}

/// The data of the only record with this id.
///
/// # Errors
/// The chain is broken, or the id stands twice.
pub fn find(field: &[u8], id: u16) -> Result<Option<&[u8]>> {
    let mut found = None;
    for record in records(field) {
        let record = record?;
        if record.id == id && found.replace(record.data).is_some() {
            return Err(Error::new(ErrorKind::DuplicateExtra { id }, 0));
        }
    }
    Ok(found)
}

/// Succeeds if the chain is whole.
///
/// # Errors
/// [`ErrorKind::BadExtra`] with the id of the record that runs past the field.
pub fn check(field: &[u8]) -> Result<()> {
    records(field).try_for_each(|record| record.map(drop))
}

/// True if the chain is whole and nothing in it replaces the name or widens a size: what nearly
/// every entry has (times, owners), told in one walk.
pub(crate) fn is_plain(field: &[u8]) -> bool {
    records(field)
        .all(|record| record.is_ok_and(|record| !matches!(record.id, id::ZIP64 | id::UNICODE_PATH)))
}

/// The data of the first record with this id, as far as the chain is whole: for fields whose
/// loss does no harm (times, owners).
#[must_use]
pub fn find_harmless(field: &[u8], id: u16) -> Option<&[u8]> {
    records(field).map_while(Result::ok).find(|record| record.id == id).map(|record| record.data)
}

/// Appends all records of `field` but those with these ids, and what pads it.
///
/// # Errors
/// The chain is broken.
pub fn push_without(field: &[u8], ids: &[u16], out: &mut Vec<u8>) -> Result<()> {
    let mut walked = 0;
    for record in records(field) {
        let record = record?;
        walked += 4 + record.data.len();
        if !ids.contains(&record.id) {
            push(out, record.id, record.data)?;
        }
    }
    out.extend_from_slice(field.get(walked..).unwrap_or(&[]));
    Ok(())
}

/// Appends one record.
///
/// # Errors
/// The data is longer than 65,535 bytes.
pub fn push(out: &mut Vec<u8>, id: u16, data: &[u8]) -> Result<()> {
    put_u16(out, id);
    put_len(out, data, Record::Extra)?;
    out.extend_from_slice(data);
    Ok(())
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    #[test]
    fn records_padding_and_overruns() {
        let mut field = vec![];
        push(&mut field, 1, b"ab").unwrap();
        push(&mut field, 2, b"").unwrap();
        field.extend([0, 0, 0]);
        let all: Vec<_> = records(&field).collect::<Result<_>>().unwrap();
        assert_eq!(all.len(), 2, "three padding bytes are no record");
        assert_eq!(find(&field, 1).unwrap(), Some(&b"ab"[..]));
        assert_eq!(find(&field, 9).unwrap(), None);

        assert!(!is_plain(&field), "1 is zip64");
        assert!(is_plain(&field[6..]), "2 means nothing, and padding is no record");

        field.truncate(5);
        assert!(!is_plain(&field));
        assert!(find(&field, 1).is_err(), "length runs past the field");
        assert_eq!(check(&field).unwrap_err().kind, ErrorKind::BadExtra { id: 1 });
        assert_eq!(find_harmless(&field, 1), None);
    }

    #[test]
    fn a_record_that_may_stand_once() {
        let mut field = vec![];
        push(&mut field, 7, b"a").unwrap();
        push(&mut field, 7, b"a").unwrap();
        assert_eq!(find(&field, 7).unwrap_err().kind, ErrorKind::DuplicateExtra { id: 7 });
    }

    #[test]
    fn sixteen_thousand_empty_records_are_walked_once() {
        let field = vec![0; 65_532];
        assert_eq!(records(&field).count(), 16_383);
    }
}
