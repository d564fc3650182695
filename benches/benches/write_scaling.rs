//! How does writing scale with threads, for small and for large items?

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use pzip::writer::{Item, Options, ParallelWriter};
use zip_testkit::data::{Kind, payload};

fn write_scaling(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("write_scaling");
    group.sample_size(10);
    let text = payload(Kind::Text, 8 << 20, 1);
    for (name, count, size) in [("small", 20_000, 4_096), ("mid", 64, 1 << 20)] {
        group.throughput(Throughput::Bytes((count * size) as u64));
        for threads in [1, 2, 4] {
            group.bench_function(BenchmarkId::new(name, threads), |bench| {
                bench.iter(|| {
                    let items = (0..count).map(|number| {
                        let start = number * 7_919 % ((8 << 20) - size);
                        let contents = text.get(start..start + size).unwrap_or(&[]);
                        Item::bytes(number.to_string(), contents)
                    });
                    let options = Options { threads, ..Options::default() };
                    ParallelWriter::new(options).write(Vec::new(), items).map(|(out, _)| out.len())
                });
            });
        }
    }
    group.finish();
}

criterion_group!(benches, write_scaling);
criterion_main!(benches);
