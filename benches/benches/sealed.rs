//! What does sealing cost above the cipher alone, does it scale, and how fast are reads at random?

use std::hint::black_box;
use std::io;

use aes_gcm::aead::AeadInOut;
use aes_gcm::{Aes256Gcm, KeyInit};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use pzip::crypto::sealed::{FrameJob, RawKey, SealedSink, SealedSource, Sealer, Secret};
use pzip::format::position::Position;
use pzip::io::{Sink, Source};
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use rayon::{ThreadPool, ThreadPoolBuilder};
use zip_testkit::data::noise;

const FRAME: usize = 64 << 10;
const LEN: usize = 64 << 20;

/// Takes everything, keeps nothing.
struct Null(u64);

impl Sink for Null {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0 += black_box(bytes).len() as u64;
        Ok(())
    }
    fn position(&self) -> Position {
        Position::on_first(self.0)
    }
    fn finish(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn sealer(key: &RawKey) -> Sealer {
    Sealer::new(Secret::Key(key), &Default::default()).expect("random bytes")
}

fn pool_of(threads: usize) -> ThreadPool {
    ThreadPoolBuilder::new().num_threads(threads).build().expect("threads")
}

/// Frame by frame in place: as little as the cipher lets one do.
fn bare(cipher: &Aes256Gcm, bytes: &mut [u8]) {
    for (number, frame) in bytes.chunks_exact_mut(FRAME).enumerate() {
        let mut nonce = [0; 12];
        nonce[..8].copy_from_slice(&(number as u64).to_be_bytes());
        let tag = cipher.encrypt_inout_detached((&nonce).into(), &[0; 80], frame.into());
        black_box(tag).expect("a frame is short");
    }
}

fn seal(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("seal");
    group.throughput(Throughput::Bytes(LEN as u64)).sample_size(20);
    let plain = noise(LEN, 1);
    let key = RawKey::generate().expect("random bytes");
    let cipher = Aes256Gcm::new(key.expose().into());
    let mut bytes = plain.clone();
    group.bench_function("bare aes-gcm", |bench| bench.iter(|| bare(&cipher, &mut bytes)));
    group.bench_function(BenchmarkId::new("sink", 1), |bench| {
        bench.iter(|| {
            let mut sink = SealedSink::new(Null(0), sealer(&key));
            sink.write_all(&plain)?;
            sink.finish()
        });
    });
    let pool = pool_of(2);
    let run = |jobs: Vec<FrameJob<'_>>| {
        pool.install(|| jobs.into_par_iter().for_each(FrameJob::seal));
    };
    group.bench_function(BenchmarkId::new("sink", 2), |bench| {
        bench.iter(|| {
            let mut sink = SealedSink::with_runner(Null(0), sealer(&key), 16, run);
            sink.write_all(&plain)?;
            sink.finish()
        });
    });
    group.finish();
}

fn unseal(criterion: &mut Criterion) {
    let key = RawKey::generate().expect("random bytes");
    let mut sink = SealedSink::new(Vec::new(), sealer(&key));
    sink.write_all(&noise(LEN, 1)).and_then(|()| sink.finish()).expect("memory does not fail");
    let sealed = sink.into_inner();
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    std::fs::write(file.path(), &sealed).expect("room in the temporary directory");
    let file = pzip::io::file::FileSource::open(file.path()).expect("just written");
    let memory = SealedSource::open(sealed, Secret::Key(&key), &Default::default());
    let memory = memory.expect("just sealed");
    let file = SealedSource::open(file, Secret::Key(&key), &Default::default());
    let file = file.expect("just sealed");

    let mut group = criterion.benchmark_group("unseal");
    group.throughput(Throughput::Bytes(LEN as u64)).sample_size(20);
    for threads in [1, 2] {
        let pool = pool_of(threads);
        group.bench_function(BenchmarkId::new("memory", threads), |bench| {
            bench.iter(|| {
                pool.install(|| {
                    (0..LEN / (16 * FRAME)).into_par_iter().for_each_init(
                        || vec![0; 16 * FRAME],
                        |buffer, piece| {
                            let at = (piece * 16 * FRAME) as u64;
                            memory.read_exact_at(buffer, at).expect("intact");
                        },
                    );
                });
            });
        });
    }
    group.finish();

    let mut group = criterion.benchmark_group("random 4 KiB reads");
    let mut buffer = vec![0; 4 << 10];
    let mut at = 0_u64;
    let mut next = || {
        at = at.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (at >> 33) % (LEN as u64 - 4_096)
    };
    group.bench_function("memory", |bench| {
        bench.iter(|| memory.read_exact_at(&mut buffer, next()));
    });
    group.bench_function("file", |bench| bench.iter(|| file.read_exact_at(&mut buffer, next())));
    group.finish();
}

criterion_group!(benches, seal, unseal);
criterion_main!(benches);
