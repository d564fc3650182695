//! Paths and queries of requests: percent-decoded bytes, component by component.

use std::fmt::{self, Write};

/// What a request asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Address {
    /// Names from the root down, each fit to be one.
    pub(super) path: Vec<Vec<u8>>,
    /// Keys and values of the query, in their order.
    query: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Address {
    /// Reads path and query; `None` where a component could mean anything but a name in its
    /// directory.
    pub(super) fn parse(path: &str, query: Option<&str>) -> Option<Self> {
        let inner = path.strip_prefix('/')?;
        let inner = inner.strip_suffix('/').unwrap_or(inner);
        let mut names = Vec::new();
        // Split before decoding: an encoded slash is part of a name, which no name has.
        for component in inner.split('/').filter(|_| path != "/") {
            names.push(decode(component, false).filter(|name| is_name(name))?);
        }
        let mut pairs = Vec::new();
        for pair in query.unwrap_or("").split('&').filter(|pair| !pair.is_empty()) {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            pairs.push((decode(key, true)?, decode(value, true)?));
        }
        Some(Self { path: names, query: pairs })
    }

    /// The first value of a key.
    pub(super) fn value<'a>(&'a self, key: &'a str) -> Option<&'a [u8]> {
        self.values(key).next()
    }

    /// All values of a key.
    pub(super) fn values<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a [u8]> {
        let pairs = self.query.iter().filter(move |(own, _)| own == key.as_bytes());
        pairs.map(|(_, value)| value.as_slice())
    }
}

/// One name in a directory, and nothing else.
pub(super) fn is_name(name: &[u8]) -> bool {
    !matches!(name, b"" | b"." | b"..") && !name.contains(&b'/') && !name.contains(&0)
}

fn decode(text: &str, plus_is_space: bool) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'%' => {
                let high = char::from(bytes.next()?).to_digit(16)?;
                let low = char::from(bytes.next()?).to_digit(16)?;
                (high * 16 + low) as u8
            }
            b'+' if plus_is_space => b' ',
            other => other,
        });
    }
    Some(out)
}

/// A name as part of an address.
pub(super) struct Encoded<'n>(pub(super) &'n [u8]);

impl fmt::Display for Encoded<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for &byte in self.0 {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                f.write_char(char::from(byte))?;
            } else {
                write!(f, "%{byte:02X}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> Option<Vec<String>> {
        let names = Address::parse(text, None)?.path;
        Some(names.iter().map(|name| String::from_utf8_lossy(name).into_owned()).collect())
    }

    #[test]
    fn names_that_could_lead_elsewhere_are_no_address() {
        assert_eq!(path("/"), Some(vec![]));
        assert_eq!(path("/a/b%20c/"), Some(vec!["a".into(), "b c".into()]));
        assert_eq!(path("/a+b"), Some(vec!["a+b".into()]));
        for text in [
            "",
            "a",
            "//",
            "/a//b",
            "/..",
            "/a/../b",
            "/%2e%2e/x",
            "/.%2E/x",
            "/.",
            "/a%2Fb",
            "/a%00b",
            "/%",
            "/%zz",
            "/..%2f..",
            "/%2e",
        ] {
            assert_eq!(path(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_encoded_is_decoded() {
        let name: Vec<u8> = (1..=255).filter(|&byte| byte != b'/').collect();
        let text = format!("/{}", Encoded(&name));
        assert_eq!(Address::parse(&text, None).unwrap().path, [name]);
        let address = Address::parse("/", Some("e=a+b&e=c%26d&zip")).unwrap();
        assert_eq!(address.values("e").collect::<Vec<_>>(), [b"a b", b"c&d"]);
        assert_eq!(address.value("zip"), Some(&b""[..]));
        assert_eq!(address.value("none"), None);
    }
}
