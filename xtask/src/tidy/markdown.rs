//! Rules for documents: the verbs they tell people to type exist.

use crate::lex::line_at;
use crate::tidy::Findings;

const COMMAND: &str = "cargo xtask ";

pub(super) fn check(file: &str, text: &str, verbs: &[&str], findings: &mut Findings) {
    for (at, _) in text.match_indices(COMMAND) {
        let rest = &text[at + COMMAND.len()..];
        let verb =
            rest.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').next().unwrap_or("");
        // `cargo xtask <verb>` and `cargo xtask --help` name none.
        if !verb.is_empty() && !verb.starts_with('-') && !verbs.contains(&verb) {
            findings.error(
                file,
                line_at(text, at),
                format_args!("`{COMMAND}{verb}`: there is no such verb"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verbs_must_exist() {
        let text = "`cargo xtask test`\n```sh\ncargo xtask tost --now\ncargo xtask <verb>\ncargo xtask --help\n```\n";
        let mut findings = Findings::default();
        check("README.md", text, &["test"], &mut findings);
        assert_eq!(findings.errors, ["README.md:3: `cargo xtask tost`: there is no such verb"]);
    }
}
