//! Which item waits for which, and in what order they end up.

use std::io::{self, Read};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex};

use zip_codec::level::Level;
use zip_io::input::ReadInput;
use zip_parallel_writer::{Item, Options, Order, ParallelWriter};
use zip_testkit::data::{Kind, payload};

use crate::common::{Together, ours, read_back};

/// If they were not all read at once, from their first byte to their last, this would never end.
#[test]
fn slow_inputs_overlap_all_of_them() {
    for size in [3, 70_000, 512 << 10] {
        for known in [true, false] {
            let contents = vec![b'x'; size];
            let items = Together::new(64, &contents).enumerate().map(|(n, reader)| {
                if known {
                    Item::input(format!("{n}"), ReadInput::with_len(reader, size as u64))
                } else {
                    Item::read(format!("{n}"), reader)
                }
            });
            let options = Options { threads: 16, ..Options::default() };
            let (bytes, report) = ParallelWriter::new(options).write(Vec::new(), items).unwrap();
            assert!(report.is_complete());
            let entries = read_back(&bytes);
            assert!(entries.iter().all(|entry| entry.1 == contents));
            assert_eq!(entries.len(), 64);
        }
    }
}

/// What has to wait for memory has its first bytes by then.
#[test]
fn the_first_bytes_of_slow_inputs_overlap_however_many_follow() {
    let contents = vec![b'x'; 2_500_000];
    for known in [true, false] {
        let items = Together::new(64, &contents[..1]).enumerate().map(|(n, first)| {
            let reader = first.chain(&contents[1..]);
            if known {
                Item::input(format!("{n}"), ReadInput::with_len(reader, contents.len() as u64))
            } else {
                Item::read(format!("{n}"), reader)
            }
        });
        let options = Options { threads: 16, level: Level::FAST, ..Options::default() };
        let (bytes, report) = ParallelWriter::new(options).write(Vec::new(), items).unwrap();
        assert!(report.is_complete());
        let entries = ours(&bytes);
        assert!(entries.len() == 64 && entries.iter().all(|entry| entry.1 == contents));
    }
}

/// Those that go on after their first bytes wait for memory, each for those before it.
#[test]
fn inputs_of_any_length_end_in_a_tight_budget() {
    let text = Arc::new(payload(Kind::Text, 3_000_000, 1));
    let lens: Vec<usize> = (0..48).map(|n| n * 1_234_567 % 3_000_000).collect();
    for (threads, order) in [
        (1, Order::Input),
        (2, Order::Input),
        (16, Order::Input),
        (1, Order::Completion),
        (2, Order::Completion),
    ] {
        let items = lens.iter().enumerate().flat_map(|(n, &len)| {
            let reader = io::Cursor::new(Shared(Arc::clone(&text), len));
            [Item::read(format!("r{n}"), reader), Item::bytes(format!("b{n}"), &text[..n])]
        });
        let options = Options {
            threads,
            order,
            prefetch: 24,
            memory: 1,
            level: Level::FAST,
            ..Options::default()
        };
        let (bytes, report) = ParallelWriter::new(options).write(Vec::new(), items).unwrap();
        assert!(report.is_complete());
        let mut entries = ours(&bytes);
        let mut expected: Vec<_> = (lens.iter().enumerate())
            .flat_map(|(n, &len)| [(format!("r{n}"), &text[..len]), (format!("b{n}"), &text[..n])])
            .collect();
        if order == Order::Completion {
            entries.sort();
            expected.sort();
        }
        assert_eq!(entries.len(), expected.len());
        for (entry, (name, contents)) in entries.iter().zip(expected) {
            assert!(entry.0 == name && entry.1 == contents, "{name}");
        }
    }
}

/// The start of bytes that several have.
struct Shared(Arc<Vec<u8>>, usize);

impl AsRef<[u8]> for Shared {
    fn as_ref(&self) -> &[u8] {
        &self.0[..self.1]
    }
}

/// Gives nothing until it is told to.
struct Stalled(Mutex<Receiver<()>>);

impl Read for Stalled {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        let _ = self.0.get_mut().unwrap().recv();
        Ok(0)
    }
}

/// A sink that tells when so many bytes are in it.
struct Watched {
    bytes: Vec<u8>,
    tell: Option<(usize, std::sync::mpsc::SyncSender<()>)>,
}

impl zip_io::Sink for Watched {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.bytes.extend_from_slice(bytes);
        if let Some((_, tell)) = self.tell.take_if(|(at, _)| self.bytes.len() >= *at) {
            tell.send(()).unwrap();
        }
        Ok(())
    }
    fn position(&self) -> zip_format::position::Position {
        zip_io::Sink::position(&self.bytes)
    }
    fn finish(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The stalled item is only let go when the others are in the archive, so this ends only if they
/// do not wait for it. In input order, those before it do not; in order of completion, none does.
#[test]
fn a_stalled_input_holds_nobody_up_that_need_not_wait() {
    for (order, place) in [(Order::Input, 20), (Order::Completion, 0)] {
        for threads in [1, 4] {
            let (tell, told) = sync_channel(1);
            let mut items: Vec<Item<'_>> = (0..20)
                .map(|n| Item::bytes(format!("{n}"), payload(Kind::Noise, 10_000, n)))
                .collect();
            items.insert(place, Item::read("stalled", Stalled(Mutex::new(told))));
            let sink = Watched { bytes: Vec::new(), tell: Some((200_000, tell)) };
            let options = Options { threads, order, ..Options::default() };
            let (sink, report) = ParallelWriter::new(options).write(sink, items).unwrap();
            assert!(report.is_complete());
            let entries = read_back(&sink.bytes);
            assert_eq!(entries.len(), 21);
            assert_eq!(entries[20].0, "stalled");
        }
    }
}

#[test]
fn an_archive_in_order_of_completion_holds_the_same() {
    let items = || {
        (0..300)
            .map(|n| Item::bytes(format!("{n}"), payload(Kind::Text, 40_000, n)))
            .chain((0..4).map(|n| Item::bytes(format!("l{n}"), payload(Kind::Text, 5 << 20, n))))
    };
    let options = Options { threads: 4, order: Order::Completion, ..Options::default() };
    let (bytes, report) = ParallelWriter::new(options).write(Vec::new(), items()).unwrap();
    assert!(report.is_complete());
    let mut entries = read_back(&bytes);
    let order: Vec<_> = report.written.iter().map(|written| written.index).collect();
    let names: Vec<_> = items().map(|item| String::from_utf8(item.name).unwrap()).collect();
    for (entry, index) in entries.iter().zip(order) {
        assert_eq!(entry.0, names[index], "the report is in the order of the archive");
    }
    let (bytes, _) = ParallelWriter::default().write(Vec::new(), items()).unwrap();
    let mut expected = read_back(&bytes);
    entries.sort();
    expected.sort();
    assert!(entries == expected);
}
