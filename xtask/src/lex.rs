//! Just enough Rust to tell code from what only looks like it: comments, literals and test
//! modules are blanked, byte for byte, so that offsets and line numbers stay those of the file.

/// `text` with comments and the insides of literals replaced by blanks.
pub(crate) fn code_of(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = bytes.to_vec();
    let mut at = 0;
    while at < bytes.len() {
        let end = match bytes[at] {
            b'/' if bytes[at..].starts_with(b"//") => find(bytes, at, b"\n").unwrap_or(bytes.len()),
            b'/' if bytes[at..].starts_with(b"/*") => block_comment_end(bytes, at),
            b'"' => string_end(bytes, at),
            b'\'' => match char_end(text, at) {
                Some(end) => end,
                // A lifetime or a loop label: code.
                None => at + 1,
            },
            b'r' if !follows_word(bytes, at) || prefixed_raw(bytes, at) => {
                match raw_string_end(bytes, at) {
                    Some(end) => end,
                    None => at + 1,
                }
            }
            _ => at + 1,
        };
        if end > at + 1 {
            blank(&mut out[at..end]);
        }
        at = end;
    }
    String::from_utf8(out).expect("whole characters were replaced by ASCII blanks")
}

/// `code` (from [`code_of`]) without the items that only exist in tests, and the names of the
/// modules among them that lie in files of their own.
pub(crate) fn without_tests(code: &str) -> (String, Vec<String>) {
    let bytes = code.as_bytes();
    let mut out = bytes.to_vec();
    let mut modules = Vec::new();
    let mut at = 0;
    while let Some(start) = find(bytes, at, b"#[cfg(") {
        let attribute_end = attribute_end(bytes, start);
        let condition = &code[start..attribute_end];
        at = attribute_end;
        if !is_test_condition(condition) {
            continue;
        }
        let end = item_end(bytes, attribute_end);
        if let Some(name) = file_module(&code[attribute_end..end]) {
            modules.push(name);
        }
        blank(&mut out[start..end]);
        at = end;
    }
    if code.contains("#![cfg(test)]") {
        blank(&mut out);
    }
    (String::from_utf8(out).expect("whole items were replaced by ASCII blanks"), modules)
}

/// Line number, from 1, of a byte offset.
pub(crate) fn line_at(text: &str, offset: usize) -> usize {
    text.as_bytes()[..offset].iter().filter(|&&byte| byte == b'\n').count() + 1
}

pub(crate) fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// Offsets at which `word` stands on its own in `text`.
pub(crate) fn words<'a>(text: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    let bytes = text.as_bytes();
    text.match_indices(word).map(|(at, _)| at).filter(move |&at| {
        let after = bytes.get(at + word.len());
        !follows_word(bytes, at) && !after.is_some_and(|&byte| is_word_byte(byte))
    })
}

fn is_test_condition(attribute: &str) -> bool {
    // `test` as a word, but not in `not(test)`: such an item is part of the product.
    words(attribute, "test").any(|at| !attribute[..at].trim_end().ends_with("not("))
        && !attribute.contains("any(")
}

/// Where the attribute that starts at `start` ends: after its `]`.
fn attribute_end(bytes: &[u8], start: usize) -> usize {
    let mut depth = 0_usize;
    for (at, byte) in bytes.iter().enumerate().skip(start) {
        match byte {
            b'[' => depth += 1,
            b']' => {
                depth -= 1;
                if depth == 0 {
                    return at + 1;
                }
            }
            _ => {}
        }
    }
    bytes.len()
}

/// Where the item that starts at `start` ends: after its block, or after its semicolon.
fn item_end(bytes: &[u8], start: usize) -> usize {
    let mut round = 0_usize;
    let mut curly = 0_usize;
    for (at, byte) in bytes.iter().enumerate().skip(start) {
        match byte {
            b'(' | b'[' => round += 1,
            b')' | b']' => round = round.saturating_sub(1),
            b'{' => curly += 1,
            // The end of what surrounds a field or a variant.
            b'}' if curly == 0 => return at,
            b'}' => {
                curly -= 1;
                if curly == 0 {
                    return at + 1;
                }
            }
            b';' if round == 0 && curly == 0 => return at + 1,
            _ => {}
        }
    }
    bytes.len()
}

/// `name` in `mod name;`.
fn file_module(item: &str) -> Option<String> {
    let item = item.strip_suffix(';')?;
    let at = words(item, "mod").next()?;
    Some(item[at + 3..].trim().to_owned())
}

fn find(bytes: &[u8], from: usize, what: &[u8]) -> Option<usize> {
    bytes[from..].windows(what.len()).position(|window| window == what).map(|at| at + from)
}

fn blank(bytes: &mut [u8]) {
    for byte in bytes {
        if *byte != b'\n' {
            *byte = b' ';
        }
    }
}

fn follows_word(bytes: &[u8], at: usize) -> bool {
    at > 0 && is_word_byte(bytes[at - 1])
}

/// `br"..."` and `cr"..."`: the `r` follows a letter, and yet starts a literal.
fn prefixed_raw(bytes: &[u8], at: usize) -> bool {
    at > 0 && matches!(bytes[at - 1], b'b' | b'c') && !follows_word(bytes, at - 1)
}

fn block_comment_end(bytes: &[u8], start: usize) -> usize {
    let mut depth = 0_usize;
    let mut at = start;
    while at < bytes.len() {
        if bytes[at..].starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if bytes[at..].starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    bytes.len()
}

fn string_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

fn raw_string_end(bytes: &[u8], start: usize) -> Option<usize> {
    let hashes = bytes[start + 1..].iter().take_while(|&&byte| byte == b'#').count();
    let open = start + 1 + hashes;
    if bytes.get(open) != Some(&b'"') {
        return None;
    }
    let mut close = vec![b'"'];
    close.resize(1 + hashes, b'#');
    Some(find(bytes, open + 1, &close).map_or(bytes.len(), |at| at + close.len()))
}

/// The end of the character literal at `start`, or `None` where the quote opens a lifetime.
fn char_end(text: &str, start: usize) -> Option<usize> {
    let mut rest = text[start + 1..].char_indices();
    let (_, first) = rest.next()?;
    if first == '\\' {
        let (_, _escaped) = rest.next()?;
        let (close, _) = rest.find(|&(_, c)| c == '\'')?;
        return Some(start + 1 + close + 1);
    }
    match rest.next()? {
        (close, '\'') => Some(start + 1 + close + 1),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_literals_are_blanked() {
        let cases = [
            ("a // crate::b\nc", "a            \nc"),
            ("a /* x /* y */ z */ b", "a                   b"),
            (r#"f("crate::x \" y", 'q')"#, r"f(               ,    )"),
            (r###"let x = r#"a " b"# + y;"###, "let x =            + y;"),
            (r#"br"x" cr"y" b"z" r#type"#, "b     c     b    r#type"),
            ("fn f<'a>(x: &'a str) {}", "fn f<'a>(x: &'a str) {}"),
            ("'\\'' '\\u{41}' 'é' b'\\n'", "                   b    "),
            ("'x: loop { break 'x }", "'x: loop { break 'x }"),
            ("\"two\nlines\"", "    \n      "),
            ("for r in 0..1 {}", "for r in 0..1 {}"),
        ];
        for (text, wanted) in cases {
            assert_eq!(code_of(text).trim_end(), wanted.trim_end(), "in {text}");
            assert_eq!(code_of(text).len(), text.len(), "the length of {text} must not change");
        }
    }

    #[test]
    fn test_items_are_cut() {
        let code = "use a;\n#[cfg(test)]\nmod tests {\n fn f() { g() }\n}\nfn h() {}";
        let (live, modules) = without_tests(code);
        assert!(!live.contains("g()") && live.contains("fn h()"), "{live}");
        assert_eq!(live.len(), code.len());
        assert!(modules.is_empty());
    }

    #[test]
    fn test_modules_in_files_are_named() {
        let (live, modules) =
            without_tests("#[cfg(test)]\n#[path = \"\"] pub(crate) mod lab;\nmod b;");
        assert_eq!(modules, ["lab"]);
        assert!(live.ends_with("\nmod b;"));
    }

    #[test]
    fn only_test_conditions_are_cut() {
        for code in [
            "#[cfg(not(test))] use a;",
            "#[cfg(feature = x)] use a;",
            "#[cfg(any(test, unix))] use a;",
        ] {
            assert_eq!(without_tests(code).0, code);
        }
        assert_eq!(without_tests("#[cfg(all(test, unix))] fn f(x: [u8; 2]) {}").0.trim(), "");
    }

    #[test]
    fn words_stand_alone() {
        assert_eq!(
            words("unsafe unsafe_code xunsafe (unsafe)", "unsafe").collect::<Vec<_>>(),
            [0, 28]
        );
        assert_eq!(line_at("a\nb\nc", 4), 3);
    }
}
