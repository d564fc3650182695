//! The bytes of an archive that is not local: fetched, and kept as long as others are not.

use std::io::{self, SeekFrom};

use futures::io::{AsyncRead, AsyncReadExt as _, AsyncSeek, AsyncSeekExt as _};
use zip_format::position::Span;
use zip_io::Source;

use crate::error::{Error, Result};
use crate::member::Window;
use crate::pieces::cut_piece;

/// The bytes of an archive that only a future can read. Metadata asks for none of them.
#[derive(Debug)]
pub(super) struct Elsewhere {
    pub(super) len: u64,
}

impl Source for Elsewhere {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_at(&self, _: &mut [u8], _: u64) -> io::Result<usize> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

/// The reader, and the bytes that were read last.
#[derive(Debug)]
pub(super) struct Remote<R> {
    pub(super) reader: R,
    /// Offset of what is held.
    start: u64,
    held: Vec<u8>,
}

impl<R> Remote<R> {
    /// A reader of which nothing was read yet.
    pub(super) const fn new(reader: R) -> Self {
        Self { reader, start: 0, held: Vec::new() }
    }

    /// The part of the span, from its start on, that is held.
    fn held_of(&self, span: Span) -> Span {
        let end = self.start.saturating_add(self.held.len() as u64).min(span.end);
        Span { start: span.start, end: if span.start < self.start { span.start } else { end } }
    }

    fn slice(&self, span: Span) -> &[u8] {
        Window { start: self.start, bytes: &self.held }.slice(span)
    }
}

impl<R: AsyncRead + AsyncSeek + Unpin> Remote<R> {
    pub(super) async fn len(&mut self) -> Result<u64> {
        let end = self.reader.seek(SeekFrom::End(0)).await;
        end.map_err(|source| Error::Io { at: 0, source })
    }

    /// The bytes of a span, and they stay. At most `WHOLE_BYTES`: callers cut larger ones.
    pub(super) async fn hold(&mut self, span: Span) -> Result<&[u8]> {
        if self.held_of(span).len() < span.len() {
            // Taken, so that a future that is dropped halfway leaves nothing half read.
            let mut bytes = std::mem::take(&mut self.held);
            bytes.resize(span.len() as usize, 0);
            self.read_exact(&mut bytes, span.start).await?;
            (self.start, self.held) = (span.start, bytes);
        }
        Ok(self.slice(span))
    }

    /// The bytes of a span that was proven to lie inside the file; what is held stays.
    pub(super) async fn copy(&mut self, span: Span) -> Result<Vec<u8>> {
        if self.held_of(span).len() == span.len() {
            return Ok(self.slice(span).to_vec());
        }
        let mut bytes = vec![0; usize::try_from(span.len()).unwrap_or(usize::MAX)];
        self.read_exact(&mut bytes, span.start).await?;
        Ok(bytes)
    }

    /// The next bytes of a payload: all that are held, or a piece.
    pub(super) async fn next(&mut self, left: &mut Span) -> Result<&[u8]> {
        let mut piece = self.held_of(*left);
        if piece.is_empty() {
            piece = cut_piece(left);
        } else {
            left.start = piece.end;
        }
        self.hold(piece).await
    }

    async fn read_exact(&mut self, buf: &mut [u8], at: u64) -> Result<()> {
        let failed = |source| Error::Io { at, source };
        self.reader.seek(SeekFrom::Start(at)).await.map_err(failed)?;
        self.reader.read_exact(buf).await.map_err(failed)
    }
}
