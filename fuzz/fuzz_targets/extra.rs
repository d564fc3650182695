//! Feeds `pzip_fuzz::extra`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| pzip_fuzz::extra(bytes));
