//! A password: bytes that are overwritten when they are no longer needed.

use std::fmt;
use std::sync::Arc;

use zeroize::Zeroizing;

/// A password, shared by all who hold a clone of it.
///
/// The bytes are used as they are: no encoding is assumed and none is normalised, as in every
/// other tool, so a password that is not ASCII opens only what was sealed in the same encoding.
///
/// The bytes are overwritten when the last clone is dropped. Not in debug output, not comparable.
#[derive(Clone)]
pub struct Password(Arc<Zeroizing<Vec<u8>>>);

impl Password {
    /// A password out of bytes. A `Vec` or `String` is taken over and not copied.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(Arc::new(Zeroizing::new(bytes.into())))
    }

    /// One password a line, for files of them: without the ends of lines, and without empty lines.
    #[must_use]
    pub fn lines(&self) -> Vec<Self> {
        let lines = self.0.split(|&byte| byte == b'\n');
        lines
            .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
            .filter(|line| !line.is_empty())
            .map(Self::new)
            .collect()
    }

    /// A password of no bytes, which everyone guesses first.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Both are clones of one.
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_keeps_the_secret() {
        let password = Password::new("hunter2");
        assert_eq!(format!("{password:?}"), "Password");
        assert!(password.is(&password.clone()), "clones are one");
        assert!(!password.is(&Password::new("hunter2")));
    }

    #[test]
    fn lines_of_a_file() {
        let lines = Password::new("one\r\n\ntwo words\nthree").lines();
        let lines: Vec<&[u8]> = lines.iter().map(Password::bytes).collect();
        assert_eq!(lines, [&b"one"[..], b"two words", b"three"]);
    }
}
