//! Payloads of other tools, and everything that must not open.

mod round_trip;
mod vectors;
