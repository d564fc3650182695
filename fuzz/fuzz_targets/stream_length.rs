//! Feeds `pzip_fuzz::stream_length`.
#![no_main]

libfuzzer_sys::fuzz_target!(|files: pzip_fuzz::Files| pzip_fuzz::stream_length(&files));
