//! What is being written, under a name of its own until it is complete.

use std::hash::{BuildHasher, RandomState};

use crate::beneath::Directory;

/// A name nobody guesses, and no archive has by chance.
pub(super) fn temporary_name() -> Vec<u8> {
    // Seeded by the system; each state hashes differently.
    format!(".pzip-{:016x}.tmp", RandomState::new().hash_one(0_u8)).into_bytes()
}

/// Something incomplete on disk, removed when it is dropped.
pub(super) struct Partial<'d> {
    pub(super) directory: &'d Directory,
    name: Option<Vec<u8>>,
}

impl<'d> Partial<'d> {
    pub(super) const fn new(directory: &'d Directory, name: Vec<u8>) -> Self {
        Self { directory, name: Some(name) }
    }

    pub(super) fn name(&self) -> &[u8] {
        self.name.as_deref().unwrap_or(&[])
    }

    /// It has its name now, and stays.
    pub(super) fn keep(mut self) {
        self.name = None;
    }
}

impl Drop for Partial<'_> {
    fn drop(&mut self) {
        if let Some(name) = self.name.take() {
            // There is nobody left to tell; the failure that led here is reported.
            let _ = self.directory.remove(&name);
        }
    }
}
