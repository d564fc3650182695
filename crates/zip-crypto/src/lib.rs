//! Passwords, keys and ciphers of ZIP archives: here over one member's payload, and with the
//! feature `sealed` over a whole archive, in the module of that name.
//!
//! ```text
//! payload   = head | body | tail
//! WinZip AES  salt, verifier | AES-CTR of the compressed bytes | first 10 bytes of HMAC-SHA1(body)
//! traditional 12 bytes, the last a check byte | the compressed bytes, ciphered | nothing
//! ```
//!
//! A [`Sealer`] makes payloads, an [`Opener`] opens them; both change bytes in place and know
//! neither headers nor compression, and `zip_codec::member` alone puts them beside a coder.
//! [`Lock`] is what the headers say about a member's encryption, [`Encryption`] what a writer
//! wants, [`Password`] the secret, [`Keyring`] the keys that were derived ahead, several at once:
//! that is most of the work for small members.
//!
//! Salts come from the system, fresh for each member; there is no way to choose one. An archive
//! that is planned before it is made keeps them in its plan ([`planned`]). Passwords
//! and keys are overwritten when they are dropped, and are in no debug output.
//!
//! ```
//! use zip_crypto::{Encryption, Keyring, Lock, Password, Sealer, open_whole};
//! use zip_format::method::Method;
//!
//! let password = Password::new("correct horse");
//! let encryption = Encryption::aes256(password.clone());
//! let mut ring = Keyring::new();
//!
//! let mut body = b"compressed bytes".to_vec();
//! let mut sealer = Sealer::new(&encryption, 0, &mut ring)?;
//! let mut payload = sealer.head().to_vec();
//! sealer.seal(&mut body);
//! payload.extend_from_slice(&body);
//! payload.extend_from_slice(&sealer.finish());
//!
//! let lock = Lock::new(encryption.scheme(Method::STORED)).expect("encrypted");
//! let mut opened = vec![0; 16];
//! open_whole(&lock, &[password], &mut ring, &payload, &mut opened)?;
//! assert_eq!(opened, b"compressed bytes");
//! # Ok::<(), zip_crypto::Error>(())
//! ```
//!
//! What is and is not protected by all this is said in `docs/security.md`: names, sizes and times
//! are not, and the traditional scheme is broken.

pub mod error;
pub mod password;

mod hmac_sha1;
mod random;

mod derive;

mod aes;
mod traditional;

pub mod encryption;
pub mod keyring;
pub mod lock;

pub mod open;
pub mod seal;

pub mod planned;

#[cfg(feature = "sealed")]
pub mod sealed;

pub use encryption::Encryption;
pub use error::{Error, Result};
pub use keyring::Keyring;
pub use lock::Lock;
pub use open::{Opener, open_whole};
pub use password::Password;
pub use seal::{Sealer, seal_whole};
