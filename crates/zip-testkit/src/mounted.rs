//! File systems of a size, for disks that are full at any point or not to be written to: small
//! ones in memory, mounted in a namespace of a child's own.

use std::path::PathBuf;
use std::process::Command;

/// Set for the child, to the place that is mounted.
const CHILD: &str = "PZIP_TEST_MOUNTED";

/// In the child, the place that is mounted. Otherwise runs the calling test, of this name in its
/// binary, again for each of these options of `mount -t tmpfs -o`, and returns `None`.
///
/// Where the system gives no namespace or no mount, it prints `skipped` and why.
///
/// # Panics
/// If the test fails in a child.
#[must_use]
pub fn mounted(test: &str, options: &[&str]) -> Option<PathBuf> {
    if let Some(place) = std::env::var_os(CHILD) {
        return Some(place.into());
    }
    options.iter().for_each(|options| run(test, options));
    None
}

fn run(test: &str, options: &str) {
    let directory = tempfile::tempdir().expect("a directory");
    let script = "mount -t tmpfs -o \"$0\" tmpfs \"$1\" || exit 77; exec \"$2\" --exact \"$3\"";
    let output = Command::new("unshare")
        .args(["-rm", "sh", "-c", script, options])
        .arg(directory.path())
        .arg(std::env::current_exe().expect("this binary"))
        .arg(test)
        .env(CHILD, directory.path())
        .output();
    match output {
        Ok(output) if output.status.success() => {
            let text = String::from_utf8_lossy(&output.stdout);
            assert!(text.contains("1 passed"), "{test} is no test: {text}");
        }
        Ok(output) if matches!(output.status.code(), Some(1 | 77)) => {
            println!("skipped: no mounts here: {}", String::from_utf8_lossy(&output.stderr));
        }
        Ok(output) => panic!(
            "{options}: {}\n{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        ),
        Err(error) => println!("skipped: no unshare here: {error}"),
    }
}
