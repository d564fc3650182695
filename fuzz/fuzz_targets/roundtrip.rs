//! Feeds `pzip_fuzz::roundtrip`.
#![no_main]

libfuzzer_sys::fuzz_target!(|plan: pzip_fuzz::Plan| pzip_fuzz::roundtrip(&plan));
