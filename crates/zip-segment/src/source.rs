//! The source over volumes: what lies behind each other is one archive.

use std::io;

use zip_format::error::ErrorKind as FormatErrorKind;
use zip_format::locate::TAIL_LEN;
use zip_format::locate::claim::{Claim, claim};
use zip_format::position::Span;
use zip_io::Source;
use zip_io::source::OpenFile;

use crate::error::{Error, Result};
use crate::policy::{Kind, MOST_VOLUMES};

/// One volume of an archive that is to be read.
#[derive(Clone, Debug)]
pub struct Volume<S> {
    /// What errors call it.
    pub name: String,
    /// Its bytes; `None` where it is missing.
    pub source: Option<S>,
}

/// A [`Source`] over the volumes of one archive.
///
/// What the records of the archive say decides what the volumes are: where the end record counts
/// several of them, positions name a volume ([`Kind::Split`]); where it knows of one only, the
/// volumes are cuts of a plain archive ([`Kind::Raw`]).
///
/// Volumes may be missing, but for those with the directory. The archive can be listed then, and
/// entries be read that lie on the volumes that are there; others are [`Error::Missing`].
///
/// ```
/// use zip_io::Source;
/// use zip_segment::SegmentedSource;
/// # let archive = b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
/// let volumes = [archive[..9].to_vec(), archive[9..].to_vec()];
/// let source = SegmentedSource::new(volumes)?;
/// assert_eq!(source.len(), 22);
/// # Ok::<(), zip_segment::Error>(())
/// ```
///
/// *Limits*: 8 bytes and a name per volume. *Threads*: as the sources below.
#[derive(Debug)]
pub struct SegmentedSource<S> {
    volumes: Vec<Volume<S>>,
    starts: Vec<u64>,
    len: u64,
    kind: Kind,
    surplus: Vec<String>,
}

/// What a missing volume of a split archive is taken to have: the most there can be. Its real
/// length is not known, and with this one no member that is there seems to share bytes with
/// another.
const MISSING_LEN: u64 = u32::MAX as u64;

impl<S: Source> SegmentedSource<S> {
    /// The archive of these volumes, in their order.
    ///
    /// # Errors
    /// As [`SegmentedSource::assemble`].
    pub fn new(sources: impl IntoIterator<Item = S>) -> Result<Self> {
        let named = |(number, source)| Volume {
            name: format!("volume {}", number + 1),
            source: Some(source),
        };
        Self::assemble(sources.into_iter().enumerate().map(named).collect())
    }

    /// The archive of these volumes, in their order, some of which may be missing.
    ///
    /// # Errors
    /// No end record on the last volume, a count in it that differs from theirs, or a missing
    /// volume without which the archive cannot be opened.
    pub fn assemble(volumes: Vec<Volume<S>>) -> Result<Self> {
        check_count(volumes.len() as u64)?;
        let last = match volumes.last() {
            Some(Volume { source: Some(last), .. }) => last,
            Some(Volume { name, .. }) => return Err(Error::MissingLast { name: name.clone() }),
            None => {
                let error = zip_format::error::Error::new(FormatErrorKind::NoEndRecord, 0);
                return Err(error.into());
            }
        };
        let claim = claim_of(last);
        let (claimed, found) = match &claim {
            Ok(claim) => (claim.claimed_volumes, volumes.len() as u64),
            // A plain archive may be cut within its end record.
            Err(_) => (1, volumes.len() as u64),
        };
        let kind = match claimed {
            1 => Kind::Raw,
            _ if claimed == found => Kind::Split,
            _ => return Err(Error::Count { claimed, found }),
        };
        let mut source = Self { volumes, starts: Vec::new(), len: 0, kind, surplus: Vec::new() };
        source.place()?;
        match claim {
            Ok(claim) => source.check_directory(&claim)?,
            Err(_) => drop(claim_of(&source)?),
        }
        Ok(source)
    }

    /// The whole of these cuts, in their order, whatever it is: a sealed archive shows no records
    /// before it is opened. Nothing tells whether cuts follow the last one; what the whole is has
    /// to say that.
    ///
    /// # Errors
    /// Too many volumes, or no length for a missing one.
    pub fn of_cuts(volumes: Vec<Volume<S>>) -> Result<Self> {
        check_count(volumes.len() as u64)?;
        let (starts, surplus) = (Vec::new(), Vec::new());
        let mut source = Self { volumes, starts, len: 0, kind: Kind::Raw, surplus };
        source.place()?;
        Ok(source)
    }

    /// Puts the volumes behind each other.
    fn place(&mut self) -> Result<()> {
        let lens = self.volumes.iter().map(|volume| volume.source.as_ref().map(Source::len));
        let cuts = lens.clone().take(self.volumes.len().saturating_sub(1));
        let missing = match self.kind {
            Kind::Split => Some(MISSING_LEN),
            // Cuts are of one length, so any of them shows that of another.
            Kind::Raw => cuts.flatten().max(),
        };
        for (len, (number, volume)) in lens.zip((0..).zip(&self.volumes)) {
            self.starts.push(self.len);
            let len = len.or(missing).ok_or_else(|| missing_at(&volume.name, number, self.len))?;
            let end = self.len.checked_add(len);
            self.len = end.ok_or_else(|| io::Error::from(io::ErrorKind::FileTooLarge))?;
        }
        Ok(())
    }

    /// The directory must be there, whatever else is not.
    fn check_directory(&self, claim: &Claim) -> Result<()> {
        let (Kind::Split, Some(directory)) = (self.kind, claim.directory) else { return Ok(()) };
        // A position that is none is the reader's to judge.
        let Some(start) = self.resolve(directory) else { return Ok(()) };
        self.check_present(Span { start, end: self.len })
    }

    /// What the volumes are.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// The volumes, in their order.
    #[must_use]
    pub fn volume_list(&self) -> &[Volume<S>] {
        &self.volumes
    }

    /// Files that look like volumes of the archive, but are more than it counts.
    #[must_use]
    pub fn surplus(&self) -> &[String] {
        &self.surplus
    }

    pub(crate) fn with_surplus(mut self, surplus: Vec<String>) -> Self {
        self.surplus = surplus;
        self
    }

    /// Names of the volumes that are missing.
    pub fn missing(&self) -> impl Iterator<Item = &str> {
        let missing = self.volumes.iter().filter(|volume| volume.source.is_none());
        missing.map(|volume| volume.name.as_str())
    }

    /// The volume that an offset in the whole lies on, by name, and the offset there: what a user
    /// can look for.
    #[must_use]
    pub fn locate(&self, at: u64) -> (&str, u64) {
        let number = self.number_at(at);
        let name = self.volumes.get(number).map_or("", |volume| &volume.name);
        (name, at.saturating_sub(self.start_of(number)))
    }

    /// The bytes of a volume, in the whole.
    pub(crate) fn span_of(&self, number: usize) -> Span {
        let end = self.starts.get(number + 1).copied().unwrap_or(self.len);
        Span { start: self.start_of(number), end }
    }

    fn start_of(&self, number: usize) -> u64 {
        self.starts.get(number).copied().unwrap_or(self.len)
    }

    fn number_at(&self, at: u64) -> usize {
        self.starts.partition_point(|&start| start <= at).saturating_sub(1)
    }

    /// An error that names the first missing volume with bytes of the span.
    fn check_present(&self, span: Span) -> Result<()> {
        if span.is_empty() {
            return Ok(());
        }
        let touched = self.number_at(span.start)..=self.number_at(span.end - 1);
        for number in touched {
            if let Some(Volume { name, source: None }) = self.volumes.get(number) {
                let at = self.start_of(number).max(span.start);
                return Err(missing_at(name, number as u32, at));
            }
        }
        Ok(())
    }
}

impl<S: Source> Source for SegmentedSource<S> {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_at(&self, buf: &mut [u8], at: u64) -> io::Result<usize> {
        if at >= self.len || buf.is_empty() {
            return Ok(0);
        }
        let number = self.number_at(at);
        let Some(Volume { name, source }) = self.volumes.get(number) else { return Ok(0) };
        let Some(source) = source else {
            return Err(missing_at(name, number as u32, at).into());
        };
        let span = self.span_of(number);
        let room = usize::try_from(span.end - at).unwrap_or(usize::MAX).min(buf.len());
        let offset = at - span.start;
        match source.read_at(buf.get_mut(..room).unwrap_or(&mut []), offset) {
            Ok(0) => {
                let (expected, found) = (span.len(), offset);
                Err(Error::Changed { name: name.clone(), expected, found }.into())
            }
            Ok(read) => Ok(read),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(error),
            Err(source) if Error::of(&source).is_some() => Err(source),
            Err(source) => Err(Error::Read { name: name.clone(), at: offset, source }.into()),
        }
    }

    fn copy_to_file(&self, at: u64, len: u64, file: OpenFile<'_>) -> io::Result<u64> {
        let number = self.number_at(at);
        let Some(Volume { source: Some(source), .. }) = self.volumes.get(number) else {
            return Ok(0);
        };
        let span = self.span_of(number);
        source.copy_to_file(at - span.start, len.min(span.end.saturating_sub(at)), file)
    }

    fn volume_starts(&self) -> &[u64] {
        match self.kind {
            Kind::Split => &self.starts,
            Kind::Raw => &[],
        }
    }

    fn probe(&self, span: Span) -> io::Result<()> {
        Ok(self.check_present(span)?)
    }
}

/// What the last volume says about the others.
pub(crate) fn claim_of(last: &(impl Source + ?Sized)) -> Result<Claim> {
    let len = last.len();
    // The trailer of nearly every archive is an end record without a comment, and no more.
    for tail in [22.min(len), TAIL_LEN.min(len)] {
        let start = len - tail;
        // At most `TAIL_LEN`.
        let mut bytes = vec![0; tail as usize];
        last.read_exact_at(&mut bytes, start)?;
        match claim(&bytes, start) {
            Ok(claim) if claim.claimed_volumes == 1 || tail > 22 || tail == len => {
                check_count(claim.claimed_volumes)?;
                return Ok(claim);
            }
            Err(error) if tail == len || tail > 22 => return Err(error.into()),
            _ => {}
        }
    }
    Err(zip_format::error::Error::new(FormatErrorKind::NoEndRecord, len).into())
}

fn check_count(found: u64) -> Result<()> {
    if found > u64::from(MOST_VOLUMES) {
        return Err(Error::TooManyVolumes { most: MOST_VOLUMES, found });
    }
    Ok(())
}

fn missing_at(name: &str, number: u32, at: u64) -> Error {
    Error::Missing { name: name.to_owned(), number, at }
}
