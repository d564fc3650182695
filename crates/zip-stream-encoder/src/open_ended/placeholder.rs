//! A text that says of an entry why it is missing.

use std::io;

use zip_format::attributes::{Attributes, Kind};

use super::item::Item;
use super::machine::Machine;
use crate::error::{Error, Result};

/// Names that are tried. So many entries that are called as placeholders are nobody's accident.
const TRIES: u32 = 100;

/// What is to stand in the archive for an entry.
#[derive(Debug)]
pub(super) struct Placeholder {
    item: Item<'static>,
    text: String,
}

impl Placeholder {
    /// For an item, which is shown as `name`.
    pub(super) fn new(item: Item<'_>, name: &str, error: &io::Error) -> Self {
        let item = Item {
            attributes: Attributes::unix(Kind::File, 0o644),
            open: None,
            name: item.name,
            comment: item.comment,
            modified: item.modified,
            owner: item.owner,
            at_most: item.at_most,
        };
        let text = format!("{name} is missing here, it could not be read:\n{error}\n");
        Self { item, text }
    }

    /// Writes it under the first name that is free. Where none is, or none can be written, it is
    /// left out: what is missing is reported in any case.
    pub(super) fn write(mut self, machine: &mut Machine) -> Result<()> {
        let len = self.item.name.len();
        for number in 1..=TRIES {
            self.item.name.truncate(len);
            let ending = if number == 1 { ".error.txt" } else { &format!(".error-{number}.txt") };
            self.item.name.extend_from_slice(ending.as_bytes());
            match machine.whole(&self.item.meta(), Some(self.text.as_bytes())) {
                Err(Error::DuplicateName { .. }) => {}
                Err(Error::Name { .. } | Error::TextTooLong { .. }) => break,
                written => return written,
            }
        }
        Ok(())
    }
}
