//! Eleven file sizes from 100 bytes to 100 kB, about 10 MB each: opening, starting threads,
//! reading, checking and closing all timed. Are two threads ever slower than one?

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use pzip_benches::{archive_of, open_and_read};

fn read_sizes(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("read_sizes");
    group.sample_size(10);
    for step in 0..=10 {
        let size = 10_f64.powf(2.0 + 0.3 * f64::from(step)).round() as usize;
        let count = 10_000_000 / size;
        let bytes = archive_of(count, size);
        group.throughput(Throughput::Bytes((count * size) as u64));
        for threads in [1, 2] {
            group.bench_function(BenchmarkId::new(format!("{size} bytes"), threads), |bench| {
                bench.iter(|| open_and_read(&bytes, threads));
            });
        }
    }
    group.finish();
}

criterion_group!(benches, read_sizes);
criterion_main!(benches);
