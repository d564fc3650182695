//! Whole members: the order of steps around a coder, and every check at their end.
//!
//! | have | want | call |
//! | --- | --- | --- |
//! | the payload in memory | the contents in a buffer | [`decode::decode_into`] |
//! | the payload in memory | only the verdict | [`decode::verify_whole`] |
//! | the payload in pieces | the contents in pieces | [`decode::Decoder`] |
//! | the contents in memory | the smallest payload | [`encode::encode_all`], [`encode::encode_into`] |
//! | the contents in pieces | the payload in pieces | [`encode::Encoder`] |
//!
//! With the feature `crypto`, [`open`] and [`seal`] are the same for encrypted members: sealed
//! after the coder, opened before it.
//!
//! All of them borrow coders and buffers from a [`Scratch`], which one thread keeps from member to
//! member: once warm, nothing is allocated.

pub mod facts;
pub mod scratch;
pub mod spec;

pub mod decode;
pub mod encode;

#[cfg(feature = "crypto")]
pub mod open;
#[cfg(feature = "crypto")]
pub mod seal;

pub use facts::Facts;
pub use scratch::Scratch;
pub use spec::DecodeSpec;
#[cfg(feature = "crypto")]
pub use zip_crypto::{
    Encryption, Error as CryptoError, Keyring, Lock, Opener, Password, Sealer, planned,
};
