//! Memory, measured: the high-water mark of a process of its own that writes an archive, whatever
//! is in it. A binary of its own, which starts itself.

use std::io::{self, Read};
use std::process::Command;

use zip_codec::level::Level;
use zip_format::method::Method;
use zip_format::position::Position;
use zip_io::Sink;
use zip_parallel_writer::{Item, Options, ParallelWriter};
use zip_testkit::data::{Kind, payload};

/// Which work the process is started for.
const WORK: &str = "PZIP_MEMORY_WORK";
const MIB: u64 = 1 << 20;

/// Forgets what it is given.
struct Nowhere(u64);

impl Sink for Nowhere {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0 += bytes.len() as u64;
        Ok(())
    }
    fn position(&self) -> Position {
        Position::on_first(self.0)
    }
    fn can_rewind(&self) -> bool {
        true
    }
    fn patch(&mut self, _: Position, _: &[u8]) -> io::Result<()> {
        Ok(())
    }
    fn finish(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The same bytes again and again.
struct Repeated {
    bytes: Vec<u8>,
    left: u64,
}

impl Repeated {
    fn new(kind: Kind, len: u64, seed: u64) -> Self {
        Self { bytes: payload(kind, 300_000, seed), left: len }
    }
}

impl Read for Repeated {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let at = (self.left % self.bytes.len() as u64) as usize;
        let from = &self.bytes[at..];
        let len = from.len().min(buf.len()).min(usize::try_from(self.left).unwrap_or(usize::MAX));
        buf[..len].copy_from_slice(&from[..len]);
        self.left -= len as u64;
        Ok(len)
    }
}

fn options() -> Options<'static> {
    Options { threads: 4, level: Level::FAST, ..Options::default() }
}

fn write<I: Iterator<Item = Item<'static>> + Send>(items: I, options: Options<'_>) {
    let (_, report) = ParallelWriter::new(options).write(Nowhere(0), items).unwrap();
    assert!(report.is_complete(), "{:?}", report.failed);
}

fn work(name: &str) {
    match name {
        "nothing" => write(std::iter::empty(), options()),
        "entries" => {
            write((0..1_000_000).map(|n| Item::bytes(format!("{n:07}"), "")), options());
        }
        "large" => {
            let items = (0..3)
                .map(|n| Item::read(format!("{n}"), Repeated::new(Kind::Mixed, 120 * MIB, n)));
            write(items, options());
        }
        // All members wait in memory or on disk, since the first one takes its time.
        "behind" => {
            let first = Item::read("first", Repeated::new(Kind::Text, 60 * MIB, 0));
            let rest = (0..200)
                .map(|n| Item::read(format!("{n}"), Repeated::new(Kind::Noise, 3 * MIB / 2, n)));
            write(std::iter::once(first).chain(rest), options());
        }
        "best" => {
            let items =
                (0..40).map(|n| Item::bytes(format!("{n}"), payload(Kind::Mixed, 300_000, n)));
            write(items, Options { level: Level::BEST, ..options() });
        }
        "stored" => {
            let items = (0..100).map(|n| {
                Item::read(format!("{n}"), Repeated::new(Kind::Noise, 9 * MIB, n))
                    .with_method(Method::STORED)
            });
            write(items, options());
        }
        // A file of 2 GiB that takes no room on the disk, and as much from a reader.
        "huge" => {
            let directory = tempfile::tempdir().unwrap();
            let path = directory.path().join("sparse");
            std::fs::File::create(&path).unwrap().set_len(2 << 30).unwrap();
            let items = [
                Item::file("sparse", &path),
                Item::file("stored", &path).with_method(Method::STORED),
                Item::read("reader", io::repeat(b'x').take(2 << 30)),
            ];
            write(items.into_iter(), options());
        }
        "many" => {
            write((0..100_000).map(|n| Item::bytes(format!("{n}"), [b'x'; 300])), options());
        }
        "unknown" => {
            let items = (0..3_000).map(|n| {
                let len = n * 7_919 % 400_000;
                Item::read(format!("{n}"), Repeated::new(Kind::Mixed, len, n))
            });
            write(items, options());
        }
        // All but the first wait for it, most of them for memory to read on.
        "held up" => {
            let first = Item::read("first", Repeated::new(Kind::Text, 60 * MIB, 0));
            let rest = (0..400).map(|n| {
                let len = n * 7_919_001 % 2_500_000;
                Item::read(format!("{n}"), Repeated::new(Kind::Noise, len, n))
            });
            write(std::iter::once(first).chain(rest), Options { threads: 16, ..options() });
        }
        "threads" => {
            let items = (0..600).map(|n| {
                let len = n * 7_919 % 2_500_000;
                Item::read(format!("{n}"), io::repeat(n as u8).take(len))
            });
            write(items, Options { threads: 256, ..options() });
        }
        other => panic!("no such work: {other}"),
    }
}

/// The child's side; without the variable there is nothing to do.
#[test]
fn child() {
    let Ok(name) = std::env::var(WORK) else { return };
    work(&name);
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    println!("{line}");
}

/// Bytes of memory a process takes for the work; `None` where the system does not tell.
fn peak(name: &str) -> Option<u64> {
    if !cfg!(target_os = "linux") {
        println!("skipped: no /proc");
        return None;
    }
    let this = std::env::current_exe().unwrap();
    let output = Command::new(this)
        .args(["--exact", "child", "--nocapture"])
        .env(WORK, name)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{name}: {text}");
    let line = text.lines().find_map(|line| line.split("VmHWM:").nth(1)).unwrap();
    Some(line.split_whitespace().next().unwrap().parse::<u64>().unwrap() << 10)
}

#[test]
fn the_budget_is_kept_whatever_comes() {
    let works = [
        ("large", 4),
        ("behind", 4),
        ("best", 4),
        ("stored", 4),
        ("huge", 4),
        ("many", 4),
        ("unknown", 4),
        ("held up", 16),
        ("threads", 256),
    ];
    for (name, threads) in works {
        // 64 MiB, and 8 for each thread.
        let budget = (64 + threads * 8) * MIB;
        let Some(peak) = peak(name) else { return };
        println!("{name}: {} MiB of {}", peak / MIB, budget / MIB);
        // The program itself, its stacks and what the allocator keeps for later are in it.
        assert!(peak <= budget, "{name} takes {} MiB", peak / MIB);
    }
}

#[test]
fn an_entry_takes_two_hundred_bytes_at_most() {
    let (Some(nothing), Some(all)) = (peak("nothing"), peak("entries")) else { return };
    // Their names have 7 bytes.
    let each = (all - nothing) / 1_000_000;
    println!("{each} bytes an entry, its name included");
    assert!(each <= 200 + 7, "{each} bytes an entry");
}
