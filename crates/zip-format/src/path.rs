//! From an entry's name to a relative path that cannot leave its directory, or the reason why
//! there is none.
//!
//! Names are refused, never repaired: a repaired name is a second name for the same entry, and
//! two tools that repair differently extract two different trees. One form is taken as it is
//! meant: a leading `./`, which bsdtar writes before every name when it archives `.`.

use core::fmt;

/// Why a name is no safe path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Refusal {
    /// No bytes, or nothing but `./`, for a file.
    Empty,
    /// Starts with `/`.
    Absolute,
    /// Has a component `..`.
    Parent,
    /// Has a component `.` other than a leading one.
    Current,
    /// Has two `/` in a row.
    EmptyComponent,
    /// Contains a backslash, a separator on Windows and a letter elsewhere.
    Backslash,
    /// Contains a colon: a drive letter or an alternate data stream on Windows.
    Colon,
    /// Contains a NUL byte.
    Nul,
    /// Contains another control character.
    Control,
    /// Has a component of more than 255 bytes.
    ComponentTooLong,
    /// Has more than [`MAX_DEPTH`] components.
    TooDeep,
    /// Has a component that names a device on Windows (`con`, `aux.txt`, `lpt1`).
    Device,
    /// Has a component that ends in a dot or a space, which Windows strips.
    TrailingDotOrSpace,
    /// Has a component of the form `PROGRA~1`, a second name for another file on Windows.
    ShortName,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "it is empty",
            Self::Absolute => "it is absolute",
            Self::Parent => "it climbs out with `..`",
            Self::Current => "it has a component `.`",
            Self::EmptyComponent => "it has an empty component",
            Self::Backslash => "it contains a backslash",
            Self::Colon => "it contains a colon (drive letter or alternate stream)",
            Self::Nul => "it contains a NUL byte",
            Self::Control => "it contains a control character",
            Self::ComponentTooLong => "it has a component of more than 255 bytes",
            Self::TooDeep => "it has too many components",
            Self::Device => "it names a device on Windows",
            Self::TrailingDotOrSpace => "it has a component that ends in a dot or a space",
            Self::ShortName => "it has the form of a Windows short name (`PROGRA~1`)",
        })
    }
}

/// Components a path may have.
pub const MAX_DEPTH: usize = 512;
/// Bytes a component may have, on every common file system.
const MAX_COMPONENT: usize = 255;

/// Which names are fit for extraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NamePolicy {
    /// The same verdict on every system: what any of them would misread is refused. One form
    /// passes that Windows does not keep: a component that ends in two dots or more (`etc..`);
    /// extraction sees to it that it meets no other entry's name.
    Portable,
    /// Names that only Windows misreads pass as they are: devices, trailing dots and spaces, short
    /// names, colons, backslashes. On Windows itself colons and backslashes are refused, where
    /// they lead to other places.
    Unix,
}

/// A relative path: components that are neither empty nor `.` nor `..`, joined by `/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SafePath<'a>(&'a [u8]);

impl<'a> SafePath<'a> {
    /// Checks a name's [path bytes](crate::name::Name::path_bytes).
    ///
    /// A trailing `/` (a directory's mark) is dropped. The result may be empty only for `./`.
    pub fn check(name: &'a [u8], policy: NamePolicy) -> Result<Self, Refusal> {
        if let Some(refusal) = name.iter().find_map(|&byte| refused_byte(byte, policy)) {
            return Err(refusal);
        }
        if !name.is_ascii()
            && core::str::from_utf8(name)
                .is_ok_and(|text| text.chars().any(|char| matches!(char, '\u{80}'..='\u{9f}')))
        {
            return Err(Refusal::Control);
        }
        match name {
            [] => return Err(Refusal::Empty),
            [b'/', ..] => return Err(Refusal::Absolute),
            b"./" => return Ok(Self(&[])),
            _ => {}
        }
        let path = name.strip_prefix(b"./").unwrap_or(name);
        let path = path.strip_suffix(b"/").unwrap_or(path);
        for (depth, component) in path.split(|&byte| byte == b'/').enumerate() {
            check_component(component, policy)?;
            if depth >= MAX_DEPTH {
                return Err(Refusal::TooDeep);
            }
        }
        Ok(Self(path))
    }

    /// The path's bytes, without a leading or trailing `/`.
    #[must_use]
    pub const fn as_bytes(self) -> &'a [u8] {
        self.0
    }

    /// Its components, at least one unless the path is the root itself.
    pub fn components(self) -> impl DoubleEndedIterator<Item = &'a [u8]> {
        self.0.split(|&byte| byte == b'/').filter(|component| !component.is_empty())
    }
}

fn refused_byte(byte: u8, policy: NamePolicy) -> Option<Refusal> {
    match byte {
        0 => Some(Refusal::Nul),
        1..=31 | 127 => Some(Refusal::Control),
        b'\\' if policy == NamePolicy::Portable || cfg!(windows) => Some(Refusal::Backslash),
        b':' if policy == NamePolicy::Portable || cfg!(windows) => Some(Refusal::Colon),
        _ => None,
    }
}

fn check_component(component: &[u8], policy: NamePolicy) -> Result<(), Refusal> {
    match component {
        [] => return Err(Refusal::EmptyComponent),
        b"." => return Err(Refusal::Current),
        b".." => return Err(Refusal::Parent),
        _ if component.len() > MAX_COMPONENT => return Err(Refusal::ComponentTooLong),
        _ => {}
    }
    if policy != NamePolicy::Portable {
        return Ok(());
    }
    // Windows strips trailing dots and spaces: `.. ` would become `..`, and `a.` the file `a`.
    // Names that end in an ellipsis (`etc..`, `...`) are ordinary elsewhere and pass; that they
    // do not meet another entry's name is for the collision check of the extraction.
    if component.ends_with(b" ") || (component.ends_with(b".") && !component.ends_with(b"..")) {
        return Err(Refusal::TrailingDotOrSpace);
    }
    if is_device(component) {
        return Err(Refusal::Device);
    }
    if is_short_name(component) {
        return Err(Refusal::ShortName);
    }
    Ok(())
}

/// `con`, `prn`, `aux`, `nul`, `conin$`, `conout$`, `com1`, `lpt1`, ..., with any extension.
fn is_device(component: &[u8]) -> bool {
    let stem = component.split(|&byte| byte == b'.').next().unwrap_or(component).trim_ascii_end();
    let is = |name: &[u8]| stem.eq_ignore_ascii_case(name);
    if is(b"con") || is(b"prn") || is(b"aux") || is(b"nul") || is(b"conin$") || is(b"conout$") {
        return true;
    }
    let Some((port, number)) = stem.split_at_checked(3) else {
        return false;
    };
    (port.eq_ignore_ascii_case(b"com") || port.eq_ignore_ascii_case(b"lpt"))
        // Windows takes the superscripts one, two and three for digits.
        && matches!(number, [b'0'..=b'9'] | [0xc2, 0xb9 | 0xb2 | 0xb3])
}

/// Up to six characters, `~`, digits, and an extension of at most three: the 8.3 alias that
/// Windows makes for long names.
fn is_short_name(component: &[u8]) -> bool {
    let mut parts = component.splitn(2, |&byte| byte == b'.');
    let stem = parts.next().unwrap_or(component);
    let extension = parts.next().unwrap_or(&[]);
    let Some(tilde) = stem.iter().position(|&byte| byte == b'~') else {
        return false;
    };
    let (base, number) = stem.split_at(tilde);
    let digits = number.get(1..).unwrap_or(&[]);
    (1..=6).contains(&base.len())
        && !digits.is_empty()
        && digits.iter().all(u8::is_ascii_digit)
        && stem.len() <= 8
        && extension.len() <= 3
        && !extension.contains(&b'.')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str) -> Result<&[u8], Refusal> {
        SafePath::check(name.as_bytes(), NamePolicy::Portable).map(SafePath::as_bytes)
    }

    #[test]
    fn ordinary_names_pass_unchanged() {
        for name in [
            "a",
            "a/b.txt",
            "...",
            "..a/b..",
            "%2e%2e%2fx",
            "~/.ssh/x",
            "-rf",
            "$(id)",
            "é",
            "．．/x",
            "a~b",
            "foo.~1~",
        ] {
            assert_eq!(check(name), Ok(name.as_bytes()), "{name}");
        }
        assert_eq!(check("dir/"), Ok(&b"dir"[..]));
        assert_eq!(check("./a"), Ok(&b"a"[..]), "bsdtar");
        assert_eq!(check("./"), Ok(&b""[..]), "bsdtar's root");
        assert_eq!(check("/").unwrap_err(), Refusal::Absolute);
    }

    #[test]
    fn each_refusal() {
        let long = "x".repeat(256);
        let deep = "a/".repeat(MAX_DEPTH + 1);
        for (name, refusal) in [
            ("", Refusal::Empty),
            (".", Refusal::Current),
            ("..", Refusal::Parent),
            ("../", Refusal::Parent),
            ("a/../b", Refusal::Parent),
            ("./../b", Refusal::Parent),
            ("././b", Refusal::Current),
            (".//b", Refusal::EmptyComponent),
            ("a/./b", Refusal::Current),
            ("a//b", Refusal::EmptyComponent),
            ("/a", Refusal::Absolute),
            ("//srv/share", Refusal::Absolute),
            ("\\\\srv\\share", Refusal::Backslash),
            ("a\\..\\b", Refusal::Backslash),
            ("c:/x", Refusal::Colon),
            ("a.txt:stream", Refusal::Colon),
            ("a\0b", Refusal::Nul),
            ("a\nb", Refusal::Control),
            ("a\u{1b}[2Jb", Refusal::Control),
            ("a\u{85}b", Refusal::Control),
            ("CON", Refusal::Device),
            ("x/aux.txt", Refusal::Device),
            ("nul/x", Refusal::Device),
            ("com¹", Refusal::Device),
            ("lpt1 .x", Refusal::Device),
            ("CONIN$", Refusal::Device),
            ("a.", Refusal::TrailingDotOrSpace),
            ("a /b", Refusal::TrailingDotOrSpace),
            (".. /b", Refusal::TrailingDotOrSpace),
            ("PROGRA~1/x", Refusal::ShortName),
            (long.as_str(), Refusal::ComponentTooLong),
            (deep.as_str(), Refusal::TooDeep),
        ] {
            assert_eq!(check(name), Err(refusal), "{name:?}");
        }
    }

    #[test]
    fn the_unix_policy_lets_windows_matters_pass() {
        for name in ["aux.c", "a:b", "PROGRA~1", "a.", "a\\b"] {
            let is_special = name.contains([':', '\\']);
            if cfg!(windows) && is_special {
                continue;
            }
            assert!(SafePath::check(name.as_bytes(), NamePolicy::Unix).is_ok(), "{name}");
        }
        assert!(SafePath::check(b"../x", NamePolicy::Unix).is_err());
    }
}
