//! What the drill says while it plays: a live line on a terminal, plain lines without one.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// The live line, or plain lines.
#[derive(Clone)]
pub(crate) struct Progress {
    bar: Option<ProgressBar>,
    started: Instant,
}

impl Progress {
    /// Lively where standard error is a terminal.
    pub(crate) fn new() -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new_spinner();
            let style =
                ProgressStyle::with_template("{spinner} [{elapsed_precise}] {prefix:.bold} {wide_msg}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        Self { bar, started: Instant::now() }
    }

    /// A scenario begins.
    pub(crate) fn scenario(&self, name: &str, number: usize, of: usize) {
        match &self.bar {
            Some(bar) => {
                bar.set_prefix(format!("{number}/{of} {name}"));
                bar.set_message("starting PostgreSQL, the emulated AWS, the functions and the apps");
            }
            None => self.line(&format!("{number}/{of} {name}: starting the stage")),
        }
    }

    /// Something happens in it.
    pub(crate) fn step(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.set_message(text.to_owned()),
            None => self.line(&format!("    {text}")),
        }
    }

    /// The same where plain lines would be too many.
    pub(crate) fn live(&self, text: &str) {
        if let Some(bar) = &self.bar {
            bar.set_message(text.to_owned());
        }
    }

    /// A line that stays.
    pub(crate) fn done(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.println(text),
            None => self.line(text),
        }
    }

    /// Takes the live line away.
    pub(crate) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    fn line(&self, text: &str) {
        let elapsed = self.started.elapsed().as_secs_f32();
        // Nobody reads a closed standard error; the report has it all.
        let _ = writeln!(std::io::stderr(), "[{elapsed:6.1} s] {text}");
    }
}
