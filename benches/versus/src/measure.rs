//! Time and peak memory, of closures and of whole processes.

use std::error::Error;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// One contender of a comparison.
pub struct Contender<'c> {
    pub name: String,
    run: Box<dyn FnMut() -> Result<Outcome, Box<dyn Error>> + 'c>,
}

/// What one run gave beside its time.
#[derive(Clone, Copy, Default)]
pub struct Outcome {
    /// Something every contender must agree on, or a size to show.
    pub bytes: u64,
    /// Peak resident memory in KiB, of processes.
    pub peak_kib: u64,
    /// Time, where the contender takes it itself.
    pub time: Option<Duration>,
}

/// Median time and last outcome.
#[derive(Clone, Copy)]
pub struct Figure {
    pub seconds: f64,
    pub outcome: Outcome,
}

impl<'c> Contender<'c> {
    /// A closure that returns the number of bytes it worked through.
    pub fn call(name: impl Into<String>, mut run: impl FnMut() -> u64 + 'c) -> Self {
        let run = move || Ok(Outcome { bytes: run(), ..Outcome::default() });
        Self { name: name.into(), run: Box::new(run) }
    }

    /// A contender that takes its own time, in seconds.
    pub fn timed(
        name: impl Into<String>,
        mut run: impl FnMut() -> Result<f64, Box<dyn Error>> + 'c,
    ) -> Self {
        Self::reported(name, move || {
            let time = Some(Duration::from_secs_f64(run()?));
            Ok(Outcome { time, ..Outcome::default() })
        })
    }

    /// A contender that tells its own outcome, time included.
    pub fn reported(
        name: impl Into<String>,
        run: impl FnMut() -> Result<Outcome, Box<dyn Error>> + 'c,
    ) -> Self {
        Self { name: name.into(), run: Box::new(run) }
    }

    /// A process; `prepare` is not timed, `check` gives the bytes.
    pub fn process(
        name: impl Into<String>,
        mut prepare: impl FnMut() + 'c,
        mut command: impl FnMut() -> Command + 'c,
        mut check: impl FnMut() -> u64 + 'c,
    ) -> Self {
        let run = move || {
            prepare();
            let mut command = command();
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            let start = Instant::now();
            let mut child = command.spawn()?;
            let status = format!("/proc/{}/status", child.id());
            let mut peak_kib = 0;
            // The high-water mark only rises, so the last look is the peak but for a millisecond.
            let code = loop {
                peak_kib = peak_of(&status).unwrap_or(peak_kib);
                if let Some(code) = child.try_wait()? {
                    break code;
                }
                std::thread::sleep(Duration::from_micros(500));
            };
            let time = Some(start.elapsed());
            if !code.success() {
                // Of what was said to it, the start: there may be thousands of names.
                let said: String = format!("{command:?}").chars().take(300).collect();
                return Err(format!("{said} ended with {code}").into());
            }
            Ok(Outcome { bytes: check(), peak_kib, time })
        };
        Self { name: name.into(), run: Box::new(run) }
    }
}

fn peak_of(status: &str) -> Option<u64> {
    let text = std::fs::read_to_string(status).ok()?;
    let line = text.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// Runs all contenders in turn, `runs` times after one warm-up; one figure each, in order.
pub fn interleave(
    contenders: &mut [Contender<'_>],
    runs: usize,
) -> Result<Vec<Figure>, Box<dyn Error>> {
    let mut times = vec![Vec::new(); contenders.len()];
    let mut outcomes = vec![Outcome::default(); contenders.len()];
    for run in 0..=runs {
        for (number, contender) in contenders.iter_mut().enumerate() {
            let start = Instant::now();
            let outcome =
                (contender.run)().map_err(|error| format!("{}: {error}", contender.name))?;
            let time = outcome.time.unwrap_or_else(|| start.elapsed());
            outcomes[number] = outcome;
            if run > 0 {
                times[number].push(time.as_secs_f64());
            }
        }
    }
    let median = |mut times: Vec<f64>| {
        times.sort_by(f64::total_cmp);
        times[times.len() / 2]
    };
    let seconds = times.into_iter().map(median);
    Ok(seconds.zip(outcomes).map(|(seconds, outcome)| Figure { seconds, outcome }).collect())
}

/// True when the command is there.
pub fn installed(command: &str) -> bool {
    let found = Command::new("sh").args(["-c", &format!("command -v {command}")]).output();
    let found = found.is_ok_and(|output| output.status.success());
    if !found {
        eprintln!("skipped: {command} is not installed");
    }
    found
}
