//! Feeds `pzip_fuzz::directory`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| pzip_fuzz::directory(bytes));
