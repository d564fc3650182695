//! The paths a source file names: `a::b::c` in expressions, and each leaf of each `use` tree.

use crate::lex::{is_word_byte, line_at};

/// One path as written, with `use` trees spread out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NamedPath {
    /// `crate`, `super`, `self` and names; a glob ends in `*`.
    pub(crate) segments: Vec<String>,
    pub(crate) line: usize,
    pub(crate) kind: Kind,
    /// Modules written out in this file around the path (`mod id { .. }`).
    pub(crate) inside: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Somewhere in code.
    Mention,
    /// A leaf of a `use` tree, and the name it has from then on.
    Use { name: String, public: bool },
}

/// All paths of `code`, which has neither comments nor literals (`lex::code_of`).
pub(crate) fn named_paths(code: &str) -> Vec<NamedPath> {
    let tokens = tokens(code);
    let mut scanner =
        Scanner { code, tokens: &tokens, at: 0, inside: Vec::new(), found: Vec::new() };
    scanner.scan();
    scanner.found
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token<'a> {
    Word(&'a str),
    /// `::`
    Sep,
    Mark(u8),
}

fn tokens(code: &str) -> Vec<(usize, Token<'_>)> {
    let bytes = code.as_bytes();
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        let byte = bytes[at];
        if byte.is_ascii_whitespace() {
            at += 1;
        } else if is_word_byte(byte) {
            while at < bytes.len() && is_word_byte(bytes[at]) {
                at += 1;
            }
            // `r#type` is the word `type`.
            if &code[start..at] == "r" && bytes.get(at) == Some(&b'#') {
                at += 1;
                continue;
            }
            tokens.push((start, Token::Word(&code[start..at])));
        } else if bytes[at..].starts_with(b"::") {
            at += 2;
            tokens.push((start, Token::Sep));
        } else {
            at += 1;
            tokens.push((start, Token::Mark(byte)));
        }
    }
    tokens
}

struct Scanner<'a> {
    code: &'a str,
    tokens: &'a [(usize, Token<'a>)],
    at: usize,
    /// One per open `{`: the module it opens, if it opens one.
    inside: Vec<Option<&'a str>>,
    found: Vec<NamedPath>,
}

impl<'a> Scanner<'a> {
    fn scan(&mut self) {
        while let Some(token) = self.peek(0) {
            match token {
                Token::Word("use") if self.peek(1) != Some(Token::Mark(b'<')) => {
                    let public = self.is_public();
                    self.at += 1;
                    self.use_tree(&[], public);
                }
                Token::Word("mod") => {
                    if let (Some(Token::Word(name)), Some(Token::Mark(b'{'))) =
                        (self.peek(1), self.peek(2))
                    {
                        self.inside.push(Some(name));
                        self.at += 3;
                    } else {
                        self.at += 1;
                    }
                }
                Token::Word(_) if self.peek(1) == Some(Token::Sep) => self.mention(),
                // Global paths (`::std::fs`) are like those without the `::`.
                Token::Mark(b'{') => {
                    self.inside.push(None);
                    self.at += 1;
                }
                Token::Mark(b'}') => {
                    self.inside.pop();
                    self.at += 1;
                }
                _ => self.at += 1,
            }
        }
    }

    fn peek(&self, ahead: usize) -> Option<Token<'a>> {
        self.tokens.get(self.at + ahead).map(|&(_, token)| token)
    }

    fn before(&self, back: usize) -> Option<Token<'a>> {
        self.at.checked_sub(back).and_then(|at| self.tokens.get(at)).map(|&(_, token)| token)
    }

    fn line(&self) -> usize {
        self.tokens.get(self.at).map_or(1, |&(offset, _)| line_at(self.code, offset))
    }

    /// Whether `pub` or `pub(..)` stands before the current token.
    fn is_public(&self) -> bool {
        match self.before(1) {
            Some(Token::Word("pub")) => true,
            Some(Token::Mark(b')')) => {
                let mut back = 2;
                while self.before(back).is_some_and(|token| token != Token::Mark(b'(')) {
                    back += 1;
                }
                self.before(back + 1) == Some(Token::Word("pub"))
            }
            _ => false,
        }
    }

    fn mention(&mut self) {
        // `pub(in crate::extra)` says who may look, not what is used.
        let in_visibility = self.before(1) == Some(Token::Word("in"))
            && self.before(2) == Some(Token::Mark(b'('))
            && self.before(3) == Some(Token::Word("pub"));
        // `<T as X>::Item::default`, `Vec::<u8>::new`: the tail of another path.
        let is_tail = self.before(1) == Some(Token::Sep)
            && !matches!(
                self.before(2),
                None | Some(Token::Mark(b'{' | b'(' | b',' | b';' | b'=' | b'<' | b'&'))
            );
        let line = self.line();
        let mut segments = Vec::new();
        while let Some(Token::Word(word)) = self.peek(0) {
            segments.push(word.to_owned());
            self.at += 1;
            if self.peek(0) == Some(Token::Sep) && matches!(self.peek(1), Some(Token::Word(_))) {
                self.at += 1;
            } else {
                break;
            }
        }
        // `crate::row!(..)`: a macro, which has no module but where it is written.
        let is_macro = segments.len() == 2 && self.peek(0) == Some(Token::Mark(b'!'));
        if !(in_visibility || is_tail || is_macro) {
            self.push(segments, line, Kind::Mention);
        }
    }

    fn use_tree(&mut self, prefix: &[String], public: bool) {
        if self.peek(0) == Some(Token::Sep) {
            self.at += 1;
        }
        let line = self.line();
        let mut segments = prefix.to_vec();
        loop {
            match self.peek(0) {
                Some(Token::Word(word)) => {
                    self.at += 1;
                    // `a::{self, b}` names `a`.
                    if word != "self" || segments.is_empty() {
                        segments.push(word.to_owned());
                    }
                }
                Some(Token::Mark(b'*')) => {
                    self.at += 1;
                    segments.push("*".to_owned());
                }
                Some(Token::Mark(b'{')) => {
                    self.at += 1;
                    while !matches!(self.peek(0), None | Some(Token::Mark(b'}'))) {
                        let before = self.at;
                        self.use_tree(&segments, public);
                        if self.peek(0) == Some(Token::Mark(b',')) {
                            self.at += 1;
                        }
                        if self.at == before {
                            // Not Rust we know: leave it to the compiler.
                            self.at += 1;
                        }
                    }
                    self.at += 1;
                    return;
                }
                _ => {}
            }
            if self.peek(0) == Some(Token::Sep) {
                self.at += 1;
            } else {
                break;
            }
        }
        let Some(last) = segments.last().cloned() else {
            return;
        };
        let mut name = last;
        if let (Some(Token::Word("as")), Some(Token::Word(alias))) = (self.peek(0), self.peek(1)) {
            name = alias.to_owned();
            self.at += 2;
        }
        self.push(segments, line, Kind::Use { name, public });
    }

    fn push(&mut self, segments: Vec<String>, line: usize, kind: Kind) {
        let inside = self.inside.iter().flatten().map(|&name| name.to_owned()).collect();
        self.found.push(NamedPath { segments, line, kind, inside });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(code: &str) -> Vec<String> {
        named_paths(code).iter().map(|path| path.segments.join("::")).collect()
    }

    #[test]
    fn use_trees_are_spread_out() {
        let cases: [(&str, &[&str]); 6] = [
            ("use crate::error::Error;", &["crate::error::Error"]),
            ("use crate::{a::{B, c::*}, d};", &["crate::a::B", "crate::a::c::*", "crate::d"]),
            ("use std::{fs::{self, File}, io};", &["std::fs", "std::fs::File", "std::io"]),
            ("use super::id;", &["super::id"]),
            ("use ::std::net;", &["std::net"]),
            ("use {a::B, c::D,};", &["a::B", "c::D"]),
        ];
        for (code, wanted) in cases {
            assert_eq!(names(code), wanted, "in {code}");
        }
    }

    #[test]
    fn mentions_are_found_in_code() {
        let cases: [(&str, &[&str]); 8] = [
            (
                "fn f() -> crate::error::Result<()> { g(super::id::X) }",
                &["crate::error::Result", "super::id::X"],
            ),
            ("let x = <crate::a::B as C>::d();", &["crate::a::B"]),
            ("Vec::<crate::a::B>::new()", &["Vec", "crate::a::B"]),
            ("pub(in crate::a) fn f() {}", &[]),
            ("pub(crate) fn f() {}", &[]),
            ("crate::row!(1)", &[]),
            ("crate::a::row!(1)", &["crate::a::row"]),
            ("::std::fs::read(x)", &["std::fs::read"]),
        ];
        for (code, wanted) in cases {
            assert_eq!(names(code), wanted, "in {code}");
        }
    }

    #[test]
    fn visibility_and_new_names_are_kept() {
        let found = named_paths("pub(crate) use a::B as C;\nuse d::E;\npub use f::G;");
        let kinds: Vec<_> = found.iter().map(|path| path.kind.clone()).collect();
        let leaf = |name: &str, public| Kind::Use { name: name.into(), public };
        assert_eq!(kinds, [leaf("C", true), leaf("E", false), leaf("G", true)]);
        assert_eq!(found[1].line, 2);
    }

    #[test]
    fn modules_written_out_are_known() {
        let found =
            named_paths("mod a { mod b { use super::X; } fn f() { super::y() } } use crate::z;");
        let inside: Vec<_> = found.iter().map(|path| path.inside.join("::")).collect();
        assert_eq!(inside, ["a::b", "a", ""]);
    }
}
