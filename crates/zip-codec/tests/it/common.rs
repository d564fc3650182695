//! Coders of this build, contents to try them on, and drivers that cut everything into pieces.

use proptest::prelude::*;
use zip_codec::coder::{Decode, Encode};
use zip_codec::error::Error;
use zip_codec::registry;
use zip_codec::{Level, Want};
use zip_format::method::Method;

pub(crate) type MakeDecoder = fn() -> Box<dyn Decode>;
pub(crate) type MakeEncoder = fn(Level) -> Box<dyn Encode>;

/// Coders that understand each other: what any encoder writes, every decoder reads.
pub(crate) struct Family {
    pub(crate) method: Method,
    pub(crate) decoders: Vec<(&'static str, MakeDecoder)>,
    pub(crate) encoders: Vec<(&'static str, MakeEncoder)>,
    /// Levels worth a test: some coders are slow to set up.
    pub(crate) levels: &'static [u8],
    /// Largest contents worth a test: generic back ends are compiled without optimisation here.
    pub(crate) most: usize,
}

impl Family {
    pub(crate) fn levels(&self) -> impl Iterator<Item = Level> {
        self.levels.iter().map(|&level| Level::try_from(level).expect("0 to 9"))
    }
}

pub(crate) fn families() -> Vec<Family> {
    let mut families = vec![deflate()];
    let mut add = |method, levels| {
        let decoder: MakeDecoder = match method {
            Method::BZIP2 => || registry::decoder(Method::BZIP2).expect("built in"),
            Method::LZMA => || registry::decoder(Method::LZMA).expect("built in"),
            Method::XZ => || registry::decoder(Method::XZ).expect("built in"),
            Method::ZSTD => || registry::decoder(Method::ZSTD).expect("built in"),
            _ => || registry::decoder(Method::PPMD).expect("built in"),
        };
        let encoder: MakeEncoder = match method {
            Method::BZIP2 => |level| registry::encoder(Method::BZIP2, level).expect("built in"),
            Method::LZMA => |level| registry::encoder(Method::LZMA, level).expect("built in"),
            Method::XZ => |level| registry::encoder(Method::XZ, level).expect("built in"),
            Method::ZSTD => |level| registry::encoder(Method::ZSTD, level).expect("built in"),
            _ => |level| registry::encoder(Method::PPMD, level).expect("built in"),
        };
        let (decoders, encoders) = (vec![("own", decoder)], vec![("own", encoder)]);
        let most = if method == Method::PPMD { 12_000 } else { usize::MAX };
        families.push(Family { method, decoders, encoders, levels, most });
    };
    if cfg!(feature = "bzip2") {
        add(Method::BZIP2, &[0, 6]);
    }
    if cfg!(feature = "lzma") {
        add(Method::LZMA, &[0, 4]);
    }
    if cfg!(feature = "xz") {
        add(Method::XZ, &[0, 4]);
    }
    if cfg!(feature = "zstd") {
        add(Method::ZSTD, &[0, 3, 6]);
    }
    if cfg!(feature = "ppmd") {
        add(Method::PPMD, &[1, 3]);
    }
    families
}

fn deflate() -> Family {
    let mut family = Family {
        method: Method::DEFLATE,
        decoders: Vec::new(),
        encoders: Vec::new(),
        levels: &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
        most: usize::MAX,
    };
    family
        .encoders
        .push(("stored blocks", |_| Box::new(zip_codec::deflate_stored::Encoder::default())));
    #[cfg(feature = "libdeflate")]
    {
        use zip_codec::deflate::libdeflate::{Decoder, Encoder};
        family.decoders.push(("libdeflate", || Box::new(Decoder::new())));
        family.encoders.push(("libdeflate", |level| Box::new(Encoder::new(level))));
    }
    #[cfg(feature = "zlib-rs")]
    {
        use zip_codec::deflate::zlib_rs::{Decoder, Encoder};
        family.decoders.push(("zlib-rs", || Box::new(Decoder::new())));
        family.encoders.push(("zlib-rs", |level| Box::new(Encoder::new(level))));
    }
    #[cfg(feature = "miniz_oxide")]
    {
        use zip_codec::deflate::miniz::{Decoder, Encoder};
        family.decoders.push(("miniz_oxide", || Box::new(Decoder::new())));
        family.encoders.push(("miniz_oxide", |level| Box::new(Encoder::new(level))));
    }
    family
}

/// Bytes of several textures: runs, words, noise.
pub(crate) fn contents(most: usize) -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        (any::<u8>(), 0..400_usize).prop_map(|(byte, n)| vec![byte; n]),
        prop::collection::vec(any::<u8>(), 0..200),
        prop::collection::vec(prop::sample::select(&b"etaoin \n"[..]), 0..300),
        (1..60_usize).prop_map(|n| b"the quick brown fox ".repeat(n)),
    ];
    prop::collection::vec(piece, 0..8).prop_map(move |pieces| {
        let mut bytes = pieces.concat();
        bytes.truncate(most);
        bytes
    })
}

/// Contents that are not random, of any size, the same every time.
pub(crate) fn text(bytes: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let mut text = Vec::with_capacity(bytes + 8);
    while text.len() < bytes {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let word: &[u8] = match state >> 29 {
            0 => b"contents ",
            1 => b"payload ",
            2 => b"and ",
            3 => b"the ",
            4 => b"\n",
            5 => &state.to_le_bytes()[1..3],
            _ => b"of ",
        };
        text.extend_from_slice(word);
    }
    text.truncate(bytes);
    text
}

/// Bytes that nothing compresses, the same every time.
pub(crate) fn noise(bytes: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    (0..bytes).map(|_| next()).collect()
}

pub(crate) fn encode_whole(encoder: &mut dyn Encode, contents: &[u8]) -> Vec<u8> {
    let mut payload = vec![0; contents.len() * 2 + 1000];
    let n = encoder.encode_all(contents, &mut payload).expect("lawful").expect("ample room");
    payload.truncate(n);
    payload
}

/// Pushes everything in pieces of the given sizes, taken in turn.
pub(crate) fn encode_pieces(
    encoder: &mut dyn Encode,
    contents: &[u8],
    sizes: &[usize],
) -> Result<Vec<u8>, Error> {
    pieces(contents, sizes, |input, last, output| encoder.push(input, last, output))
}

/// The same for a decoder; fails like [`Decode::decode_all`] where input is left over.
pub(crate) fn decode_pieces(
    decoder: &mut dyn Decode,
    payload: &[u8],
    sizes: &[usize],
) -> Result<Vec<u8>, Error> {
    pieces(payload, sizes, |input, last, output| decoder.push(input, last, output))
}

pub(crate) fn pieces(
    input: &[u8],
    sizes: &[usize],
    mut push: impl FnMut(&[u8], bool, &mut [u8]) -> Result<zip_codec::Step, Error>,
) -> Result<Vec<u8>, Error> {
    let (mut output, mut used, mut idle) = (Vec::new(), 0, 0);
    let mut sizes = sizes.iter().copied().cycle();
    let mut next = || sizes.next().expect("at least one size");
    let mut given = 0;
    let mut room = next();
    loop {
        let end = input.len().min(used + given);
        let mut piece = vec![0; room];
        let step = match push(&input[used..end], end == input.len(), &mut piece) {
            Err(Error::TrailingBytes { unused }) => {
                // Counted up to the end of the piece.
                return Err(Error::TrailingBytes { unused: unused + (input.len() - end) as u64 });
            }
            other => other?,
        };
        assert!(step.consumed <= end - used && step.produced <= room, "{step:?} beyond its slices");
        used += step.consumed;
        output.extend_from_slice(&piece[..step.produced]);
        idle = if step.consumed + step.produced == 0 { idle + 1 } else { 0 };
        assert!(idle < 100, "no progress: {step:?}");
        given -= step.consumed.min(given);
        match step.want {
            Want::Nothing if used < input.len() => {
                return Err(Error::TrailingBytes { unused: (input.len() - used) as u64 });
            }
            Want::Nothing => return Ok(output),
            Want::Input => {
                assert_eq!(used, end, "all input is used before more is wanted");
                given += next();
            }
            Want::Output => {
                assert_eq!(step.produced, room, "all room is used before more is wanted");
                room = next();
            }
        }
    }
}
