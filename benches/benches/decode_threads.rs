//! How does decoding everything scale with threads, for small and for large entries?

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use pzip_benches::{archive_of, open_and_read};

fn decode_threads(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("decode_threads");
    group.sample_size(10);
    for (name, count, size) in [("small", 20_000, 4_096), ("mid", 200, 1 << 20)] {
        let bytes = archive_of(count, size);
        group.throughput(Throughput::Bytes((count * size) as u64));
        for threads in [1, 2, 4] {
            group.bench_function(BenchmarkId::new(name, threads), |bench| {
                bench.iter(|| open_and_read(&bytes, threads));
            });
        }
    }
    group.finish();
}

criterion_group!(benches, decode_threads);
criterion_main!(benches);
