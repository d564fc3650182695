//! A progress bar on a terminal, nothing elsewhere; and Ctrl-C.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use pzip::io::{CancelToken, Observer};

/// Shows bytes worked through.
pub(crate) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// A bar over `total` bytes; hidden when quiet or when standard error is no terminal.
    pub(crate) fn new(total: u64, quiet: bool) -> Self {
        let shown = !quiet && std::io::stderr().is_terminal();
        let target =
            if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(total), target);
        let style = ProgressStyle::with_template(
            "{bar:40} {percent:>3} %  {bytes}/{total_bytes}  {bytes_per_sec}  {eta}",
        );
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self { bar }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

impl Observer for Progress {
    fn advance(&self, _index: usize, bytes: u64) {
        self.bar.inc(bytes);
    }
}

/// A token that Ctrl-C sets. A second Ctrl-C ends the process at once.
pub(crate) fn cancel_on_interrupt() -> CancelToken {
    let token = CancelToken::new();
    let shared = token.clone();
    let handler = move || {
        if shared.is_cancelled() {
            std::process::exit(130);
        }
        shared.cancel();
    };
    // Fails only where a handler is set already; then Ctrl-C is somebody else's.
    let _ = ctrlc::set_handler(handler);
    token
}
