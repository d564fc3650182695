//! Where volumes go while they are written: [`Volumes`], and its implementations in memory.

use std::io;

use zip_io::Source;

/// Takes the volumes of an archive, one after the other. Only one is written to at a time, but for
/// what [`Volumes::patch`] replaces in an earlier one.
///
/// Implementations over files are [`crate::files::FileVolumes`], in memory [`MemoryVolumes`], and
/// for everything else (object stores, channels, pipes to other machines) [`HandOver`];
/// [`MeasuredVolumes`] only counts.
///
/// An object store, in which each volume is an object that is uploaded in parts:
///
/// ```
/// use std::collections::BTreeMap;
/// use std::io;
/// use zip_parallel_writer::{Item, Options, ParallelWriter};
/// use zip_segment::{Kind, Policy, SegmentedSink, Volumes};
///
/// #[derive(Default)]
/// struct Bucket {
///     objects: BTreeMap<String, Vec<u8>>,
///     /// Which volume is uploaded, and its parts. The first is kept until there is a second one,
///     /// because its head may still change.
///     number: u32,
///     parts: Vec<Vec<u8>>,
/// }
///
/// impl Volumes for Bucket {
///     fn start(&mut self, number: u32) -> io::Result<()> {
///         (self.number, self.parts) = (number, Vec::new());
///         Ok(())
///     }
///     fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
///         self.parts.push(bytes.to_vec());
///         Ok(())
///     }
///     fn replace_head(&mut self, head: &[u8]) -> io::Result<()> {
///         let first = self.parts.first_mut().ok_or(io::ErrorKind::InvalidInput)?;
///         first[..head.len()].copy_from_slice(head);
///         Ok(())
///     }
///     fn complete(&mut self, last: bool) -> io::Result<()> {
///         let name = if last { "a.zip".into() } else { format!("a.z{:02}", self.number + 1) };
///         self.objects.insert(name, self.parts.concat());
///         Ok(())
///     }
/// }
///
/// let sink = SegmentedSink::new(Bucket::default(), Policy::new(Kind::Split, 65_536)?)?;
/// let writer = ParallelWriter::new(Options { level: 0.try_into()?, ..Default::default() });
/// let (sink, _) = writer.write(sink, [Item::bytes("stored", vec![7; 100_000])])?;
/// let bucket = sink.into_volumes();
/// assert!(bucket.objects.keys().eq(["a.z01", "a.zip"]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Volumes: Send {
    /// Begins the next volume; `number` counts from 0.
    ///
    /// # Errors
    /// What the system says.
    fn start(&mut self, number: u32) -> io::Result<()>;

    /// Takes more bytes of the volume.
    ///
    /// # Errors
    /// What the system says.
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Takes up to `len` bytes at `at` of a source without passing them through this process, and
    /// says how many; zero where that cannot be done.
    ///
    /// # Errors
    /// What the system says.
    fn copy_from(&mut self, source: &dyn Source, at: u64, len: u64) -> io::Result<u64> {
        let _ = (source, at, len);
        Ok(0)
    }

    /// Replaces the first bytes of the volume, which is the first and stays the only one. The
    /// marker of a split archive says so (APPNOTE 8.5.3).
    ///
    /// # Errors
    /// What the system says.
    fn replace_head(&mut self, head: &[u8]) -> io::Result<()>;

    /// Whether volumes that are complete are still at hand, and [`Volumes::rewind`] and
    /// [`Volumes::patch`] work. A writer then puts the sizes of large members into headers that it
    /// has written, and takes back members that fail; without that, it keeps such members in a
    /// temporary file until they are whole.
    fn can_rewind(&self) -> bool {
        false
    }

    /// Forgets what comes behind the first `len` bytes of volume `number`, which is the current
    /// one then.
    ///
    /// # Errors
    /// What the system says; `Unsupported` where [`Volumes::can_rewind`] is false.
    fn rewind(&mut self, number: u32, len: u64) -> io::Result<()> {
        let _ = (number, len);
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Replaces bytes at `at` of volume `number`, the current one or an earlier one.
    ///
    /// # Errors
    /// As [`Volumes::rewind`].
    fn patch(&mut self, number: u32, at: u64, bytes: &[u8]) -> io::Result<()> {
        let _ = (number, at, bytes);
        Err(io::ErrorKind::Unsupported.into())
    }

    /// The volume is complete; `last` says that it was the last one, and with it the archive.
    /// Dropping the volumes without that leaves no volume that could be taken for the last.
    ///
    /// # Errors
    /// What the system says.
    fn complete(&mut self, last: bool) -> io::Result<()>;
}

impl<V: Volumes + ?Sized> Volumes for &mut V {
    fn start(&mut self, number: u32) -> io::Result<()> {
        (**self).start(number)
    }
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        (**self).write_all(bytes)
    }
    fn copy_from(&mut self, source: &dyn Source, at: u64, len: u64) -> io::Result<u64> {
        (**self).copy_from(source, at, len)
    }
    fn replace_head(&mut self, head: &[u8]) -> io::Result<()> {
        (**self).replace_head(head)
    }
    fn can_rewind(&self) -> bool {
        (**self).can_rewind()
    }
    fn rewind(&mut self, number: u32, len: u64) -> io::Result<()> {
        (**self).rewind(number, len)
    }
    fn patch(&mut self, number: u32, at: u64, bytes: &[u8]) -> io::Result<()> {
        (**self).patch(number, at, bytes)
    }
    fn complete(&mut self, last: bool) -> io::Result<()> {
        (**self).complete(last)
    }
}

/// A complete volume on its way out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompleteVolume {
    /// Number of the volume, from 0.
    pub number: u32,
    /// It is the last one.
    pub last: bool,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Gives each volume to a function as soon as it is complete: to send it to another machine, into
/// a channel, into an object store. An error of the function ends the archive.
///
/// Into a channel that is not asynchronous:
///
/// ```
/// use zip_segment::volume::HandOver;
/// let (sender, receiver) = std::sync::mpsc::sync_channel(0);
/// let volumes = HandOver::new(move |volume| sender.send(volume).map_err(std::io::Error::other));
/// # drop((volumes, receiver));
/// ```
///
/// For others there is `asynchronous::send_volumes`, with the feature `async`.
///
/// *Limits*: holds the current volume in memory, and no other.
pub struct HandOver<F> {
    take: F,
    number: u32,
    bytes: Vec<u8>,
}

impl<F> std::fmt::Debug for HandOver<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let bytes = self.bytes.len();
        f.debug_struct("HandOver")
            .field("number", &self.number)
            .field("bytes", &bytes)
            .finish_non_exhaustive()
    }
}

impl<F: FnMut(CompleteVolume) -> io::Result<()> + Send> HandOver<F> {
    /// Volumes that `take` is given.
    pub const fn new(take: F) -> Self {
        Self { take, number: 0, bytes: Vec::new() }
    }
}

impl<F: FnMut(CompleteVolume) -> io::Result<()> + Send> Volumes for HandOver<F> {
    fn start(&mut self, number: u32) -> io::Result<()> {
        self.number = number;
        self.bytes.clear();
        Ok(())
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        // Would end the process otherwise, and volumes may be large.
        self.bytes.try_reserve(bytes.len())?;
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }

    fn replace_head(&mut self, head: &[u8]) -> io::Result<()> {
        replace(&mut self.bytes, 0, head)
    }

    fn complete(&mut self, last: bool) -> io::Result<()> {
        let bytes = std::mem::take(&mut self.bytes);
        (self.take)(CompleteVolume { number: self.number, last, bytes })
    }
}

/// Volumes in memory, all of them.
#[derive(Clone, Debug, Default)]
pub struct MemoryVolumes {
    volumes: Vec<Vec<u8>>,
    finished: bool,
}

impl MemoryVolumes {
    /// None yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { volumes: Vec::new(), finished: false }
    }

    /// The volumes, once the last one is complete.
    #[must_use]
    pub fn into_volumes(self) -> Option<Vec<Vec<u8>>> {
        self.finished.then_some(self.volumes)
    }

    fn current(&mut self) -> io::Result<&mut Vec<u8>> {
        self.volumes.last_mut().ok_or_else(not_begun)
    }

    fn volume(&mut self, number: u32) -> io::Result<&mut Vec<u8>> {
        self.volumes.get_mut(number as usize).ok_or_else(not_begun)
    }
}

impl Volumes for MemoryVolumes {
    fn start(&mut self, _number: u32) -> io::Result<()> {
        self.volumes.push(Vec::new());
        Ok(())
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        let current = self.current()?;
        current.try_reserve(bytes.len())?;
        current.extend_from_slice(bytes);
        Ok(())
    }

    fn replace_head(&mut self, head: &[u8]) -> io::Result<()> {
        replace(self.current()?, 0, head)
    }

    fn can_rewind(&self) -> bool {
        true
    }

    fn rewind(&mut self, number: u32, len: u64) -> io::Result<()> {
        let len = usize::try_from(len).map_err(|_| io::ErrorKind::InvalidInput)?;
        self.volumes.truncate(number as usize + 1);
        self.volume(number)?.truncate(len);
        Ok(())
    }

    fn patch(&mut self, number: u32, at: u64, bytes: &[u8]) -> io::Result<()> {
        replace(self.volume(number)?, at, bytes)
    }

    fn complete(&mut self, last: bool) -> io::Result<()> {
        self.finished = last;
        Ok(())
    }
}

/// Volumes that are counted and not kept: how many an archive takes, and how long each becomes.
///
/// Below a rewrite that tells it before anything is written, see
/// [`volume_sizes`](crate::rewrite::volume_sizes).
#[derive(Clone, Debug, Default)]
pub struct MeasuredVolumes {
    sizes: Vec<u64>,
    finished: bool,
}

impl MeasuredVolumes {
    /// None yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { sizes: Vec::new(), finished: false }
    }

    /// Bytes of each volume, once the last one is complete.
    #[must_use]
    pub fn into_sizes(self) -> Option<Vec<u64>> {
        self.finished.then_some(self.sizes)
    }

    fn count(&mut self, bytes: u64) -> io::Result<()> {
        let size = self.sizes.last_mut().ok_or_else(not_begun)?;
        *size = size.saturating_add(bytes);
        Ok(())
    }
}

impl Volumes for MeasuredVolumes {
    fn start(&mut self, _number: u32) -> io::Result<()> {
        self.sizes.push(0);
        Ok(())
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.count(bytes.len() as u64)
    }

    fn copy_from(&mut self, _source: &dyn Source, _at: u64, len: u64) -> io::Result<u64> {
        self.count(len).map(|()| len)
    }

    fn replace_head(&mut self, _head: &[u8]) -> io::Result<()> {
        Ok(())
    }

    fn complete(&mut self, last: bool) -> io::Result<()> {
        self.finished = last;
        Ok(())
    }
}

/// What is said to who writes before the first volume.
pub(crate) fn not_begun() -> io::Error {
    io::Error::other("no volume was begun")
}

fn replace(volume: &mut [u8], at: u64, bytes: &[u8]) -> io::Result<()> {
    let start = usize::try_from(at).ok();
    let end = start.and_then(|start| start.checked_add(bytes.len()));
    let old = start.zip(end).and_then(|(start, end)| volume.get_mut(start..end));
    old.ok_or(io::ErrorKind::InvalidInput)?.copy_from_slice(bytes);
    Ok(())
}
