//! `--limit`: the caps of a reader, one by one or all of them.

use pzip::format::limits::Limits;

use crate::exit::Failure;
use crate::volume_args::size;

/// The default limits, with what the command line says of them.
pub(crate) fn limits(settings: &[String]) -> Result<Limits, Failure> {
    let mut limits = Limits::default();
    for setting in settings {
        set(&mut limits, setting)
            .map_err(|why| Failure::usage(format_args!("--limit {setting}: {why}")))?;
    }
    Ok(limits)
}

fn set(limits: &mut Limits, setting: &str) -> Result<(), String> {
    if setting == "none" {
        *limits = Limits::none();
        return Ok(());
    }
    let (name, value) = setting.split_once('=').ok_or("expected NAME=VALUE, or none")?;
    let limit = match name {
        "entries" => &mut limits.entries,
        "directory" => &mut limits.directory_bytes,
        "name" => &mut limits.name_bytes,
        "entry" => &mut limits.entry_bytes,
        "total" => &mut limits.total_bytes,
        "ratio" => &mut limits.ratio,
        "window" => &mut limits.window_bytes,
        _ => {
            let known = "entries, directory, name, entry, total, ratio, window";
            return Err(format!("no limit is named {name}; there are {known}"));
        }
    };
    *limit = if value == "none" { u64::MAX } else { size(value)? };
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(settings: &[&str]) -> Option<Limits> {
        let settings: Vec<String> = settings.iter().map(|text| (*text).to_owned()).collect();
        limits(&settings).ok()
    }

    #[test]
    fn each_limit_by_its_name() {
        let all = of(&[
            "entries=1",
            "directory=2K",
            "name=3",
            "entry=4M",
            "total=5G",
            "ratio=6",
            "window=none",
        ]);
        let all = all.expect("all are known");
        assert_eq!((all.entries, all.directory_bytes, all.name_bytes), (1, 2 << 10, 3));
        assert_eq!((all.entry_bytes, all.total_bytes, all.ratio), (4 << 20, 5 << 30, 6));
        assert_eq!(all.window_bytes, u64::MAX);
        assert_eq!(of(&[]), Some(Limits::default()));
        assert_eq!(of(&["none"]), Some(Limits::none()));
        assert_eq!(of(&["none", "entries=7"]).map(|limits| limits.entries), Some(7));
        for wrong in ["", "ratio", "ratio=", "ratio=x", "Ratio=1", "depth=1", "none=1"] {
            assert_eq!(of(&[wrong]), None, "{wrong}");
        }
    }
}
