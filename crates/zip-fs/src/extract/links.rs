//! Where symbolic links lead, decided before one is made.
//!
//! A target is followed twice. By its text alone, as tools do that resolve `a/..` without looking:
//! it may not climb above the destination at any step. And as the system will do it, through the
//! archive's other links, each of which is resolved once and then known. What is not in the
//! archive counts as a plain directory.

use std::collections::HashMap;

use super::tree::{DirectoryId, Place, ROOT, Tree};
use crate::error::LinkRefusal;

/// Bytes of a target, as `PATH_MAX` has it everywhere.
pub(super) const MAX_TARGET: u64 = 4096;
/// Links one resolution may lead through; the limit of Linux.
const MAX_HOPS: u32 = 40;

/// A link of the plan.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) parent: DirectoryId,
    pub(super) target: Vec<u8>,
    state: State,
}

/// A place inside of the destination: so many unknown components below a known directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Position {
    directory: DirectoryId,
    unknown: usize,
}

#[derive(Clone, Copy, Debug)]
enum State {
    New,
    /// On the way: who comes here again goes in a circle.
    Open,
    Inside {
        position: Position,
        hops: u32,
    },
    Refused(LinkRefusal),
}

impl Link {
    pub(super) const fn new(parent: DirectoryId, target: Vec<u8>) -> Self {
        Self { parent, target, state: State::New }
    }
}

/// What no link may have as its target.
pub(super) fn check_target(target: &[u8]) -> Result<(), LinkRefusal> {
    if target.is_empty() {
        return Err(LinkRefusal::Empty);
    }
    if target.len() as u64 > MAX_TARGET {
        return Err(LinkRefusal::TooLong);
    }
    if target.contains(&0) {
        return Err(LinkRefusal::Nul);
    }
    Ok(())
}

/// The links of one extraction, by slot, with the tree they are in.
#[derive(Debug)]
pub(super) struct Links<'t, 'n> {
    tree: &'t Tree<'n>,
    links: &'t mut HashMap<u32, Link>,
}

impl<'t, 'n> Links<'t, 'n> {
    pub(super) const fn new(tree: &'t Tree<'n>, links: &'t mut HashMap<u32, Link>) -> Self {
        Self { tree, links }
    }

    /// Whether the link of a slot stays inside.
    pub(super) fn check(&mut self, slot: u32) -> Result<(), LinkRefusal> {
        self.resolve(slot, 0).map(drop)
    }

    fn resolve(&mut self, slot: u32, depth: u32) -> Result<(Position, u32), LinkRefusal> {
        let Some(link) = self.links.get_mut(&slot) else {
            return Err(LinkRefusal::ThroughRefused);
        };
        match link.state {
            State::Inside { position, hops } => return Ok((position, hops)),
            State::Refused(refusal) => return Err(refusal),
            State::Open => return Err(LinkRefusal::TooManyLinks),
            State::New => {}
        }
        link.state = State::Open;
        let (parent, target) = (link.parent, std::mem::take(&mut link.target));
        let result = self.follow(parent, &target, depth);
        if let Some(link) = self.links.get_mut(&slot) {
            link.target = target;
            link.state = match result {
                Ok((position, hops)) => State::Inside { position, hops },
                Err(refusal) => State::Refused(refusal),
            };
        }
        result
    }

    fn follow(
        &mut self,
        parent: DirectoryId,
        target: &[u8],
        depth: u32,
    ) -> Result<(Position, u32), LinkRefusal> {
        self.check_text(parent, target)?;
        if depth >= MAX_HOPS {
            return Err(LinkRefusal::TooManyLinks);
        }
        let mut at = Position { directory: parent, unknown: 0 };
        let mut hops = 1_u32;
        for component in components(target) {
            if component == b".." {
                if at.unknown > 0 {
                    at.unknown -= 1;
                } else if at.directory == ROOT {
                    return Err(LinkRefusal::Outside);
                } else {
                    at.directory = self.tree.directory(at.directory).parent;
                }
                continue;
            }
            let found = (at.unknown == 0).then(|| self.tree.find(at.directory, component));
            match found.flatten() {
                Some(Place::Directory(directory)) => at.directory = directory,
                Some(Place::Link(slot)) => {
                    let (position, more) =
                        self.resolve(slot, depth + 1).map_err(|refusal| match refusal {
                            LinkRefusal::TooManyLinks => refusal,
                            _ => LinkRefusal::ThroughRefused,
                        })?;
                    at = position;
                    hops = hops.saturating_add(more);
                    if hops > MAX_HOPS {
                        return Err(LinkRefusal::TooManyLinks);
                    }
                }
                Some(Place::File(_)) | None => at.unknown += 1,
            }
        }
        Ok((at, hops))
    }

    /// What the text of a target shows without looking at anything else.
    fn check_text(&self, parent: DirectoryId, target: &[u8]) -> Result<(), LinkRefusal> {
        check_target(target)?;
        match target {
            [b'/', ..] => return Err(LinkRefusal::Absolute),
            _ if target.contains(&b'\\') => return Err(LinkRefusal::Backslash),
            [letter, b':', ..] if letter.is_ascii_alphabetic() => return Err(LinkRefusal::Drive),
            _ => {}
        }
        let mut depth = 0_usize;
        let mut directory = parent;
        while directory != ROOT {
            directory = self.tree.directory(directory).parent;
            depth += 1;
        }
        for component in components(target) {
            if component == b".." {
                depth = depth.checked_sub(1).ok_or(LinkRefusal::Outside)?;
            } else {
                depth += 1;
            }
        }
        Ok(())
    }
}

/// The components of a target, without those that lead nowhere.
fn components(target: &[u8]) -> impl Iterator<Item = &[u8]> {
    target.split(|&byte| byte == b'/').filter(|name| !matches!(*name, b"" | b"."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::tree::Leaf;

    /// What becomes of links given as name and target, among these files.
    fn check(files: &[&'static str], links: &[(&'static str, &str)]) -> Vec<Option<LinkRefusal>> {
        let mut tree = Tree::new(0, true, false, 512);
        for (slot, file) in files.iter().enumerate() {
            tree.add(file.as_bytes(), Leaf::File, 1000 + slot as u32).unwrap();
        }
        let mut table = HashMap::new();
        for (slot, (name, target)) in links.iter().enumerate() {
            let added = tree.add(name.as_bytes(), Leaf::Link, slot as u32).unwrap();
            table.insert(slot as u32, Link::new(added.parent, target.as_bytes().to_vec()));
        }
        let mut checked = Links::new(&tree, &mut table);
        (0..links.len() as u32).map(|slot| checked.check(slot).err()).collect()
    }

    #[test]
    fn a_single_link() {
        let long = "a/".repeat(2049);
        for (name, target, refusal) in [
            ("l", "x", None),
            ("d/l", "../x", None),
            ("d/l", "..", None),
            ("d/l", "./.././d//x/", None),
            ("d/l", "nothing/at/all", None),
            ("l", ".", None),
            ("l", "C", None),
            ("l", "..", Some(LinkRefusal::Outside)),
            ("d/l", "../../x", Some(LinkRefusal::Outside)),
            ("d/l", "a/../../../x", Some(LinkRefusal::Outside)),
            ("d/l", "../../d/x", Some(LinkRefusal::Outside)),
            ("l", "/x", Some(LinkRefusal::Absolute)),
            ("l", "a\\b", Some(LinkRefusal::Backslash)),
            ("l", "c:x", Some(LinkRefusal::Drive)),
            ("l", "", Some(LinkRefusal::Empty)),
            ("l", "a\0b", Some(LinkRefusal::Nul)),
            ("l", long.as_str(), Some(LinkRefusal::TooLong)),
            ("l", "l", Some(LinkRefusal::TooManyLinks)),
        ] {
            assert_eq!(check(&["d/x"], &[(name, target)]), [refusal], "{name} -> {target}");
        }
    }

    #[test]
    fn links_through_links() {
        let outside = Some(LinkRefusal::Outside);
        let circle = Some(LinkRefusal::TooManyLinks);
        let through = Some(LinkRefusal::ThroughRefused);
        for (links, refusals) in [
            // Down by one name, up by two: harmless as text, outside in truth.
            (&[("a/b/up", "../.."), ("x", "a/b/up/..")][..], &[None, outside][..]),
            (&[("here", "."), ("x", "a/here/../..")], &[None, None]),
            (&[("a/here", "../"), ("x", "a/here/../y")], &[None, outside]),
            (&[("A/here", "../"), ("x", "a/HERE/../y")], &[None, outside]),
            (&[("deep", "a/b/c"), ("x", "deep/../y")], &[None, None]),
            // The other way round: inside in truth, outside as text.
            (&[("deep", "a/b/c"), ("x", "deep/../../y")], &[None, outside]),
            (&[("p", "q"), ("q", "p"), ("x", "p/y")], &[circle, circle, circle]),
            (&[("x", "out/y"), ("out", "/etc")], &[through, Some(LinkRefusal::Absolute)]),
        ] {
            assert_eq!(check(&[], links), refusals, "{links:?}");
        }
    }

    #[test]
    fn at_most_forty_links_in_a_chain_from_either_end() {
        let names: Vec<&'static str> =
            (0..60).map(|n| &*Box::leak(format!("l{n:02}").into_boxed_str())).collect();
        let up: Vec<_> = (0..59).map(|n| (names[n], names[n + 1])).collect();
        let down: Vec<_> = (1..60).map(|n| (names[n], names[n - 1])).collect();
        assert_eq!(check(&[], &up[20..]), vec![None; 39]);
        assert!(check(&[], &up)[0].is_some(), "the head of a chain of 59");
        assert_eq!(check(&[], &down).iter().filter(|refusal| refusal.is_none()).count(), 40);
    }

    #[test]
    fn hops_add_up_within_one_target() {
        let target = "here/".repeat(39);
        let longer = "here/".repeat(40);
        let links = [("here", "."), ("x", target.as_str()), ("y", longer.as_str())];
        assert_eq!(check(&[], &links), [None, None, Some(LinkRefusal::TooManyLinks)]);
    }
}
