//! Feeds `pzip_fuzz::edit`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| pzip_fuzz::edit(bytes));
