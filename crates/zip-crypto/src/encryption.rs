//! What a writer wants: a scheme and a password.

use zip_format::encryption::Scheme;
use zip_format::extra::aes::{AesExtra, Strength};
use zip_format::method::Method;

use crate::password::Password;

/// How members are to be encrypted, and with which password. Cheap to clone.
///
/// AES is written as AE-2, which keeps no CRC-32 of the contents in the headers. The rounds of the
/// key derivation are fixed by the format at 1,000, so the password itself must be hard to guess.
#[derive(Clone, Debug)]
pub struct Encryption {
    kind: Kind,
    password: Password,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Aes(Strength),
    Traditional,
}

impl Encryption {
    /// AES with a key of 256 bits.
    #[must_use]
    pub const fn aes256(password: Password) -> Self {
        Self::aes(Strength::Aes256, password)
    }

    /// AES with a key of this length.
    #[must_use]
    pub const fn aes(strength: Strength, password: Password) -> Self {
        Self { kind: Kind::Aes(strength), password }
    }

    /// Traditional PKWARE encryption, for readers that know no other.
    ///
    /// It does not protect: whoever knows or guesses a dozen bytes of one entry opens the archive
    /// within minutes, whatever the password, and anyone can change contents unnoticed.
    #[must_use]
    pub const fn insecure_traditional(password: Password) -> Self {
        Self { kind: Kind::Traditional, password }
    }

    /// What the headers of a member say whose payload below the cipher has this method.
    #[must_use]
    pub const fn scheme(&self, method: Method) -> Scheme {
        match self.kind {
            Kind::Aes(strength) => Scheme::Aes(AesExtra { ae2: true, strength, method }),
            Kind::Traditional => Scheme::Traditional,
        }
    }

    /// Bytes that encryption adds to a payload.
    #[must_use]
    pub const fn overhead_bytes(&self) -> u64 {
        self.scheme(Method::STORED).overhead_bytes()
    }

    pub(crate) const fn kind(&self) -> Kind {
        self.kind
    }

    pub(crate) const fn password(&self) -> &Password {
        &self.password
    }
}
