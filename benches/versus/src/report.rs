//! The report: one HTML page with plots, JSON lines, and the tables in docs/benchmarks.md.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use crate::plot::{escaped, plot};
use crate::table::Table;

/// The answers of one run, question by question.
pub struct Report {
    /// Machine, corpora, versions, command.
    pub head: String,
    pub answers: Vec<(&'static str, Vec<Table>)>,
}

impl Report {
    fn tables(&self) -> impl Iterator<Item = &Table> {
        self.answers.iter().flat_map(|(_, tables)| tables)
    }

    fn losses(&self) -> String {
        format!("## Where we lose\n\n{}\n", losses(self.tables()))
    }

    pub fn markdown(&self) -> String {
        let tables: String = self.tables().map(Table::markdown).collect();
        format!("# Side by side\n\n{}\n{}{tables}", self.head, self.losses())
    }

    pub fn lines(&self) -> String {
        let mut text = String::new();
        for (question, tables) in &self.answers {
            for line in tables.iter().flat_map(|table| table.lines(question)) {
                let _ = writeln!(text, "{line}");
            }
        }
        text
    }

    pub fn html(&self) -> String {
        let mut page = String::from(
            "<!doctype html><meta charset='utf-8'><title>pzip side by side</title>\
             <style>body{font:15px sans-serif;max-width:60em;margin:2em auto;padding:0 1em}\
             table{border-collapse:collapse}td,th{padding:.1em .8em;text-align:right;border-bottom:1px solid #ddd}\
             td:first-child,th:first-child{text-align:left}pre{white-space:pre-wrap}</style>\
             <h1>Side by side</h1>\n",
        );
        let _ = writeln!(page, "<pre>{}</pre>", escaped(&self.head));
        let _ =
            writeln!(page, "<p>Blue is pzip, orange its rivals, grey what the machine allows.</p>");
        page.push_str(&html_of(&self.losses()));
        for table in self.tables() {
            let text = table.markdown();
            let (title, rest) = text.split_once("\n\n").unwrap_or((&text, ""));
            page.push_str(&html_of(title));
            page.push_str(&plot(table));
            page.push_str(&html_of(rest));
        }
        page
    }

    /// Puts the tables of each question, and where they show a rival ahead, between its marks in
    /// the document: `<!-- bench: NAME -->` to `<!-- end -->`, and what was measured with at the
    /// marks of `machine`. A question without marks gets them at the end of the document.
    pub fn refresh(&self, path: &Path) -> std::io::Result<()> {
        let mut text = fs::read_to_string(path)?;
        let (measured, machine) = self.head.split_once('\n').unwrap_or((&self.head, ""));
        for (question, tables) in &self.answers {
            let losses = losses(tables.iter());
            let tables: String = tables.iter().map(Table::markdown).collect();
            let body = format!("{measured}\n\n{tables}Where we lose:\n\n{losses}");
            text = replaced(&text, question, &body);
        }
        fs::write(path, replaced(&text, "machine", machine))
    }
}

/// Where a rival was faster or smaller.
fn losses<'t>(tables: impl Iterator<Item = &'t Table>) -> String {
    let losses: String = tables.flat_map(Table::losses).map(|loss| format!("- {loss}\n")).collect();
    if losses.is_empty() { "- nowhere in these tables.\n".into() } else { losses }
}

fn replaced(text: &str, name: &str, body: &str) -> String {
    let (open, close) = (format!("<!-- bench: {name} -->\n"), "<!-- end -->\n");
    let block = format!("{open}{}\n{close}", body.trim_end());
    let span = text.find(&open).and_then(|start| {
        let end = text[start..].find(close)? + start + close.len();
        Some(start..end)
    });
    match span {
        Some(span) => format!("{}{block}{}", &text[..span.start], &text[span.end..]),
        None => format!("{}\n\n{block}", text.trim_end()),
    }
}

/// As much Markdown as our own tables have: headings, lists, tables, paragraphs.
fn html_of(markdown: &str) -> String {
    let mut html = String::new();
    let mut lines = markdown.lines().peekable();
    while let Some(line) = lines.next() {
        if let Some(title) = line.strip_prefix("## ") {
            let _ = writeln!(html, "<h2>{}</h2>", escaped(title));
        } else if let Some(item) = line.strip_prefix("- ") {
            let _ = writeln!(html, "<li>{}</li>", escaped(item));
        } else if line.starts_with('|') {
            html.push_str("<table>");
            let mut row = Some(line);
            let mut cell = "th";
            while let Some(line) = row {
                if line.starts_with("|--") {
                    cell = "td";
                } else {
                    html.push_str("<tr>");
                    for words in line.trim_matches('|').split('|') {
                        let _ = write!(html, "<{cell}>{}</{cell}>", escaped(words.trim()));
                    }
                    html.push_str("</tr>");
                }
                row = lines.next_if(|line| line.starts_with('|'));
            }
            html.push_str("</table>\n");
        } else if !line.is_empty() {
            let _ = writeln!(html, "<p>{}</p>", escaped(line));
        }
    }
    html
}

#[cfg(test)]
mod tests {
    use super::{html_of, replaced};

    #[test]
    fn a_block_is_replaced_and_nothing_else() {
        let text = "# T\n<!-- bench: a -->\nold\n<!-- end -->\nkept\n";
        let new = replaced(text, "a", "new\n\n");
        assert_eq!(new, "# T\n<!-- bench: a -->\nnew\n<!-- end -->\nkept\n");
        let added = replaced(&new, "b", "more");
        assert!(added.ends_with("kept\n\n<!-- bench: b -->\nmore\n<!-- end -->\n"), "{added}");
    }

    #[test]
    fn tables_become_tables() {
        let html = html_of("## A & b\n\n| x | y |\n|---|---|\n| 1 | <2 |\n\nwords\n");
        assert_eq!(
            html,
            "<h2>A &amp; b</h2>\n<table><tr><th>x</th><th>y</th></tr><tr><td>1</td><td>&lt;2</td></tr></table>\n<p>words</p>\n"
        );
    }
}
