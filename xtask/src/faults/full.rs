//! Memory file systems of every size, page by page, mounted in a namespace of their own.

use std::process::Command;

use crate::failure::{Failure, Result};
use crate::faults::scene::{Job, Scene};

/// Pages in the largest one, more than all jobs need.
const MOST_PAGES: u32 = 1_300;
/// Pages from one to the next: every page at first, where records and small files lie.
const fn step(pages: u32) -> u32 {
    if pages < 120 { 1 } else { 20 }
}

/// `$0` pages, `$1` where, `$2` the old archive or nothing, `$3` where the result is copied to; the
/// rest is the command. 77 where nothing can be mounted, 78 where not even the old archive fits.
const SCRIPT: &str = "mount -t tmpfs -o size=$(($0*4))k tmpfs \"$1\" || exit 77; \
    if [ -n \"$2\" ]; then cp \"$2\" \"$1/a.zip\" 2>/dev/null || exit 78; fi; \
    back=$3; from=$1; shift 3; \"$@\"; code=$?; cp -r \"$from/.\" \"$back\"; exit $code";

/// Runs the job on each; what it counted, in words.
pub(super) fn sweep(scene: &Scene, job: Job) -> Result<String> {
    let (mut pages, mut sizes, mut full, mut done) = (1, 0, 0, 0);
    while pages < MOST_PAGES && done < 3 {
        let back = scene.fresh(Job::Extract)?;
        let mounted = back.with_file_name("mounted");
        let _ = std::fs::create_dir(&mounted);
        let inner = scene.command(job, &mounted);
        let mut command = Command::new("unshare");
        command.args(["-rm", "sh", "-c", SCRIPT]).arg(pages.to_string()).arg(&mounted);
        let old = if job == Job::Extract { Default::default() } else { scene.archive() };
        command.arg(old).arg(&back).arg(inner.get_program()).args(inner.get_args());
        if let Some(directory) = inner.get_current_dir() {
            command.current_dir(directory);
        }
        let output = command
            .output()
            .map_err(|source| Failure::Io { what: "cannot start unshare".into(), source })?;
        let Some(code) = output.status.code() else {
            return Err(Failure::Usage(format!(
                "{job:?} on {pages} pages died: {}",
                output.status
            )));
        };
        match code {
            77 => {
                return Ok(format!("skipped: no mounts here, {job:?} on full disks was not tried"));
            }
            78 => {}
            101 => return Err(Failure::Usage(format!("{job:?} on {pages} pages panicked"))),
            code => {
                let whole = scene.judge(job, &back, code == 0)?;
                sizes += 1;
                full += u32::from(code != 0);
                done += u32::from(whole);
            }
        }
        pages += step(pages);
    }
    if done == 0 {
        return Err(Failure::Usage(format!("{job:?} fits on no disk of {MOST_PAGES} pages")));
    }
    Ok(format!("{job:?}: {sizes} sizes of a disk, {full} of them too small; each failure was told"))
}
