//! What the tests of every other crate stand on: ZIP archives laid by hand, hostile ones, faulty readers and writers,
//! seeded payloads, foreign tools.
//!
//! In: a wish ("a valid archive, but the local CRC differs"). Out: bytes, and what a right reader must do with them.
//! Below: nothing of ours, on purpose, so that the oracle is never our own writer. Above: only tests and benches.
//!
//! ```text
//! data, zeros   payloads
//! lay           archives byte by byte, each field overridable      sparse   multi-GiB archives as spans
//! hostile       archives made to break readers, with the verdict   faults   readers and writers that misbehave
//! oracle        python zipfile, unzip, 7zz, bsdtar, where installed; digests of directory trees
//! ```
//!
//! ```
//! use zip_testkit::lay::{Lay, LaidEntry};
//!
//! let (bytes, map) = Lay::new()
//!     .push(LaidEntry::stored("a.txt", "hello"))
//!     .push(LaidEntry::deflated("b.txt", "b".repeat(1000)).with(|b| b.local.crc32 ^= 1))
//!     .build_with_map();
//! assert_eq!(&bytes[map.payloads[0].clone()], b"hello");
//! assert_eq!(&bytes[map.eocd..][..4], b"PK\x05\x06");
//! ```

pub mod data;
pub mod faults;
pub mod hostile;
pub mod lay;
pub mod mounted;
pub mod oracle;
pub mod sparse;
pub mod zeros;
