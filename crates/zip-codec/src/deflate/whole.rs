//! Which of libdeflate's parsers a whole buffer goes through, by level.
//!
//! Levels 1 to 8 are its own. At level 9 there are two: the near-optimal one (its 10), which takes
//! four to five times as long as the lazy one (its 8) and mostly gives 2 to 5 % less. Not always:
//!
//! - Programs and tables of numbers hardly gain. So of 512 KiB or more, 16 KiB from the middle go
//!   through both, for 1 to 2 % of the time; if that saves less than 1/64, the lazy one does it
//!   all. A probe shows about half of what the whole would save.
//! - What repeats itself from end to end becomes larger, by up to 12 %, since the near-optimal one
//!   looks at fewer places for a match. So what shrank to 1/16 goes through both, and the smaller
//!   result is taken.
//!
//! Only the bytes decide, given room for as many, so the result is the same whenever and wherever
//! it is made.

use libdeflater::{CompressionLvl, Compressor};

use crate::level::Level;

/// The lazy parser that level 9 falls back to: that of level 8.
const LAZY: i32 = 8;
/// The near-optimal parser.
const NEAR_OPTIMAL: i32 = 10;
/// From this size on a probe costs little.
const PROBED_BYTES: usize = 512 << 10;
/// Contents of a probe: half of what a match can reach.
const PROBE_BYTES: usize = 16 << 10;
/// A probe must save one part in so many.
const LEAST_SAVED: usize = 64;
/// What shrinks to one part in so many repeats itself.
const REPEATED: usize = 16;

/// The parsers of one level.
pub(super) struct Whole {
    parser: Compressor,
    /// The other one, at level 9.
    lazy: Option<Compressor>,
}

impl Whole {
    pub(super) fn new(level: Level) -> Self {
        match level.get() {
            9 => Self { parser: parser(NEAR_OPTIMAL), lazy: Some(parser(LAZY)) },
            other => Self { parser: parser(i32::from(other)), lazy: None },
        }
    }

    /// Compresses everything into `output`; the length of the result, or `None` if it does not fit.
    pub(super) fn compress(&mut self, input: &[u8], output: &mut [u8]) -> Option<usize> {
        let Self { parser, lazy } = self;
        let Some(lazy) = lazy else { return compress(parser, input, output) };
        if saves_little(parser, lazy, input, output) {
            return compress(lazy, input, output);
        }
        let length = compress(parser, input, output)?;
        if length > input.len() / REPEATED {
            return Some(length);
        }
        // Behind the first result, and one byte less.
        let end = output.len().min(2 * length - 1);
        match compress(lazy, input, &mut output[length..end]) {
            Some(shorter) => {
                output.copy_within(length..length + shorter, 0);
                Some(shorter)
            }
            None => Some(length),
        }
    }
}

fn parser(number: i32) -> Compressor {
    Compressor::new(CompressionLvl::new(number).expect("0 to 12 are its levels"))
}

fn compress(parser: &mut Compressor, input: &[u8], output: &mut [u8]) -> Option<usize> {
    // There is one error: the room is too small.
    parser.deflate_compress(input, output).ok()
}

/// Whether a probe, with `output` as its room, saves too little for its time.
fn saves_little(
    parser: &mut Compressor,
    lazy: &mut Compressor,
    input: &[u8],
    output: &mut [u8],
) -> bool {
    if input.len() < PROBED_BYTES {
        return false;
    }
    let probe = &input[(input.len() - PROBE_BYTES) / 2..][..PROBE_BYTES];
    // What does not even fit is no gain either.
    let room = output.len().min(2 * PROBE_BYTES);
    let least = compress(lazy, probe, &mut output[..room]);
    let most = compress(parser, probe, &mut output[..room]);
    least.zip(most).is_none_or(|(lazy, near)| near > lazy - lazy / LEAST_SAVED)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_level(level: u8, input: &[u8]) -> usize {
        let level = Level::try_from(level).expect("a level");
        let mut output = vec![0; input.len()];
        Whole::new(level).compress(input, &mut output).expect("smaller")
    }

    /// Numbers that look random.
    fn numbers() -> impl Iterator<Item = u64> {
        std::iter::successors(Some(1_u64), |n| Some(n.wrapping_mul(0x5851_f42d_4c95_7f2d) + 11))
            .map(|n| n >> 33)
    }

    /// A table of numbers: matches hardly count, so both levels come to the same parser.
    #[test]
    fn what_gains_nothing_takes_the_lazy_parser() {
        let text: String = numbers().take(80_000).map(|n| format!("{n:08x},\n")).collect();
        assert!(text.len() >= PROBED_BYTES);
        assert_eq!(of_level(9, text.as_bytes()), of_level(8, text.as_bytes()));
        let less = &text.as_bytes()[..PROBED_BYTES - 1];
        assert_ne!(of_level(9, less), of_level(8, less), "too small for a probe");
    }

    #[test]
    fn what_gains_takes_the_near_optimal_parser() {
        const WORDS: [&str; 16] = [
            "archive",
            "member",
            "the",
            "of",
            "reader",
            "offset",
            "and",
            "directory",
            "is",
            "length",
            "record",
            "in",
            "header",
            "local",
            "a",
            "signature",
        ];
        let text: Vec<u8> = numbers()
            .flat_map(|n| WORDS[(n % 16) as usize].bytes().chain(*b" "))
            .take(PROBED_BYTES)
            .collect();
        let (best, lazy) = (of_level(9, &text), of_level(8, &text));
        assert!(best < lazy - lazy / 50, "{best} and {lazy}");
    }

    /// A record that comes again and again with a few bytes changed.
    #[test]
    fn what_repeats_itself_is_no_larger_than_one_level_below() {
        for changes in 1..8 {
            let mut text = Vec::new();
            let record: Vec<u8> = numbers().take(900).map(|n| n as u8).collect();
            for n in numbers().take(200) {
                let mut record = record.clone();
                for change in 0..changes {
                    record[(n as usize >> change) % 900] = n as u8;
                }
                text.extend_from_slice(&record);
            }
            assert!(of_level(9, &text) <= of_level(8, &text), "{changes} changes a record");
        }
    }

    #[test]
    fn no_room_is_no_result() {
        let mut output = vec![0; 10];
        let zeros = vec![0; PROBED_BYTES];
        assert_eq!(Whole::new(Level::BEST).compress(&zeros, &mut output), None);
        assert_eq!(Whole::new(Level::BEST).compress(&zeros, &mut []), None);
    }
}
