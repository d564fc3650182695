//! Figures as Markdown.

use std::fmt::Write;

use crate::measure::{Contender, Figure};

/// A table with the first contender as the measure of the others.
pub fn table(title: &str, contenders: &[Contender<'_>], figures: &[Figure], sizes: bool) -> String {
    let mut text = format!("## {title}\n\n| contender | ms | times the first |");
    text.push_str(if sizes {
        " MB out | peak MB |\n|---|---|---|---|---|\n"
    } else {
        "\n|---|---|---|\n"
    });
    let first = figures.first().map_or(1.0, |figure| figure.seconds);
    for (contender, figure) in contenders.iter().zip(figures) {
        let (ms, ratio) = (figure.seconds * 1e3, figure.seconds / first);
        let _ = write!(text, "| {} | {ms:.2} | {ratio:.2} |", contender.name);
        if sizes {
            let mb = figure.outcome.bytes as f64 / 1e6;
            let peak = figure.outcome.peak_kib as f64 / 1024.0;
            let _ = write!(text, " {mb:.2} | {peak:.0} |");
        }
        text.push('\n');
    }
    text.push('\n');
    text
}
