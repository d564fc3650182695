//! Inside a pool of the caller's the work runs there; outside of any, none is made.

use rayon::ThreadPoolBuilder;
use zip_mmap_reader::{Archive, Options, Parallel};
use zip_testkit::data;
use zip_testkit::lay::{LaidEntry, Lay};

fn bytes() -> Vec<u8> {
    let entries =
        (0..150).map(|n| LaidEntry::deflated(format!("{n}"), data::text(40_000, n as u64)));
    Lay::of(entries).build()
}

#[test]
fn work_runs_in_the_pool_it_is_called_in() {
    let bytes = bytes();
    let archive = Archive::new(&bytes[..], Options::default()).expect("valid");
    let all: Vec<usize> = (0..archive.len()).collect();
    let places = |threads| {
        let visited = archive.visit(&all, Parallel::threads(threads), |visit| {
            visit.verify()?;
            Ok(rayon::current_thread_index())
        });
        visited.into_iter().map(|place| place.expect("whole")).collect::<Vec<_>>()
    };
    for size in [1, 2, 3] {
        let pool = ThreadPoolBuilder::new().num_threads(size).build().expect("a pool");
        let inside = pool.install(|| places(4));
        let is_inside = |place: &Option<usize>| place.is_some_and(|place| place < size);
        assert!(inside.iter().all(is_inside), "a pool of {size}: {inside:?}");
    }
    assert!(places(4).iter().all(Option::is_none), "threads of its own, and no global pool");
}

/// More calls at once than the pool has threads: none waits for another for ever.
#[test]
fn calls_within_calls() {
    let bytes = bytes();
    let archive = Archive::new(&bytes[..], Options::default()).expect("valid");
    let all: Vec<usize> = (0..archive.len()).collect();
    let test = || archive.test(&all, Parallel::threads(2)).iter().all(Result::is_ok);
    let pool = ThreadPoolBuilder::new().num_threads(2).build().expect("a pool");
    let whole =
        pool.install(|| rayon::join(|| rayon::join(test, test), || rayon::join(test, test)));
    assert_eq!(whole, ((true, true), (true, true)));
    let nested = pool.install(|| archive.visit(&[0, 1, 2], Parallel::threads(2), |_| Ok(test())));
    assert!(nested.into_iter().all(|whole| whole.expect("whole")));
}
