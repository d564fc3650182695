//! Feeds `pzip_fuzz::eocd`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| pzip_fuzz::eocd(bytes));
