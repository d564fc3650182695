//! Desks: what compressing takes, as many as there are threads for it. Who waits for an input has
//! none, so that any number of slow inputs keeps no processor idle and overruns none. There is one
//! exception: large payloads whose check takes a large window keep theirs, which bounds the windows.

use std::sync::PoisonError;

use zip_codec::level::Level;
use zip_codec::member::encode::encode_into;
use zip_codec::member::{Facts, Scratch};
use zip_format::directory::build;
use zip_format::encryption::Scheme;
use zip_format::method::Method;

use crate::cipher::{self, Encryption, Seal};
use crate::error::Result;
use crate::item::Item;
use crate::member::{Batch, Body, Made, meta_of, payload_of};
use crate::options::Options;
use crate::threads::{Condvar, Mutex, MutexGuard};

/// Coders and buffers.
#[derive(Default)]
pub(crate) struct Tools {
    pub(crate) scratch: Scratch,
    /// Room for a payload; only ever grown, so that no byte is zeroed twice.
    output: Vec<u8>,
}

/// All desks of a run.
pub(crate) struct Desks {
    free: Mutex<Vec<Tools>>,
    returned: Condvar,
}

impl Desks {
    pub(crate) fn new(count: usize) -> Self {
        let free = (0..count).map(|_| Tools::default()).collect();
        Self { free: Mutex::new(free), returned: Condvar::new() }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Tools>> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A thread's hold on at most one desk.
pub(crate) struct Desk<'d> {
    desks: &'d Desks,
    tools: Option<Tools>,
}

impl<'d> Desk<'d> {
    pub(crate) const fn new(desks: &'d Desks) -> Self {
        Self { desks, tools: None }
    }

    /// The tools; waits for a desk if this thread has none.
    pub(crate) fn tools(&mut self) -> &mut Tools {
        let desks = self.desks;
        self.tools.get_or_insert_with(|| {
            let mut free = desks.lock();
            loop {
                match free.pop() {
                    Some(tools) => return tools,
                    None => {
                        free = desks.returned.wait(free).unwrap_or_else(PoisonError::into_inner);
                    }
                }
            }
        })
    }

    /// What seals the payload of an item piece by piece, if that is to be.
    pub(crate) fn begin_seal(
        &mut self,
        item: &Item<'_>,
        options: &Options<'_>,
    ) -> Result<Option<Seal>> {
        let encryption = item.encryption(options);
        encryption.map(|how| Seal::begin(how, &mut self.tools().scratch)).transpose()
    }

    /// Lets someone else have it.
    pub(crate) fn leave(&mut self) {
        if let Some(tools) = self.tools.take() {
            self.desks.lock().push(tools);
            self.desks.returned.notify_one();
        }
    }

    /// Lets someone else have it, with new tools: these were dropped by a panic half way.
    pub(crate) fn leave_broken(&mut self) {
        if let Some(tools) = &mut self.tools {
            *tools = Tools::default();
        }
        self.leave();
    }
}

impl Drop for Desk<'_> {
    fn drop(&mut self) {
        self.leave();
    }
}

impl Tools {
    /// Compresses contents that are in memory, seals them if they are to be, and lays header and
    /// payload down.
    pub(crate) fn append(
        &mut self,
        item: &Item<'_>,
        (method, level): (Method, Level),
        encryption: Option<&Encryption>,
        contents: &[u8],
        batch: &mut Batch<'_>,
    ) -> Result<Made<'static>> {
        let Self { scratch, output } = self;
        if output.len() < contents.len() && method != Method::STORED {
            output.resize(contents.len(), 0);
        }
        let plain = encode_into(scratch, method, level, contents, output)?;
        let payload = match plain.method {
            Method::STORED => contents,
            _ => output.get(..plain.compressed_size as usize).unwrap_or(&[]),
        };
        lay(scratch, item, plain, encryption, payload, batch)
    }
}

/// Lays header and payload down of what is compressed, sealed if it is to be.
pub(crate) fn lay(
    scratch: &mut Scratch,
    item: &Item<'_>,
    plain: Facts,
    encryption: Option<&Encryption>,
    payload: &[u8],
    batch: &mut Batch<'_>,
) -> Result<Made<'static>> {
    let (facts, scheme) = match encryption {
        None => (plain, Scheme::None),
        Some(encryption) => cipher::described(encryption, plain),
    };
    let out = &mut batch.bytes;
    build::write_local_sealed(&meta_of(item), &payload_of(&facts), scheme, out)?;
    let header_end = out.len();
    match encryption {
        None => out.extend_from_slice(payload),
        Some(encryption) => cipher::append(scratch, encryption, &plain, payload, out)?,
    }
    Ok(Made { facts, scheme, header_end, body: Body::Here })
}
