//! The machine into a [`Sink`], through one buffer that headers and sources share.

use zip_io::Sink;

use crate::content::{Contained, Opened};
use crate::drive::Drive;
use crate::error::{Error, Result};
use crate::machine::{Fed, Want};
use crate::out::{BUFFER, Out};

/// With less room than this, what is there is written before a source is read.
const LEAST_READ: usize = 64 << 10;

/// Writes all there is, and finishes the sink.
pub(crate) fn write_to<C: Contained>(drive: &mut Drive<C>, sink: &mut dyn Sink) -> Result<u64> {
    let mut out = Out::new(sink, &drive.machine);
    loop {
        match drive.want()? {
            Want::Take => {
                let ready = drive.machine.ready();
                let len = ready.len();
                out.put(ready)?;
                drive.machine.took(len);
            }
            Want::Input { most } => pour(drive, most, &mut out)?,
            Want::Done => break,
            Want::Open { .. } | Want::Close => return Err(Error::Ended),
        }
    }
    out.finish()
}

/// Takes the next bytes of what is open to the sink.
fn pour<C: Contained>(drive: &mut Drive<C>, most: u64, out: &mut Out<'_>) -> Result<()> {
    if let Some(Opened::Bytes(bytes)) = &mut drive.open {
        // In steps that stay in the cache between the checksum and the copy.
        let len = usize::try_from(most).unwrap_or(usize::MAX).min(bytes.len()).min(BUFFER);
        let bytes = bytes.split_to(len);
        return match drive.machine.feed(&bytes)? {
            Fed::Pass(len) => out.put(bytes.get(..len).unwrap_or(&bytes)),
            Fed::Used(_) => Ok(()),
        };
    }
    let room = out.room(LEAST_READ)?;
    let read = drive.read(most, room)?;
    if let Fed::Pass(len) = drive.machine.feed(room.get(..read).unwrap_or(&[]))? {
        out.add(len);
    }
    Ok(())
}
