//! What one question found: rows under a title. Markdown, JSON lines, plots and the list of losses
//! are all made of this.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::measure::{Contender, Figure};

/// One comparison.
pub struct Table {
    pub title: String,
    /// Bytes that every row worked through, where that makes sense: then there is a throughput.
    pub work_bytes: u64,
    /// The rows have the size of what came out.
    pub sizes: bool,
    /// The rows are processes, whose peak memory is known.
    pub peaks: bool,
    pub rows: Vec<Row>,
    /// What to know of it, as Markdown; or all there is, where there are no rows.
    pub note: String,
    pub shape: Shape,
}

/// How it is drawn.
#[derive(Clone, Copy, PartialEq)]
pub enum Shape {
    /// A bar for each row.
    Bars,
    /// Time against size, a dot for each row.
    Dots,
    /// Milliseconds over the number that follows the comma of each row's name, a line for each name.
    Lines,
    /// Not at all.
    Text,
}

/// One contender's figures.
pub struct Row {
    pub name: String,
    pub seconds: f64,
    pub bytes_out: u64,
    pub peak_kib: u64,
}

impl Row {
    /// Not a contender but what the machine allows.
    pub fn is_limit(&self) -> bool {
        self.name.starts_with("limit")
    }

    pub fn is_ours(&self) -> bool {
        self.name.starts_with("pzip")
    }

    /// Threads, as the name tells them: `.. 2 threads ..`.
    pub fn threads(&self) -> Option<u32> {
        let before = self.name.split(" thread").next()?;
        if before.len() == self.name.len() {
            return None;
        }
        before.rsplit(' ').next()?.parse().ok()
    }
}

impl Table {
    /// Rows of so many bytes of work each.
    pub fn new(
        title: impl Into<String>,
        work_bytes: u64,
        contenders: &[Contender<'_>],
        figures: &[Figure],
    ) -> Self {
        let rows = contenders.iter().zip(figures).map(|(contender, figure)| Row {
            name: contender.name.clone(),
            seconds: figure.seconds,
            bytes_out: figure.outcome.bytes,
            peak_kib: figure.outcome.peak_kib,
        });
        Self {
            title: title.into(),
            work_bytes,
            sizes: false,
            peaks: false,
            rows: rows.collect(),
            note: String::new(),
            shape: Shape::Bars,
        }
    }

    /// Prose, and tables of another kind.
    pub fn text(title: impl Into<String>, note: String) -> Self {
        Self { note, shape: Shape::Text, ..Self::new(title, 0, &[], &[]) }
    }

    /// With the size of what came out.
    pub fn with_sizes(mut self) -> Self {
        self.sizes = true;
        self
    }

    /// With sizes and peak memory.
    pub fn of_processes(mut self) -> Self {
        (self.sizes, self.peaks) = (true, true);
        self
    }

    pub fn drawn(mut self, shape: Shape) -> Self {
        self.shape = shape;
        self
    }

    /// The limit that a row is to be held against: that of as many threads, else the first.
    fn limit(&self, row: &Row) -> Option<&Row> {
        let limits = || self.rows.iter().filter(|row| row.is_limit());
        let same = limits().find(|limit| limit.threads() == row.threads());
        same.or_else(|| limits().next())
    }

    pub fn markdown(&self) -> String {
        let mut text = format!("## {}\n\n", self.title);
        if !self.note.is_empty() {
            let _ = write!(text, "{}\n\n", self.note.trim());
        }
        if self.rows.is_empty() {
            return text;
        }
        let has_limit = self.rows.iter().any(Row::is_limit);
        let mut head = vec!["contender", "ms", "times the first"];
        for (name, there) in [
            ("MB/s", self.work_bytes > 0),
            ("of the limit", has_limit),
            ("MB out", self.sizes),
            ("peak MB", self.peaks),
        ] {
            if there {
                head.push(name);
            }
        }
        let _ = writeln!(text, "| {} |\n|{}", head.join(" | "), "---|".repeat(head.len()));
        let first = self.rows[0].seconds;
        for row in &self.rows {
            let _ = write!(
                text,
                "| {} | {:.2} | {:.2} |",
                row.name,
                row.seconds * 1e3,
                row.seconds / first
            );
            if self.work_bytes > 0 {
                let _ = write!(text, " {:.0} |", self.work_bytes as f64 / row.seconds / 1e6);
            }
            if has_limit {
                let share = self.limit(row).map_or(0.0, |limit| limit.seconds / row.seconds);
                let _ = write!(text, " {:.0} % |", share * 100.0);
            }
            if self.sizes {
                let _ = write!(text, " {:.2} |", row.bytes_out as f64 / 1e6);
            }
            if self.peaks {
                let _ = write!(text, " {:.0} |", row.peak_kib as f64 / 1024.0);
            }
            text.push('\n');
        }
        text.push('\n');
        text
    }

    /// One JSON object for each row.
    pub fn lines(&self, question: &str) -> impl Iterator<Item = Value> {
        self.rows.iter().map(move |row| {
            json!({
                "question": question,
                "table": self.title,
                "contender": row.name,
                "threads": row.threads(),
                "seconds": row.seconds,
                "work_bytes": self.work_bytes,
                "bytes_out": row.bytes_out,
                "peak_kib": row.peak_kib,
            })
        })
    }

    /// Rivals that were faster than our best row, or smaller than our smallest, in words.
    pub fn losses(&self) -> Vec<String> {
        let rivals = || self.rows.iter().filter(|row| !row.is_ours() && !row.is_limit());
        let ours = || self.rows.iter().filter(|row| row.is_ours());
        let mut losses = Vec::new();
        if let Some(best) = ours().map(|row| row.seconds).min_by(f64::total_cmp) {
            for rival in rivals().filter(|rival| rival.seconds < best) {
                let times = best / rival.seconds;
                losses.push(format!(
                    "{}: {} takes less time, we {times:.2} times it.",
                    self.title, rival.name
                ));
            }
        }
        if self.sizes
            && self.work_bytes > 0
            && let Some(best) = ours().map(|row| row.bytes_out).min()
        {
            for rival in rivals().filter(|rival| rival.bytes_out > 0 && rival.bytes_out < best) {
                let more = (best as f64 / rival.bytes_out as f64 - 1.0) * 100.0;
                losses.push(format!(
                    "{}: {} makes less of it, our smallest is {more:.1} % larger.",
                    self.title, rival.name
                ));
            }
        }
        losses
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rows: &[(&str, f64, u64)]) -> Table {
        let mut table = Table::new("T", 1_000_000, &[], &[]).with_sizes();
        table.rows = rows
            .iter()
            .map(|&(name, seconds, bytes_out)| Row {
                name: name.into(),
                seconds,
                bytes_out,
                peak_kib: 0,
            })
            .collect();
        table
    }

    #[test]
    fn threads_are_in_the_name() {
        let threads = |name: &str| {
            Row { name: name.into(), seconds: 1.0, bytes_out: 0, peak_kib: 0 }.threads()
        };
        assert_eq!(threads("pzip, 2 threads, level 6"), Some(2));
        assert_eq!(threads("limit: bare, 1 thread"), Some(1));
        assert_eq!(threads("zip -6"), None);
        assert_eq!(threads("threads"), None);
    }

    #[test]
    fn losses_are_told_and_limits_are_none() {
        let lost =
            table(&[("pzip", 2.0, 100), ("fast", 1.0, 200), ("small", 3.0, 50), ("limit", 0.5, 0)]);
        let losses = lost.losses();
        assert_eq!(losses.len(), 2, "{losses:?}");
        assert!(losses[0].contains("fast") && losses[0].contains("2.00"));
        assert!(losses[1].contains("small") && losses[1].contains("100.0 %"));
        assert!(table(&[("pzip", 1.0, 50), ("slow", 2.0, 50)]).losses().is_empty());
    }

    #[test]
    fn a_share_is_that_of_the_limit_with_as_many_threads() {
        let text = table(&[
            ("limit, 1 thread", 4.0, 0),
            ("limit, 2 threads", 2.0, 0),
            ("pzip, 1 threads", 5.0, 0),
            ("pzip, 2 threads", 4.0, 0),
        ])
        .markdown();
        assert!(text.contains("| pzip, 1 threads | 5000.00 | 1.25 | 0 | 80 % |"), "{text}");
        assert!(text.contains("| pzip, 2 threads | 4000.00 | 1.00 | 0 | 50 % |"), "{text}");
    }
}
