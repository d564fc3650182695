//! Entries by a pattern: `documents/*.txt`.

use zip_io::Source;

use crate::archive::Archive;
use crate::entry::EntryRef;
use crate::error::{Error, Result};

/// Patterns without choices that one with choices may stand for.
const MOST_ALTERNATIVES: usize = 1_024;

/// A pattern of names.
///
/// `?` is any character and `*` any number of them; as for unzip and 7-Zip, `/` is one too.
/// `[a-z]` is a character of a set and `[!a-z]` one outside of it, `{a,b}` one text of several,
/// `**/` any directories or none. A backslash takes what follows as it is.
///
/// *Limits*: matching takes time in proportion to the name, the pattern, and its 1,024 choices
/// at most.
#[derive(Clone, Debug)]
pub struct Glob {
    /// Of all choices, each.
    alternatives: Vec<Vec<Token>>,
}

/// What stands for a part of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    /// This character.
    One(char),
    /// Any character.
    Any,
    /// Any characters, or none.
    Many,
    /// A character in one of the ranges, or in none.
    Set { outside: bool, ranges: Vec<(char, char)> },
}

impl Token {
    fn takes(&self, char: char) -> bool {
        match self {
            Self::One(one) => *one == char,
            Self::Any => true,
            Self::Many => false,
            Self::Set { outside, ranges } => {
                ranges.iter().any(|&(first, last)| (first..=last).contains(&char)) != *outside
            }
        }
    }
}

impl Glob {
    /// The pattern that `text` is.
    ///
    /// # Errors
    /// [`Error::Pattern`] where a set or a choice is not closed, and the like.
    pub fn new(text: &str) -> Result<Self> {
        let chars: Vec<char> = text.chars().collect();
        let parsed = Parser { rest: &chars, depth: 0 }.alternatives();
        let bad = |reason| Error::Pattern { pattern: text.to_owned(), reason };
        Ok(Self { alternatives: parsed.map_err(bad)? })
    }

    /// Whether all of `name` is what the pattern says.
    #[must_use]
    pub fn is_match(&self, name: &str) -> bool {
        self.alternatives.iter().any(|tokens| matches(tokens, name))
    }
}

/// One token after the other; where they do not go on, the last `Many` takes a character more.
fn matches(tokens: &[Token], name: &str) -> bool {
    let (mut tokens, mut rest) = (tokens, name.chars());
    let mut retry: Option<(&[Token], std::str::Chars<'_>)> = None;
    loop {
        let mut ahead = rest.clone();
        match (tokens.split_first(), ahead.next()) {
            (None, None) => return true,
            (Some((Token::Many, later)), _) => {
                retry = Some((later, rest.clone()));
                tokens = later;
                continue;
            }
            (Some((token, later)), Some(char)) if token.takes(char) => {
                (tokens, rest) = (later, ahead);
                continue;
            }
            _ => {}
        }
        let Some((later, from)) = &mut retry else { return false };
        if from.next().is_none() {
            return false;
        }
        (tokens, rest) = (*later, from.clone());
    }
}

type Parsed<T> = std::result::Result<T, &'static str>;

struct Parser<'c> {
    rest: &'c [char],
    /// Choices around what is read.
    depth: usize,
}

impl Parser<'_> {
    fn next(&mut self) -> Option<char> {
        let (&first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(first)
    }

    /// A sequence up to its end: that of the pattern, or the comma or brace that ends a choice.
    fn alternatives(&mut self) -> Parsed<Vec<Vec<Token>>> {
        let mut all = vec![Vec::new()];
        let mut starts_component = true;
        loop {
            match self.rest {
                [',' | '}', ..] if self.depth > 0 => return Ok(all),
                ['*', '*', '/', rest @ ..] if starts_component => {
                    self.rest = rest;
                    let deep = vec![Token::Many, Token::One('/')];
                    all = product(&all, &[Vec::new(), deep])?;
                    continue;
                }
                _ => {}
            }
            let Some(char) = self.next() else {
                return if self.depth == 0 { Ok(all) } else { Err("a choice without its end") };
            };
            starts_component = char == '/';
            let token = match char {
                '{' => {
                    all = product(&all, &self.choice()?)?;
                    continue;
                }
                '?' => Token::Any,
                '*' => Token::Many,
                '[' => self.set()?,
                '\\' => Token::One(self.next().ok_or("a backslash before nothing")?),
                char => Token::One(char),
            };
            for tokens in &mut all {
                if token != Token::Many || tokens.last() != Some(&Token::Many) {
                    tokens.push(token.clone());
                }
            }
        }
    }

    /// What stands between braces.
    fn choice(&mut self) -> Parsed<Vec<Vec<Token>>> {
        /// Choices inside of choices.
        const DEEPEST: usize = 16;
        if self.depth == DEEPEST {
            return Err("choices too deep in each other");
        }
        self.depth += 1;
        let mut all = Vec::new();
        loop {
            all.extend(self.alternatives()?);
            if all.len() > MOST_ALTERNATIVES {
                return Err("too many choices");
            }
            // What ended the alternative: a comma, or the brace.
            if self.next() != Some(',') {
                self.depth -= 1;
                return Ok(all);
            }
        }
    }

    /// What stands between brackets; a bracket that comes first is one of the set.
    fn set(&mut self) -> Parsed<Token> {
        const OPEN: &str = "a set without its end";
        let outside = matches!(self.rest, ['!' | '^', ..]);
        if outside {
            self.next();
        }
        let mut ranges = Vec::new();
        loop {
            let first = match self.next().ok_or(OPEN)? {
                ']' if !ranges.is_empty() => return Ok(Token::Set { outside, ranges }),
                '\\' => self.next().ok_or(OPEN)?,
                char => char,
            };
            let last = match self.rest {
                ['-', ']', ..] | [] => first,
                ['-', ..] => {
                    self.next();
                    self.next().ok_or(OPEN)?
                }
                _ => first,
            };
            if last < first {
                return Err("a range that ends before it starts");
            }
            ranges.push((first, last));
        }
    }
}

/// Each of the ones before each of the others.
fn product(before: &[Vec<Token>], after: &[Vec<Token>]) -> Parsed<Vec<Vec<Token>>> {
    /// Tokens of all alternatives together.
    const MOST_TOKENS: usize = 1 << 18;
    let tokens = |all: &[Vec<Token>]| all.iter().map(Vec::len).sum::<usize>();
    let joined =
        tokens(before).saturating_mul(after.len()) + tokens(after).saturating_mul(before.len());
    if before.len().saturating_mul(after.len()) > MOST_ALTERNATIVES || joined > MOST_TOKENS {
        return Err("too many choices");
    }
    let joined = before.iter().flat_map(|one| after.iter().map(|other| [&one[..], other].concat()));
    Ok(joined.collect())
}

impl<S: Source> Archive<S> {
    /// The entries whose names match, in the directory's order. A name that is no text is matched
    /// as [`Display`](std::fmt::Display) shows it.
    pub fn matching<'a>(
        &'a self,
        glob: &'a Glob,
    ) -> impl Iterator<Item = EntryRef<'a, S>> + use<'a, S> {
        self.entries().filter(|entry| {
            let name = entry.name();
            match name.text() {
                Some(text) => glob.is_match(&text),
                None => glob.is_match(&name.to_string()),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_and_names() {
        for (pattern, yes, no) in [
            ("", &[""][..], &["a"][..]),
            ("*", &["", "a", "a/b"], &[]),
            ("a*b*c", &["abc", "aXbYc", "abcbc", "a/b/c"], &["ab", "acb", "abcd"]),
            ("*.tx?", &[".txt", "a/b.tx\u{fc}"], &["a.tx", "a.text"]),
            ("**/a", &["a", "b/a", "b/c/a"], &["ba", "a/b"]),
            ("x/**/a", &["x/a", "x/b/a"], &["xa", "x/ba"]),
            ("a**", &["a", "ab/c"], &["b"]),
            ("[a-c\u{e4}]", &["a", "c", "\u{e4}"], &["d", "aa", ""]),
            ("[!a-c]", &["d", "/"], &["a", "dd"]),
            ("[]]", &["]"], &["["]),
            ("[a-]", &["a", "-"], &["b"]),
            ("[\\]-a]", &["]", "^", "a"], &["\\"]),
            ("\\*\\{\\[", &["*{["], &["a{["]),
            ("a}b,c", &["a}b,c"], &["ab"]),
            ("{a,b}{,x,[yz]}", &["a", "bx", "az"], &["", "x", "ab"]),
            ("{a,{b,c}*}d", &["ad", "bd", "cccd"], &["d", "acd"]),
            ("{a\\,b,c}", &["a,b", "c"], &["a", "b"]),
        ] {
            let glob = Glob::new(pattern).unwrap();
            assert!(yes.iter().all(|name| glob.is_match(name)), "{pattern} takes {yes:?}");
            assert!(!no.iter().any(|name| glob.is_match(name)), "{pattern} takes none of {no:?}");
        }
    }

    #[test]
    fn texts_that_are_no_patterns() {
        let deep = "{".repeat(100_000);
        let many = "{a,b}".repeat(11);
        for bad in ["[a", "[", "[]", "[!]", "[b-a]", "{a", "{a,", "a\\", "[\\", &deep, &many] {
            assert!(Glob::new(bad).is_err(), "{}", &bad[..bad.len().min(20)]);
        }
        assert!(Glob::new(&"{a,b}".repeat(10)).is_ok());
    }

    #[test]
    fn many_stars_take_no_longer_than_the_product() {
        let glob = Glob::new(&"*a".repeat(500)).unwrap();
        assert!(!glob.is_match(&"a".repeat(499)));
        assert!(!glob.is_match(&format!("{}b", "a".repeat(5_000))));
    }
}
