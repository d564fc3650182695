//! The page of a directory: plain HTML that works without scripts, in any browser.

use std::fmt::{self, Write};

use pzip::format::attributes::Kind;
use pzip::format::dos_time::Civil;

use super::address::{Address, Encoded};
use super::root::Item;
use crate::output::DateTime;

/// What the table is sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    Name,
    Size,
    Time,
}

/// Headers that keep a page from loading or running anything, whatever the files are called.
pub(super) const SECURITY: &str = "default-src 'none'; style-src 'unsafe-inline'; \
    form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const STYLE: &str = "
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222}
h1{font-size:1.3rem;font-weight:600;overflow-wrap:anywhere}
a{color:#0550ae;text-decoration:none}a:hover{text-decoration:underline}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:.3rem .5rem;border-bottom:1px solid #ddd}
th{border-bottom:2px solid #bbb;white-space:nowrap}
td.n{overflow-wrap:anywhere;width:100%}td.s,th.s{text-align:right;font-variant-numeric:tabular-nums}
td.s,td.t{white-space:nowrap}tr:hover td{background:#f6f8fa}
p.do{position:sticky;bottom:0;background:#fff;padding:.8rem 0;margin:0}
button,a.b{font:inherit;padding:.35rem .9rem;border:1px solid #0550ae;border-radius:.3rem;
background:#0550ae;color:#fff;cursor:pointer}a.b{background:#fff;color:#0550ae}
@media(prefers-color-scheme:dark){body,p.do{background:#111;color:#ddd}a,a.b{color:#79b8ff}
th,td{border-color:#333}tr:hover td{background:#1b1f24}a.b{background:#111;border-color:#79b8ff}}
";

/// The page of the directory at an address.
pub(super) fn of(address: &Address, mut items: Vec<Item>) -> String {
    let column = match address.value("sort") {
        Some(b"size") => Column::Size,
        Some(b"time") => Column::Time,
        _ => Column::Name,
    };
    let descending = address.value("desc").is_some();
    // Directories first, and by name where the rest is equal: the sort is stable.
    match column {
        Column::Name => {}
        Column::Size => items.sort_by_key(|item| item.size),
        Column::Time => items.sort_by_key(|item| item.modified),
    }
    if descending {
        items.reverse();
    }
    items.sort_by_key(|item| item.kind != Kind::Directory);
    let mut page = String::with_capacity(1_500 + items.len() * 300);
    // Writing to a string does not fail.
    let _ = write(&mut page, address, &items, column, descending);
    page
}

fn write(
    page: &mut String,
    address: &Address,
    items: &[Item],
    column: Column,
    descending: bool,
) -> fmt::Result {
    let title = address.path.last().map_or("/".into(), |name| String::from_utf8_lossy(name));
    write!(
        page,
        "<!doctype html><html lang=en><meta charset=utf-8>\
         <meta name=viewport content=\"width=device-width\"><title>{}</title>\
         <style>{STYLE}</style><h1><a href=\"/\">/</a>",
        Escaped(&title)
    )?;
    let mut link = String::from("/");
    for name in &address.path {
        write!(link, "{}/", Encoded(name))?;
        let text = String::from_utf8_lossy(name);
        write!(page, " <a href=\"{link}\">{}</a> /", Escaped(&text))?;
    }
    page.push_str("</h1><form method=get><table><tr><th></th>");
    for (own, key, text, class) in [
        (Column::Name, "name", "Name", ""),
        (Column::Size, "size", "Size", " class=s"),
        (Column::Time, "time", "Modified (UTC)", ""),
    ] {
        let desc = if own == column && !descending { "&amp;desc" } else { "" };
        let arrow = match (own == column, descending) {
            (true, false) => " &#9650;",
            (true, true) => " &#9660;",
            _ => "",
        };
        write!(page, "<th{class}><a href=\"?sort={key}{desc}\">{text}{arrow}</a></th>")?;
    }
    page.push_str("</tr>");
    for item in items {
        write_item(page, item)?;
    }
    page.push_str("</table>");
    let files = items.iter().filter(|item| item.kind != Kind::Directory);
    let bytes = files.clone().map(|item| item.size).fold(0, u64::saturating_add);
    write!(
        page,
        "<p class=do><button name=zip value=1>Download selected as ZIP</button> \
         <a class=b href=\"?zip=1\">Download all of this folder</a> \
         Folders: {}, files: {} ({})</p></form></html>",
        items.len() - files.clone().count(),
        files.count(),
        Bytes(bytes)
    )
}

fn write_item(page: &mut String, item: &Item) -> fmt::Result {
    // Encoded once by us, so that names that are no text pass through the browser's form too.
    let value = Encoded(&item.name).to_string();
    let text = String::from_utf8_lossy(&item.name);
    let (name, value) = (Escaped(&text), Encoded(value.as_bytes()));
    let box_value = Encoded(&item.name);
    write!(page, "<tr><td><input type=checkbox name=e value=\"{box_value}\"")?;
    write!(page, " aria-label=\"{name}\"></td><td class=n>")?;
    if item.kind == Kind::Directory {
        write!(page, "<a href=\"{}/\">{name}/</a></td><td class=s></td>", Encoded(&item.name))?;
    } else {
        write!(page, "<a href=\"?zip=1&amp;e={value}\" title=\"as ZIP\">{name}</a></td>")?;
        write!(page, "<td class=s title=\"{} bytes\">{}</td>", item.size, Bytes(item.size))?;
    }
    // In UTC: the reader sits elsewhere.
    write!(page, "<td class=t>{}</td></tr>", DateTime(Civil::from_unix(item.modified)))
}

/// A text that stays text in HTML, in an attribute as well; control characters are shown as `?`.
struct Escaped<'t>(&'t str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for char in self.0.chars() {
            match char {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                // Those that turn the direction of writing would turn the page's.
                '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => f.write_char('?')?,
                char if char.is_control() => f.write_char('?')?,
                char => f.write_char(char)?,
            }
        }
        Ok(())
    }
}

/// A number of bytes as people read it.
struct Bytes(u64);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [&str; 7] = ["bytes", "kB", "MB", "GB", "TB", "PB", "EB"];
        let mut value = self.0 as f64;
        let mut unit = 0;
        while value >= 999.5 && unit + 1 < UNITS.len() {
            value /= 1_000.0;
            unit += 1;
        }
        let unit_text = UNITS.get(unit).unwrap_or(&"");
        let decimals = usize::from(unit > 0 && value < 99.95);
        write!(f, "{value:.decimals$} {unit_text}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(name: &str, kind: Kind, size: u64) -> Item {
        let modified = 1_700_000_000 + size as i64;
        Item { name: name.into(), kind, size, modified, mode: 0o644, key: [0; 40] }
    }

    #[test]
    fn names_stay_text() {
        let hostile = "<script>\"'&\u{202e}\n";
        let path = format!("/{}/", Encoded(hostile.as_bytes()));
        let address = Address::parse(&path, None).unwrap();
        let page = of(&address, vec![item(hostile, Kind::File, 1)]);
        assert!(!page.contains("<script") && !page.contains('\u{202e}'), "{page}");
        assert!(page.contains("&lt;script&gt;&quot;&#39;&amp;??"), "{page}");
    }

    #[test]
    fn sorted_by_any_column_with_directories_first() {
        let items = || {
            vec![item("a", Kind::File, 5), item("b", Kind::Directory, 0), item("c", Kind::File, 3)]
        };
        for (query, order) in [
            ("", ["b/<", "a<", "c<"]),
            ("sort=size", ["b/<", "c<", "a<"]),
            ("sort=size&desc", ["b/<", "a<", "c<"]),
            ("sort=name&desc", ["b/<", "c<", "a<"]),
            ("sort=time", ["b/<", "c<", "a<"]),
        ] {
            let page = of(&Address::parse("/", Some(query)).unwrap(), items());
            let places = order.map(|name| page.find(&format!(">{name}")).expect(name));
            assert!(places.is_sorted(), "{query}: {places:?}");
        }
    }

    #[test]
    fn bytes_as_people_read_them() {
        for (bytes, text) in [
            (0, "0 bytes"),
            (999, "999 bytes"),
            (1_000, "1.0 kB"),
            (99_940, "99.9 kB"),
            (100_000, "100 kB"),
            (999_999, "1.0 MB"),
            (5_000_000_000, "5.0 GB"),
        ] {
            assert_eq!(Bytes(bytes).to_string(), text);
        }
    }
}
