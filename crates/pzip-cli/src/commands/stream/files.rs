//! What the entries hold, opened when its turn comes.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use pzip::format::position::Span;
use pzip::io::{Input, Source};
use pzip::stream::content::{Content, Opened};

/// The contents of an item, for any thread.
pub(super) struct File(Option<Mutex<Box<dyn Input>>>);

impl File {
    pub(super) fn new(input: Option<Box<dyn Input>>) -> Self {
        Self(input.map(Mutex::new))
    }

    fn ask<T>(&self, question: impl FnOnce(&dyn Input) -> Option<T>) -> Option<T> {
        let input = self.0.as_ref()?.lock().unwrap_or_else(PoisonError::into_inner);
        question(&**input)
    }
}

impl Content for File {
    fn open(&self, span: Span) -> io::Result<Opened> {
        let opened = self.ask(|input| match input.as_slice() {
            // The target of a link; files are not in memory.
            Some(bytes) => {
                let from = usize::try_from(span.start).unwrap_or(usize::MAX);
                let rest = bytes.get(from..).unwrap_or(&[]).to_vec();
                Some(Ok(Opened::Read(Box::new(io::Cursor::new(rest)))))
            }
            None => input.reopen(span.start).map(|opened| opened.map(Opened::Read)),
        });
        opened.unwrap_or_else(|| Err(io::ErrorKind::NotFound.into()))
    }

    fn share(&self) -> Option<io::Result<Arc<dyn Source>>> {
        self.ask(|input| input.share())
    }
}
