//! One frame to its sealed form and back: AES-256-GCM (NIST SP 800-38D) in the STREAM
//! construction: `docs/sealed-format.md`, "Frames".

#[cfg(feature = "aws-lc-rs")]
mod aws_lc;
#[cfg(any(not(feature = "aws-lc-rs"), test))]
mod rust_crypto;

use crate::sealed::derive::FileKeys;
use crate::sealed::error::{Error, Result};
use crate::sealed::geometry::{HEADER_LEN, TAG_LEN};
use crate::sealed::header::Header;

#[cfg(feature = "aws-lc-rs")]
use aws_lc::Gcm;
#[cfg(not(feature = "aws-lc-rs"))]
use rust_crypto::Gcm;

/// Which frame: its number, and whether the archive ends with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FrameId {
    pub(crate) number: u64,
    pub(crate) last: bool,
}

impl FrameId {
    /// The counter, big-endian in 11 bytes, and a byte that is 1 in the last frame.
    fn nonce(self) -> [u8; 12] {
        let mut nonce = [0; 12];
        let number = self.number.to_be_bytes();
        nonce.iter_mut().skip(3).zip(number).for_each(|(to, from)| *to = from);
        let [.., flag] = &mut nonce;
        *flag = u8::from(self.last);
        nonce
    }
}

/// The cipher of one archive. Shared by threads.
pub(crate) struct FrameCipher {
    gcm: Gcm,
    header: [u8; HEADER_LEN],
}

impl FrameCipher {
    pub(crate) fn new(keys: &FileKeys, header: &Header) -> Result<Self> {
        Ok(Self { gcm: Gcm::new(keys.frame_key())?, header: *header.as_bytes() })
    }

    /// Seals `plain` into `out`, which is [`TAG_LEN`] bytes longer.
    pub(crate) fn seal(&self, id: FrameId, plain: &[u8], out: &mut [u8]) -> Result<()> {
        let mismatch = Error::Usage("room for a frame is not its length");
        let Some((sealed, tag)) = out.split_last_chunk_mut::<TAG_LEN>() else {
            return Err(mismatch);
        };
        if sealed.len() != plain.len() {
            return Err(mismatch);
        }
        *tag = self.gcm.seal(&id.nonce(), &self.header, plain, sealed)?;
        Ok(())
    }

    /// Opens `sealed` into `out`, which is [`TAG_LEN`] bytes shorter; says whether it was the
    /// frame that was sealed. If not, `out` is left as it was or cleared.
    pub(crate) fn open(&self, id: FrameId, sealed: &[u8], out: &mut [u8]) -> bool {
        let Some((sealed, tag)) = sealed.split_last_chunk::<TAG_LEN>() else { return false };
        if sealed.len() != out.len() {
            return false;
        }
        let right = self.gcm.open(&id.nonce(), &self.header, sealed, tag, out);
        if !right {
            out.fill(0);
        }
        right
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nonces_count_and_mark_the_end() {
        let id = FrameId { number: 0x0102_0304_0506_0708, last: false };
        assert_eq!(id.nonce(), [0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 0]);
        assert_eq!(FrameId { number: 1, last: true }.nonce(), [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1]);
    }

    /// Both implementations give the same bytes and the same verdicts.
    #[cfg(feature = "aws-lc-rs")]
    #[test]
    fn providers_agree() {
        let key = zeroize::Zeroizing::new([7; 32]);
        let (one, other) = (Gcm::new(&key).unwrap(), rust_crypto::Gcm::new(&key).unwrap());
        for len in [0, 1, 15, 16, 17, 1_000, 65_536] {
            let plain: Vec<u8> = (0..len).map(|at| (at % 251) as u8).collect();
            let (mut a, mut b) = (vec![0; len], vec![0; len]);
            let nonce = [len as u8; 12];
            let tag = one.seal(&nonce, b"header", &plain, &mut a).unwrap();
            assert_eq!(tag, other.seal(&nonce, b"header", &plain, &mut b).unwrap());
            assert_eq!(a, b);
            let mut back = vec![0; len];
            assert!(one.open(&nonce, b"header", &b, &tag, &mut back) && back == plain);
            assert!(other.open(&nonce, b"header", &a, &tag, &mut b) && b == plain);
            assert!(!one.open(&nonce, b"Header", &a, &tag, &mut back));
            assert!(!other.open(&nonce, b"Header", &a, &tag, &mut back));
        }
    }
}
