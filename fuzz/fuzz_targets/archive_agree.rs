//! Feeds `pzip_fuzz::archive_agree`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| pzip_fuzz::archive_agree(bytes));
