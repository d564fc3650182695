//! What the reader asks of the allocator: no more than its input is worth, and nothing per entry
//! once its buffers are warm. A binary of its own, since it counts for the whole process.

#![expect(unsafe_code, reason = "an allocator that counts is one")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::io;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use zip_io::Source;
use zip_mmap_reader::{Archive, Options, Parallel, Scratch};
use zip_testkit::lay::{DescriptorForm, LaidEntry, Lay};
use zip_testkit::{data, hostile};

static LIVE: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);
static CALLS: AtomicUsize = AtomicUsize::new(0);

/// The system's allocator, counted.
struct Counted;

fn taken(bytes: usize) {
    CALLS.fetch_add(1, Ordering::Relaxed);
    let live = LIVE.fetch_add(bytes, Ordering::Relaxed) + bytes;
    PEAK.fetch_max(live, Ordering::Relaxed);
}

// SAFETY: every call goes to `System` with the arguments it came with; counting does not allocate.
unsafe impl GlobalAlloc for Counted {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        taken(layout.size());
        // SAFETY: the caller keeps the contract of `alloc`, which is that of `System`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: `pointer` came from `System` with this layout.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        taken(layout.size());
        // SAFETY: the caller keeps the contract of `alloc_zeroed`, which is that of `System`.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        taken(new_size);
        LIVE.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: `pointer` came from `System` with this layout, and the caller keeps the rest.
        unsafe { System.realloc(pointer, layout, new_size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counted = Counted;

/// Tests run on threads of one process: one at a time, or they count each other.
static ALONE: Mutex<()> = Mutex::new(());

fn alone() -> std::sync::MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Calls of the allocator while `work` runs.
fn calls_of(work: impl FnOnce()) -> usize {
    let before = CALLS.load(Ordering::Relaxed);
    work();
    CALLS.load(Ordering::Relaxed) - before
}

/// Most bytes held at once while `work` runs, beyond those held before.
fn peak_of(work: impl FnOnce()) -> usize {
    let before = LIVE.load(Ordering::Relaxed);
    PEAK.store(before, Ordering::Relaxed);
    work();
    PEAK.load(Ordering::Relaxed) - before
}

/// Bytes that are read by position.
struct Positioned<'b>(&'b [u8]);

impl Source for Positioned<'_> {
    fn len(&self) -> u64 {
        self.0.len() as u64
    }

    fn read_at(&self, buf: &mut [u8], at: u64) -> io::Result<usize> {
        self.0.read_at(buf, at)
    }
}

/// Opens, audits, tests and reads everything; what comes of it does not matter here.
fn do_everything(source: impl Source, options: Options) {
    let Ok(archive) = Archive::new(source, options) else { return };
    let _ = archive.audit(Parallel::threads(2));
    let all: Vec<usize> = (0..archive.len()).collect();
    let _ = archive.test(&all, Parallel::threads(2));
    for entry in archive.entries() {
        let _ = entry.read();
    }
}

#[test]
fn hostile_archives_cost_no_more_than_they_are_worth() {
    let _alone = alone();
    for row in hostile::all() {
        for (what, options) in [("strict", Options::default()), ("lenient", Options::lenient())] {
            let slice = peak_of(|| do_everything(&row.bytes[..], options.clone()));
            let positioned = peak_of(|| do_everything(Positioned(&row.bytes), options));
            let most = (64 << 20) + 8 * row.bytes.len();
            assert!(slice <= most, "{row:?}, {what}: {slice} bytes from a slice");
            assert!(positioned <= most, "{row:?}, {what}: {positioned} bytes by position");
        }
    }
}

/// By position a large payload has a buffer beside its contents, and none where it is larger than
/// these.
#[test]
fn a_payload_is_held_where_its_contents_are() {
    const CONTENTS: usize = 12 << 20;
    let _alone = alone();
    let contents = data::noise(CONTENTS, 1);
    let mut short = LaidEntry::deflated("short", &contents);
    short.central.uncompressed_size = 100;
    short.local.uncompressed_size = 100;
    for (entry, size, most) in [
        (LaidEntry::deflated("noise", &contents), CONTENTS, CONTENTS + (1 << 20)),
        (LaidEntry::stored("stored", &contents), CONTENTS, 1 << 20),
        (short, 100, 2 << 20),
    ] {
        let bytes = Lay::of([entry]).build();
        let archive = Archive::new(Positioned(&bytes), Options::default()).expect("valid");
        let (entry, mut out) = (archive.entry(0).expect("one"), vec![0; size]);
        let mut read = Ok(());
        let peak = peak_of(|| read = entry.read_into(&mut Scratch::new(), &mut out));
        assert!(peak <= most, "{}: {peak} bytes", entry.name());
        assert_eq!(read.is_ok(), size == CONTENTS);
        assert!(size < CONTENTS || out == contents, "{}", entry.name());
    }
}

fn archive_of(count: usize) -> Vec<u8> {
    let entries = (0..count).map(|n| {
        let name = format!("dir/entry-{n:05}");
        match n % 3 {
            0 => LaidEntry::stored(name, data::text(300, n as u64)),
            1 => LaidEntry::deflated(name, data::text(900, n as u64)),
            _ => LaidEntry::deflated(name, data::text(900, n as u64))
                .with_descriptor(DescriptorForm::Signed32),
        }
    });
    Lay::of(entries).build()
}

#[test]
fn nothing_is_allocated_per_entry() {
    let _alone = alone();
    let bytes = archive_of(3000);
    let sources: [(&str, Box<dyn Source + '_>); 2] =
        [("slice", Box::new(&bytes[..])), ("positioned", Box::new(Positioned(&bytes)))];
    for (what, source) in sources {
        let archive = Archive::new(source, Options::default()).expect("valid");
        let mut sum = 0;
        let walk = calls_of(|| {
            for entry in archive.entries() {
                sum += entry.raw_name().len() as u64 + entry.size() + entry.offset();
                sum += u64::from(entry.name().as_str().is_some());
                sum += entry.modified().seconds.unsigned_abs();
            }
        });
        assert_eq!(walk, 0, "{what}: the walk, {sum}");

        let mut scratch = Scratch::new();
        let mut out = vec![0; 900];
        let mut read_all = || {
            for entry in archive.entries() {
                let out = &mut out[..entry.size() as usize];
                entry.read_into(&mut scratch, out).expect("whole");
            }
        };
        read_all();
        assert_eq!(calls_of(read_all), 0, "{what}: reading with a warm scratch");
        let checks = calls_of(|| {
            for entry in archive.entries().take(100) {
                entry.check().expect("whole");
            }
        });
        // By position there is a buffer for the local header.
        assert!(checks <= if what == "slice" { 0 } else { 100 }, "{what}: {checks} for 100 checks");
    }
}

/// Many entries in parallel take a few vectors, not one each.
#[test]
fn runs_allocate_by_the_batch() {
    let _alone = alone();
    let (few, many) = (archive_of(300), archive_of(6000));
    type Run = dyn Fn(&Archive<&[u8]>, &[usize]);
    let cost = |bytes: &[u8], run: &Run| {
        let archive = Archive::new(bytes, Options::default()).expect("valid");
        let all: Vec<usize> = (0..archive.len()).collect();
        calls_of(|| run(&archive, &all))
    };
    let runs: [(&str, &Run); 3] = [
        ("test", &|archive, all| drop(archive.test(all, Parallel::threads(2)))),
        ("check_all", &|archive, all| drop(archive.check_all(all, Parallel::threads(2)))),
        ("audit", &|archive, _| drop(archive.audit(Parallel::threads(2)))),
    ];
    for (what, run) in runs {
        let (small, large) = (cost(&few, run), cost(&many, run));
        assert!(large < small + 100, "{what}: {small} for 300 entries, {large} for 6,000");
    }
    let open = |bytes: &[u8]| calls_of(|| drop(Archive::new(bytes, Options::default())));
    assert_eq!(open(&few), open(&many), "opening");
}

/// At most 16 bytes an entry beside the directory, and half a byte until a name is asked for.
#[test]
fn an_index_takes_little() {
    const COUNT: usize = 20_000;
    let _alone = alone();
    let entries = (0..COUNT).map(|n| LaidEntry::stored(format!("{n:06}"), format!("{n}")));
    let lay = Lay::of(entries);
    let reversed = lay.clone().with(|lay| lay.directory_order = Some((0..COUNT).rev().collect()));
    // Half a byte an entry, and four where the members have another order; and what any has.
    for (bytes, most) in [(lay.build(), COUNT / 2), (reversed.build(), COUNT / 2 + 4 * COUNT)] {
        let before = LIVE.load(Ordering::Relaxed);
        let archive = Archive::new(&bytes[..], Options::default()).expect("valid");
        let opened = LIVE.load(Ordering::Relaxed) - before;
        assert!(opened <= most + 4096, "{opened} bytes for {COUNT} entries");
        assert!(archive.by_name("000007").is_ok());
        let named = LIVE.load(Ordering::Relaxed) - before;
        assert!(named <= 16 * COUNT, "{named} bytes for {COUNT} names");
    }
}
