//! What is said while the matrix is played: a line that goes on, on a terminal; else a line for each tenth cell.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// Without a terminal, so many cells make a line.
const CELLS_A_LINE: usize = 10;

/// The line.
pub(crate) struct Progress {
    bar: Option<ProgressBar>,
    started: Instant,
    all: usize,
    done: usize,
    failed: usize,
}

impl Progress {
    /// Lively where standard error is a terminal.
    pub(crate) fn new(all: usize) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new(u64::try_from(all).unwrap_or_default());
            let style = ProgressStyle::with_template("[{elapsed_precise}] {bar:30} {pos}/{len} {wide_msg}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar.enable_steady_tick(Duration::from_millis(200));
            bar
        });
        Self { bar, started: Instant::now(), all, done: 0, failed: 0 }
    }

    /// A cell has ended; what is wrong with it.
    pub(crate) fn done(&mut self, cell: &str, wrong: &[String]) {
        self.done += 1;
        if !wrong.is_empty() {
            self.failed += 1;
            self.line(&format!("FAIL {cell}: {}", wrong.join("; ")));
        }
        match &self.bar {
            Some(bar) => {
                bar.inc(1);
                bar.set_message(format!("{} failed, last {cell}", self.failed));
            }
            None if self.done.is_multiple_of(CELLS_A_LINE) || self.done == self.all => {
                self.line(&format!("{} of {} cells played, {} failed", self.done, self.all, self.failed));
            }
            None => {}
        }
    }

    /// A cell failed while this machine was too slow; it is played again.
    pub(crate) fn again(&self, cell: &str, wrong: &[String]) {
        self.line(&format!("slow {cell}: played again later, {}", wrong.join("; ")));
    }

    /// Takes the live line away.
    pub(crate) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    fn line(&self, text: &str) {
        let text = format!("[{:6.1} s] {text}", self.started.elapsed().as_secs_f32());
        match &self.bar {
            Some(bar) => bar.println(text),
            // Nobody reads a closed standard error; the report has it all.
            None => drop(writeln!(std::io::stderr(), "{text}")),
        }
    }
}
