//! A piece of contents on its way to the caller.

/// A piece of an entry's contents, given by [`Visit::pass`](crate::Visit::pass).
#[derive(Debug)]
pub struct Piece<'p>(Held<'p>);

#[derive(Debug)]
enum Held<'p> {
    /// Of the archive itself.
    Lent(&'p [u8]),
    /// The first bytes of a buffer.
    Own(&'p mut Vec<u8>, usize),
}

impl<'p> From<&'p [u8]> for Piece<'p> {
    fn from(bytes: &'p [u8]) -> Self {
        Self(Held::Lent(bytes))
    }
}

impl<'p> Piece<'p> {
    pub(crate) const fn own(buffer: &'p mut Vec<u8>, len: usize) -> Self {
        Self(Held::Own(buffer, len))
    }

    /// Its bytes.
    #[must_use]
    pub fn as_slice(&self) -> &[u8] {
        match &self.0 {
            Held::Lent(bytes) => bytes,
            Held::Own(buffer, len) => buffer.get(..*len).unwrap_or(&[]),
        }
    }

    /// A buffer that is the caller's from now on, and how many of its first bytes are the piece:
    /// without a copy where they are in one. `other`, whose contents do not matter, is where a later
    /// piece will be: best one that was got here before, as long as it was.
    #[must_use]
    pub fn exchange(self, mut other: Vec<u8>) -> (Vec<u8>, usize) {
        match self.0 {
            Held::Lent(bytes) => {
                other.clear();
                other.extend_from_slice(bytes);
                (other, bytes.len())
            }
            Held::Own(buffer, len) => (std::mem::replace(buffer, other), len),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_exchanged_without_a_copy_where_they_can_be() {
        let mut buffer = vec![1, 2, 3, 4];
        let address = buffer.as_ptr();
        let piece = Piece::own(&mut buffer, 3);
        assert_eq!(piece.as_slice(), [1, 2, 3]);
        let (taken, len) = piece.exchange(vec![9]);
        assert_eq!((&taken[..len], taken.as_ptr()), (&[1, 2, 3][..], address));
        assert_eq!(buffer, [9]);
        let piece = Piece::from(&[5, 6][..]);
        assert_eq!(piece.as_slice(), [5, 6]);
        assert_eq!(piece.exchange(vec![7; 5]), (vec![5, 6], 2));
    }
}
