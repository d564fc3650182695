//! Coders and buffers that one thread reuses from member to member.

use std::sync::Arc;

use zip_format::method::Method;

use crate::coder::{Decode, Encode, WINDOW_BYTES};
use crate::error::Result;
use crate::level::Level;
use crate::registry::Registry;

/// Coders and buffers that one thread reuses from member to member.
///
/// *Limits*: one decoder per method and one encoder per method and level that was ever asked
/// for, each as large as its module says; a window of 256 KiB to 1 MiB once something was
/// verified; of encrypted members a buffer for the largest one. Nothing is freed before the
/// scratch is dropped.
///
/// *Threads*: `Send`, without a lock; each thread owns one.
#[derive(Default)]
pub struct Scratch {
    registry: Arc<Registry>,
    decoders: Vec<(Method, Box<dyn Decode>)>,
    encoders: Vec<(Method, Level, Box<dyn Encode>)>,
    window: Vec<u8>,
    /// Keys derived ahead.
    #[cfg(feature = "crypto")]
    pub(crate) ring: zip_crypto::Keyring,
    /// Decrypted bodies, overwritten after use.
    #[cfg(feature = "crypto")]
    pub(crate) body: Vec<u8>,
}

impl Scratch {
    /// Empty, for the built-in methods.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Empty, for the methods of a registry.
    #[must_use]
    pub fn with_registry(registry: Arc<Registry>) -> Self {
        Self { registry, ..Self::default() }
    }

    /// The keys of this thread's members, to be prepared for several of them at once.
    #[cfg(feature = "crypto")]
    pub const fn keyring(&mut self) -> &mut zip_crypto::Keyring {
        &mut self.ring
    }

    /// A decoder to begin with, kept from before if there is one.
    pub(crate) fn take_decoder(&mut self, method: Method) -> Result<Box<dyn Decode>> {
        match self.decoders.iter().position(|kept| kept.0 == method) {
            Some(at) => Ok(self.decoders.swap_remove(at).1),
            None => self.registry.decoder(method),
        }
    }

    pub(crate) fn keep_decoder(&mut self, method: Method, coder: Box<dyn Decode>) {
        // A driver of many members at once may bring back several; one is enough for the next.
        if self.decoders.iter().all(|kept| kept.0 != method) {
            self.decoders.push((method, coder));
        }
    }

    /// An encoder, reset.
    pub(crate) fn take_encoder(&mut self, method: Method, level: Level) -> Result<Box<dyn Encode>> {
        match self.encoders.iter().position(|kept| (kept.0, kept.1) == (method, level)) {
            Some(at) => {
                let mut coder = self.encoders.swap_remove(at).2;
                coder.reset();
                Ok(coder)
            }
            None => self.registry.encoder(method, level),
        }
    }

    pub(crate) fn keep_encoder(&mut self, method: Method, level: Level, coder: Box<dyn Encode>) {
        if self.encoders.iter().all(|kept| (kept.0, kept.1) != (method, level)) {
            self.encoders.push((method, level, coder));
        }
    }

    /// A buffer of at least `bytes` bytes and at least one window; to be given back with
    /// [`Scratch::keep_window`].
    pub(crate) fn take_window(&mut self, bytes: usize) -> Vec<u8> {
        let mut window = core::mem::take(&mut self.window);
        let bytes = bytes.max(WINDOW_BYTES);
        if window.len() < bytes {
            window.resize(bytes, 0);
        }
        window
    }

    pub(crate) fn keep_window(&mut self, window: Vec<u8>) {
        self.window = window;
    }
}

impl core::fmt::Debug for Scratch {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Scratch")
            .field("registry", &self.registry)
            .field("decoders", &self.decoders.len())
            .field("encoders", &self.encoders.len())
            .field("window_bytes", &self.window.len())
            .finish()
    }
}
