//! The open-ended archive without I/O: pushed contents, gives bytes.

use bytes::{Bytes, BytesMut};
use zip_codec::level::Level;
use zip_codec::member::encode::{Encoder, encode_all};
use zip_codec::member::{Facts, Scratch};
use zip_codec::step::Want;
use zip_format::directory::build::{Builder, Framing, Meta, Payload};
use zip_format::directory::member::Member;
use zip_format::encryption::Scheme;
use zip_format::method::Method;
use zip_format::position::Position;
use zip_format::size::needs_zip64;

use crate::entry::{Contents, Entry};
use crate::error::{Error, Result, shown};
use crate::plan;

/// Room for what a coder gives at once.
const OUT_BYTES: usize = 32 << 10;

/// Writes members one after the other, and then the directory.
///
/// ```text
/// (whole | begin, push, push, .., end)*  finish      and take() after each
/// ```
#[derive(Debug)]
pub struct Machine {
    level: Level,
    scratch: Scratch,
    builder: Builder,
    /// Checks names, and finds those that stand twice; keeps the comment.
    names: plan::Builder,
    out: BytesMut,
    /// Bytes that were taken before.
    taken: u64,
    current: Option<Current>,
}

struct Current {
    encoder: Encoder,
    /// The member so far; its sizes follow.
    name: Vec<u8>,
    comment: Vec<u8>,
    meta: Meta<'static>,
    framing: Framing,
    at: u64,
    at_most: u64,
}

impl std::fmt::Debug for Current {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Current").field("name", &shown(&self.name)).finish_non_exhaustive()
    }
}

impl Machine {
    /// An archive without entries yet.
    #[must_use]
    pub fn new(level: Level) -> Self {
        Self {
            level,
            scratch: Scratch::new(),
            builder: Builder::new(),
            names: plan::Builder::default(),
            out: BytesMut::new(),
            taken: 0,
            current: None,
        }
    }

    /// Compresses later entries with this level.
    pub const fn set_level(&mut self, level: Level) {
        self.level = level;
    }

    /// Sets the comment of the archive.
    ///
    /// # Errors
    /// As [`plan::Builder::set_comment`].
    pub fn set_comment(&mut self, comment: &[u8]) -> Result<()> {
        self.names.set_comment(comment)
    }

    /// Bytes of the archive that are next.
    pub fn take(&mut self) -> Bytes {
        self.taken += self.out.len() as u64;
        self.out.split().freeze()
    }

    /// Offset of the next byte.
    fn at(&self) -> u64 {
        self.taken + self.out.len() as u64
    }

    /// What could be said against an entry of this name.
    ///
    /// # Errors
    /// As [`plan::Builder::push`].
    pub fn check(&self, meta: &Meta<'_>) -> Result<()> {
        self.names.check_name(&Entry { meta: *meta, key: b"", contents: EMPTY })
    }

    /// Adds an entry whose contents are at hand; a directory if there are none.
    ///
    /// # Errors
    /// What is wrong with the entry; [`Error::Ended`] inside another one.
    pub fn whole(&mut self, meta: &Meta<'_>, contents: Option<&[u8]>) -> Result<()> {
        self.claim(meta, if contents.is_some() { EMPTY } else { Contents::None })?;
        let bytes = contents.unwrap_or(&[]);
        let mut packed = Vec::new();
        let facts = encode_all(&mut self.scratch, Method::DEFLATE, self.level, bytes, &mut packed)?;
        let payload = payload_of(&facts);
        let scheme = Scheme::None;
        let member = Member { meta: *meta, payload, framing: Framing::Local, scheme };
        let at = self.at();
        let mut header = Vec::new();
        member.write_local(&mut header)?;
        self.out.extend_from_slice(&header);
        self.out.extend_from_slice(if facts.method == Method::STORED { bytes } else { &packed });
        self.builder.push(meta, &payload, Position::on_first(at))?;
        Ok(())
    }

    /// Begins an entry of at most so many bytes.
    ///
    /// # Errors
    /// As [`Machine::whole`].
    pub fn begin(&mut self, meta: &Meta<'_>, at_most: u64) -> Result<()> {
        self.claim(meta, EMPTY)?;
        // A payload may be longer than its contents: coders that cannot compress write stored
        // blocks, of 16 KiB or more.
        let zip64 = needs_zip64(at_most.saturating_add(at_most / 1_000).saturating_add(64));
        let framing = Framing::Descriptor { zip64, sizes: false };
        let payload = Payload { method: Method::DEFLATE, crc32: 0, compressed_size: 0, size: 0 };
        let at = self.at();
        let mut header = Vec::new();
        let scheme = Scheme::None;
        Member { meta: *meta, payload, framing, scheme }.write_local(&mut header)?;
        self.out.extend_from_slice(&header);
        self.current = Some(Current {
            encoder: Encoder::new(&mut self.scratch, Method::DEFLATE, self.level)?,
            name: meta.name.to_vec(),
            comment: meta.comment.to_vec(),
            meta: Meta { name: b"", comment: b"", ..*meta },
            framing,
            at,
            at_most,
        });
        Ok(())
    }

    /// Takes the next bytes of the contents.
    ///
    /// # Errors
    /// More than was announced; what the coder says; [`Error::Ended`] outside of an entry.
    pub fn push(&mut self, bytes: &[u8]) -> Result<()> {
        self.encode(bytes, false)
    }

    fn encode(&mut self, mut bytes: &[u8], last: bool) -> Result<()> {
        let current = self.current.as_mut().ok_or(Error::Ended)?;
        let found = current.encoder.facts().size.saturating_add(bytes.len() as u64);
        if found > current.at_most {
            let (name, promised) = (shown(&current.name), current.at_most);
            return Err(Error::TooLong { name, promised, found });
        }
        loop {
            let before = self.out.len();
            self.out.resize(before + OUT_BYTES, 0);
            let room = self.out.get_mut(before..).unwrap_or_default();
            let step = current.encoder.push(bytes, last, room)?;
            self.out.truncate(before + step.produced);
            bytes = bytes.get(step.consumed..).unwrap_or(&[]);
            match step.want {
                Want::Nothing => return Ok(()),
                Want::Input if !last => return Ok(()),
                Want::Input | Want::Output => {}
            }
        }
    }

    /// Ends the entry.
    ///
    /// # Errors
    /// As [`Machine::push`].
    pub fn end(&mut self) -> Result<()> {
        self.encode(&[], true)?;
        let Some(current) = self.current.take() else { return Err(Error::Ended) };
        let Current { encoder, name, comment, meta, framing, at, .. } = current;
        let payload = payload_of(&encoder.facts());
        let promised = u64::from(u32::MAX) - 1;
        if framing == NARROW && needs_zip64(payload.compressed_size.max(payload.size)) {
            let (name, found) = (shown(&name), payload.compressed_size);
            return Err(Error::TooLong { name, promised, found });
        }
        encoder.recycle(&mut self.scratch);
        let meta = Meta { name: &name, comment: &comment, ..meta };
        let mut descriptor = Vec::new();
        Member { meta, payload, framing, scheme: Scheme::None }.write_descriptor(&mut descriptor);
        self.out.extend_from_slice(&descriptor);
        self.builder.push_framed(&meta, &payload, framing, Position::on_first(at))?;
        Ok(())
    }

    /// Ends the archive.
    ///
    /// # Errors
    /// [`Error::Ended`] inside an entry.
    pub fn finish(&mut self) -> Result<()> {
        if self.current.is_some() {
            return Err(Error::Ended);
        }
        let trailer = self.builder.trailer(self.at(), self.names.comment())?;
        let builder = std::mem::take(&mut self.builder);
        self.out.extend_from_slice(builder.directory());
        self.out.extend_from_slice(&trailer);
        Ok(())
    }

    /// Takes a name, or says why the archive cannot have it.
    fn claim(&mut self, meta: &Meta<'_>, contents: Contents) -> Result<()> {
        if self.current.is_some() {
            return Err(Error::Ended);
        }
        self.names.push(&Entry { meta: *meta, key: b"", contents }).map(drop)
    }
}

/// A descriptor of 32-bit sizes.
const NARROW: Framing = Framing::Descriptor { zip64: false, sizes: false };

/// Contents as far as names are concerned.
const EMPTY: Contents = Contents::Known { size: 0, crc32: 0 };

const fn payload_of(facts: &Facts) -> Payload {
    let Facts { method, crc32, size, compressed_size } = *facts;
    Payload { method, crc32, compressed_size, size }
}
