//! Bodies of the fuzz targets: plain functions over bytes that panic when a promise is broken.
//!
//! | target | promise |
//! |---|---|
//! | `eocd`, `local`, `central`, `extra` | parsing never panics; what was parsed is written back the same |
//! | `name` | every name is refused or stays inside |
//! | `locate`, `directory` | any bytes end in an answer, in bounded reads |
//! | `archive_agree` | memory, positioned, one-byte and cut sources and the asynchronous reader agree on value and error |
//! | `peers_agree` | the crates `zip` and `rawzip` read the same where they accept what we accept strictly |
//! | `edit` | what is carried into another archive opens strictly and reads the same |
//! | `stream_length` | a stream is as long as planned, cut anywhere; a source that lies ends it |
//! | `member_decode` | every method ends in exact contents or an error, whole and pushed alike |
//! | `open_sealed` | nothing opens that was not sealed; what was sealed is read the same or refused |
//! | `volumes` | any volumes end in an answer; split and joined is the same; a changed volume is an error or the same |
//! | `roundtrip` | what the writer writes, the reader reads strictly, the same |

mod agree;
mod archive;
mod bound;
mod codec;
mod edit;
mod peers;
mod records;
mod sealed;
mod stream;
mod volumes;

pub use agree::archive_agree;
pub use archive::{Plan, directory, locate, roundtrip};
pub use codec::member_decode;
pub use edit::edit;
pub use peers::{Told, ours, peers_agree};
pub use pzip::format::crc32::crc32;
pub use records::{central, eocd, extra, local, name};
pub use sealed::open_sealed;
pub use stream::{Files, stream_length};
pub use volumes::volumes;
