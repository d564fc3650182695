//! Where symbolic links lead, decided before one is made.
//!
//! A target is followed through what will stand at each place: the archive's own directories and
//! links, and those that are on disk already, where the policy lets them stay. All of it must be
//! inside of the destination; a link on disk that leads out is no way for another.
//!
//! A link that is made must stay inside whatever a later extraction puts beside it. Hence the one
//! rule that is stricter than a look at the present: `..` climbs out of directories only, and never
//! out of a link or out of nothing. Directories are not replaced by links, so where such a target
//! climbs to is settled for good; below that it has only names to go down by, and links of the same
//! kind. Whoever puts links there by other means is not held back by this.

use std::collections::HashMap;

use super::standing::{Disk, Standing};
use super::target;
use super::tree::{DirectoryId, Place, ROOT, Tree};
use crate::error::LinkRefusal;
use crate::metadata::Time;

/// Links one resolution may lead through; the limit of Linux.
const MAX_HOPS: u32 = 40;

/// A link of the plan.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) parent: DirectoryId,
    pub(super) target: Vec<u8>,
    pub(super) needs: Needs,
    state: State,
}

/// What must be so before a link is made, and is not yet when its way is found.
#[derive(Debug, Default)]
pub(super) struct Needs {
    /// Directories the target goes into and climbs out of: in place of one that could not be made
    /// there may be a link some day.
    pub(super) directories: Vec<DirectoryId>,
    /// Slots of files that replace links on disk, which may lead out.
    pub(super) files: Vec<u32>,
}

/// A directory inside of the destination: one of the archive, or so many names below one.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Position {
    directory: DirectoryId,
    /// Directories that are on disk only.
    below: Vec<Vec<u8>>,
    /// Nothing is there, or nothing that has something below it.
    is_nothing: bool,
}

impl Position {
    const fn of(directory: DirectoryId) -> Self {
        Self { directory, below: Vec::new(), is_nothing: false }
    }
}

#[derive(Clone, Debug)]
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
    pub(super) fn new(parent: DirectoryId, target: Vec<u8>) -> Self {
        Self { parent, target, needs: Needs::default(), state: State::New }
    }
}

/// What a name leads to when all is written.
enum Step {
    Directory(DirectoryId),
    /// A directory of the archive in another spelling: to some file systems nothing.
    Respelled(DirectoryId),
    OnDisk,
    Link(u32),
    LinkOnDisk(Vec<u8>),
    Nothing,
}

/// The links of one extraction, by slot, with the tree they are in and the disk below it.
pub(super) struct Links<'t, 'n> {
    tree: &'t Tree<'n>,
    links: &'t mut HashMap<u32, Link>,
    disk: Disk<'t>,
    /// The entry of a slot replaces what is on disk since that time.
    replaces: &'t dyn Fn(u32, Time) -> bool,
}

impl<'t, 'n> Links<'t, 'n> {
    pub(super) const fn new(
        tree: &'t Tree<'n>,
        links: &'t mut HashMap<u32, Link>,
        disk: Disk<'t>,
        replaces: &'t dyn Fn(u32, Time) -> bool,
    ) -> Self {
        Self { tree, links, disk, replaces }
    }

    /// Whether the link of a slot stays inside.
    pub(super) fn check(&mut self, slot: u32) -> Result<(), LinkRefusal> {
        self.resolve(slot, 0).map(drop)
    }

    fn resolve(&mut self, slot: u32, depth: u32) -> Result<(Position, u32), LinkRefusal> {
        let Some(link) = self.links.get_mut(&slot) else {
            return Err(LinkRefusal::ThroughRefused);
        };
        match &link.state {
            State::Inside { position, hops } => return Ok((position.clone(), *hops)),
            State::Refused(refusal) => return Err(*refusal),
            State::Open => return Err(LinkRefusal::TooManyLinks),
            State::New => {}
        }
        link.state = State::Open;
        let (parent, target) = (link.parent, std::mem::take(&mut link.target));
        let mut needs = Needs::default();
        let result = self.follow(Position::of(parent), &target, &mut needs, depth);
        if let Some(link) = self.links.get_mut(&slot) {
            link.target = target;
            link.needs = needs;
            link.state = match &result {
                Ok((position, hops)) => State::Inside { position: position.clone(), hops: *hops },
                Err(refusal) => State::Refused(*refusal),
            };
        }
        result
    }

    /// Follows the target of a link that is in the directory `at`.
    fn follow(
        &mut self,
        mut at: Position,
        target: &[u8],
        needs: &mut Needs,
        depth: u32,
    ) -> Result<(Position, u32), LinkRefusal> {
        target::check_inside(target, self.depth(&at))?;
        if depth >= MAX_HOPS {
            return Err(LinkRefusal::TooManyLinks);
        }
        let mut hops = 1_u32;
        let (mut may_climb, mut went_down) = (true, false);
        for component in target::components(target) {
            if component == b".." {
                if !may_climb {
                    return Err(LinkRefusal::ClimbsFromLink);
                }
                let known = &mut needs.directories;
                if went_down && at.below.is_empty() && !known.contains(&at.directory) {
                    known.push(at.directory);
                }
                self.climb(&mut at)?;
                continue;
            }
            went_down = true;
            if at.is_nothing {
                continue;
            }
            let through = match self.step(&at, component, needs, depth)? {
                Step::Directory(directory) => {
                    at.directory = directory;
                    continue;
                }
                Step::OnDisk => {
                    at.below.push(component.to_vec());
                    continue;
                }
                Step::Respelled(directory) => {
                    at.directory = directory;
                    may_climb = false;
                    continue;
                }
                Step::Nothing => {
                    at.is_nothing = true;
                    may_climb = false;
                    continue;
                }
                Step::Link(slot) => self.resolve(slot, depth + 1),
                Step::LinkOnDisk(target) => self.follow(at.clone(), &target, needs, depth + 1),
            };
            let (position, more) = through.map_err(|refusal| match refusal {
                LinkRefusal::TooManyLinks => refusal,
                _ => LinkRefusal::ThroughRefused,
            })?;
            (at, may_climb) = (position, false);
            hops = hops.saturating_add(more);
            if hops > MAX_HOPS {
                return Err(LinkRefusal::TooManyLinks);
            }
        }
        Ok((at, hops))
    }

    /// One directory up.
    fn climb(&self, at: &mut Position) -> Result<(), LinkRefusal> {
        if at.below.pop().is_none() {
            if at.directory == ROOT {
                return Err(LinkRefusal::Outside);
            }
            at.directory = self.tree.directory(at.directory).parent;
        }
        Ok(())
    }

    /// One name down: what will stand there, of the archive's and of what is on disk.
    fn step(
        &mut self,
        at: &Position,
        component: &[u8],
        needs: &mut Needs,
        depth: u32,
    ) -> Result<Step, LinkRefusal> {
        let found = at.below.is_empty().then(|| self.tree.find(at.directory, component)).flatten();
        let disk = self.look(at, component);
        let Some((place, name)) = found else {
            return Ok(match disk {
                Standing::Directory => Step::OnDisk,
                Standing::Link(target, _) => Step::LinkOnDisk(target),
                Standing::Nothing | Standing::Other(_) => Step::Nothing,
                Standing::Hidden => return Err(LinkRefusal::ThroughRefused),
            });
        };
        if name != component && disk != Standing::Nothing {
            // One place or two, as the file system likes.
            return Err(LinkRefusal::ThroughRefused);
        }
        Ok(match (place, disk) {
            (_, Standing::Hidden) => return Err(LinkRefusal::ThroughRefused),
            (Place::Directory(id), Standing::Nothing | Standing::Directory) => {
                if name == component { Step::Directory(id) } else { Step::Respelled(id) }
            }
            (Place::Directory(_), Standing::Other(_)) => Step::Nothing,
            (Place::Directory(_), Standing::Link(target, _)) => Step::LinkOnDisk(target),
            (_, Standing::Directory) => Step::OnDisk,
            (Place::File(slot) | Place::Link(slot), Standing::Link(target, since)) => {
                if !(self.replaces)(slot, since) {
                    return Ok(Step::LinkOnDisk(target));
                }
                if place == Place::File(slot) {
                    needs.files.push(slot);
                    return Ok(Step::Nothing);
                }
                // It is there until it is replaced, and if that fails, after.
                self.follow(at.clone(), &target, needs, depth + 1)
                    .map_err(|_| LinkRefusal::ThroughRefused)?;
                Step::Link(slot)
            }
            (Place::Link(slot), Standing::Other(since)) if !(self.replaces)(slot, since) => {
                Step::Nothing
            }
            (Place::Link(slot), _) => Step::Link(slot),
            (Place::File(_), _) => Step::Nothing,
        })
    }

    fn look(&mut self, at: &Position, component: &[u8]) -> Standing {
        if self.disk.is_empty() {
            return Standing::Nothing;
        }
        let mut path: Vec<&[u8]> = Vec::new();
        let mut directory = at.directory;
        while directory != ROOT {
            let above = self.tree.directory(directory);
            path.push(above.name);
            directory = above.parent;
        }
        path.reverse();
        path.extend(at.below.iter().map(Vec::as_slice));
        path.push(component);
        self.disk.look(&path)
    }

    /// Directories between the destination and a place.
    fn depth(&self, at: &Position) -> usize {
        let mut depth = at.below.len();
        let mut directory = at.directory;
        while directory != ROOT {
            directory = self.tree.directory(directory).parent;
            depth += 1;
        }
        depth
    }
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
        let mut checked = Links::new(&tree, &mut table, Disk::new(None), &|_, _| true);
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
            ("d/l", "../d/../x", None),
            ("l", "d/e/../../x", None),
            ("l", "d/x/../y", Some(LinkRefusal::ClimbsFromLink)),
            ("l", "d/n/../y", Some(LinkRefusal::ClimbsFromLink)),
            ("l", "D/../y", Some(LinkRefusal::ClimbsFromLink)),
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
            assert_eq!(
                check(&["d/x", "d/e/x"], &[(name, target)]),
                [refusal],
                "{name} -> {target}"
            );
        }
    }

    #[test]
    fn links_through_links() {
        let outside = Some(LinkRefusal::Outside);
        let circle = Some(LinkRefusal::TooManyLinks);
        let through = Some(LinkRefusal::ThroughRefused);
        let climbs = Some(LinkRefusal::ClimbsFromLink);
        for (links, refusals) in [
            // Down by one name, up by two: harmless as text, outside in truth.
            (&[("a/b/up", "../.."), ("x", "a/b/up/..")][..], &[None, climbs][..]),
            (&[("a/here", "."), ("x", "a/here/../..")], &[None, climbs]),
            (&[("a/here", "../"), ("x", "a/here/../y")], &[None, climbs]),
            (&[("A/here", "../"), ("x", "a/HERE/../y")], &[None, climbs]),
            // Inside today; a link of another target in place of the first leads it out.
            (&[("deep", "a/b/c"), ("x", "deep/../y")], &[None, climbs]),
            (&[("deep", "a/b/c"), ("x", "deep/d/../y")], &[None, climbs]),
            (&[("deep", "a/b/c"), ("a/b/c/x", "../../../deep/y")], &[None, None]),
            // The other way round: inside in truth, outside as text.
            (&[("deep", "a/b/c"), ("x", "deep/../../y")], &[None, outside]),
            (&[("p", "d"), ("x", "p/e"), ("y", "x/f/g")], &[None; 3]),
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
