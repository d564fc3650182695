//! Readers and writers for `std::io` that misbehave on purpose, the same way each time.
//!
//! Sources and sinks of the crates above have their own; these only know `Read`, `Write` and `Seek`.

use std::io::{self, Error, ErrorKind, Read, Seek, SeekFrom, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::data::Rng;

/// One byte per call, however much is asked for or offered.
#[derive(Clone, Debug)]
pub struct OneByte<T>(
    /// What is read from or written to.
    pub T,
);

impl<T: Read> Read for OneByte<T> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let end = buf.len().min(1);
        self.0.read(&mut buf[..end])
    }
}

impl<T: Write> Write for OneByte<T> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.0.write(&buf[..buf.len().min(1)])
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl<T: Seek> Seek for OneByte<T> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.0.seek(to)
    }
}

/// Between one byte and a seeded number of them per call.
#[derive(Clone, Debug)]
pub struct Short<T> {
    inner: T,
    max: usize,
    rng: Rng,
}

impl<T> Short<T> {
    /// At most `max_bytes` per call (at least one).
    pub fn new(inner: T, max_bytes: usize, seed: u64) -> Self {
        Self { inner, max: max_bytes.max(1), rng: Rng::new(seed) }
    }

    /// What is inside.
    pub fn into_inner(self) -> T {
        self.inner
    }

    fn cut(&mut self, len: usize) -> usize {
        len.min(self.rng.between(1, self.max as u64) as usize)
    }
}

impl<T: Read> Read for Short<T> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let end = self.cut(buf.len());
        self.inner.read(&mut buf[..end])
    }
}

impl<T: Write> Write for Short<T> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let end = self.cut(buf.len());
        self.inner.write(&buf[..end])
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl<T: Seek> Seek for Short<T> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}

/// Every other read and write, beginning with the first, ends in `ErrorKind::Interrupted` and must be tried again.
#[derive(Clone, Debug)]
pub struct Interrupted<T> {
    inner: T,
    calm: bool,
}

impl<T> Interrupted<T> {
    /// Interrupts `inner`.
    pub fn new(inner: T) -> Self {
        Self { inner, calm: false }
    }

    /// What is inside.
    pub fn into_inner(self) -> T {
        self.inner
    }

    fn step(&mut self) -> io::Result<()> {
        self.calm = !self.calm;
        if self.calm {
            return Err(ErrorKind::Interrupted.into());
        }
        Ok(())
    }
}

impl<T: Read> Read for Interrupted<T> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.step()?;
        self.inner.read(buf)
    }
}

impl<T: Write> Write for Interrupted<T> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.step()?;
        self.inner.write(buf)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl<T: Seek> Seek for Interrupted<T> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}

/// When an operation fails. Clones share their count, so a test keeps one and gives the other away.
#[derive(Clone, Debug)]
pub struct Plan {
    at: u64,
    lasting: bool,
    kind: ErrorKind,
    done: Arc<AtomicU64>,
}

impl Plan {
    /// The `at`-th operation fails (counted from 0), the ones after it work again.
    #[must_use]
    pub fn once(at: u64, kind: ErrorKind) -> Self {
        Self { at, lasting: false, kind, done: Arc::default() }
    }

    /// The `at`-th operation and all after it fail.
    #[must_use]
    pub fn lasting(at: u64, kind: ErrorKind) -> Self {
        Self { lasting: true, ..Self::once(at, kind) }
    }

    /// No operation fails: for counting them.
    #[must_use]
    pub fn never() -> Self {
        Self::once(u64::MAX, ErrorKind::Other)
    }

    /// Operations so far, failed ones included.
    #[must_use]
    pub fn operations(&self) -> u64 {
        self.done.load(Ordering::SeqCst)
    }

    /// At least one operation has failed.
    #[must_use]
    pub fn tripped(&self) -> bool {
        self.operations() > self.at
    }

    /// Counts one operation.
    ///
    /// # Errors
    /// If it is one of those that fail.
    pub fn step(&self) -> io::Result<()> {
        let now = self.done.fetch_add(1, Ordering::SeqCst);
        if now == self.at || (self.lasting && now > self.at) {
            return Err(Error::new(self.kind, format!("operation {now} was told to fail")));
        }
        Ok(())
    }
}

/// Fails where its [`Plan`] says; each read, write, flush and seek is one operation.
#[derive(Clone, Debug)]
pub struct Failing<T> {
    inner: T,
    plan: Plan,
}

impl<T> Failing<T> {
    /// Puts `inner` under a plan.
    pub fn new(inner: T, plan: Plan) -> Self {
        Self { inner, plan }
    }

    /// What is inside.
    pub fn into_inner(self) -> T {
        self.inner
    }
}

impl<T: Read> Read for Failing<T> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.plan.step()?;
        self.inner.read(buf)
    }
}

impl<T: Write> Write for Failing<T> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.plan.step()?;
        self.inner.write(buf)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.plan.step()?;
        self.inner.flush()
    }
}

impl<T: Seek> Seek for Failing<T> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.plan.step()?;
        self.inner.seek(to)
    }
}

/// Runs `run` with a plan that fails operation 0, then 1, then 2, ..., until one run ends before its operation comes.
/// Gives the number of operations of the run without a fault. `run` asserts what must hold after a failure.
///
/// # Panics
/// If `limit` runs were not enough: then `run` does not come to an end, or the limit is too low.
pub fn fail_each_operation(kind: ErrorKind, limit: u64, mut run: impl FnMut(&Plan)) -> u64 {
    for at in 0..limit {
        let plan = Plan::once(at, kind);
        run(&plan);
        if !plan.tripped() {
            return plan.operations();
        }
    }
    panic!("more than {limit} operations, or retried for ever");
}

/// Takes `room` bytes, then answers as a full disk does.
#[derive(Clone, Debug)]
pub struct Full<T> {
    inner: T,
    room: u64,
}

impl<T> Full<T> {
    /// Room for `room_bytes`.
    pub fn new(inner: T, room_bytes: u64) -> Self {
        Self { inner, room: room_bytes }
    }

    /// What is inside.
    pub fn into_inner(self) -> T {
        self.inner
    }
}

impl<T: Write> Write for Full<T> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let end = (buf.len() as u64).min(self.room) as usize;
        if end == 0 && !buf.is_empty() {
            return Err(ErrorKind::StorageFull.into());
        }
        let taken = self.inner.write(&buf[..end])?;
        self.room -= taken as u64;
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// Takes `room` bytes, then answers `Ok(0)` to everything, which is no error and no progress either.
#[derive(Clone, Debug)]
pub struct Stuck<T> {
    inner: T,
    room: u64,
}

impl<T> Stuck<T> {
    /// Stuck after `room_bytes`.
    pub fn new(inner: T, room_bytes: u64) -> Self {
        Self { inner, room: room_bytes }
    }
}

impl<T: Write> Write for Stuck<T> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let end = (buf.len() as u64).min(self.room) as usize;
        if end == 0 {
            return Ok(0);
        }
        let taken = self.inner.write(&buf[..end])?;
        self.room -= taken as u64;
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// Says it is longer or shorter than it is: seeks from the end are off by `lie_bytes`, and so is where they say they
/// ended. What is read is what is there.
#[derive(Clone, Debug)]
pub struct LyingLength<T> {
    inner: T,
    lie: i64,
    claimed: Option<u64>,
}

impl<T> LyingLength<T> {
    /// `lie_bytes` are added to the true length, which never becomes negative.
    pub fn new(inner: T, lie_bytes: i64) -> Self {
        Self { inner, lie: lie_bytes, claimed: None }
    }
}

impl<T: Read> Read for LyingLength<T> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.inner.read(buf)
    }
}

impl<T: Seek> Seek for LyingLength<T> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let SeekFrom::End(offset) = to else {
            return self.inner.seek(to);
        };
        let claimed = match self.claimed {
            Some(len) => len,
            None => self.inner.seek(SeekFrom::End(0))?.saturating_add_signed(self.lie),
        };
        self.claimed = Some(claimed);
        let at = claimed.checked_add_signed(offset).ok_or(ErrorKind::InvalidInput)?;
        self.inner.seek(SeekFrom::Start(at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    const TEXT: &[u8] = b"the quick brown fox";

    fn read_all(mut reader: impl Read) -> Vec<u8> {
        let mut out = Vec::new();
        reader.read_to_end(&mut out).expect("no lasting fault");
        out
    }

    #[test]
    fn patient_readers_get_everything() {
        assert_eq!(read_all(OneByte(TEXT)), TEXT);
        assert_eq!(read_all(Short::new(TEXT, 5, 1)), TEXT);
        assert_eq!(read_all(Interrupted::new(TEXT)), TEXT);
        assert_eq!(read_all(Failing::new(TEXT, Plan::never())), TEXT);
    }

    #[test]
    fn patient_writers_deliver_everything() {
        let mut one = OneByte(Vec::new());
        one.write_all(TEXT).expect("no fault");
        assert_eq!(one.0, TEXT);
        let mut short = Short::new(Vec::new(), 5, 1);
        short.write_all(TEXT).expect("no fault");
        assert_eq!(short.into_inner(), TEXT);
        let mut interrupted = Interrupted::new(Vec::new());
        interrupted.write_all(TEXT).expect("tried again");
        assert_eq!(interrupted.into_inner(), TEXT);
    }

    #[test]
    fn each_operation_fails_once() {
        let mut failures = 0;
        let operations = fail_each_operation(ErrorKind::TimedOut, 100, |plan| {
            let mut writer = Failing::new(Vec::new(), plan.clone());
            let result =
                TEXT.chunks(5).try_for_each(|c| writer.write_all(c)).and_then(|()| writer.flush());
            assert_eq!(result.is_err(), plan.tripped());
            failures += u64::from(result.is_err());
        });
        assert_eq!((operations, failures), (5, 5), "four writes and a flush");
    }

    #[test]
    fn lasting_faults_last() {
        let plan = Plan::lasting(1, ErrorKind::BrokenPipe);
        let mut writer = Failing::new(Vec::new(), plan.clone());
        writer.write_all(b"a").expect("before the fault");
        for _ in 0..3 {
            let error = writer.write_all(b"b").expect_err("after the fault");
            assert_eq!(error.kind(), ErrorKind::BrokenPipe);
        }
        assert_eq!(plan.operations(), 4);
    }

    #[test]
    fn full_and_stuck() {
        let mut full = Full::new(Vec::new(), 7);
        let error = full.write_all(TEXT).expect_err("no room");
        assert_eq!(error.kind(), ErrorKind::StorageFull);
        assert_eq!(full.into_inner(), &TEXT[..7]);
        let error = Stuck::new(Vec::new(), 7).write_all(TEXT).expect_err("no progress");
        assert_eq!(error.kind(), ErrorKind::WriteZero);
    }

    #[test]
    fn length_lies_in_both_directions() {
        for lie in [-4i64, 0, 4] {
            let mut reader = LyingLength::new(Cursor::new(TEXT), lie);
            let len = reader.seek(SeekFrom::End(0)).expect("in memory");
            assert_eq!(len, (TEXT.len() as u64).saturating_add_signed(lie));
            let at = reader.seek(SeekFrom::End(-5)).expect("in memory");
            assert_eq!(at, len - 5);
        }
    }
}
