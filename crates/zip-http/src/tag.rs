//! Entity tags and the conditions on them, RFC 9110, 8.8.3 and 13.1.

use http::HeaderMap;
use http::header::{HeaderName, HeaderValue};

/// A tag as it stands in `ETag`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tag {
    /// Between its quotes.
    opaque: String,
    /// Equal tags mean equivalent contents, not equal bytes.
    weak: bool,
}

impl Tag {
    pub(crate) fn new(opaque: &str, weak: bool) -> Self {
        Self { opaque: opaque.to_owned(), weak }
    }

    /// The value of `ETag`; `None` never for tags out of a plan, which are hexadecimal.
    pub(crate) fn header(&self) -> Option<HeaderValue> {
        let weak = if self.weak { "W/" } else { "" };
        HeaderValue::from_str(&format!("{weak}\"{}\"", self.opaque)).ok()
    }

    /// Some tag of a list is this one, weak or not; or the list is `*`.
    pub(crate) fn is_among(&self, headers: &HeaderMap, name: HeaderName, strong: bool) -> bool {
        let values = headers.get_all(name);
        let tags = values.iter().filter_map(|value| value.to_str().ok()).flat_map(list);
        tags.into_iter().any(|(weak, opaque)| {
            let is_fit = !strong || !(weak || self.weak);
            opaque == "*" || (is_fit && opaque == self.opaque)
        })
    }
}

/// The tags of a header value: weak or not, and what stands between the quotes. `*` is `*`.
fn list(value: &str) -> Vec<(bool, &str)> {
    let mut rest = value.trim();
    let mut tags = Vec::new();
    if rest == "*" {
        return vec![(false, "*")];
    }
    while !rest.is_empty() {
        let (weak, quoted) = match rest.strip_prefix("W/") {
            Some(quoted) => (true, quoted),
            None => (false, rest),
        };
        let Some((opaque, after)) =
            quoted.strip_prefix('"').and_then(|quoted| quoted.split_once('"'))
        else {
            break;
        };
        // A quoted asterisk is a tag like others, and none of ours.
        if opaque != "*" {
            tags.push((weak, opaque));
        }
        rest = after.trim_start_matches([',', ' ', '\t']);
    }
    tags
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::header::IF_NONE_MATCH;

    fn matches(value: &str, tag: &Tag, strong: bool) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(IF_NONE_MATCH, HeaderValue::from_str(value).unwrap());
        tag.is_among(&headers, IF_NONE_MATCH, strong)
    }

    #[test]
    fn strong_and_weak_comparison() {
        let strong = Tag::new("abc", false);
        let weak = Tag::new("abc", true);
        for value in [r#""abc""#, r#""x", "abc""#, r#""a,b","abc""#, "*"] {
            assert!(matches(value, &strong, true), "{value}");
            assert!(matches(value, &weak, false), "{value}");
        }
        assert!(matches(r#"W/"abc""#, &strong, false));
        assert!(!matches(r#"W/"abc""#, &strong, true));
        assert!(!matches(r#""abc""#, &weak, true));
        for value in ["abc", r#""ab""#, r#""*""#, r#"""#, ""] {
            assert!(!matches(value, &strong, false), "{value}");
        }
        assert_eq!(strong.header().unwrap(), r#""abc""#);
        assert_eq!(weak.header().unwrap(), r#"W/"abc""#);
    }
}
