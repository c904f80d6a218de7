//! What a refusal has to be.

use std::error::Error;

/// A refusal may repeat what it refuses, every byte of it escaped, and says this much besides.
const LENGTH_MAX: usize = 4_000;

/// What Rust prints of its own values, and nobody else.
const OF_RUST: [&str; 9] =
    ["Some(", "Ok(", "Err(", "Error(", "Error {", "panicked", "core::", "std::", "Utf8Error"];

/// Whether a text is fit for people: something, on one line, of a bearable length, and none of Rust's own words, but for those
/// that `input` brought.
pub fn sentence(text: &str, input: &[u8]) -> Result<(), String> {
    let length = input.len();
    let input = String::from_utf8_lossy(input);
    let of_rust = OF_RUST.iter().find(|word| text.contains(**word) && !input.contains(**word));
    let fault = if text.trim().is_empty() {
        "is empty"
    } else if text.chars().any(char::is_control) {
        "has control characters"
    } else if text.len() > LENGTH_MAX + 8 * length {
        "is endless"
    } else if of_rust.is_some() {
        "shows how the program is made"
    } else {
        return Ok(());
    };
    let start: String = text.chars().take(400).collect();
    Err(format!("a refusal {fault}: {start:?}"))
}

/// Whether an error is a sentence with its causes, and names this.
pub fn failure(error: &dyn Error, named: &str, input: &[u8]) -> Result<(), String> {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        text = format!("{text}: {next}");
        cause = next.source();
    }
    if !text.contains(named) {
        return Err(format!("a refusal does not name {named:?}: {text:?}"));
    }
    sentence(&text, input)
}
