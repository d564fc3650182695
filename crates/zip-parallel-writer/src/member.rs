//! Finished members on their way from a worker to the archive.

use std::time::Duration;

use zip_codec::member::Facts;
use zip_format::directory::build::{Meta, Payload};
use zip_format::encryption::Scheme;
use zip_format::method::Method;
use zip_io::Input;
use zip_io::spool::Spool;

use crate::error::Error;
use crate::form::Compressed;
use crate::item::Item;

/// A member whose turn may have to come yet.
pub(crate) struct Member<'i> {
    pub(crate) index: usize,
    pub(crate) item: Item<'i>,
    pub(crate) payload: Payload,
    pub(crate) scheme: Scheme,
    /// Where its local header ends in the batch's buffer, and where all that is there of it does.
    pub(crate) header_end: usize,
    pub(crate) end: usize,
    pub(crate) body: Body<'i>,
    pub(crate) time: Duration,
}

/// Where a payload is.
pub(crate) enum Body<'i> {
    /// Behind its header, in the batch's buffer.
    Here,
    /// In a spool; the header is in the buffer.
    Spooled(Spool),
    /// In a spool, compressed by this method, but to be stored: it did not get smaller. The
    /// header in the buffer says so.
    Unpacked(Spool, Method),
    /// In the input, of known facts; the header is in the buffer.
    Lent(Box<dyn Input + 'i>),
    /// In the input, to be read when it is written; there is no header yet.
    Late(Box<dyn Input + 'i>, Late),
}

/// What a worker made of an item.
pub(crate) struct Made<'i> {
    /// Of an encrypted payload, with what that adds.
    pub(crate) facts: Facts,
    pub(crate) scheme: Scheme,
    pub(crate) header_end: usize,
    pub(crate) body: Body<'i>,
}

/// How an input that is read when it is written becomes a payload.
#[derive(Clone, Copy)]
pub(crate) enum Late {
    /// It is stored.
    Stored,
    /// It is a payload.
    Compressed(Compressed),
}

/// Members that follow each other in the archive, and the items between them that failed.
#[derive(Default)]
pub(crate) struct Batch<'i> {
    pub(crate) members: Vec<Member<'i>>,
    pub(crate) bytes: Vec<u8>,
    pub(crate) failed: Vec<(usize, Item<'i>, Error)>,
}

/// Room in a batch's buffer that does not matter, beside what it holds once more.
const LOOSE_BYTES: usize = 64 << 10;

impl Batch<'_> {
    /// Whether most of the buffer is room that nobody will use.
    pub(crate) fn is_loose(&self) -> bool {
        self.bytes.capacity() > 2 * self.bytes.len() + LOOSE_BYTES
    }

    /// Moves the bytes to a buffer of their size; returns the other one.
    pub(crate) fn tighten(&mut self) -> Vec<u8> {
        let tight = self.bytes.clone();
        std::mem::replace(&mut self.bytes, tight)
    }

    /// Bytes of memory the batch holds until it is written.
    pub(crate) fn weight(&self) -> usize {
        // Of a name or comment, what an allocator takes for it counts as well.
        let held = |bytes: &Vec<u8>| if bytes.capacity() == 0 { 0 } else { bytes.capacity() + 16 };
        let of_members = self.members.iter().map(|member| {
            let payload = match &member.body {
                Body::Spooled(spool) | Body::Unpacked(spool, _) if !spool.is_on_disk() => {
                    // Below the cap of a spool's memory.
                    spool.len() as usize
                }
                _ => 0,
            };
            payload + held(&member.item.name) + held(&member.item.comment)
        });
        let of_failed = self.failed.iter().map(|(_, item, _)| held(&item.name));
        let members = self.members.capacity() * size_of::<Member<'_>>();
        let failed = self.failed.capacity() * size_of::<(usize, Item<'_>, Error)>();
        let held = of_members.chain(of_failed).sum::<usize>();
        self.bytes.capacity() + members + failed + held
    }
}

/// What the headers say of an item.
pub(crate) fn meta_of<'m>(item: &'m Item<'_>) -> Meta<'m> {
    Meta {
        name: &item.name,
        comment: &item.comment,
        modified: item.modified,
        attributes: item.attributes,
        owner: item.owner,
    }
}

pub(crate) const fn payload_of(facts: &Facts) -> Payload {
    Payload {
        method: facts.method,
        crc32: facts.crc32,
        compressed_size: facts.compressed_size,
        size: facts.size,
    }
}
