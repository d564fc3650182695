//! Feeds `pzip_fuzz::member_decode`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| pzip_fuzz::member_decode(bytes));
