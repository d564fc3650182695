//! A writer of encrypted archives for tests: members sealed by `zip_codec`, headers by
//! `zip_format`, nothing in parallel.

use zip_codec::level::Level;
use zip_codec::member::{Encryption, Scratch, encode, seal};
use zip_codec::step::Want;
use zip_format::attributes::{Attributes, Kind};
use zip_format::directory::build::{Builder, Meta, Payload, write_local_sealed};
use zip_format::encryption::Scheme;
use zip_format::method::Method;
use zip_format::position::Position;

/// One file to be written; without encryption where that is `None`.
pub(crate) struct File<'f> {
    pub(crate) name: &'f str,
    pub(crate) contents: &'f [u8],
    pub(crate) method: Method,
    pub(crate) encryption: Option<Encryption>,
    /// Through the push machine, in pieces.
    pub(crate) pushed: bool,
}

/// The archive of these files.
pub(crate) fn archive(files: &[File<'_>]) -> Vec<u8> {
    let (mut out, mut builder, mut scratch) = (Vec::new(), Builder::new(), Scratch::new());
    for file in files {
        let mut payload = Vec::new();
        let (facts, scheme) = match &file.encryption {
            None => {
                let level = Level::DEFAULT;
                let facts = encode::encode_all(
                    &mut scratch,
                    file.method,
                    level,
                    file.contents,
                    &mut payload,
                )
                .expect("encodes");
                if facts.method == Method::STORED {
                    payload = file.contents.to_vec();
                }
                (facts, Scheme::None)
            }
            Some(encryption) => {
                let facts = if file.pushed {
                    push(&mut scratch, file, encryption, &mut payload)
                } else {
                    let (method, level) = (file.method, Level::DEFAULT);
                    let input = file.contents;
                    seal::encode_all(&mut scratch, method, level, encryption, input, &mut payload)
                        .expect("encodes")
                };
                (facts, encryption.scheme(facts.method))
            }
        };
        assert_eq!(facts.compressed_size, payload.len() as u64);
        let meta = Meta {
            name: file.name.as_bytes(),
            comment: b"",
            modified: Some(1_600_000_000),
            attributes: Attributes::unix(Kind::File, 0o644),
            owner: None,
        };
        let zip_codec::member::Facts { method, crc32, size, compressed_size } = facts;
        let described = Payload { method, crc32, compressed_size, size };
        let local = Position::on_first(out.len() as u64);
        write_local_sealed(&meta, &described, scheme, &mut out).expect("a header");
        builder.push_sealed(&meta, &described, scheme, local).expect("a header");
        out.extend_from_slice(&payload);
    }
    let trailer = builder.trailer(out.len() as u64, b"").expect("a trailer");
    out.extend_from_slice(builder.directory());
    out.extend_from_slice(&trailer);
    out
}

fn push(
    scratch: &mut Scratch,
    file: &File<'_>,
    encryption: &Encryption,
    payload: &mut Vec<u8>,
) -> zip_codec::member::Facts {
    // The check byte that goes with headers without a descriptor.
    let check = (zip_format::crc32::crc32(file.contents) >> 24) as u8;
    let mut encoder = seal::Encoder::new(scratch, file.method, Level::DEFAULT, encryption, check)
        .expect("built in");
    if let Some(len) = encoder.exact_len(file.contents.len() as u64) {
        assert_eq!(len, file.contents.len() as u64 + encryption.overhead_bytes());
    }
    let (mut input, mut window) = (file.contents, vec![0; 7001]);
    loop {
        let piece = &input[..input.len().min(5003)];
        let last = piece.len() == input.len();
        let step = encoder.push(piece, last, &mut window).expect("encodes");
        payload.extend_from_slice(&window[..step.produced]);
        input = &input[step.consumed..];
        if step.want == Want::Nothing {
            let facts = encoder.facts();
            encoder.recycle(scratch);
            return facts;
        }
    }
}
