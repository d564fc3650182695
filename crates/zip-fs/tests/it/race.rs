//! Others swap directories for links while an archive is extracted.

use std::fs;
use std::os::unix::fs::symlink;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use zip_fs::Policy;
use zip_fs::policy::Overwrite;
use zip_testkit::lay::LaidEntry;

use crate::common::{Place, all, lay};

const ROUNDS: usize = 10_000;

#[test]
fn a_directory_swapped_for_a_link_leads_nowhere() {
    let names = ["d/x", "d/canary", "d/deep/canary", "d/e/f/g", "canary", "d/e/canary"];
    let mut entries: Vec<_> = names.map(|name| LaidEntry::stored(name, "evil")).into();
    entries.extend(["d/", "d/deep/", "d/e/"].map(LaidEntry::directory));
    entries.push(LaidEntry::symlink("d/e/link", "f"));
    let archive = lay(entries);
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
        for round in 0..ROUNDS {
            let overwrite = if round % 2 == 0 { Overwrite::Never } else { Overwrite::Always };
            // Entries may fail, each for its own reason; what counts is outside.
            let report = all(&archive, &place, &Policy { overwrite, ..Policy::default() });
            assert!(report.is_ok(), "{report:?}");
            for name in ["canary", "deep/canary"] {
                let contents = fs::read_to_string(place.outside().join(name)).unwrap();
                assert_eq!(contents, format!("outside/{name}"), "round {round}");
            }
        }
        stop.store(true, Ordering::Relaxed);
    });
    place.assert_untouched("race");
    assert!(swaps.into_inner() > 0, "nothing was ever swapped");
}
