//! What is wrong with a set of volumes, said of the volumes: for people who have an archive that
//! does not open, or entries that do not read, and who want to know which file to fetch again.

use std::fmt;

use zip_format::directory::read;
use zip_format::entry::Entry;
use zip_format::limits::Limits;
use zip_format::local;
use zip_format::position::Span;
use zip_format::profile::Relax;
use zip_format::signature::{LOCAL_HEADER, SPANNING_MARKER};
use zip_io::Source;

use crate::error::Result;
use crate::open::directory;
use crate::policy::Kind;
use crate::source::SegmentedSource;

/// One thing that is wrong with a volume. Volumes are named as their files are.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// It is missing.
    Missing {
        /// The volume.
        name: String,
    },
    /// It is more than the archive counts: of another archive, or of an older one of this name.
    Surplus {
        /// The volume.
        name: String,
    },
    /// The first volume does not begin with the marker of a split archive. Readers do not need
    /// it; some tools leave it out.
    NoMarker {
        /// The volume.
        name: String,
    },
    /// It begins as the first volume of a split archive does, and is not the first.
    Marker {
        /// The volume.
        name: String,
    },
    /// It has the same bytes as another.
    Same {
        /// The volume.
        name: String,
        /// The other.
        other: String,
    },
    /// It is longer than the first volume: it grew, or is of another archive.
    Longer {
        /// The volume.
        name: String,
        /// Its length in bytes.
        len: u64,
        /// Length of the first volume.
        usual: u64,
    },
    /// It ends before a member that the directory has on it: it was cut off.
    CutOff {
        /// The volume.
        name: String,
        /// Its length in bytes.
        len: u64,
        /// Offset of the member on it.
        at: u64,
    },
    /// What the directory has on it is on another volume: they were exchanged.
    Exchanged {
        /// The volume.
        name: String,
        /// The one that has its contents.
        other: String,
        /// Offset on the volume of what was looked for.
        at: u64,
    },
    /// What the directory has on it is nowhere: it is of another archive, or damaged.
    Foreign {
        /// The volume.
        name: String,
        /// Offset on the volume of what was looked for.
        at: u64,
    },
    /// A record begins on it and ends on the next volume, which no tool should do.
    Parted {
        /// The volume on which it begins.
        name: String,
        /// Its offset there.
        at: u64,
    },
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { name } => write!(f, "{name} is missing"),
            Self::Surplus { name } => {
                write!(f, "{name} is more than the archive counts; it is not read")
            }
            Self::NoMarker { name } => {
                write!(f, "{name} does not begin with the marker of a split archive")
            }
            Self::Marker { name } => {
                write!(
                    f,
                    "{name} begins as the first volume of an archive does, but is not the first"
                )
            }
            Self::Same { name, other } => write!(f, "{name} has the same bytes as {other}"),
            Self::Longer { name, len, usual } => {
                write!(f, "{name} has {len} bytes, more than the {usual} of the first volume")
            }
            Self::CutOff { name, len, at } => {
                write!(f, "{name} ends at offset {len}; a member is to begin at {at}")
            }
            Self::Exchanged { name, other, at } => {
                write!(
                    f,
                    "{name} is not the volume of this name: what is to be at its offset {at} is in {other}"
                )
            }
            Self::Foreign { name, at } => {
                write!(f, "{name} is damaged at offset {at}, or of another archive")
            }
            Self::Parted { name, at } => {
                write!(f, "a record is parted at the end of {name}, where it begins at offset {at}")
            }
        }
    }
}

/// Bytes compared at both ends before two volumes are compared as a whole.
const SAMPLE: u64 = 256;
/// Reads that are spent on the question where the contents of a volume went.
const MOST_PROBES: usize = 100_000;

/// Looks for what is wrong with the volumes. An empty list says that nothing was found, and not
/// that the contents are right: that is for a reader to say, who decodes them.
///
/// Looks at the first member of each volume, and a few bytes more; volumes that could be one are
/// compared whole. A volume on which no member begins can be foreign without showing it here.
///
/// # Errors
/// What the system says of the directory. Volumes that cannot be read are passed over.
pub fn faults<S: Source>(source: &SegmentedSource<S>) -> Result<Vec<Fault>> {
    let mut check = Check { source, found: Vec::new() };
    let missing = source.missing().map(|name| Fault::Missing { name: name.to_owned() });
    check.found.extend(missing);
    let surplus = source.surplus().iter().map(|name| Fault::Surplus { name: name.clone() });
    check.found.extend(surplus);
    if source.kind() == Kind::Split {
        check.markers();
    }
    check.lengths();
    check.twins();
    if source.kind() == Kind::Split {
        check.members();
    }
    Ok(check.found)
}

struct Check<'s, S> {
    source: &'s SegmentedSource<S>,
    found: Vec<Fault>,
}

impl<S: Source> Check<'_, S> {
    fn name(&self, number: usize) -> String {
        self.source.volume_list().get(number).map_or_else(String::new, |v| v.name.clone())
    }

    fn count(&self) -> usize {
        self.source.volume_list().len()
    }

    fn is_there(&self, number: usize) -> bool {
        self.source.volume_list().get(number).is_some_and(|volume| volume.source.is_some())
    }

    /// Up to `len` bytes at an offset of a volume; none where it cannot be read.
    fn read(&self, number: usize, at: u64, len: u64) -> Vec<u8> {
        let volume = self.source.volume_list().get(number).and_then(|v| v.source.as_ref());
        let Some(volume) = volume else { return Vec::new() };
        // Callers ask for a record, or a piece.
        let len = len.min(volume.len().saturating_sub(at)) as usize;
        let mut bytes = vec![0; len];
        if volume.read_exact_at(&mut bytes, at).is_err() {
            bytes.clear();
        }
        bytes
    }

    fn markers(&mut self) {
        let mut marked = SPANNING_MARKER.to_le_bytes().to_vec();
        for number in 0..self.count() {
            if !self.is_there(number) {
                continue;
            }
            let head = self.read(number, 0, 8);
            if number == 0 && !head.starts_with(&marked) {
                self.found.push(Fault::NoMarker { name: self.name(0) });
            }
            // A data descriptor has the same signature, but no header behind it at once.
            marked.extend(LOCAL_HEADER.to_le_bytes());
            if number > 0 && head == marked {
                self.found.push(Fault::Marker { name: self.name(number) });
            }
            marked.truncate(4);
        }
    }

    fn lengths(&mut self) {
        let len = |number| self.source.span_of(number).len();
        let there = |number: &usize| self.is_there(*number);
        let Some(first) = (0..self.count()).find(there) else { return };
        let usual = len(first);
        let longer = (first + 1..self.count()).filter(there).filter(|&number| len(number) > usual);
        let longer: Vec<_> = longer
            .map(|number| Fault::Longer { name: self.name(number), len: len(number), usual })
            .collect();
        self.found.extend(longer);
    }

    /// Volumes with the same bytes: one was copied over the other.
    fn twins(&mut self) {
        let mut samples: Vec<(u64, Vec<u8>, Vec<u8>, usize)> = (0..self.count())
            .map(|number| {
                let len = self.source.span_of(number).len();
                let head = self.read(number, 0, SAMPLE);
                (len, head, self.read(number, len.saturating_sub(SAMPLE), SAMPLE), number)
            })
            .filter(|(_, head, ..)| !head.is_empty())
            .collect();
        samples.sort();
        let pairs: Vec<(usize, usize)> = samples
            .windows(2)
            .filter_map(|pair| match pair {
                [a, b] if (a.0, &a.1, &a.2) == (b.0, &b.1, &b.2) => Some((b.3, a.3)),
                _ => None,
            })
            .collect();
        for (number, other) in pairs {
            if self.equal(number, other) {
                let (name, other) = (self.name(number), self.name(other));
                self.found.push(Fault::Same { name, other });
            }
        }
    }

    fn equal(&self, one: usize, other: usize) -> bool {
        const PIECE: u64 = 1 << 20;
        let len = self.source.span_of(one).len();
        let mut at = 0;
        while at < len {
            let piece = self.read(one, at, PIECE);
            if piece.is_empty() || piece != self.read(other, at, PIECE) {
                return false;
            }
            at += PIECE;
        }
        true
    }

    /// The first member of each volume, as the directory has it.
    fn members(&mut self) {
        let limits = Limits::default();
        let Ok((located, bytes)) = directory(self.source, Relax::LENIENT, &limits) else { return };
        let mut firsts: Vec<Option<Entry<'_>>> = vec![None; self.count()];
        for entry in
            read::entries(&bytes, located.directory.start).map_while(std::result::Result::ok)
        {
            self.parted_header(&entry);
            let Some(first) = firsts.get_mut(entry.local().disk as usize) else { continue };
            if first.is_none_or(|first| entry.local().offset < first.local().offset) {
                *first = Some(entry);
            }
        }
        let mut probes = 0;
        for (number, entry) in firsts.iter().enumerate() {
            let Some(entry) = entry else { continue };
            if !self.is_there(number) {
                continue;
            }
            let at = entry.local().offset;
            let (name, len) = (self.name(number), self.source.span_of(number).len());
            if at >= len {
                self.found.push(Fault::CutOff { name, len, at });
            } else if !self.holds(number, entry) {
                let others = (0..self.count()).filter(|&other| other != number);
                let other = others.into_iter().find(|&other| {
                    probes += 1;
                    probes <= MOST_PROBES && self.holds(other, entry)
                });
                self.found.push(match other {
                    Some(other) => Fault::Exchanged { name, other: self.name(other), at },
                    None => Fault::Foreign { name, at },
                });
            }
        }
    }

    /// The volume has the entry's local header where the directory says.
    fn holds(&self, number: usize, entry: &Entry<'_>) -> bool {
        let name = entry.raw_name();
        let header =
            self.read(number, entry.local().offset, (local::FIXED_LEN + name.len()) as u64);
        // Cut off by the end of the volume, as far as it goes.
        let (fixed, found) = header.split_at(header.len().min(local::FIXED_LEN));
        fixed.starts_with(&LOCAL_HEADER.to_le_bytes()) && name.starts_with(found)
    }

    /// A local header that goes on behind its volume.
    fn parted_header(&mut self, entry: &Entry<'_>) {
        let number = entry.local().disk as usize;
        let (volume, at) = (self.source.span_of(number), entry.local().offset);
        let least = (local::FIXED_LEN + entry.raw_name().len()) as u64;
        let header = Span::at(volume.start.saturating_add(at), least);
        if at < volume.len() && header.is_some_and(|header| header.end > volume.end) {
            self.found.push(Fault::Parted { name: self.name(number), at });
        }
    }
}
