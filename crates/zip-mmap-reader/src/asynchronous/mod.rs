//! The reader as a future: over `futures::io`, on any executor, for sources that are not local.
//!
//! This file only fetches. What to fetch, what to make of it and what is wrong with it is said by
//! the machines that [`Archive`] drives too, so both give the same contents and the same errors.
//!
//! Requests to a source that is far away cost more than bytes, so there are few of them:
//!
//! | for | reads |
//! |---|---|
//! | the trailer, and a directory that ends a small archive | one, of 64 KiB |
//! | any other directory | one |
//! | a member of up to 4 MiB | one; none where it lies in what was read last |
//! | a larger one | one per 256 KiB, and one for its descriptor |
//!
//! ```
//! use futures::io::Cursor;
//! use zip_mmap_reader::{AsyncArchive, Options};
//! # let bytes = zip_testkit::lay::Lay::of([
//! #     zip_testkit::lay::LaidEntry::stored("hello.txt", "hello")]).build();
//! # futures::executor::block_on(async {
//! let mut archive = AsyncArchive::open(Cursor::new(bytes), Options::default()).await?;
//! let index = archive.by_name("hello.txt")?;
//! assert_eq!(archive.read(index).await?, b"hello");
//! # Ok::<(), zip_mmap_reader::Error>(())
//! # })?;
//! # Ok::<(), zip_mmap_reader::Error>(())
//! ```

mod remote;

use std::task::Poll;

use futures::io::{AsyncRead, AsyncSeek, AsyncWrite, AsyncWriteExt as _};
use zip_codec::member::decode;
use zip_codec::step::Want;
use zip_format::audit;
use zip_format::directory::index::Index;
use zip_format::entry::Entry;
use zip_format::locate::Locator;
use zip_format::name::Name;
use zip_format::position::{Span, VolumeMap};
use zip_format::profile::{Gate, Relax};

use crate::archive::Archive;
use crate::entry::EntryRef;
use crate::error::{Error, Result};
use crate::job::{Decoder, Job};
use crate::member::{self, Scratch, Target, WHOLE_BYTES, Window};
use crate::open::admit_directory;
use crate::opened::Opened;
use crate::options::Options;
use crate::passwords::Passwords;
use crate::pieces::{PIECE_BYTES, cut_piece};
use crate::visit::no_such;
use remote::{Elsewhere, Remote};

/// A ZIP archive over an asynchronous reader.
///
/// Every future here may be dropped at any time, which cancels it; the archive is as usable
/// afterwards as before. Long work yields to the executor every 256 KiB.
///
/// *Limits*: beside what [`Archive`] keeps of the directory, up to 4 MiB of what was read last,
/// 256 KiB of contents and the coders.
#[derive(Debug)]
pub struct AsyncArchive<R> {
    remote: Remote<R>,
    archive: Archive<Elsewhere>,
    scratch: Scratch,
}

impl<R: AsyncRead + AsyncSeek + Unpin> AsyncArchive<R> {
    /// Opens an archive; the checks are those of [`Archive::new`].
    ///
    /// The reader is positioned anew before each read. Nothing else may move it or change its
    /// length meanwhile.
    ///
    /// # Errors
    /// What the reader says, or what is wrong with the archive.
    pub async fn open(reader: R, options: Options) -> Result<Self> {
        let mut remote = Remote::new(reader);
        let len = remote.len().await?;
        let (relax, limits) = (options.relax, &options.limits);
        let mut locator = Locator::new(len, relax);
        // The first thing wanted is the tail. All others are in it, or a few bytes.
        remote.hold(locator.want()).await?;
        let located = loop {
            if let Some(located) = locator.feed(&remote.copy(locator.want()).await?)? {
                break located;
            }
        };
        admit_directory(located.directory, limits)?;
        let directory = remote.copy(located.directory).await?;
        let volumes = VolumeMap::one(len);
        let mut index = Index::build_over_volumes(&directory, &located, volumes, relax, limits)?;
        if let Some(span) = index.signing_tail() {
            let tail = remote.copy(span).await?;
            if let Some(span) = index.signing_head(&tail) {
                index.set_signing_block(&remote.copy(span).await?, &tail);
            }
        }
        index.check_prefix(&remote.copy(index.prefix_head()).await?, relax)?;
        let comment = remote.copy(located.comment).await?;
        let scratch = Scratch::for_options(&options);
        let source = Elsewhere { len };
        let opened = Opened::from_parts(source, options, located, index, comment, directory);
        Ok(Self { remote, archive: Archive::from_opened(opened), scratch })
    }

    /// The same archive with other passwords, as [`Archive::with_passwords`].
    #[must_use]
    pub fn with_passwords(self, passwords: Passwords) -> Self {
        Self { archive: self.archive.with_passwords(passwords), ..self }
    }

    /// The contents of an entry.
    ///
    /// # Errors
    /// Everything that is wrong with the member, as [`EntryRef::read`] says it; then there are no
    /// contents. [`Error::NotFound`] for a number that is none.
    pub async fn read(&mut self, index: usize) -> Result<Vec<u8>> {
        let Self { remote, archive, scratch } = self;
        let entry = archive.entry(index).ok_or_else(|| no_such(index))?;
        read(remote, scratch, &entry).await.map_err(|error| entry.name_error(error))
    }

    /// Writes the contents of an entry to `out`, in bounded memory for entries of any size; `out`
    /// is neither flushed nor closed.
    ///
    /// Entries of up to 4 MiB are written when they were proven right, larger ones piece by piece:
    /// those are unproven until this returns `Ok`. Large ones that are encrypted with AES are
    /// fetched twice: the authentication code is checked before the first piece is written.
    ///
    /// # Errors
    /// As [`AsyncArchive::read`]; what `out` returns, as [`Error::Write`].
    pub async fn copy_to<W>(&mut self, index: usize, out: &mut W) -> Result<()>
    where
        W: AsyncWrite + Unpin + ?Sized,
    {
        let Self { remote, archive, scratch } = self;
        let entry = archive.entry(index).ok_or_else(|| no_such(index))?;
        let copied = if entry.size() <= WHOLE_BYTES {
            match read(remote, scratch, &entry).await {
                Ok(contents) => out.write_all(&contents).await.map_err(Error::Write),
                Err(error) => Err(error),
            }
        } else {
            stream(remote, scratch, &entry, out).await
        };
        copied.map_err(|error| entry.name_error(error))
    }
}

/// What is known without reading on.
impl<R> AsyncArchive<R> {
    /// Number of entries.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.archive.len()
    }

    /// True when there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.archive.is_empty()
    }

    /// The entries, in the directory's order, which is that of their numbers.
    pub fn entries(&self) -> impl Iterator<Item = Entry<'_>> {
        self.archive.entries().map(|entry| *entry)
    }

    /// The entry of this number; `None` past the last.
    #[must_use]
    pub fn entry(&self, index: usize) -> Option<Entry<'_>> {
        self.archive.entry(index).map(|entry| *entry)
    }

    /// The name of the entry of this number, as [`EntryRef::name`] has it: in
    /// [`Options::charset`] where the entry does not tell its encoding.
    #[must_use]
    pub fn name(&self, index: usize) -> Option<Name<'_>> {
        self.archive.entry(index).map(|entry| entry.name())
    }

    /// Number of the entry of this name; names are as [`Archive::by_name`] has them.
    ///
    /// # Errors
    /// As [`Archive::by_name`].
    pub fn by_name(&self, name: impl AsRef<[u8]>) -> Result<usize> {
        self.archive.by_name(name).map(|entry| entry.index())
    }

    /// The archive comment, raw.
    #[must_use]
    pub fn comment(&self) -> &[u8] {
        self.archive.comment()
    }

    /// Relaxations the archive needed to be opened.
    #[must_use]
    pub const fn needs(&self) -> Relax {
        self.archive.needs()
    }

    /// The reader, wherever it stands.
    #[must_use]
    pub fn into_inner(self) -> R {
        self.remote.reader
    }
}

/// The contents of one entry, at once where they and the member are small.
async fn read<R: AsyncRead + AsyncSeek + Unpin>(
    remote: &mut Remote<R>,
    scratch: &mut Scratch,
    entry: &EntryRef<'_, Elsewhere>,
) -> Result<Vec<u8>> {
    let size = entry.admit()?;
    let (target, options) = (entry.target(), &entry.opened().options);
    if target.span().len().max(entry.size()) > WHOLE_BYTES {
        let mut contents = Vec::new();
        contents.try_reserve_exact(size).map_err(member::no_room)?;
        stream(remote, scratch, entry, &mut contents).await?;
        return Ok(contents);
    }
    let payload = check(remote, &target, options).await?;
    let mut contents = member::zeroed(size)?;
    let payload = remote.hold(payload).await?;
    entry.job()?.decode(&mut scratch.codec, options, payload, &mut contents)?;
    Ok(contents)
}

/// Checks a member's records, and returns where its payload is. Small members are held then.
async fn check<R: AsyncRead + AsyncSeek + Unpin>(
    remote: &mut Remote<R>,
    target: &Target<'_>,
    options: &Options,
) -> Result<Span> {
    let mut span = target.span();
    if span.len() <= WHOLE_BYTES {
        let window = Window { start: span.start, bytes: remote.hold(span).await? };
        return Ok(target.check_in(window, options)?.payload);
    }
    let mut gate = Gate::new(options.relax);
    let gate = &mut target.padded(&mut gate);
    target.entry.examine(&options.limits, gate)?;
    // No local header is longer than a piece, and it stays held for the payload in it.
    let first = cut_piece(&mut span);
    let tail = target.tail(remote.hold(first).await?)?;
    let tail = remote.copy(tail).await?;
    let head = remote.hold(first).await?;
    let examined = audit::examine(&target.entry, head, &tail, target.at, target.limit, gate)?;
    Ok(examined.0)
}

/// Decodes a member through a window into `out`.
async fn stream<R: AsyncRead + AsyncSeek + Unpin, W: AsyncWrite + Unpin + ?Sized>(
    remote: &mut Remote<R>,
    scratch: &mut Scratch,
    entry: &EntryRef<'_, Elsewhere>,
    out: &mut W,
) -> Result<()> {
    entry.admit()?;
    let (target, options) = (entry.target(), &entry.opened().options);
    let payload = check(remote, &target, options).await?;
    let mut decoder = decoder(remote, scratch, &entry.job()?, options, payload).await?;
    let Scratch { codec, contents, .. } = scratch;
    let mut left = payload;
    contents.resize(PIECE_BYTES, 0);
    // A coder that failed, or was dropped halfway, is not worth keeping.
    loop {
        let mut input = remote.next(&mut left).await?;
        let last = left.is_empty();
        loop {
            let step = decoder.push(input, last, contents)?;
            input = input.get(step.consumed..).unwrap_or(&[]);
            let produced = contents.get(..step.produced).unwrap_or(&[]);
            out.write_all(produced).await.map_err(Error::Write)?;
            match step.want {
                Want::Nothing => {
                    decoder.recycle(codec);
                    return Ok(());
                }
                Want::Input if !last => break,
                Want::Input | Want::Output => yield_now().await,
            }
        }
    }
}

/// A decoder for a large member; if it is encrypted with AES, its authentication code was right
/// when this returns.
async fn decoder<R: AsyncRead + AsyncSeek + Unpin>(
    remote: &mut Remote<R>,
    scratch: &mut Scratch,
    job: &Job,
    options: &Options,
    payload: Span,
) -> Result<Decoder> {
    #[cfg(feature = "crypto")]
    if let Some(locked) = &job.locked {
        use zip_codec::member::open::{Prover, unlock};
        let lock = &locked.lock;
        let head = Span { end: payload.start + lock.head_len() as u64, ..payload };
        let head = remote.copy(head).await?;
        let openers = unlock(&mut scratch.codec, &locked.borrow(), &head)?;
        // Traditional encryption has nothing to prove: the first that fits is taken.
        let mut left = if lock.is_authenticated() { payload } else { Span::default() };
        if left.is_empty() {
            let opener = openers.into_iter().next();
            let opener = opener.ok_or(Error::Encrypted { scheme: lock.scheme().name() })?;
            return job.sealed_decoder(&mut scratch.codec, options, opener);
        }
        let mut prover = Prover::new(&job.spec, lock, openers);
        while !left.is_empty() {
            prover.push(remote.next(&mut left).await?)?;
            yield_now().await;
        }
        return job.sealed_decoder(&mut scratch.codec, options, prover.finish()?);
    }
    let _ = (remote, payload);
    Ok(Decoder::Plain(decode::Decoder::new(&mut scratch.codec, &job.spec, &options.limits)?))
}

/// Lets others run: readers and writers that are always ready never would.
async fn yield_now() {
    let mut yielded = false;
    std::future::poll_fn(|context| {
        if std::mem::replace(&mut yielded, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
