//! Pieces of an archive on their way out: small ones gathered, large ones passed on as they are.

use bytes::{Bytes, BytesMut};

/// Headers and small payloads are gathered up to this many bytes.
const GATHER_BYTES: usize = 32 << 10;
/// A payload of this many bytes is worth a piece of its own.
const OWN_BYTES: usize = 4 << 10;

/// What waits to be delivered.
#[derive(Debug, Default)]
pub(crate) struct Gather {
    small: BytesMut,
    /// Comes after what was gathered.
    large: Option<Bytes>,
}

impl Gather {
    /// Takes a copy of some bytes. Nothing may be taken while a piece is [due](Self::is_due).
    pub(crate) fn copy(&mut self, bytes: &[u8]) {
        if self.small.capacity() - self.small.len() < bytes.len() {
            self.small.reserve(GATHER_BYTES.max(bytes.len()));
        }
        self.small.extend_from_slice(bytes);
    }

    /// Takes bytes that need no copy.
    pub(crate) fn pass(&mut self, bytes: Bytes) {
        if bytes.len() < OWN_BYTES {
            self.copy(&bytes);
        } else {
            self.large = Some(bytes);
        }
    }

    /// Bytes that wait.
    pub(crate) fn len(&self) -> usize {
        self.small.len() + self.large.as_ref().map_or(0, Bytes::len)
    }

    /// There is enough for a piece, or it must go before more can come.
    pub(crate) fn is_due(&self) -> bool {
        self.large.is_some() || self.small.len() >= GATHER_BYTES
    }

    /// The next piece, large enough or not.
    pub(crate) fn next(&mut self) -> Option<Bytes> {
        if self.small.is_empty() { self.large.take() } else { Some(self.small.split().freeze()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_is_kept_and_large_pieces_are_the_same_memory() {
        let mut gather = Gather::default();
        assert_eq!(gather.next(), None);
        gather.copy(b"head");
        gather.pass(Bytes::from_static(b"little"));
        assert!(!gather.is_due());
        let large = Bytes::from(vec![7; OWN_BYTES]);
        gather.pass(large.clone());
        assert!(gather.is_due());
        assert_eq!(gather.next().as_deref(), Some(&b"headlittle"[..]));
        let piece = gather.next().expect("the large one");
        assert_eq!(piece.as_ptr(), large.as_ptr(), "passed on, not copied");
        assert_eq!(gather.next(), None);
    }
}
