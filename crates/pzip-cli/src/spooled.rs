//! An archive on standard input: read to its end into an unnamed temporary file first, since its
//! directory is the last thing in it.

use std::fs::File;
use std::io::{self, Read, Seek};

use crate::output::complain;

/// Standard input as a file that can be read at any position. That it
/// was spooled is said on standard error.
pub(crate) fn standard_input() -> io::Result<File> {
    let mut input = io::stdin().lock();
    let mut spool = tempfile::tempfile()?;
    let mut buffer = vec![0; 256 << 10];
    let mut total = 0_u64;
    loop {
        let read = match input.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        io::Write::write_all(&mut spool, buffer.get(..read).unwrap_or(&[]))?;
        total += read as u64;
    }
    spool.rewind()?;
    complain(format_args!("standard input: {total} bytes spooled to a temporary file"));
    Ok(spool)
}
