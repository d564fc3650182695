//! A file with holes, read without asking the disk for zeros.
//!
//! The system tells where data begins and ends (`SEEK_DATA`, `SEEK_HOLE`); what lies between is
//! given out as zeros from memory. Where it does not tell, everything is read.

use std::fs::File;
use std::io::{self, Read};

/// A file, read from the start.
#[derive(Debug)]
pub(super) struct Sparse {
    file: File,
    /// Offset of the next byte.
    at: u64,
    /// From here on the file is read like any other.
    dense_from: u64,
    /// Up to here there is data; up to `hole_end`, none.
    data_end: u64,
    hole_end: u64,
}

impl Sparse {
    /// A file that is read like any other.
    pub(super) const fn dense(file: File) -> Self {
        Self { file, at: 0, dense_from: 0, data_end: 0, hole_end: 0 }
    }

    /// A file with holes, as far as `len`; what it has grown beyond that is read, too.
    pub(super) const fn new(file: File, len: u64) -> Self {
        let dense_from =
            if cfg!(any(target_os = "linux", target_os = "android")) { len } else { 0 };
        Self { file, at: 0, dense_from, data_end: 0, hole_end: 0 }
    }

    /// The file.
    pub(super) const fn file(&self) -> &File {
        &self.file
    }

    /// Looks for the next data behind the position, and leaves the file there.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    fn look(&mut self) -> io::Result<()> {
        use rustix::fs::{SeekFrom, seek};
        use rustix::io::Errno;
        self.hole_end = match seek(&self.file, SeekFrom::Data(self.at)) {
            Ok(start) => start.min(self.dense_from),
            // Nothing but a hole up to the end, which may be nearer than it was.
            Err(Errno::NXIO) => seek(&self.file, SeekFrom::End(0))?.clamp(self.at, self.dense_from),
            Err(_) => {
                self.dense_from = self.at;
                self.at
            }
        };
        self.data_end = match seek(&self.file, SeekFrom::Hole(self.hole_end)) {
            Ok(end) => end.min(self.dense_from),
            Err(_) => self.hole_end,
        };
        if self.data_end == self.at {
            // No progress: the file is shorter than it was. What is left of it is read.
            self.dense_from = self.at;
        }
        seek(&self.file, SeekFrom::Start(self.hole_end.max(self.at)))?;
        Ok(())
    }

    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    fn look(&mut self) -> io::Result<()> {
        self.dense_from = self.at;
        Ok(())
    }
}

impl Read for Sparse {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.at < self.dense_from && self.at >= self.data_end {
            self.look()?;
        }
        let left = if self.at < self.hole_end {
            let zeros =
                buf.len().min(usize::try_from(self.hole_end - self.at).unwrap_or(usize::MAX));
            let (zeroed, _) = buf.split_at_mut(zeros);
            zeroed.fill(0);
            self.at += zeros as u64;
            return Ok(zeros);
        } else if self.at < self.dense_from {
            usize::try_from(self.data_end - self.at).unwrap_or(usize::MAX)
        } else {
            usize::MAX
        };
        let len = buf.len().min(left);
        let read = self.file.read(buf.get_mut(..len).unwrap_or(&mut []))?;
        self.at += read as u64;
        Ok(read)
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::FileExt;

    use super::*;

    fn read_back(file: &File, len: u64, piece: usize) -> Vec<u8> {
        let file = file.try_clone().unwrap();
        rewind(&file);
        let mut sparse = Sparse::new(file, len);
        let (mut all, mut buffer) = (Vec::new(), vec![9; piece]);
        loop {
            match sparse.read(&mut buffer).unwrap() {
                0 => return all,
                read => all.extend_from_slice(&buffer[..read]),
            }
        }
    }

    fn rewind(mut file: &File) {
        io::Seek::rewind(&mut file).unwrap();
    }

    #[test]
    fn holes_are_zeros_wherever_they_are() {
        for places in [&[0][..], &[1 << 20], &[0, 700_000, 3 << 20], &[], &[(4 << 20) - 5]] {
            let file = tempfile::tempfile().unwrap();
            file.set_len(4 << 20).unwrap();
            let mut expected = vec![0; 4 << 20];
            for &place in places {
                file.write_all_at(b"data!", place).unwrap();
                expected[place as usize..][..5].copy_from_slice(b"data!");
            }
            for piece in [1 << 16, 5_000, 8 << 20] {
                assert!(read_back(&file, 4 << 20, piece) == expected, "{places:?} by {piece}");
            }
        }
    }

    #[test]
    fn a_file_that_is_not_as_long_as_it_was() {
        let file = tempfile::tempfile().unwrap();
        file.set_len(1 << 20).unwrap();
        file.write_all_at(b"x", 5_000).unwrap();
        let mut expected = vec![0; 1 << 20];
        expected[5_000] = b'x';
        assert!(read_back(&file, 2 << 20, 4096) == expected, "shorter");
        assert!(read_back(&file, 10_000, 4096) == expected, "longer");
        file.set_len(0).unwrap();
        assert_eq!(read_back(&file, 1 << 20, 4096), b"");
    }
}
