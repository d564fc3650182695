//! Why an archive has no proper end. Runs only when opening has failed.

use zip_io::Source;

use crate::sealed::cipher::{FrameCipher, FrameId};
use crate::sealed::error::Error;
use crate::sealed::geometry::{HEADER_LEN, TAG_LEN};

/// Says what is wrong with the end, or that nothing tells.
///
/// Looks for the first frame that is not right by halving, so it reads as many frames as the
/// number of frames has bits: cheap, and right unless several places are damaged, when it names
/// one of them.
pub(crate) fn diagnose<S: Source>(source: &S, cipher: &FrameCipher, frame_bytes: u32) -> Error {
    let sealed_bytes = u64::from(frame_bytes) + TAG_LEN as u64;
    let body = source.len().saturating_sub(HEADER_LEN as u64);
    let (whole, tail) = (body / sealed_bytes, body % sealed_bytes);
    let start_of = |frame: u64| HEADER_LEN as u64 + frame * sealed_bytes;
    let mut sealed = vec![0; frame_bytes as usize + TAG_LEN];
    let mut plain = zeroize::Zeroizing::new(vec![0; frame_bytes as usize]);
    let mut opens = |number: u64, last: bool| {
        let at = start_of(number);
        source.read_exact_at(&mut sealed, at).map_err(|source| Error::Read { at, source })?;
        Ok(cipher.open(FrameId { number, last }, &sealed, &mut plain))
    };
    let mut first_wrong = || {
        let (mut right, mut wrong) = (0, whole);
        while right < wrong {
            let middle = right + (wrong - right) / 2;
            if opens(middle, false)? {
                right = middle + 1;
            } else {
                wrong = middle;
            }
        }
        let ends = wrong < whole && opens(wrong, true)?;
        Ok((wrong, ends))
    };
    match first_wrong() {
        Err(error) => error,
        Ok((frame, true)) => {
            let at = start_of(frame + 1);
            Error::Trailing { at, bytes: source.len() - at }
        }
        // A last frame with a byte in it is longer than this.
        Ok((frame, false))
            if frame == whole && tail <= TAG_LEN as u64 && (frame > 0 || tail < 16) =>
        {
            Error::Truncated { len: source.len() }
        }
        Ok((frame, false)) => Error::End { frame, at: start_of(frame) },
    }
}
