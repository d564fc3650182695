//! Sealed archives: what sealing costs above the cipher alone, whether it scales, and how fast reads
//! at random are. No rival has the like; the bare cipher, frame by frame in place, is the limit.

use std::error::Error;
use std::hint::black_box;
use std::io;

use aes_gcm::aead::AeadInOut;
use aes_gcm::aead::inout::InOutBuf;
use aes_gcm::{Aes256Gcm, KeyInit};
use pzip::crypto::sealed::{PieceJob, RawKey, SealedSink, SealedSource, Sealer, Secret};
use pzip::format::position::Position;
use pzip::io::file::FileSource;
use pzip::io::{Sink, Source};
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use rayon::{ThreadPool, ThreadPoolBuilder};
use zip_testkit::data::noise;

use crate::corpus::Setup;
use crate::measure::{Contender, interleave};
use crate::table::Table;

const FRAME: usize = 64 << 10;
const LEN: usize = 64 << 20;
/// Bytes of a read that several frames share.
const PIECE: usize = 16 * FRAME;
/// How many reads of 4 KiB are one figure.
const READS: usize = 10_000;

pub fn sealed(setup: &Setup) -> Result<Vec<Table>, Box<dyn Error>> {
    let plain = noise(LEN, 1);
    let key = RawKey::generate()?;
    let mut sink = SealedSink::new(Vec::new(), sealer(&key)?);
    sink.write_all(&plain)?;
    sink.finish()?;
    let archive = sink.into_inner();
    let opened = SealedSource::open(&archive[..], Secret::Key(&key), &Default::default())?;
    let path = setup.work.join("sealed");
    std::fs::write(&path, &archive)?;
    let file = FileSource::open(&path)?;
    let file = SealedSource::open(file, Secret::Key(&key), &Default::default())?;
    let tables =
        vec![sealing(&plain, &key)?, opening(&plain, &key, &opened)?, reads(&opened, &file)?];
    std::fs::remove_file(&path)?;
    Ok(tables)
}

fn sealer(key: &RawKey) -> Result<Sealer, Box<dyn Error>> {
    Ok(Sealer::new(Secret::Key(key), &Default::default())?)
}

fn pool_of(threads: usize) -> Result<ThreadPool, Box<dyn Error>> {
    Ok(ThreadPoolBuilder::new().num_threads(threads).build()?)
}

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

fn nonce(number: usize) -> [u8; 12] {
    let mut nonce = [0; 12];
    nonce[..8].copy_from_slice(&(number as u64).to_be_bytes());
    nonce
}

fn sealing(plain: &[u8], key: &RawKey) -> Result<Table, Box<dyn Error>> {
    let cipher = Aes256Gcm::new(key.expose().into());
    let mut contenders: Vec<Contender<'_>> = Vec::new();
    for threads in [1, 2] {
        let pool = pool_of(threads)?;
        let cipher = &cipher;
        let mut bytes = plain.to_vec();
        let bare = move |(number, frame): (usize, &mut [u8])| {
            let tag =
                cipher.encrypt_inout_detached((&nonce(number)).into(), &[0; 80], frame.into());
            black_box(tag).expect("a frame is short");
        };
        contenders.push(Contender::call(
            format!("limit: bare aes-gcm in place, {threads} threads"),
            move || {
                let frames = bytes.chunks_exact_mut(FRAME).enumerate();
                match threads {
                    1 => frames.for_each(bare),
                    _ => {
                        let frames: Vec<_> = frames.collect();
                        pool.install(|| frames.into_par_iter().for_each(bare));
                    }
                }
                LEN as u64
            },
        ));
    }
    let mut out = vec![0; FRAME];
    let from_another = &cipher;
    contenders.push(Contender::call(
        "limit: bare aes-gcm from there into a frame, 1 threads",
        move || {
            for (number, plain) in plain.chunks_exact(FRAME).enumerate() {
                let frame = InOutBuf::new(plain, &mut out).expect("of one length");
                let nonce = nonce(number);
                let tag = from_another.encrypt_inout_detached((&nonce).into(), &[0; 80], frame);
                black_box(tag).expect("a frame is short");
            }
            LEN as u64
        },
    ));
    contenders.push(Contender::call("pzip, SealedSink, 1 threads", move || {
        let mut sink = SealedSink::new(Null(0), sealer(key).expect("random bytes"));
        sink.write_all(plain).and_then(|()| sink.finish()).expect("nothing fails");
        LEN as u64
    }));
    // The thread that writes is the other one.
    let pool = pool_of(1)?;
    contenders.push(Contender::call("pzip, SealedSink with a pool, 2 threads", move || {
        let spawn = |job: PieceJob| pool.spawn(move || job.seal());
        let sealer = sealer(key).expect("random bytes");
        let mut sink = SealedSink::with_spawner(Null(0), sealer, 4, 4, spawn);
        sink.write_all(plain).and_then(|()| sink.finish()).expect("nothing fails");
        LEN as u64
    }));
    let figures = interleave(&mut contenders, 9)?;
    Ok(Table::new("Sealing 64 MiB into a sink that drops it", LEN as u64, &contenders, &figures))
}

fn opening<S: Source>(
    plain: &[u8],
    key: &RawKey,
    opened: &SealedSource<S>,
) -> Result<Table, Box<dyn Error>> {
    let cipher = Aes256Gcm::new(key.expose().into());
    let mut sealed = plain.to_vec();
    let tags: Vec<_> = sealed
        .chunks_exact_mut(FRAME)
        .enumerate()
        .map(|(number, frame)| {
            let tag =
                cipher.encrypt_inout_detached((&nonce(number)).into(), &[0; 80], frame.into());
            tag.expect("a frame is short")
        })
        .collect();
    let mut out = vec![0; FRAME];
    let mut contenders = vec![Contender::call("limit: bare aes-gcm, 1 threads", move || {
        for (number, (frame, tag)) in sealed.chunks_exact(FRAME).zip(&tags).enumerate() {
            out.copy_from_slice(frame);
            let nonce = nonce(number);
            let opened = cipher.decrypt_inout_detached(
                (&nonce).into(),
                &[0; 80],
                (&mut out[..]).into(),
                tag,
            );
            opened.expect("just sealed");
        }
        LEN as u64
    })];
    for threads in [1, 2] {
        let pool = pool_of(threads)?;
        let name = format!("pzip, SealedSource in pieces of 1 MiB, {threads} threads");
        contenders.push(Contender::call(name, move || {
            pool.install(|| {
                (0..LEN / PIECE).into_par_iter().for_each_init(
                    || vec![0; PIECE],
                    |buffer, piece| {
                        opened.read_exact_at(buffer, (piece * PIECE) as u64).expect("intact");
                    },
                );
            });
            LEN as u64
        }));
    }
    let figures = interleave(&mut contenders, 9)?;
    Ok(Table::new("Opening 64 MiB in memory", LEN as u64, &contenders, &figures))
}

fn reads<S: Source, F: Source>(
    memory: &SealedSource<S>,
    file: &SealedSource<F>,
) -> Result<Table, Box<dyn Error>> {
    let mut contenders = vec![
        Contender::call("pzip, from memory, 1 threads", || at_random(memory)),
        Contender::call("pzip, from a file in the page cache, 1 threads", || at_random(file)),
    ];
    let figures = interleave(&mut contenders, 5)?;
    let work = (READS * 4_096) as u64;
    let title = "10,000 reads of 4 KiB of a sealed archive, at random";
    let mut table = Table::new(title, work, &contenders, &figures);
    table.note = format!(
        "A read opens the frame it touches, or two: {}.",
        contenders
            .iter()
            .zip(&figures)
            .map(|(contender, figure)| {
                format!("{:.1} us {}", figure.seconds * 1e6 / READS as f64, &contender.name[6..])
            })
            .collect::<Vec<_>>()
            .join("; ")
    );
    Ok(table)
}

fn at_random<S: Source>(source: &SealedSource<S>) -> u64 {
    let (mut buffer, mut state) = (vec![0; 4_096], 0_u64);
    for _ in 0..READS {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let at = (state >> 33) % (LEN as u64 - 4_096);
        source.read_exact_at(&mut buffer, at).expect("intact");
    }
    (READS * 4_096) as u64
}
