//! Ranges open only what they touch, and checksums outlive the stream that found them.

use std::io;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use zip_format::position::Span;
use zip_stream_encoder::content::Opened;
use zip_stream_encoder::plan::Part;
use zip_stream_encoder::{Contents, CrcCache, Encoder, Entry, Machine, MemoryCache, Plan, Wrap};
use zip_testkit::data;

const LEN: u64 = 1_000_000;

/// Five files of which only the size is known, and a log of what is opened.
struct World {
    plan: Arc<Plan>,
    bytes: Vec<Bytes>,
    log: Mutex<Vec<(usize, u64, u64)>>,
    cache: Arc<MemoryCache>,
}

impl World {
    fn new(wrap: Wrap) -> Self {
        let mut plan = Plan::builder();
        let bytes: Vec<Bytes> = (0..5).map(|n| data::noise(LEN as usize, n).into()).collect();
        for n in 0..5 {
            let (name, key) = (format!("{n}"), format!("version 1 of {n}"));
            let contents = Contents::Sized { size: LEN, wrap };
            plan.push(&Entry::file(name.as_bytes(), contents).with_key(key.as_bytes())).unwrap();
        }
        let plan = Arc::new(plan.finish());
        assert!(plan.is_pinned());
        Self { plan, bytes, log: Mutex::default(), cache: Arc::default() }
    }

    fn encoder(
        &self,
        start: u64,
        end: u64,
    ) -> Encoder<impl FnMut(usize, Span) -> io::Result<Opened>> {
        let machine = Machine::over(Arc::clone(&self.plan), Span { start, end }).unwrap();
        let cache: Arc<dyn CrcCache> = Arc::clone(&self.cache) as _;
        Encoder::with(machine.with_cache(cache), |entry, span: Span| {
            self.log.lock().unwrap().push((entry, span.start, span.end));
            Ok(Opened::Bytes(self.bytes[entry].slice(span.start as usize..)))
        })
    }

    fn get(&self, start: u64, end: u64) -> Vec<u8> {
        self.encoder(start, end).map(|piece| piece.unwrap()).collect::<Vec<_>>().concat()
    }

    fn opened(&self) -> Vec<(usize, u64, u64)> {
        std::mem::take(&mut self.log.lock().unwrap())
    }
}

#[test]
fn a_range_opens_what_it_touches_and_no_more() {
    let world = World::new(Wrap::Stored);
    let payload = world.plan.payload_span(3).unwrap();
    let got = world.get(payload.start + 10, payload.start + 20);
    assert!(got == world.bytes[3][10..20]);
    assert_eq!(world.opened(), [(3, 10, 20)], "its own range, and no checksum");
    let local = world.plan.span(Part::Local(4));
    assert!(world.get(local.start, local.end).starts_with(b"PK\x03\x04"));
    assert_eq!(world.opened(), [], "a header without a checksum opens nothing");
    let trailer = world.plan.span(Part::Trailer);
    assert!(world.get(trailer.start, trailer.end).starts_with(b"PK\x05\x06"));
    assert_eq!(world.opened(), []);
}

#[test]
fn checksums_are_computed_once() {
    for wrap in [Wrap::Stored, Wrap::DeflateStored] {
        let world = World::new(wrap);
        let directory = world.plan.directory_span();
        let first = world.get(directory.start, world.plan.len());
        let all: Vec<_> = (0..5).map(|n| (n, 0, LEN)).collect();
        assert_eq!(world.opened(), all, "all contents, once");
        assert!(first == world.get(directory.start, world.plan.len()));
        assert_eq!(world.opened(), [], "and then never again");
        let whole = world.get(0, world.plan.len());
        assert!(whole.ends_with(&first));
    }
}

#[test]
fn a_resumed_download_reads_what_is_missing_only() {
    for wrap in [Wrap::Stored, Wrap::DeflateStored] {
        let reference = World::new(wrap);
        let whole = reference.get(0, reference.plan.len());
        let payload = reference.plan.payload_span(2).unwrap();
        // The client leaves in the middle of the third file.
        let cut = payload.start + 300_000;
        let world = World::new(wrap);
        let mut out = Vec::new();
        let mut pieces = world.encoder(0, world.plan.len());
        while (out.len() as u64) < cut {
            out.extend_from_slice(&pieces.next().unwrap().unwrap());
        }
        drop(pieces);
        let cut = out.len() as u64;
        assert!(cut < payload.end, "still in the third file");
        world.opened();
        out.extend(world.get(cut, world.plan.len()));
        assert!(out == whole, "the same archive");
        let opened = world.opened();
        let from = opened[0].1;
        assert!(from > 290_000, "where it broke off: {opened:?}");
        assert_eq!(opened, [(2, from, LEN), (3, 0, LEN), (4, 0, LEN)]);
    }
}

#[test]
fn without_a_cache_a_range_still_gets_its_checksums() {
    let world = World::new(Wrap::DeflateStored);
    let whole = world.get(0, world.plan.len());
    world.opened();
    let start = world.plan.payload_span(4).unwrap().start + 50_000;
    let range = Span { start, end: world.plan.len() };
    let encoder = Encoder::over(Arc::clone(&world.plan), range, |entry, span: Span| {
        world.log.lock().unwrap().push((entry, span.start, span.end));
        Ok(Opened::Bytes(world.bytes[entry].slice(span.start as usize..)))
    });
    let got: Vec<Bytes> = encoder.unwrap().map(|piece| piece.unwrap()).collect();
    assert!(got.concat() == whole[start as usize..]);
    let opened = world.opened();
    let from = opened[0].1;
    let mut expected = vec![(4, from, LEN), (4, 0, from)];
    expected.extend((0..4).map(|n| (n, 0, LEN)));
    assert_eq!(opened, expected, "the rest, what was before it, and then the others");
}

#[test]
fn contents_that_changed_under_the_same_key_are_found_out() {
    let mut world = World::new(Wrap::DeflateStored);
    world.get(0, world.plan.len());
    world.bytes[1] = data::noise(LEN as usize, 77).into();
    let error = world.encoder(0, world.plan.len()).find_map(Result::err).expect("changed");
    assert!(error.to_string().starts_with("1: CRC-32"), "{error}");
}
