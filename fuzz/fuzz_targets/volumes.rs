//! Feeds `pzip_fuzz::volumes`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| pzip_fuzz::volumes(bytes));
