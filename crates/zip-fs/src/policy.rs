//! What an extraction may do.

use zip_format::path::{MAX_DEPTH, NamePolicy};

/// What happens when an entry is refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnRefusal {
    /// Nothing at all is written.
    #[default]
    RefuseAll,
    /// The entry fails, and the others are written.
    Partial,
}

/// Which symbolic links are made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Symlinks {
    /// None; they are skipped.
    None,
    /// Those that stay inside of the destination, step by step; others are refused.
    #[default]
    Inside,
    /// All, wherever they point. Nothing is ever written through one.
    All,
}

/// What happens to files that are there already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Overwrite {
    /// They stay, and the entry fails.
    #[default]
    Never,
    /// They are replaced, each in one step. A link is replaced itself, not what it points to.
    Always,
    /// They are replaced if they are older than the entry, and the entry is skipped if not.
    Newer,
}

/// Where entries go below the destination.
///
/// A name is checked whole before any of it is left out. Entries that meet only because of the
/// layout are refused like any others that meet, whatever [`Policy::duplicates`] says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Layout {
    /// Where their names say.
    #[default]
    AsNamed,
    /// There, without so many components at the front. Entries that have no more are skipped.
    Strip(usize),
    /// All files and links in the destination itself, by the last component of their names.
    /// Directories are skipped.
    Flat,
    /// As `Strip(1)` if all entries of the selection lie in one directory, as named if not.
    Unwrap,
}

/// What an extraction may do. The default is safe for archives of strangers.
///
/// Directories that were there keep their mode and time, unless `overwrite` is
/// [`Overwrite::Always`]. The bits 07000 of a mode (set-user-id, set-group-id, sticky) are dropped
/// in any case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// What happens when an entry is refused.
    pub on_refusal: OnRefusal,
    /// Which names are fit; [`NamePolicy::Portable`] by default, and always where the system is
    /// no Unix.
    pub names: NamePolicy,
    /// Which symbolic links are made.
    pub symlinks: Symlinks,
    /// What happens to files that are there already.
    pub overwrite: Overwrite,
    /// Where entries go.
    pub layout: Layout,
    /// Modes are set as the archive has them, whatever the umask; on by default.
    pub permissions: bool,
    /// Owners are set; off by default, and never done by others than root.
    pub owners: bool,
    /// Modification times are set; on by default.
    pub times: bool,
    /// Of several files with one name the last one is written. Off by default: refused. The
    /// archive must have been opened with the relaxation of the same name.
    pub duplicates: bool,
    /// Names that are one to some file systems are accepted; refused by default. On such a file
    /// system the second one then fails, or, with [`Overwrite::Always`], replaces the first.
    pub case_collisions: bool,
    /// Components a name may have.
    pub max_depth: usize,
    /// Directories that are kept open at a time. What the system allows (half of `ulimit -n`) is
    /// respected whatever stands here.
    pub open_directories: usize,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            on_refusal: OnRefusal::default(),
            names: NamePolicy::Portable,
            symlinks: Symlinks::default(),
            overwrite: Overwrite::default(),
            layout: Layout::default(),
            permissions: true,
            owners: false,
            times: true,
            duplicates: false,
            case_collisions: false,
            max_depth: MAX_DEPTH,
            open_directories: 512,
        }
    }
}
