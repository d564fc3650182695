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

    /// The table of the crates in the README: all that a user can take, and no others.
    #[test]
    fn the_readme_lists_every_crate() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let readme = std::fs::read_to_string(root.join("README.md")).expect("a README");
        let mut crates: Vec<String> = std::fs::read_dir(root.join("crates"))
            .expect("crates")
            .map(|entry| entry.expect("a crate").file_name().to_string_lossy().into_owned())
            .filter(|name| name != "zip-testkit" && name != "pzip-cli")
            .collect();
        crates.sort();
        let mut listed: Vec<String> = readme
            .lines()
            .filter_map(|line| line.strip_prefix("| [`")?.split_once("`](crates/"))
            .map(|(name, _)| name.to_owned())
            .collect();
        listed.sort();
        assert_eq!(listed, crates);
    }

    #[test]
    fn verbs_must_exist() {
        let text = "`cargo xtask test`\n```sh\ncargo xtask tost --now\ncargo xtask <verb>\ncargo xtask --help\n```\n";
        let mut findings = Findings::default();
        check("README.md", text, &["test"], &mut findings);
        assert_eq!(findings.errors, ["README.md:3: `cargo xtask tost`: there is no such verb"]);
    }
}
