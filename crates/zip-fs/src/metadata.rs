//! Modes, times and owners: what an entry has, and what of it is set on disk.

use zip_format::attributes::Kind;
use zip_format::extra::unix::Owner;
use zip_io::Source;
use zip_mmap_reader::EntryRef;

use crate::policy::Policy;

/// Seconds and nanoseconds since 1970 UTC.
pub(crate) type Time = (i64, u32);

/// What is set on a file, directory or link. `None`: left as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) owner: Option<Owner>,
    pub(crate) mode: Option<u32>,
    pub(crate) modified: Option<Time>,
}

impl Change {
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What an entry asks for, as far as the policy lets it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted {
    /// The mode to create with. The umask may take bits from it.
    pub(crate) create_mode: u32,
    /// The mode it must have in the end, if the archive has one.
    mode: Option<u32>,
    modified: Option<Time>,
    owner: Option<Owner>,
}

/// How entries' metadata become those of files, the same for all of one run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Keep {
    permissions: bool,
    times: bool,
    owners: bool,
    /// The umask, where the system tells it without changing it.
    umask: Option<u32>,
}

impl Keep {
    pub(crate) const fn new(policy: &Policy, is_root: bool, umask: Option<u32>) -> Self {
        Self {
            permissions: policy.permissions,
            times: policy.times,
            owners: policy.owners && is_root,
            umask,
        }
    }

    pub(crate) fn wanted<S: Source>(&self, entry: &EntryRef<'_, S>) -> Wanted {
        let kind = entry.kind();
        let mode = entry.unix_mode().filter(|_| self.permissions).map(|mode| mode & 0o777);
        let default = match kind {
            Kind::Directory => 0o777,
            _ if self.permissions && entry.attributes().read_only() => 0o444,
            _ => 0o666,
        };
        let create_mode = match (mode, kind) {
            // Until the last entry is in, a directory stays open to its owner.
            (Some(mode), Kind::Directory) => mode | 0o700,
            (mode, _) => mode.unwrap_or(default),
        };
        let owner = if self.owners { entry.owner() } else { None };
        Wanted {
            create_mode,
            mode,
            modified: self.times.then(|| modified(entry)),
            // All ones is no owner, but "leave it" in the system's calls.
            owner: owner.filter(|owner| owner.uid != u32::MAX && owner.gid != u32::MAX),
        }
    }

    /// What is left to be done for something that was created with `wanted.create_mode`.
    pub(crate) fn rest(&self, wanted: &Wanted) -> Change {
        let given = |mode: u32| {
            wanted.owner.is_none()
                && mode == wanted.create_mode
                && self.umask.is_some_and(|umask| mode & umask == 0)
        };
        Change { mode: wanted.mode.filter(|&mode| !given(mode)), ..self.all(wanted) }
    }

    /// What is done to something that was there already.
    pub(crate) const fn all(&self, wanted: &Wanted) -> Change {
        Change { owner: wanted.owner, mode: wanted.mode, modified: wanted.modified }
    }
}

/// The modification time of an entry. DOS times count as of the zone the archive was opened with.
pub(crate) fn modified<S: Source>(entry: &EntryRef<'_, S>) -> Time {
    let instant = entry.modified();
    (instant.seconds, instant.nanoseconds)
}
