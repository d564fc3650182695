//! Feeds `pzip_fuzz::name`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| pzip_fuzz::name(bytes));
