//! SIGKILL at moments spread evenly over the run, and a little beyond its end.

use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::failure::{Failure, Result};
use crate::faults::scene::{Job, Scene};

/// Kills the job so many times; what it counted, in words.
pub(super) fn sweep(scene: &Scene, job: Job, kills: u32) -> Result<String> {
    let mut longest = Duration::ZERO;
    for _ in 0..3 {
        let out = scene.fresh(job)?;
        let began = Instant::now();
        let status = scene.command(job, &out).status();
        longest = longest.max(began.elapsed());
        let success = status.is_ok_and(|status| status.success());
        if !scene.judge(job, &out, success)? {
            return Err(Failure::Usage(format!("{job:?} does not work undisturbed")));
        }
    }
    let (mut killed, mut before, mut after) = (0, 0, 0);
    for number in 0..kills {
        let out = scene.fresh(job)?;
        let mut child = scene
            .command(job, &out)
            .spawn()
            .map_err(|source| Failure::Io { what: "cannot start pzip".into(), source })?;
        // Not a clock that decides what is right: only where the blow falls.
        sleep(longest.mul_f64(f64::from(number) / f64::from(kills) * 1.05));
        let _ = child.kill();
        let status =
            child.wait().map_err(|source| Failure::Io { what: "no child".into(), source })?;
        killed += u32::from(status.code().is_none());
        match scene.judge(job, &out, status.success())? {
            true => after += 1,
            false => before += 1,
        }
    }
    Ok(format!(
        "{job:?}: {kills} runs, {killed} killed while they ran; the old state {before} times, \
         the whole new one {after} times, anything else never"
    ))
}
