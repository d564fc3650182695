//! Plots as SVG, by hand: bars, dots and lines.

use std::fmt::Write;

use crate::table::{Row, Shape, Table};

const WIDTH: f64 = 900.0;
const LINE: f64 = 22.0;

/// The plot of a table, where it has a shape.
pub fn plot(table: &Table) -> String {
    match table.shape {
        Shape::Text => String::new(),
        Shape::Bars => bars(table),
        Shape::Dots => lines(&dots_of(table), "MB out", "ms", false),
        Shape::Lines => lines(&lines_of(table), "bytes a file", "ms", true),
    }
}

fn colour(row: &Row) -> &'static str {
    match (row.is_ours(), row.is_limit()) {
        (true, _) => "#1a6fb0",
        (_, true) => "#9a9a9a",
        _ => "#d08a3c",
    }
}

/// Longer is better where there is a throughput, and shorter where there are only times.
fn bars(table: &Table) -> String {
    let throughput = table.work_bytes > 0;
    let value = |row: &Row| {
        if throughput { table.work_bytes as f64 / row.seconds / 1e6 } else { row.seconds * 1e3 }
    };
    let most = table.rows.iter().map(value).fold(f64::MIN_POSITIVE, f64::max);
    let height = LINE * (table.rows.len() as f64 + 1.2);
    let mut svg = open(height);
    let unit = if throughput { "MB/s, longer is better" } else { "ms, shorter is better" };
    text(&mut svg, 330.0, 14.0, "start", unit);
    for (number, row) in table.rows.iter().enumerate() {
        let y = LINE * (number as f64 + 1.0);
        let len = value(row) / most * 470.0;
        text(&mut svg, 322.0, y + 15.0, "end", &row.name);
        let _ = write!(
            svg,
            "<rect x='330' y='{:.1}' width='{len:.1}' height='16' fill='{}'/>",
            y + 2.0,
            colour(row)
        );
        let digits = if value(row) < 10.0 { 2 } else { 0 };
        text(&mut svg, 336.0 + len, y + 15.0, "start", &format!("{:.digits$}", value(row)));
    }
    svg + "</svg>\n"
}

/// A name and its points.
type Line = (String, Vec<(f64, f64)>);

/// One line for all rows that are ours, and one dot for each other.
fn dots_of(table: &Table) -> Vec<Line> {
    let point = |row: &Row| (row.bytes_out as f64 / 1e6, row.seconds * 1e3);
    let mut ours: Vec<_> = table.rows.iter().filter(|row| row.is_ours()).map(point).collect();
    ours.sort_by(|one, other| one.0.total_cmp(&other.0));
    let mut lines = vec![("pzip, its levels".to_owned(), ours)];
    let others = table.rows.iter().filter(|row| !row.is_ours());
    lines.extend(others.map(|row| (row.name.clone(), vec![point(row)])));
    lines
}

/// Rows named `contender, number`.
fn lines_of(table: &Table) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for row in &table.rows {
        let Some((name, Ok(x))) = row.name.rsplit_once(", ").map(|(name, x)| (name, x.parse()))
        else {
            continue;
        };
        let point = (x, row.seconds * 1e3);
        match lines.iter_mut().find(|line| line.0 == name) {
            Some(line) => line.1.push(point),
            None => lines.push((name.to_owned(), vec![point])),
        }
    }
    lines
}

/// Times upwards in powers of ten; `log` says whether the other axis is so too.
fn lines(lines: &[Line], x_unit: &str, y_unit: &str, log: bool) -> String {
    const COLOURS: [&str; 6] = ["#1a6fb0", "#d08a3c", "#3c9a5f", "#a04a9a", "#b03030", "#6b6b2a"];
    let all = || lines.iter().flat_map(|line| &line.1);
    let across = |x: f64| if log { x.max(1e-9).log10() } else { x };
    let up = |y: f64| y.max(1e-9).log10();
    let range = |values: &mut dyn Iterator<Item = f64>| {
        let (low, high) =
            values.fold((f64::MAX, f64::MIN), |(low, high), v| (low.min(v), high.max(v)));
        if high > low { (low, high) } else { (low - 0.5, low + 0.5) }
    };
    let (left, right) = range(&mut all().map(|point| across(point.0)));
    let (low, high) = range(&mut all().map(|point| up(point.1)));
    let place = |&(x, y): &(f64, f64)| {
        let x = 70.0 + (across(x) - left) / (right - left) * 560.0;
        (x, 320.0 - (up(y) - low) / (high - low) * 280.0)
    };
    let mut svg = open(365.0);
    let _ = write!(svg, "<path d='M70 30V320H640' fill='none' stroke='#888'/>");
    text(&mut svg, 70.0, 20.0, "start", &format!("{y_unit}, powers of ten"));
    text(&mut svg, 640.0, 352.0, "end", x_unit);
    let ends = all().map(|point| (point.0, point.1)).collect::<Vec<_>>();
    for (x, y) in &ends {
        let (px, py) = place(&(*x, *y));
        if across(*x) == left || across(*x) == right {
            text(&mut svg, px, 336.0, "middle", &format!("{x:.0}"));
        }
        if up(*y) == low || up(*y) == high {
            text(&mut svg, 64.0, py + 4.0, "end", &format!("{y:.1}"));
        }
    }
    for (number, (name, points)) in lines.iter().enumerate() {
        let colour = COLOURS[number % COLOURS.len()];
        let mut path = String::new();
        for (at, point) in points.iter().enumerate() {
            let (x, y) = place(point);
            let _ = write!(path, "{}{x:.1} {y:.1}", if at == 0 { "M" } else { "L" });
            let _ = write!(svg, "<circle cx='{x:.1}' cy='{y:.1}' r='3.5' fill='{colour}'/>");
        }
        let _ = write!(svg, "<path d='{path}' fill='none' stroke='{colour}' stroke-width='1.5'/>");
        let y = 40.0 + 20.0 * number as f64;
        let _ = write!(
            svg,
            "<rect x='655' y='{:.1}' width='10' height='10' fill='{colour}'/>",
            y - 9.0
        );
        text(&mut svg, 670.0, y, "start", name);
    }
    svg + "</svg>\n"
}

fn open(height: f64) -> String {
    format!(
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {height:.0}' width='{WIDTH}' height='{height:.0}' font-family='sans-serif' font-size='12'>"
    )
}

fn text(svg: &mut String, x: f64, y: f64, anchor: &str, words: &str) {
    let _ =
        write!(svg, "<text x='{x:.1}' y='{y:.1}' text-anchor='{anchor}'>{}</text>", escaped(words));
}

/// Text as HTML and SVG take it.
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(shape: Shape, names: &[&str]) -> Table {
        let mut table = Table::new("T", 10, &[], &[]).drawn(shape);
        table.rows = names
            .iter()
            .enumerate()
            .map(|(n, name)| Row {
                name: (*name).into(),
                seconds: 1.0 + n as f64,
                bytes_out: 9 + n as u64,
                peak_kib: 0,
            })
            .collect();
        table
    }

    #[test]
    fn every_row_is_drawn() {
        let svg = plot(&table(Shape::Bars, &["pzip <1>", "zip", "limit"]));
        assert_eq!(svg.matches("<rect").count(), 3);
        assert!(svg.contains("pzip &lt;1&gt;") && svg.ends_with("</svg>\n"));
        let svg = plot(&table(Shape::Dots, &["pzip 1", "pzip 2", "zip"]));
        assert_eq!(svg.matches("<circle").count(), 3);
        let svg = plot(&table(Shape::Lines, &["pzip, 1", "pzip, 10", "zip, 1", "zip, 10"]));
        assert_eq!((svg.matches("<circle").count(), svg.matches("<rect").count()), (4, 2));
    }

    #[test]
    fn nothing_is_divided_by_zero() {
        for shape in [Shape::Bars, Shape::Dots, Shape::Lines] {
            assert!(!plot(&table(shape, &["pzip, 1"])).contains("NaN"));
            assert!(!plot(&table(shape, &[])).contains("NaN"));
        }
    }
}
