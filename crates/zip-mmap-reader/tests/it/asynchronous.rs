//! The asynchronous reader says what the other one says, word for word, and asks for little.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::io::{self, SeekFrom};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker, ready};

use futures::executor::block_on;
use futures::io::{AsyncRead, AsyncSeek, AsyncWrite, Cursor};
use zip_mmap_reader::{Archive, AsyncArchive, Error, Options};
use zip_testkit::lay::{DescriptorForm, LaidEntry, Lay, Zip64End};
use zip_testkit::{data, hostile};

use crate::common::Fault;

const MIB: usize = 1 << 20;

/// A reader that gives out few bytes at a time and is not ready every other time.
struct Drops {
    inner: Cursor<Vec<u8>>,
    most: usize,
    waits: bool,
}

impl Drops {
    fn new(bytes: &[u8]) -> Self {
        let most = if bytes.len() > 8 << 10 { 1021 } else { 1 };
        Self { inner: Cursor::new(bytes.to_vec()), most, waits: false }
    }

    fn is_ready(&mut self, context: &Context<'_>) -> bool {
        self.waits = !self.waits;
        if self.waits {
            context.waker().wake_by_ref();
        }
        !self.waits
    }
}

impl AsyncRead for Drops {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        if !self.is_ready(context) {
            return Poll::Pending;
        }
        let len = buf.len().min(self.most);
        Pin::new(&mut self.inner).poll_read(context, &mut buf[..len])
    }
}

impl AsyncSeek for Drops {
    fn poll_seek(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        to: SeekFrom,
    ) -> Poll<io::Result<u64>> {
        if !self.is_ready(context) {
            return Poll::Pending;
        }
        Pin::new(&mut self.inner).poll_seek(context, to)
    }
}

/// Writes down where and how much was read, and ends it.
#[derive(Clone, Default)]
struct Log {
    reads: Rc<RefCell<Vec<(u64, usize)>>>,
    cut: Rc<Cell<bool>>,
}

impl Log {
    fn take(&self) -> Vec<(u64, usize)> {
        std::mem::take(&mut self.reads.borrow_mut())
    }
}

struct Logged {
    inner: Cursor<Vec<u8>>,
    log: Log,
}

impl AsyncRead for Logged {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        if self.log.cut.get() {
            return Poll::Ready(Ok(0));
        }
        let at = self.inner.position();
        let read = ready!(Pin::new(&mut self.inner).poll_read(context, buf))?;
        self.log.reads.borrow_mut().push((at, read));
        Poll::Ready(Ok(read))
    }
}

impl AsyncSeek for Logged {
    fn poll_seek(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        to: SeekFrom,
    ) -> Poll<io::Result<u64>> {
        Pin::new(&mut self.inner).poll_seek(context, to)
    }
}

/// Opened, with the log of what is read from now on and what was read by opening.
fn logged(bytes: Vec<u8>) -> (AsyncArchive<Logged>, Log, Vec<(u64, usize)>) {
    let log = Log::default();
    let reader = Logged { inner: Cursor::new(bytes), log: log.clone() };
    let archive = block_on(AsyncArchive::open(reader, Options::default())).expect("valid");
    let opening = log.take();
    (archive, log, opening)
}

/// What one reader says: that the archive does not open, or names and contents.
type Said = Result<Vec<(Vec<u8>, Result<Vec<u8>, Fault>)>, Fault>;

fn said_by_slice(bytes: &[u8], options: &Options) -> Said {
    let archive = Archive::new(bytes, options.clone()).map_err(Fault::from)?;
    let entries = archive.entries();
    Ok(entries
        .map(|entry| (entry.raw_name().to_vec(), entry.read().map_err(Fault::from)))
        .collect())
}

async fn said_by<R>(reader: R, options: &Options, copied: bool) -> Said
where
    R: AsyncRead + AsyncSeek + Unpin,
{
    let mut archive = AsyncArchive::open(reader, options.clone()).await.map_err(Fault::from)?;
    let names: Vec<_> = archive.entries().map(|entry| entry.raw_name().to_vec()).collect();
    assert_eq!(archive.len(), names.len());
    assert_eq!(archive.is_empty(), names.is_empty());
    assert!(archive.entry(names.len()).is_none() && archive.name(names.len()).is_none());
    let mut said = Vec::new();
    for (index, name) in names.into_iter().enumerate() {
        let contents = if copied {
            let mut out = Vec::new();
            archive.copy_to(index, &mut out).await.map(|()| out)
        } else {
            archive.read(index).await
        };
        said.push((name, contents.map_err(Fault::from)));
    }
    Ok(said)
}

/// Both readers, over whole and dropping sources, by both ways to the contents.
fn check(bytes: &[u8], options: &Options, what: &str) {
    let expected = said_by_slice(bytes, options);
    let agrees = |way: &str, said: Said| {
        let faults = |said: &Said| match said {
            Ok(entries) => entries.iter().map(|(_, c)| c.as_ref().err().cloned()).collect(),
            Err(fault) => vec![Some(fault.clone())],
        };
        assert!(said == expected, "{what} {way}: {:?} {:?}", faults(&said), faults(&expected));
    };
    let whole = || Cursor::new(bytes.to_vec());
    agrees("read", block_on(said_by(whole(), options, false)));
    agrees("copied", block_on(said_by(whole(), options, true)));
    agrees("read in drops", block_on(said_by(Drops::new(bytes), options, false)));
    agrees("copied in drops", block_on(said_by(Drops::new(bytes), options, true)));
}

#[test]
fn hostile_archives_get_the_same_verdict_in_the_same_words() {
    for row in hostile::small() {
        check(&row.bytes, &Options::default(), row.name);
        check(&row.bytes, &Options::lenient(), row.name);
    }
    let mut narrow = Options::default();
    narrow.limits.directory_bytes = 60;
    let bytes = Lay::of((0..9).map(|n| LaidEntry::stored(format!("{n}"), "x"))).build();
    check(&bytes, &narrow, "a directory beyond the limit");
}

/// Around the sizes where another way is taken, and with descriptors and gaps behind them.
#[test]
fn every_size_has_its_contents() {
    let sizes = [0, 1, 3000, 256 << 10, 4 * MIB - 100, 4 * MIB, 4 * MIB + 1, 9 * MIB];
    let entries = sizes.into_iter().enumerate().flat_map(|(n, size)| {
        let contents = data::payload(data::Kind::Mixed, size, n as u64);
        let noise = data::payload(data::Kind::Noise, size, n as u64);
        [
            LaidEntry::stored(format!("stored-{size}"), contents.clone())
                .with_descriptor(DescriptorForm::Signed64),
            LaidEntry::deflated(format!("deflated-{size}"), contents)
                .with_descriptor(DescriptorForm::Bare32),
            LaidEntry::deflated(format!("noise-{size}"), noise),
        ]
    });
    let lay = Lay::of(entries);
    check(&lay.build(), &Options::default(), "all sizes");
    let broken = Lay::of(lay.entries.into_iter().map(|entry| entry.crc32(1)));
    check(&broken.build(), &Options::default(), "all sizes, wrong CRC");
}

#[test]
fn a_small_archive_is_one_read() {
    let lay = Lay::of((0..20).map(|n| LaidEntry::deflated(format!("{n}"), data::text(500, n))));
    let bytes = lay.build();
    let (mut archive, log, opening) = logged(bytes.clone());
    assert_eq!(opening, [(0, bytes.len())]);
    for n in 0..20 {
        assert_eq!(block_on(archive.read(n)).expect("whole"), data::text(500, n as u64));
    }
    assert_eq!(log.take(), [], "all of it was in the tail");
}

#[test]
fn a_large_archive_is_two_reads_and_one_per_entry() {
    let noise = |n| data::payload(data::Kind::Noise, 40, n);
    let entries = (0..5000).map(|n| LaidEntry::stored(format!("{n:04}"), noise(n)));
    let lay = Lay::of(entries).with(|lay| lay.zip64 = Zip64End::Sentinels);
    let (bytes, map) = lay.build_with_map();
    let (mut archive, log, opening) = logged(bytes);
    let directory = (map.directory.start as u64, map.directory.len());
    assert_eq!(opening.len(), 2, "tail and directory: {opening:?}");
    assert_eq!(opening[1], directory);
    let index = archive.by_name("2500").expect("there");
    assert_eq!(archive.name(index).expect("there").to_string(), "2500");
    assert_eq!(log.take(), [], "names are in memory");
    assert_eq!(block_on(archive.read(index)).expect("whole"), noise(2500));
    let reads = log.take();
    assert_eq!(reads.len(), 1, "{reads:?}");
    assert_eq!(reads[0].1, 30 + 4 + 40, "the member and no more");
}

#[test]
fn a_large_entry_is_read_in_pieces() {
    let contents = data::payload(data::Kind::Noise, 9 * MIB, 1);
    let large =
        LaidEntry::deflated("large", contents.clone()).with_descriptor(DescriptorForm::Signed32);
    let (mut archive, log, _) = logged(Lay::of([large, LaidEntry::stored("b", "B")]).build());
    let payload = archive.entry(0).expect("two").compressed_size();
    let mut out = Vec::new();
    block_on(archive.copy_to(0, &mut out)).expect("whole");
    assert!(out == contents);
    let reads = log.take();
    let most = payload.div_ceil(256 << 10) + 2;
    assert!(reads.len() as u64 <= most, "{} reads, {most} are enough", reads.len());
    assert!(reads.iter().all(|&(_, len)| len <= 256 << 10), "pieces of 256 KiB");
    let read: usize = reads.iter().map(|&(_, len)| len).sum();
    assert!((payload..payload + 512).contains(&(read as u64)), "no byte twice: {read}");
}

/// Ends at some poll or other; the archive is as good as before.
#[test]
fn a_dropped_future_leaves_a_whole_archive() {
    let contents = [data::payload(data::Kind::Mixed, 5 * MIB, 3), data::text(90_000, 4)];
    let lay = Lay::of([
        LaidEntry::deflated("large", contents[0].clone()),
        LaidEntry::stored("small", contents[1].clone()),
    ]);
    let mut reader = Drops::new(&lay.build());
    reader.most = 64 << 10;
    let mut archive = block_on(AsyncArchive::open(reader, Options::default())).expect("valid");
    let mut context = Context::from_waker(Waker::noop());
    let mut finished = 0;
    for polls in 1..60 {
        for (index, contents) in contents.iter().enumerate() {
            let mut future = pin!(archive.read(index));
            let polled = (0..polls).map(|_| future.as_mut().poll(&mut context));
            if let Some(Poll::Ready(read)) = { polled }.find(Poll::is_ready) {
                assert!(read.expect("whole") == *contents);
                finished += 1;
            }
        }
    }
    assert!((1..118).contains(&finished), "{finished} of 118: some were dropped");
    for (index, contents) in contents.iter().enumerate() {
        assert!(block_on(archive.read(index)).expect("whole") == *contents);
    }
}

/// A reader and a writer that are always ready do not keep the executor for a whole entry.
#[test]
fn long_work_yields() {
    let bytes = Lay::of([LaidEntry::deflated("a", data::text(6 * MIB, 1))]).build();
    let open = AsyncArchive::open(Cursor::new(bytes), Options::default());
    let mut archive = block_on(open).expect("valid");
    let mut sink = futures::io::sink();
    let mut future = pin!(archive.copy_to(0, &mut sink));
    let mut context = Context::from_waker(Waker::noop());
    let mut polls = 1;
    while future.as_mut().poll(&mut context).is_pending() {
        polls += 1;
    }
    assert!(polls >= 24, "{polls} polls");
}

struct Full;

impl AsyncWrite for Full {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, _: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Ready(Err(io::ErrorKind::StorageFull.into()))
    }
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[test]
fn errors_of_others_are_told_apart() {
    let lay = Lay::of([
        LaidEntry::stored("small", "four"),
        LaidEntry::stored("large", data::zeros(5 * MIB)),
    ]);
    let (mut archive, log, _) = logged(lay.build());
    for index in 0..2 {
        let error = block_on(archive.copy_to(index, &mut Full)).expect_err("full");
        assert!(matches!(error.cause(), Error::Write(_)), "{error}");
    }
    assert!(matches!(block_on(archive.read(2)), Err(Error::NotFound(_))));
    assert!(matches!(archive.by_name("none"), Err(Error::NotFound(_))));
    assert_eq!(archive.by_name("large").expect("there"), 1);

    // Cut off after it was opened.
    log.cut.set(true);
    for index in 0..2 {
        let error = block_on(archive.read(index)).expect_err("cut off");
        assert!(matches!(error.cause(), Error::Io { .. }), "{error}");
        assert!(matches!(error, Error::Entry { .. }), "{error}");
    }
}

#[test]
fn futures_may_be_sent_to_other_threads() {
    fn sent<T: Send>(value: T) -> T {
        value
    }
    let bytes = Lay::of([LaidEntry::deflated("a", "AAAA")]).build();
    let read = async {
        let mut archive = AsyncArchive::open(Cursor::new(bytes), Options::default()).await?;
        let mut out = Vec::new();
        archive.copy_to(archive.by_name("a")?, &mut out).await?;
        assert_eq!(out, archive.read(0).await?);
        Ok::<_, Error>(out)
    };
    assert_eq!(block_on(sent(read)).expect("whole"), b"AAAA");
}
