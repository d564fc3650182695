//! Ceilings: what one input may cost. Memory is counted by the allocator, thread by thread, so that
//! tests beside each other do not count for each other; time is that of the thread's own work, and
//! only looked at under the engine, where nothing else decides when a test ends.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    static LIVE: Cell<isize> = const { Cell::new(0) };
    static PEAK: Cell<isize> = const { Cell::new(0) };
}

/// The system's allocator, counted.
struct Counted;

fn count(bytes: isize) {
    // A thread that ends may still free what it had: then nobody counts.
    let _ = LIVE.try_with(|live| {
        live.set(live.get() + bytes);
        PEAK.with(|peak| peak.set(peak.get().max(live.get())));
    });
}

// SAFETY: every call goes to `System` with the arguments it came with; counting does not allocate.
unsafe impl GlobalAlloc for Counted {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        // SAFETY: the caller keeps the contract of `alloc`, which is that of `System`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(-(layout.size() as isize));
        // SAFETY: `pointer` came from `System` with this layout.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        // SAFETY: the caller keeps the contract of `alloc_zeroed`, which is that of `System`.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        count(new_size as isize - layout.size() as isize);
        // SAFETY: `pointer` came from `System` with this layout, and the caller keeps the rest.
        unsafe { System.realloc(pointer, layout, new_size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counted = Counted;

const MIB: usize = 1 << 20;

/// Does the work, and panics when it took more than `mib` and 64 bytes for each byte of the input
/// at once; under the engine also when it took more than ten seconds and one for each 64 KiB.
pub(crate) fn within<T>(mib: usize, input_bytes: usize, work: impl FnOnce() -> T) -> T {
    let before = LIVE.get();
    PEAK.set(before);
    #[cfg(feature = "libfuzzer")]
    let began = cpu_seconds();
    let result = work();
    let taken = (PEAK.get() - before) as usize;
    let most = mib * MIB + 64 * input_bytes;
    assert!(taken <= most, "{taken} bytes at once for an input of {input_bytes}, {most} allowed");
    #[cfg(feature = "libfuzzer")]
    {
        let seconds = cpu_seconds() - began;
        let most = 10.0 + input_bytes as f64 / 65_536.0;
        assert!(seconds <= most, "{seconds} s for an input of {input_bytes}, {most} allowed");
    }
    result
}

/// Seconds this thread has worked.
#[cfg(feature = "libfuzzer")]
fn cpu_seconds() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

#[cfg(test)]
mod tests {
    use super::{MIB, within};

    #[test]
    fn what_fits_is_fine() {
        assert_eq!(within(1, 0, || vec![1_u8; MIB / 2].len()), MIB / 2);
        // Freed in between counts once.
        within(1, 0, || (0..10).map(|_| vec![1_u8; MIB / 2].len()).sum::<usize>());
    }

    #[test]
    #[should_panic(expected = "at once")]
    fn what_does_not_is_told() {
        within(1, 10, || vec![1_u8; 2 * MIB]);
    }
}
