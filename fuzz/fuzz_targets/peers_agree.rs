//! Feeds `pzip_fuzz::peers_agree`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| pzip_fuzz::peers_agree(bytes));
