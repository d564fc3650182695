//! Slices and vectors as source, sink and input.

use std::io::{self, Read};

use zip_format::position::Position;

use crate::input::Input;
use crate::sink::Sink;
use crate::source::Source;

fn read_slice(bytes: &[u8], buf: &mut [u8], at: u64) -> usize {
    let rest = usize::try_from(at).ok().and_then(|at| bytes.get(at..)).unwrap_or(&[]);
    let len = rest.len().min(buf.len());
    if let (Some(to), Some(from)) = (buf.get_mut(..len), rest.get(..len)) {
        to.copy_from_slice(from);
    }
    len
}

macro_rules! memory_source {
    ($($type:ty),*) => {
        $(impl Source for $type {
            fn len(&self) -> u64 {
                <[u8]>::len(self) as u64
            }
            fn read_at(&self, buf: &mut [u8], at: u64) -> io::Result<usize> {
                Ok(read_slice(self, buf, at))
            }
            fn as_slice(&self) -> Option<&[u8]> {
                Some(self)
            }
        })*
    };
}

memory_source!([u8], Vec<u8>);

/// An archive that is written into memory.
impl Sink for Vec<u8> {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.extend_from_slice(bytes);
        Ok(())
    }
    fn position(&self) -> Position {
        Position::on_first(self.len() as u64)
    }
    fn can_rewind(&self) -> bool {
        true
    }
    fn rewind(&mut self, to: Position) -> io::Result<()> {
        let len = usize::try_from(to.offset).ok().filter(|&len| len <= self.len());
        self.truncate(len.ok_or(io::ErrorKind::InvalidInput)?);
        Ok(())
    }
    fn patch(&mut self, at: Position, bytes: &[u8]) -> io::Result<()> {
        let start = usize::try_from(at.offset).ok();
        let end = start.and_then(|start| start.checked_add(bytes.len()));
        let range = start.zip(end).and_then(|(start, end)| self.get_mut(start..end));
        range.ok_or(io::ErrorKind::InvalidInput)?.copy_from_slice(bytes);
        Ok(())
    }
    fn finish(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Bytes in memory as an input; anything that lends a slice will do.
#[derive(Clone, Debug)]
pub struct BytesInput<B>(pub B);

impl<B: AsRef<[u8]> + Send> Input for BytesInput<B> {
    fn len_hint(&self) -> Option<u64> {
        Some(self.0.as_ref().len() as u64)
    }
    fn as_slice(&self) -> Option<&[u8]> {
        Some(self.0.as_ref())
    }
    fn may_wait(&self) -> bool {
        false
    }
    fn can_reopen(&self) -> bool {
        true
    }
    fn open(&mut self) -> io::Result<Box<dyn Read + Send + '_>> {
        Ok(Box::new(self.0.as_ref()))
    }
}
