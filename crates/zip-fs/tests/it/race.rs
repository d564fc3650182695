//! Others swap directories for links while an archive is extracted.

use std::fs;
use std::os::unix::fs::symlink;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use zip_fs::policy::Overwrite;
use zip_fs::{Error, Policy};
use zip_testkit::lay::LaidEntry;

use crate::common::{Place, all, lay};

/// Extractions: each round is one.
const ROUNDS: usize = 10_000;

#[test]
fn a_directory_swapped_for_a_link_leads_nowhere() {
    let names = ["d/x", "d/canary", "d/deep/canary", "d/e/f/g", "canary", "d/e/canary"];
    let mut entries: Vec<_> = names.map(|name| LaidEntry::stored(name, "evil")).into();
    entries.extend(["d/", "d/deep/", "d/e/"].map(LaidEntry::directory));
    let files = lay(entries.clone());
    entries.push(LaidEntry::symlink("d/e/link", "f"));
    let with_link = lay(entries);
    // Enough files for `d` to have no name before it is complete.
    let staged = (0..12).map(|n| LaidEntry::stored(format!("d/{n}"), "evil"));
    let staged = lay(staged.chain([LaidEntry::stored("d/canary", "evil")]));
    let place = Place::new();
    fs::create_dir(place.destination()).unwrap();
    let (stop, swaps) = (AtomicBool::new(false), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let (inner, aside) = (place.at("d"), place.at("aside"));
            while !stop.load(Ordering::Relaxed) {
                // A directory made by the run is put aside, and a link put in its place.
                if fs::rename(&inner, &aside).is_ok() && symlink(place.outside(), &inner).is_ok() {
                    swaps.fetch_add(1, Ordering::Relaxed);
                    std::thread::yield_now();
                }
                let _ = fs::remove_file(&inner);
                let _ = fs::remove_dir_all(&aside);
            }
        });
        // The other thread ends, and with it the test, also when a round fails.
        let _stop = Stop(&stop);
        for round in 0..ROUNDS {
            let overwrite = if round % 4 < 2 { Overwrite::Never } else { Overwrite::Always };
            let policy = Policy { overwrite, ..Policy::default() };
            // Entries may fail, each for its own reason; what counts is outside.
            if round % 2 == 0 {
                let archive = if round % 8 < 4 { &files } else { &staged };
                let report = all(archive, &place, &policy);
                assert!(report.is_ok(), "{report:?}");
            } else {
                // That `d` is a link may show before anything is written.
                let report = all(&with_link, &place, &policy);
                assert!(matches!(report, Ok(_) | Err(Error::Refused { .. })), "{report:?}");
            }
            for name in ["canary", "deep/canary"] {
                let contents = fs::read_to_string(place.outside().join(name)).unwrap();
                assert_eq!(contents, format!("outside/{name}"), "round {round}");
            }
        }
    });
    place.assert_untouched("race");
    assert!(swaps.into_inner() > 0, "nothing was ever swapped");
}

/// Set when it is dropped.
struct Stop<'a>(&'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
