//! How long does it take to open an archive and to walk its directory, by number of entries?

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use pzip::reader::{Archive, Options};

fn read_directory(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("read_directory");
    for entries in [1_000, 100_000, 1_000_000] {
        let bytes = pzip_benches::archive_of(entries, 0);
        group.throughput(Throughput::Elements(entries as u64));
        group.sample_size(10);
        group.bench_with_input(BenchmarkId::new("open", entries), &bytes[..], |bench, bytes| {
            bench.iter(|| Archive::new(bytes, Options::default()).map(|archive| archive.len()));
        });
        let archive = Archive::new(&bytes[..], Options::default()).expect("our own archive");
        group.bench_function(BenchmarkId::new("walk", entries), |bench| {
            bench.iter(|| archive.entries().map(|entry| entry.size()).sum::<u64>());
        });
    }
    group.finish();
}

criterion_group!(benches, read_directory);
criterion_main!(benches);
