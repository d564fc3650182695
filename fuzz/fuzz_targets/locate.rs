//! Feeds `pzip_fuzz::locate`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| pzip_fuzz::locate(bytes));
