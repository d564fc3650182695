//! Bodies of the fuzz targets: plain functions over bytes that panic when a promise is broken.
//!
//! | target | promise |
//! |---|---|
//! | `eocd`, `local`, `central`, `extra` | parsing never panics; what was parsed is written back the same |
//! | `name` | every name is refused or stays inside |
//! | `locate`, `directory` | any bytes end in an answer, in bounded reads |
//! | `archive_agree` | memory, positioned and one-byte sources agree on value and error |
//! | `member_decode` | every method ends in exact contents or an error, whole and pushed alike |
//! | `open_sealed` | nothing opens that was not sealed; what was sealed is read the same or refused |
//! | `volumes` | any volumes end in an answer; split and joined is the same; a changed volume is an error or the same |
//! | `roundtrip` | what the writer writes, the reader reads strictly, the same |

mod archive;
mod codec;
mod records;
mod sealed;
mod volumes;

pub use archive::{Plan, archive_agree, directory, locate, roundtrip};
pub use codec::member_decode;
pub use records::{central, eocd, extra, local, name};
pub use sealed::open_sealed;
pub use volumes::volumes;
