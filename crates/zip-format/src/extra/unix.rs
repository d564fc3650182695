//! Owners: Info-ZIP 0x7875 and its ancestors 0x7855, 0x5855 and PKWARE's 0x000d.
//!
//! *Shape*: 0x7875 is version u8 (1), then twice a length u8 and that many bytes: user and group
//! id. 0x7855 has two u16 in the local header and nothing in the central one. 0x5855 and 0x000d
//! have two i32 times first, then two u16.

use alloc::vec::Vec;

use super::{find_harmless, id};
use crate::bytes::{Cursor, put_u16};

/// User and group of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Owner {
    /// User id.
    pub uid: u32,
    /// Group id.
    pub gid: u32,
}

impl Owner {
    /// Bytes of the record [`Owner::push`] appends.
    pub const LEN: u16 = 15;

    /// The owner an extra field tells of, newest form first.
    #[must_use]
    pub fn find(field: &[u8]) -> Option<Self> {
        let newest = find_harmless(field, id::UNIX3).and_then(Self::parse_unix3);
        let second = || find_harmless(field, id::UNIX2).and_then(|data| Self::parse_short(data, 0));
        let first = || find_harmless(field, id::UNIX1).and_then(|data| Self::parse_short(data, 8));
        let pkware =
            || find_harmless(field, id::PKWARE_UNIX).and_then(|data| Self::parse_short(data, 8));
        newest.or_else(second).or_else(first).or_else(pkware)
    }

    fn parse_unix3(data: &[u8]) -> Option<Self> {
        let mut cursor = Cursor(data);
        if cursor.u8()? != 1 {
            return None;
        }
        let mut next = || {
            let len = cursor.u8()?;
            let bytes = cursor.take(usize::from(len))?;
            // Little-endian of any length; an id that does not fit is no id of ours.
            let (low, high) = bytes.split_at(bytes.len().min(4));
            let mut word = [0; 4];
            word.get_mut(..low.len())?.copy_from_slice(low);
            high.iter().all(|&byte| byte == 0).then(|| u32::from_le_bytes(word))
        };
        Some(Self { uid: next()?, gid: next()? })
    }

    fn parse_short(data: &[u8], skip: usize) -> Option<Self> {
        let mut cursor = Cursor(data);
        cursor.take(skip)?;
        Some(Self { uid: cursor.u16()?.into(), gid: cursor.u16()?.into() })
    }

    /// Appends a 0x7875 record.
    pub fn push(self, out: &mut Vec<u8>) {
        put_u16(out, id::UNIX3);
        put_u16(out, Self::LEN - 4);
        out.extend_from_slice(&[1, 4]);
        out.extend_from_slice(&self.uid.to_le_bytes());
        out.push(4);
        out.extend_from_slice(&self.gid.to_le_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::super::push;
    use super::*;

    #[test]
    fn all_four_forms() {
        let owner = Owner { uid: 1_000, gid: 70_000 };
        let mut field = Vec::new();
        owner.push(&mut field);
        assert_eq!(field.len(), usize::from(Owner::LEN));
        assert_eq!(Owner::find(&field), Some(owner));

        for (id, data) in [
            (id::UNIX2, &[232, 3, 100, 0][..]),
            (id::UNIX1, &[0, 0, 0, 0, 0, 0, 0, 0, 232, 3, 100, 0]),
            (id::PKWARE_UNIX, &[0, 0, 0, 0, 0, 0, 0, 0, 232, 3, 100, 0, b'x']),
        ] {
            let mut field = Vec::new();
            push(&mut field, id, data).unwrap();
            assert_eq!(Owner::find(&field), Some(Owner { uid: 1_000, gid: 100 }), "{id:#x}");
        }
        let mut central = Vec::new();
        push(&mut central, id::UNIX2, &[]).unwrap();
        assert_eq!(Owner::find(&central), None, "empty in the central header");
    }
}
