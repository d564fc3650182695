//! What happens to each item, told as it happens.

/// Told of the progress of items, from any thread, outside of locks.
///
/// An item is an entry of a reader or an input of a writer; `index` is its number. All methods do
/// nothing by default. A slow observer slows its own thread down and no other.
pub trait Observer: Send + Sync {
    /// Work on the item has begun. Its name is made when it is asked for.
    fn start(&self, index: usize, name: &dyn Fn() -> String) {
        let _ = (index, name);
    }

    /// `bytes` more of the item's contents were worked through.
    fn advance(&self, index: usize, bytes: u64) {
        let _ = (index, bytes);
    }

    /// `bytes` more of the item's payload came out. Only writers tell.
    fn produce(&self, index: usize, bytes: u64) {
        let _ = (index, bytes);
    }

    /// The item is done; nothing more comes of it.
    fn finish(&self, index: usize) {
        let _ = index;
    }

    /// The item failed; nothing more comes of it.
    fn fail(&self, index: usize, error: &dyn std::error::Error) {
        let _ = (index, error);
    }
}

/// Observes nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Observer for Silent {}
