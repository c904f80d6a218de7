//! Readable scripts with golden outputs: what an operator would see, for every row of the rule.
//!
//! A script is a file of commands, one a line; what follows a `#` is for the reader. [`play`] answers with
//! the script itself and, behind each command that shows something, what there was to see.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a script that is wrong has to stop the test at once"
)]

use std::path::Path;

mod command;
mod show;
mod stage;

pub use stage::play;

/// Compares `text` with the golden output of that name; `INSTA_UPDATE=always` writes it anew.
///
/// # Panics
///
/// When they differ.
pub fn assert_golden(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/golden"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}
