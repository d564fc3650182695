//! Many inputs at once into one archive.
pub mod item;
pub use item::Item;
