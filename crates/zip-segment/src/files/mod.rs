//! Volumes as files next to each other: written under temporary names, found from any of them.

mod listing;

mod flush;
mod volume_file;

mod set;
mod write;

mod open;

pub use open::{ArchiveFile, open, open_cuts};
pub use volume_file::VolumeFile;
pub use write::FileVolumes;
