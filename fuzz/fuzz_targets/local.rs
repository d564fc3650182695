//! Feeds `pzip_fuzz::local`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| pzip_fuzz::local(bytes));
