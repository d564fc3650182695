//! Sources that are not what was promised: an error that names them, and no archive.

use std::io::{self, Read};
use std::sync::Arc;

use bytes::Bytes;
use zip_format::error::Category;
use zip_format::position::Span;
use zip_mmap_reader::{Archive, Options};
use zip_stream_encoder::content::{OpenWith, Opened};
use zip_stream_encoder::{Content, Contents, Encoder, Entry, Error, Plan, Wrap};

type Sources = Vec<Box<dyn Content>>;

/// A good entry, the one in question, and a good one.
fn plan(contents: Contents) -> Arc<Plan> {
    let mut plan = Plan::builder();
    plan.push(&Entry::file(b"before", Contents::of(b"before"))).unwrap();
    plan.push(&Entry::file(b"bad/one", contents)).unwrap();
    plan.push(&Entry::file(b"after", Contents::sized(5))).unwrap();
    Arc::new(plan.finish())
}

fn sources(bad: impl Content + 'static) -> Sources {
    let good = |text: &'static str| Box::new(Bytes::from_static(text.as_bytes()));
    vec![good("before"), Box::new(bad), good("after")]
}

/// The error of every face, and that what came before it opens in no reader.
fn failing(contents: Contents, bad: impl Fn() -> Sources) -> Error {
    let plan = plan(contents);
    let mut out = Vec::new();
    let mut pieces = Encoder::new(Arc::clone(&plan), bad());
    let error = loop {
        match pieces.next().expect("an error before the end") {
            Ok(piece) => out.extend_from_slice(&piece),
            Err(error) => break error,
        }
    };
    assert!(pieces.next().is_none(), "nothing follows an error");
    assert!((out.len() as u64) < plan.directory_span().start);
    assert!(Archive::new(out, Options::default()).is_err(), "no archive");

    let mut sink = Vec::new();
    let by_sink = Encoder::new(Arc::clone(&plan), bad()).write_to(&mut sink).expect_err("failing");
    assert_eq!(by_sink.to_string(), error.to_string());
    let mut reader = Encoder::new(Arc::clone(&plan), bad()).into_reader();
    let by_reader = io::copy(&mut reader, &mut io::sink()).expect_err("failing");
    assert_eq!(by_reader.to_string(), error.to_string());
    assert!(reader.read(&mut [0; 9]).is_err(), "an error stays one");
    error
}

const WAYS: [Contents; 3] = [
    Contents::Known { size: 9, crc32: 0xcbf4_3926 },
    Contents::Sized { size: 9, wrap: Wrap::DeflateStored },
    Contents::Sized { size: 9, wrap: Wrap::Stored },
];

#[test]
fn shorter_and_longer_than_promised() {
    for contents in WAYS {
        for len in [0_u64, 1, 8, 10, 4_000] {
            let text = "123456789".repeat(1_000);
            let bytes = Bytes::from(text.into_bytes()).slice(..len as usize);
            let by_memory = failing(contents, || sources(bytes.clone()));
            let reader = |bytes: &Bytes| {
                let bytes = bytes.clone();
                OpenWith(move |span: Span| Ok(io::Cursor::new(bytes.slice(span.start as usize..))))
            };
            let by_reader = failing(contents, || sources(reader(&bytes)));
            for error in [by_memory, by_reader] {
                match error {
                    Error::TooShort { ref name, promised: 9, found } if len < 9 => {
                        assert_eq!((name.as_str(), found), ("bad/one", len));
                    }
                    Error::TooLong { ref name, promised: 9, found } if len > 9 => {
                        assert_eq!(name, "bad/one");
                        assert!(found > 9);
                    }
                    ref other => panic!("{len} bytes as {contents:?}: {other:?}"),
                }
                assert_eq!(error.category(), Category::Io);
            }
        }
    }
}

#[test]
fn of_no_bytes_there_may_be_none() {
    let error = failing(Contents::sized(0), || sources(Bytes::from_static(b"x")));
    assert!(matches!(error, Error::TooLong { promised: 0, found: 1, .. }), "{error:?}");
}

#[test]
fn other_contents_than_promised() {
    let error = failing(WAYS[0], || sources(Bytes::from_static(b"12345678!")));
    assert!(matches!(error, Error::Crc { expected: 0xcbf4_3926, .. }), "{error:?}");
    assert!(error.to_string().starts_with("bad/one: "));
}

#[test]
fn sources_that_fail() {
    struct Fails(io::ErrorKind);
    impl Content for Fails {
        fn open(&self, _: Span) -> io::Result<Opened> {
            Err(self.0.into())
        }
    }
    for contents in WAYS {
        let error = failing(contents, || sources(Fails(io::ErrorKind::NotFound)));
        assert!(matches!(error, Error::Open { ref name, .. } if name == "bad/one"), "{error:?}");
        let breaking = || sources(OpenWith(|_| Ok(io::Cursor::new(b"1234").chain(Broken))));
        let error = failing(contents, breaking);
        assert!(matches!(error, Error::Read { at: 4, .. }), "{error:?}");
        assert_eq!(error.into_io().kind(), io::ErrorKind::ConnectionReset);
    }
}

/// Fails at once.
struct Broken;

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::ErrorKind::ConnectionReset.into())
    }
}

#[test]
fn sinks_that_fail() {
    struct Full;
    impl io::Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let plan = plan(WAYS[0]);
    let sources = sources(Bytes::from_static(b"123456789"));
    let error = Encoder::new(plan, sources)
        .write_to(&mut zip_io::write::WriteSink::new(Full))
        .expect_err("no room");
    assert!(matches!(error, Error::Sink(_)), "{error:?}");
}

#[test]
fn one_source_is_open_at_a_time() {
    use std::sync::atomic::{AtomicUsize, Ordering};
    static OPEN: AtomicUsize = AtomicUsize::new(0);
    static MOST: AtomicUsize = AtomicUsize::new(0);
    struct Counted(io::Cursor<Vec<u8>>);
    impl Read for Counted {
        fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
            self.0.read(buf)
        }
    }
    impl Drop for Counted {
        fn drop(&mut self) {
            OPEN.fetch_sub(1, Ordering::SeqCst);
        }
    }
    let mut plan = Plan::builder();
    let mut sources: Sources = Vec::new();
    for n in 0..50 {
        let name = format!("{n}");
        plan.push(&Entry::file(name.as_bytes(), Contents::sized(1_000))).unwrap();
        sources.push(Box::new(OpenWith(|_| {
            let open = OPEN.fetch_add(1, Ordering::SeqCst) + 1;
            MOST.fetch_max(open, Ordering::SeqCst);
            Ok(Counted(io::Cursor::new(vec![1; 1_000])))
        })));
    }
    let plan = Arc::new(plan.finish());
    let all: Result<Vec<Bytes>, Error> = Encoder::new(plan, sources).collect();
    assert_eq!(all.unwrap().concat().len(), 50 * (30 + 46 + 1_005 + 16) + 22 + 2 * (10 + 80));
    assert_eq!((OPEN.load(Ordering::SeqCst), MOST.load(Ordering::SeqCst)), (0, 1));
}
