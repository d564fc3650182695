//! `floors`: crates and modules only use what lies on lower floors, as `docs/floors.toml` has it.

mod graph;
mod modules;

use std::collections::BTreeMap;
use std::path::Path;

use crate::failure::{Failure, Result};
use crate::floors::graph::Graph;
use crate::floors::modules::module_graph;
use crate::workspace::{Workspace, read_toml};

type Floors = BTreeMap<String, i64>;

/// The file as data: `[crates]` and one `[modules.<crate>]` each.
#[derive(Default)]
struct Listed {
    crates: Floors,
    modules: BTreeMap<String, Floors>,
}

/// What the sources say.
struct Found {
    crates: Graph,
    modules: BTreeMap<String, Graph>,
}

pub(crate) fn run(workspace: &Workspace, args: &[String]) -> Result<()> {
    let print = match args {
        [] => false,
        [flag] if flag == "--print" => true,
        _ => {
            return Err(Failure::Usage("floors takes no argument but --print".into()));
        }
    };
    let path = workspace.root.join("docs/floors.toml");
    let listed = if print && !path.is_file() { Listed::default() } else { listed(&path)? };
    let found = found(workspace)?;
    let findings = if print { print_floors(&listed, &found) } else { check(&listed, &found) };
    for finding in &findings {
        eprintln!("{finding}");
    }
    match findings.len() {
        0 => Ok(()),
        count => Err(Failure::Findings { verb: "floors", count }),
    }
}

fn found(workspace: &Workspace) -> Result<Found> {
    let packages = workspace.crates()?;
    let mut found = Found { crates: Graph::default(), modules: BTreeMap::new() };
    for package in &packages {
        found.crates.add_node(&package.name);
        let place = format!("crates/{}/Cargo.toml", package.name);
        for dependency in package.dependencies() {
            if packages.iter().any(|other| other.name == dependency) {
                found.crates.add_use(&package.name, &dependency, place.clone());
            }
        }
        found.modules.insert(package.name.clone(), module_graph(workspace, &package.dir)?);
    }
    Ok(found)
}

fn listed(path: &Path) -> Result<Listed> {
    let table = read_toml(path)?;
    let malformed = |why: String| Failure::Malformed { path: path.to_owned(), why };
    let floors = |name: &str, value: &toml::Value| -> Result<Floors> {
        let table = value.as_table().ok_or_else(|| malformed(format!("{name} is no table")))?;
        let floor = |(key, value): (&String, &toml::Value)| match value.as_integer() {
            Some(floor) => Ok((key.clone(), floor)),
            None => Err(malformed(format!("{name}: the floor of {key} is no number"))),
        };
        table.iter().map(floor).collect()
    };
    let mut listed = Listed::default();
    for (key, value) in &table {
        match (key.as_str(), value) {
            ("crates", value) => listed.crates = floors("crates", value)?,
            ("modules", toml::Value::Table(modules)) => {
                for (name, value) in modules {
                    listed.modules.insert(name.clone(), floors(name, value)?);
                }
            }
            _ => return Err(malformed(format!("unknown table {key}"))),
        }
    }
    Ok(listed)
}

/// The findings, one line each; empty where everything goes down.
fn check(listed: &Listed, found: &Found) -> Vec<String> {
    let mut findings = Vec::new();
    check_one("crate", &listed.crates, &found.crates, &mut findings);
    for (name, graph) in &found.modules {
        let noun = format!("{name}: module");
        check_one(&noun, listed.modules.get(name).unwrap_or(&Floors::new()), graph, &mut findings);
    }
    for name in listed.modules.keys().filter(|&name| !found.modules.contains_key(name)) {
        findings.push(format!("docs/floors.toml: [modules.{name}] is no crate of ours"));
    }
    findings
}

fn check_one(noun: &str, floors: &Floors, graph: &Graph, findings: &mut Vec<String>) {
    for node in graph.nodes().filter(|&node| !floors.contains_key(node)) {
        findings.push(format!("docs/floors.toml: {noun} {node} is not listed"));
    }
    for node in floors.keys().filter(|&node| !graph.nodes().any(|found| found == node)) {
        findings.push(format!("docs/floors.toml: {noun} {node} is listed, but not there"));
    }
    for climb in graph.climbs(floors) {
        findings.push(format!(
            "{}: {noun} {} (floor {}) uses {} (floor {})",
            climb.place, climb.from, climb.from_floor, climb.to, climb.to_floor
        ));
    }
    findings.extend(cycle_text(noun, graph));
}

fn cycle_text(noun: &str, graph: &Graph) -> Option<String> {
    let cycle = graph.cycle();
    let (last, _) = cycle.last()?;
    let way: String = cycle[..cycle.len() - 1]
        .iter()
        .map(|(node, place)| format!("{node} ({place}) -> "))
        .collect();
    Some(format!("cycle: {noun} {way}{last}"))
}

/// Prints tables that hold, ready for `docs/floors.toml`; returns the cycles that leave out some.
///
/// Modules get the lowest floor that fits. Crates keep the floor they have and are only raised:
/// the map leaves rooms for crates that are still to come.
fn print_floors(listed: &Listed, found: &Found) -> Vec<String> {
    let mut cycles = Vec::new();
    let mut table =
        |title: &str, noun: &str, graph: &Graph, at_least: &Floors| match cycle_text(noun, graph) {
            Some(cycle) => cycles.push(cycle),
            None => println!("[{title}]\n{}", table_text(&graph.levels(at_least))),
        };
    table("crates", "crate", &found.crates, &listed.crates);
    // Crates from the ground up, like everything in that file.
    let mut order: Vec<_> = found.modules.iter().collect();
    order.sort_by_key(|&(name, _)| (listed.crates.get(name), name));
    for (name, graph) in order {
        table(&format!("modules.{name}"), &format!("{name}: module"), graph, &Floors::new());
    }
    cycles
}

/// One line per name, from the ground up.
fn table_text(floors: &Floors) -> String {
    let mut lines: Vec<_> = floors.iter().map(|(name, floor)| (floor, name)).collect();
    lines.sort();
    let line = |(floor, name): (&i64, &String)| {
        if name.contains("::") {
            format!("\"{name}\" = {floor}\n")
        } else {
            format!("{name} = {floor}\n")
        }
    };
    lines.into_iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_name_what_is_unlisted_gone_or_climbing() {
        let mut graph = Graph::default();
        graph.add_use("local", "error", "local.rs:3".into());
        graph.add_use("error", "path", "error.rs:9".into());
        let floors = [("local", 1), ("error", 1), ("gone", 0)];
        let floors = floors.map(|(name, floor)| (name.to_owned(), floor)).into_iter().collect();
        let mut findings = Vec::new();
        check_one("x: module", &floors, &graph, &mut findings);
        assert_eq!(
            findings,
            [
                "docs/floors.toml: x: module path is not listed",
                "docs/floors.toml: x: module gone is listed, but not there",
                "local.rs:3: x: module local (floor 1) uses error (floor 1)",
            ]
        );
    }

    #[test]
    fn a_cycle_is_told_with_places() {
        let mut graph = Graph::default();
        graph.add_use("a", "b", "a.rs:1".into());
        graph.add_use("b", "a", "b.rs:2".into());
        assert_eq!(
            cycle_text("module", &graph).as_deref(),
            Some("cycle: module a (a.rs:1) -> b (b.rs:2) -> a")
        );
    }

    #[test]
    fn tables_are_sorted_by_floor() {
        let floors = [("b", 0), ("a", 1), ("a::c", 0)];
        let floors = floors.map(|(name, floor)| (name.to_owned(), floor)).into_iter().collect();
        assert_eq!(table_text(&floors), "\"a::c\" = 0\nb = 0\na = 1\n");
    }
}
