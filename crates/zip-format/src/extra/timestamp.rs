//! Extended timestamp, 0x5455 (Info-ZIP "UT"): Unix times in UTC.
//!
//! *Shape*: flags u8 (bit 0 modified, 1 accessed, 2 created), then an i32 of seconds for each
//! flag. In the central header the flags repeat the local ones, but only "modified" is there.

use alloc::vec::Vec;

use super::id;
use crate::bytes::{Cursor, put_u16};

/// Unix times of an entry, in seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Timestamp {
    /// Last modification.
    pub modified: Option<i32>,
    /// Last access; local header only.
    pub accessed: Option<i32>,
    /// Creation; local header only.
    pub created: Option<i32>,
}

impl Timestamp {
    /// Bytes of a record with the modification time alone, id and length included.
    pub const MODIFIED_LEN: u16 = 9;

    /// Reads what is there. A record that ends early gives the times before its end.
    #[must_use]
    pub fn parse(data: &[u8]) -> Self {
        let mut cursor = Cursor(data);
        let flags = cursor.u8().unwrap_or(0);
        let mut next = |bit: u8| if flags & bit != 0 { cursor.i32() } else { None };
        Self { modified: next(1), accessed: next(2), created: next(4) }
    }

    /// Appends a record with the modification time alone; the same in both headers.
    pub fn push_modified(out: &mut Vec<u8>, seconds: i32) {
        put_u16(out, id::TIMESTAMP);
        put_u16(out, 5);
        out.push(1);
        out.extend_from_slice(&seconds.to_le_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn central_form_has_flags_of_times_that_are_not_there() {
        let mut out = Vec::new();
        Timestamp::push_modified(&mut out, -5);
        assert_eq!(out.len(), usize::from(Timestamp::MODIFIED_LEN));
        assert_eq!(Timestamp::parse(&out[4..]).modified, Some(-5));
        let central = Timestamp::parse(&[7, 1, 0, 0, 0]);
        assert_eq!((central.modified, central.accessed), (Some(1), None));
        assert_eq!(Timestamp::parse(&[]), Timestamp::default());
        assert_eq!(Timestamp::parse(&[1, 2]), Timestamp::default());
    }
}
