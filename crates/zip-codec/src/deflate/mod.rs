//! Method 8 (RFC 1951), and the choice of the back end, made here and nowhere else.
//!
//! | | whole buffers | streams |
//! | --- | --- | --- |
//! | `libdeflate` (brings `zlib-rs`) | libdeflate | zlib-rs |
//! | `zlib-rs` | zlib-rs | zlib-rs |
//! | `miniz_oxide` alone | miniz_oxide | miniz_oxide |
//! | none | level 0 only | level 0 only |
//!
//! With several features on the first line that applies wins, so adding one never changes what
//! was there for the worse. The modules are public so that they can be measured and compared with
//! each other; everyone else asks [`crate::registry`].

#[cfg(feature = "libdeflate")]
mod blocks;
#[cfg(feature = "libdeflate")]
mod exact_end;
#[cfg(feature = "libdeflate")]
pub mod libdeflate;
#[cfg(feature = "miniz_oxide")]
pub mod miniz;
#[cfg(feature = "libdeflate")]
mod whole;
#[cfg(feature = "zlib-rs")]
pub mod zlib_rs;

use crate::coder::{Decode, Encode};
use crate::error::Result;
use crate::level::Level;

#[cfg(not(any(feature = "zlib-rs", feature = "miniz_oxide")))]
const NOT_BUILT_IN: crate::error::Error = crate::error::Error::NotBuiltIn {
    method: zip_format::method::Method::DEFLATE,
    feature: "zlib-rs",
};

/// The best decoder of this build.
///
/// # Errors
/// [`NotBuiltIn`](crate::error::Error::NotBuiltIn) if it has none.
pub fn decoder() -> Result<Box<dyn Decode>> {
    #[cfg(feature = "libdeflate")]
    return Ok(Box::new(libdeflate::Decoder::new()));
    #[cfg(all(feature = "zlib-rs", not(feature = "libdeflate")))]
    return Ok(Box::new(zlib_rs::Decoder::new()));
    #[cfg(all(feature = "miniz_oxide", not(feature = "zlib-rs")))]
    return Ok(Box::new(miniz::Decoder::new()));
    #[cfg(not(any(feature = "zlib-rs", feature = "miniz_oxide")))]
    return Err(NOT_BUILT_IN);
}

/// The best encoder of this build. Level 0 needs no back end.
///
/// # Errors
/// [`NotBuiltIn`](crate::error::Error::NotBuiltIn) if it has none.
pub fn encoder(level: Level) -> Result<Box<dyn Encode>> {
    if level == Level::NONE {
        return Ok(Box::new(crate::deflate_stored::Encoder::default()));
    }
    #[cfg(feature = "libdeflate")]
    return Ok(Box::new(libdeflate::Encoder::new(level)));
    #[cfg(all(feature = "zlib-rs", not(feature = "libdeflate")))]
    return Ok(Box::new(zlib_rs::Encoder::new(level)));
    #[cfg(all(feature = "miniz_oxide", not(feature = "zlib-rs")))]
    return Ok(Box::new(miniz::Encoder::new(level)));
    #[cfg(not(any(feature = "zlib-rs", feature = "miniz_oxide")))]
    return Err(NOT_BUILT_IN);
}
