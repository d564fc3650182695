//! Sealed archives as a user meets them.

mod damage;
mod opening;
mod python;
mod round_trip;
mod support;
mod writing;
