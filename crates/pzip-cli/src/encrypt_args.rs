//! Whether and how new entries are encrypted, as the command line has it.

use clap::Args;
use pzip::format::extra::aes::Strength;
use pzip::writer::Encryption;

use crate::exit::Failure;
use crate::password::PasswordArgs;

/// Which entries are encrypted, and how.
#[derive(Args, Debug)]
pub(crate) struct Encrypt {
    /// Encrypt the contents of new entries with AES (AE-2) and a password. Names, sizes and times
    /// stay readable; --seal hides them too
    #[arg(long)]
    pub(crate) encrypt: bool,
    /// Length of the AES key
    #[arg(long, value_enum, default_value_t = Aes::Aes256, value_name = "WHICH")]
    #[arg(requires = "encrypt")]
    encryption: Aes,
    /// Encrypt in the old way that every program opens, and anyone can break within minutes
    #[arg(long, conflicts_with_all = ["encrypt", "encryption"])]
    insecure_traditional: bool,
}

/// `--encryption`
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Aes {
    /// 256 bits
    Aes256,
    /// 192 bits
    Aes192,
    /// 128 bits
    Aes128,
}

impl Aes {
    pub(crate) const fn strength(self) -> Strength {
        match self {
            Self::Aes256 => Strength::Aes256,
            Self::Aes192 => Strength::Aes192,
            Self::Aes128 => Strength::Aes128,
        }
    }
}

impl Encrypt {
    /// New entries are encrypted.
    pub(crate) const fn is_asked_for(&self) -> bool {
        self.encrypt || self.insecure_traditional
    }

    /// What new entries are encrypted with, if they are to be; whoever sits at the terminal is
    /// asked where no password was named.
    pub(crate) fn encryption(
        &self,
        passwords: &PasswordArgs,
    ) -> Result<Option<Encryption>, Failure> {
        if !self.is_asked_for() {
            return Ok(None);
        }
        let password = passwords.for_entries()?;
        Ok(Some(if self.insecure_traditional {
            Encryption::insecure_traditional(password)
        } else {
            Encryption::aes(self.encryption.strength(), password)
        }))
    }
}
