//! Who uses whom, by name: floors that fit, and the cycles that leave none.

use std::collections::BTreeMap;

/// Where a use was found: file and line as printed.
pub(crate) type Place = String;

/// For each node, what it uses and where it does so first.
#[derive(Debug, Default)]
pub(crate) struct Graph {
    uses: BTreeMap<String, BTreeMap<String, Place>>,
}

/// One use that does not go down.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Climb<'a> {
    pub(crate) from: &'a str,
    pub(crate) from_floor: i64,
    pub(crate) to: &'a str,
    pub(crate) to_floor: i64,
    pub(crate) place: &'a str,
}

impl Graph {
    pub(crate) fn add_node(&mut self, name: &str) {
        self.uses.entry(name.to_owned()).or_default();
    }

    pub(crate) fn add_use(&mut self, from: &str, to: &str, place: Place) {
        self.add_node(to);
        self.uses.entry(from.to_owned()).or_default().entry(to.to_owned()).or_insert(place);
    }

    pub(crate) fn nodes(&self) -> impl Iterator<Item = &str> {
        self.uses.keys().map(String::as_str)
    }

    /// A cycle as a list of nodes that ends where it begins, each with the place where it uses the
    /// next; empty where there is none.
    pub(crate) fn cycle(&self) -> Vec<(&str, &str)> {
        let mut done = BTreeMap::new();
        for node in self.uses.keys() {
            let mut way = Vec::new();
            if self.walk(node, &mut way, &mut done) {
                return way;
            }
        }
        Vec::new()
    }

    /// `done` holds the nodes from which no cycle was found. True: `way` is a cycle.
    fn walk<'a>(
        &'a self,
        node: &'a str,
        way: &mut Vec<(&'a str, &'a str)>,
        done: &mut BTreeMap<&'a str, ()>,
    ) -> bool {
        if done.contains_key(node) {
            return false;
        }
        if let Some(start) = way.iter().position(|&(seen, _)| seen == node) {
            way.drain(..start);
            way.push((node, ""));
            return true;
        }
        way.push((node, ""));
        for (to, place) in &self.uses[node] {
            if let Some(last) = way.last_mut() {
                last.1 = place;
            }
            if self.walk(to, way, done) {
                return true;
            }
        }
        way.pop();
        done.insert(node, ());
        false
    }

    /// The lowest floors that fit, none below `at_least`. The graph has no cycle.
    pub(crate) fn levels(&self, at_least: &BTreeMap<String, i64>) -> BTreeMap<String, i64> {
        let mut levels = BTreeMap::new();
        for node in self.uses.keys() {
            self.level(node, at_least, &mut levels);
        }
        levels
    }

    fn level(
        &self,
        node: &str,
        at_least: &BTreeMap<String, i64>,
        levels: &mut BTreeMap<String, i64>,
    ) -> i64 {
        if let Some(&level) = levels.get(node) {
            return level;
        }
        let mut level = at_least.get(node).copied().unwrap_or(0);
        for to in self.uses[node].keys() {
            level = level.max(self.level(to, at_least, levels) + 1);
        }
        levels.insert(node.to_owned(), level);
        level
    }

    /// The uses that do not go to a lower floor. Nodes without a floor are left out.
    pub(crate) fn climbs<'a>(&'a self, floors: &BTreeMap<String, i64>) -> Vec<Climb<'a>> {
        let mut climbs = Vec::new();
        for (from, uses) in &self.uses {
            let Some(&from_floor) = floors.get(from) else {
                continue;
            };
            for (to, place) in uses {
                let Some(&to_floor) = floors.get(to) else {
                    continue;
                };
                if to_floor >= from_floor {
                    climbs.push(Climb { from, from_floor, to, to_floor, place });
                }
            }
        }
        climbs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(uses: &[(&str, &str)]) -> Graph {
        let mut graph = Graph::default();
        for (from, to) in uses {
            graph.add_use(from, to, format!("{from}.rs:1"));
        }
        graph
    }

    fn floors(floors: &[(&str, i64)]) -> BTreeMap<String, i64> {
        floors.iter().map(|&(name, floor)| (name.to_owned(), floor)).collect()
    }

    #[test]
    fn levels_are_one_above_the_highest_used() {
        let graph = graph(&[("c", "a"), ("b", "a"), ("d", "b"), ("d", "a")]);
        assert_eq!(
            graph.levels(&BTreeMap::new()),
            floors(&[("a", 0), ("b", 1), ("c", 1), ("d", 2)])
        );
        assert!(graph.cycle().is_empty());
    }

    #[test]
    fn levels_are_only_raised() {
        let graph = graph(&[("b", "a"), ("c", "b")]);
        let levels = graph.levels(&floors(&[("a", 1), ("c", 7)]));
        assert_eq!(levels, floors(&[("a", 1), ("b", 2), ("c", 7)]));
    }

    #[test]
    fn a_cycle_is_given_with_its_way() {
        let graph = graph(&[("a", "b"), ("b", "c"), ("c", "d"), ("d", "b")]);
        let way: Vec<_> = graph.cycle().iter().map(|&(node, _)| node).collect();
        assert_eq!(way, ["b", "c", "d", "b"]);
        assert_eq!(graph.cycle()[1].1, "c.rs:1");
    }

    #[test]
    fn a_use_on_the_same_floor_climbs() {
        let graph = graph(&[("b", "a"), ("c", "a"), ("c", "x")]);
        let climbs = floors(&[("a", 1), ("b", 1), ("c", 2)]);
        let climbs = graph.climbs(&climbs);
        assert_eq!(climbs.len(), 1);
        assert_eq!((climbs[0].from, climbs[0].to, climbs[0].place), ("b", "a", "b.rs:1"));
    }
}
