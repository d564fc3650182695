//! Any `std::io::Write` as a sink: a pipe, a socket, a hasher.

use std::io::{self, Write};

use zip_format::position::Position;

use crate::sink::Sink;

/// A writer with its position. Nothing is ever sought.
#[derive(Debug)]
pub struct WriteSink<W> {
    writer: W,
    position: u64,
}

impl<W: Write + Send> WriteSink<W> {
    /// A sink whose first byte is the writer's next one.
    pub const fn new(writer: W) -> Self {
        Self { writer, position: 0 }
    }

    /// The writer.
    pub fn into_inner(self) -> W {
        self.writer
    }
}

impl<W: Write + Send> Sink for WriteSink<W> {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.writer.write_all(bytes)?;
        self.position = self.position.saturating_add(bytes.len() as u64);
        Ok(())
    }
    fn position(&self) -> Position {
        Position::on_first(self.position)
    }
    fn finish(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}
