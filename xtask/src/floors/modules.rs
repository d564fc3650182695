//! The modules of one crate and what each of them uses, read from its source files.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::failure::Result;
use crate::floors::graph::Graph;
use crate::lex::{code_of, without_tests};
use crate::paths::{Kind, NamedPath, named_paths};
use crate::workspace::{Workspace, files, has_extension, read};

/// A path inside the crate: `["extra", "zip64"]`; the root is empty.
type Address = Vec<String>;

/// One source file, ready to be resolved.
struct Module {
    address: Address,
    /// As printed: from the root of the repository.
    file: String,
    paths: Vec<NamedPath>,
}

/// The uses between the modules of the crate in `dir`. The root module is called `lib` or `main`.
pub(crate) fn module_graph(workspace: &Workspace, dir: &Path) -> Result<Graph> {
    let src = dir.join("src");
    let mut sources = Vec::new();
    for path in files(&src)? {
        if has_extension(&path, "rs") {
            let relative = path.strip_prefix(&src).unwrap_or(&path).to_owned();
            sources.push((relative, workspace.relative(&path), read(&path)?));
        }
    }
    Ok(graph_of(&sources))
}

/// `sources` are path below `src/`, path as printed, and text.
fn graph_of(sources: &[(PathBuf, String, String)]) -> Graph {
    let mut modules = Vec::new();
    let mut only_tests = BTreeSet::new();
    let mut root = "lib";
    for (relative, file, text) in sources {
        if relative == Path::new("main.rs")
            && !sources.iter().any(|(path, ..)| path == Path::new("lib.rs"))
        {
            root = "main";
        }
        let address = address_of(relative);
        let (live, tests) = without_tests(&code_of(text));
        only_tests.extend(tests.into_iter().map(|name| child(&address, &name)));
        modules.push(Module { address, file: file.clone(), paths: named_paths(&live) });
    }
    modules.retain(|module| !only_tests.iter().any(|test| module.address.starts_with(test)));

    let resolver = Resolver::new(&modules);
    let name = |address: &Address| {
        if address.is_empty() { root.to_owned() } else { address.join("::") }
    };
    let mut graph = Graph::default();
    for module in &modules {
        graph.add_node(&name(&module.address));
        for (path, to) in resolver.targets(module) {
            // The parent that shows a child's names does not use them.
            let shows = matches!(path.kind, Kind::Use { public: true, .. })
                && to.starts_with(&module.address);
            if to != module.address && !shows {
                let place = format!("{}:{}", module.file, path.line);
                graph.add_use(&name(&module.address), &name(&to), place);
            }
        }
    }
    // The root declares all others, so it stands above them: what they need lies in one of them.
    for module in &modules {
        if let Some(top) = modules.iter().find(|top| top.address.is_empty())
            && !module.address.is_empty()
        {
            graph.add_use(root, &name(&module.address), format!("{}:1", top.file));
        }
    }
    graph
}

fn address_of(relative: &Path) -> Address {
    let mut address: Address = relative
        .with_extension("")
        .components()
        .map(|part| part.as_os_str().to_string_lossy().into_owned())
        .collect();
    let is_root = address.len() == 1 && matches!(address[0].as_str(), "lib" | "main");
    if is_root || address.last().is_some_and(|last| last == "mod") {
        address.pop();
    }
    address
}

fn child(address: &Address, name: &str) -> Address {
    let mut address = address.clone();
    address.push(name.to_owned());
    address
}

struct Resolver {
    addresses: BTreeSet<Address>,
    /// Where a name that one module shows really comes from: `pub use` of what is in the crate.
    shown: BTreeMap<Address, Address>,
}

impl Resolver {
    fn new(modules: &[Module]) -> Self {
        let mut resolver = Self {
            addresses: modules.iter().map(|module| module.address.clone()).collect(),
            shown: BTreeMap::new(),
        };
        let mut shown = BTreeMap::new();
        for module in modules {
            for path in &module.paths {
                if let Kind::Use { name, public: true } = &path.kind
                    && path.inside.is_empty()
                    && let Some(full) = resolver.absolute(module, path, &BTreeMap::new())
                {
                    shown.insert(child(&module.address, name), full);
                }
            }
        }
        resolver.shown = shown;
        resolver
    }

    /// Each path of the module that stays in the crate, with the module it leads to.
    fn targets<'m>(&self, module: &'m Module) -> Vec<(&'m NamedPath, Address)> {
        let mut names = BTreeMap::new();
        for path in &module.paths {
            if let Kind::Use { name, .. } = &path.kind
                && let Some(full) = self.absolute(module, path, &BTreeMap::new())
            {
                names.insert(name.clone(), full);
            }
        }
        let mut targets = Vec::new();
        for path in &module.paths {
            if let Some(full) = self.absolute(module, path, &names) {
                targets.push((path, self.module_of(full)));
            }
        }
        targets
    }

    /// The path from the root of the crate, or `None` where it leads out of it. `names` are those
    /// that `use` brought into the file.
    fn absolute(
        &self,
        module: &Module,
        path: &NamedPath,
        names: &BTreeMap<String, Address>,
    ) -> Option<Address> {
        let mut base = module.address.clone();
        base.extend(path.inside.iter().cloned());
        let mut rest = path.segments.as_slice();
        match rest[0].as_str() {
            "crate" => {
                base.clear();
                rest = &rest[1..];
            }
            "self" | "super" => {
                while let Some(first) =
                    rest.first().filter(|&first| first == "self" || first == "super")
                {
                    if first == "super" {
                        base.pop();
                    }
                    rest = &rest[1..];
                }
            }
            first if self.addresses.contains(&child(&module.address, first)) => {
                base = module.address.clone();
            }
            first => {
                // In a `use`, a name that `use` brought in would be this very path.
                base = names.get(first).filter(|_| path.kind == Kind::Mention)?.clone();
                rest = &rest[1..];
            }
        }
        base.extend(rest.iter().cloned());
        Some(base)
    }

    /// The module that holds what stands at `full`, past any `pub use` on the way.
    fn module_of(&self, mut full: Address) -> Address {
        // More hops than any sane chain of re-exports: a guard against `pub use` in a circle.
        for _ in 0..8 {
            let hop = (1..=full.len()).rev().find_map(|cut| {
                let (head, tail) = full.split_at(cut);
                let to = self.shown.get(head)?;
                Some(to.iter().chain(tail).cloned().collect())
            });
            match hop {
                Some(next) if next != full => full = next,
                _ => break,
            }
        }
        while !full.is_empty() && !self.addresses.contains(&full) {
            full.pop();
        }
        full
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The uses of a crate made of these files, as `a -> b`.
    fn uses(sources: &[(&str, &str)]) -> Vec<String> {
        let sources: Vec<_> = sources
            .iter()
            .map(|&(path, text)| (PathBuf::from(path), path.to_owned(), text.to_owned()))
            .collect();
        let graph = graph_of(&sources);
        let floors: BTreeMap<_, _> = graph.nodes().map(|node| (node.to_owned(), 0)).collect();
        graph
            .climbs(&floors)
            .iter()
            // The root is above all: of its uses there is nothing to tell.
            .filter(|climb| climb.from != "lib")
            .map(|climb| format!("{} -> {}", climb.from, climb.to))
            .collect()
    }

    #[test]
    fn crate_super_self_and_bare_children() {
        let found = uses(&[
            ("lib.rs", "pub mod a; pub mod b; pub use a::A;"),
            ("a.rs", "pub struct A;"),
            ("b/mod.rs", "mod c; mod d; pub use c::C; fn f() { d::g() }"),
            ("b/c.rs", "use super::d; use super::super::a::A; pub struct C;"),
            ("b/d.rs", "pub fn g() {} pub fn h(_: crate::a::A) {}"),
        ]);
        assert_eq!(found, ["b -> b::d", "b::c -> a", "b::c -> b::d", "b::d -> a"]);
    }

    #[test]
    fn shown_names_lead_to_where_they_are_written() {
        let found = uses(&[
            ("lib.rs", "mod a; mod b; pub use crate::a::x::X; pub use b::*;"),
            ("a/mod.rs", "mod x; pub(crate) use self::x::X as Y;"),
            ("a/x.rs", "pub struct X;"),
            ("b.rs", "use crate::a::Y; fn f() -> crate::X {}"),
        ]);
        assert_eq!(found, ["b -> a::x"]);
    }

    #[test]
    fn a_module_brought_in_is_followed() {
        let found = uses(&[
            ("lib.rs", ""),
            ("extra/mod.rs", "pub mod zip64; pub mod id { use super::find; }"),
            ("extra/zip64.rs", "use super::id;"),
            ("local.rs", "use crate::extra; fn f() { extra::zip64::g(); extra::id::X }"),
        ]);
        assert_eq!(found, ["extra::zip64 -> extra", "local -> extra", "local -> extra::zip64"]);
    }

    #[test]
    fn tests_comments_and_other_crates_are_no_uses() {
        let found = uses(&[
            ("main.rs", "mod a; #[cfg(test)] mod lab; fn main() { a::f() }"),
            (
                "a.rs",
                "//! [`crate::b`]\nuse std::io; // crate::b::X\nlet s = \"crate::b\"; \
                      #[cfg(test)] mod tests { use crate::b; }",
            ),
            ("b.rs", "/// `crate::a::X`\nuse zip_format::a::X;"),
            ("lab.rs", "use crate::b::X;"),
        ]);
        assert_eq!(found, ["main -> a", "main -> b"]);
    }

    #[test]
    fn what_the_root_itself_holds_is_a_use_of_the_root() {
        assert_eq!(uses(&[("lib.rs", "pub struct A;"), ("b.rs", "use crate::A;")]), ["b -> lib"]);
    }
}
