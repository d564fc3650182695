//! Feeds `pzip_fuzz::central`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| pzip_fuzz::central(bytes));
