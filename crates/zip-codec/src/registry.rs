//! Method number to coder: what this build brings, and what an instance adds.

use zip_format::method::Method;

use crate::coder::{Decode, Encode};
use crate::error::{Error, Result};
use crate::level::Level;
use crate::{deflate, store};

/// One line per optional method: number, feature, decoder, encoder. Features that are off leave
/// the number and the name.
macro_rules! optional {
    ($method:expr, $feature:literal, $make:expr) => {{
        #[cfg(feature = $feature)]
        return $make;
        #[cfg(not(feature = $feature))]
        return Err(Error::NotBuiltIn { method: $method, feature: $feature });
    }};
}

/// A fresh decoder of a built-in method.
///
/// # Errors
/// [`Error::UnknownMethod`] or [`Error::NotBuiltIn`].
pub fn decoder(method: Method) -> Result<Box<dyn Decode>> {
    match method {
        Method::STORED => Ok(Box::new(store::Decoder::default())),
        Method::DEFLATE => deflate::decoder(),
        Method::DEFLATE64 => {
            optional!(method, "deflate64", Ok(Box::new(crate::deflate64::Decoder::new())))
        }
        Method::BZIP2 => optional!(method, "bzip2", Ok(Box::new(crate::bzip2::Decoder::new()))),
        Method::LZMA => optional!(method, "lzma", Ok(Box::new(crate::lzma::Decoder::new()))),
        Method::ZSTD | Method::ZSTD_DEPRECATED => {
            optional!(method, "zstd", Ok(Box::new(crate::zstd::Decoder::new()?)))
        }
        Method::XZ => optional!(method, "xz", Ok(Box::new(crate::xz::Decoder::new()))),
        Method::PPMD => optional!(method, "ppmd", Ok(Box::new(crate::ppmd::Decoder::new()))),
        _ => Err(Error::UnknownMethod(method)),
    }
}

/// A fresh encoder of a built-in method.
///
/// # Errors
/// [`Error::UnknownMethod`] or [`Error::NotBuiltIn`].
pub fn encoder(method: Method, level: Level) -> Result<Box<dyn Encode>> {
    match method {
        Method::STORED => Ok(Box::new(store::Encoder)),
        Method::DEFLATE => deflate::encoder(level),
        Method::BZIP2 => {
            optional!(method, "bzip2", Ok(Box::new(crate::bzip2::Encoder::new(level))))
        }
        Method::LZMA => optional!(method, "lzma", Ok(Box::new(crate::lzma::Encoder::new(level)))),
        Method::ZSTD | Method::ZSTD_DEPRECATED => {
            optional!(method, "zstd", Ok(Box::new(crate::zstd::Encoder::new(level)?)))
        }
        Method::XZ => optional!(method, "xz", Ok(Box::new(crate::xz::Encoder::new(level)))),
        Method::PPMD => optional!(method, "ppmd", Ok(Box::new(crate::ppmd::Encoder::new(level)))),
        _ => Err(Error::UnknownMethod(method)),
    }
}

type MakeDecoder = Box<dyn Fn() -> Box<dyn Decode> + Send + Sync>;
type MakeEncoder = Box<dyn Fn(Level) -> Box<dyn Encode> + Send + Sync>;

/// The built-in methods and those a caller brought, which come first.
///
/// *Threads*: shared; coders are made per [`crate::member::Scratch`].
///
/// ```
/// use zip_codec::registry::Registry;
/// use zip_codec::store;
/// use zip_format::method::Method;
///
/// const OURS: Method = Method(0x7a7a);
/// let mut registry = Registry::new();
/// registry.add_decoder(OURS, || Box::new(store::Decoder::default()));
/// assert!(registry.decoder(OURS).is_ok());
/// ```
#[derive(Default)]
pub struct Registry {
    decoders: Vec<(Method, MakeDecoder)>,
    encoders: Vec<(Method, MakeEncoder)>,
}

impl Registry {
    /// The built-in methods.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// From now on, `method` is decoded by what `make` returns.
    pub fn add_decoder<F>(&mut self, method: Method, make: F)
    where
        F: Fn() -> Box<dyn Decode> + Send + Sync + 'static,
    {
        self.decoders.push((method, Box::new(make)));
    }

    /// From now on, `method` is encoded by what `make` returns.
    pub fn add_encoder<F>(&mut self, method: Method, make: F)
    where
        F: Fn(Level) -> Box<dyn Encode> + Send + Sync + 'static,
    {
        self.encoders.push((method, Box::new(make)));
    }

    /// A fresh decoder.
    ///
    /// # Errors
    /// [`Error::UnknownMethod`] or [`Error::NotBuiltIn`].
    pub fn decoder(&self, method: Method) -> Result<Box<dyn Decode>> {
        match self.decoders.iter().rev().find(|own| own.0 == method) {
            Some((_, make)) => Ok(make()),
            None => decoder(method),
        }
    }

    /// A fresh encoder.
    ///
    /// # Errors
    /// [`Error::UnknownMethod`] or [`Error::NotBuiltIn`].
    pub fn encoder(&self, method: Method, level: Level) -> Result<Box<dyn Encode>> {
        match self.encoders.iter().rev().find(|own| own.0 == method) {
            Some((_, make)) => Ok(make(level)),
            None => encoder(method, level),
        }
    }
}

impl core::fmt::Debug for Registry {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let own = |method: &Method| *method;
        f.debug_struct("Registry")
            .field("decoders", &self.decoders.iter().map(|(m, _)| own(m)).collect::<Vec<_>>())
            .field("encoders", &self.encoders.iter().map(|(m, _)| own(m)).collect::<Vec<_>>())
            .finish()
    }
}
