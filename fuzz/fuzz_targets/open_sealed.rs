//! Feeds `pzip_fuzz::open_sealed`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| pzip_fuzz::open_sealed(bytes));
