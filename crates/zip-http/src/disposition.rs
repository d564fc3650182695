//! `Content-Disposition` with a file name, RFC 6266 and 8187.

use std::fmt::Write;

/// The value that has a client save the response under this name.
///
/// Names that are not plain ASCII stand twice: once with `_` for what old clients would misread,
/// and once as UTF-8. What could lead out of a directory or end the header does not pass.
///
/// ```
/// assert_eq!(zip_http::disposition::attachment("a.zip"), r#"attachment; filename="a.zip""#);
/// assert_eq!(
///     zip_http::disposition::attachment("süß.zip"),
///     "attachment; filename=\"s__.zip\"; filename*=UTF-8''s%C3%BC%C3%9F.zip"
/// );
/// ```
#[must_use]
pub fn attachment(name: &str) -> String {
    // Separators would be a path for careless clients, and control characters a second header.
    let name: String = name
        .chars()
        .map(|char| if char.is_control() || matches!(char, '/' | '\\') { '_' } else { char })
        .collect();
    let plain: String = name
        .chars()
        // A percent sign in the plain form is decoded by some clients and not by others.
        .map(|char| if char.is_ascii() && !matches!(char, '"' | '%') { char } else { '_' })
        .collect();
    let mut value = format!("attachment; filename=\"{plain}\"");
    if plain != name {
        value.push_str("; filename*=UTF-8''");
        for byte in name.bytes() {
            // `attr-char` of RFC 8187, 3.2.1.
            if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
                value.push(char::from(byte));
            } else {
                // Writing to a string does not fail.
                let _ = write!(value, "%{byte:02X}");
            }
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_leave_the_header_or_the_directory() {
        for (name, value) in [
            ("a\r\nX: y", r#"attachment; filename="a__X: y""#),
            ("../../etc", r#"attachment; filename=".._.._etc""#),
            ("a\"b", "attachment; filename=\"a_b\"; filename*=UTF-8''a%22b"),
            ("50%.zip", "attachment; filename=\"50_.zip\"; filename*=UTF-8''50%25.zip"),
            ("€", "attachment; filename=\"_\"; filename*=UTF-8''%E2%82%AC"),
        ] {
            assert_eq!(attachment(name), value);
        }
    }
}
