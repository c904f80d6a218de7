//! Running PostgreSQL's programs to their end.

use std::{
    path::Path,
    process::{Command, Output, Stdio},
};

use crate::error::PostgresError;

/// How many lines of a log or an output an error carries.
const TAIL_LINES: usize = 12;

/// How long an output may be in an error about it, in characters.
const SHOWN_OUTPUT: usize = 200;

/// Runs a short command and returns what it printed on its standard output. Blocks.
pub(crate) fn output_of(command: Command, program: &Path) -> Result<String, PostgresError> {
    let mut command = command;
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|source| PostgresError::Spawn { program: program.display().to_string(), source })?;
    text_of(&output, program)
}

/// Runs a command and returns what it printed on its standard output. Dropped, it kills the command.
pub(crate) async fn run(command: Command, program: &Path) -> Result<String, PostgresError> {
    let output = tokio::process::Command::from(command)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .map_err(|source| PostgresError::Spawn { program: program.display().to_string(), source })?;
    text_of(&output, program)
}

/// The last lines of a text.
pub(crate) fn tail(text: &str) -> String {
    let lines: Vec<&str> = text.trim_end().lines().collect();
    let from = lines.len().saturating_sub(TAIL_LINES);
    lines.get(from..).unwrap_or_default().join("\n")
}

/// An error about an output that could not be read.
pub(crate) fn unreadable(program: &Path, output: &str) -> PostgresError {
    PostgresError::Unreadable {
        program: program.display().to_string(),
        output: output.chars().take(SHOWN_OUTPUT).collect(),
    }
}

fn text_of(output: &Output, program: &Path) -> Result<String, PostgresError> {
    let printed = String::from_utf8_lossy(&output.stdout);
    if output.status.success() {
        return Ok(printed.into_owned());
    }
    let complained = String::from_utf8_lossy(&output.stderr);
    Err(PostgresError::Command {
        program: program.display().to_string(),
        status: output.status,
        output_tail: tail(&format!("{printed}{complained}")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tail_is_the_last_lines() {
        let text = (1..=20).fold(String::new(), |text, line| format!("{text}line {line}\n"));
        assert!(tail(&text).starts_with("line 9\n"));
        assert!(tail(&text).ends_with("line 20"));
        assert_eq!(tail(""), "");
    }
}
