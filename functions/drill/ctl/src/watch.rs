//! The status that stays, for a terminal.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, SystemTime};

use responder_core::operator::status::Statuses;
use responder_core::words::failure::visible;
use serde_json::{Value, json};

use crate::args::Args;
use crate::error::{CtlError, Verdict};
use crate::invoke::{Functions, read, timestamp};
use crate::show;

/// Clears a terminal, and begins at its top.
const CLEAR: &str = "\u{1b}[H\u{1b}[2J\u{1b}[3J";

/// What asks for the status.
pub(crate) fn request(database: Option<&str>) -> Value {
    let named = database.map(|name| json!({ "action": "status", "database": name }));
    named.unwrap_or_else(|| json!({ "action": "status" }))
}

/// Looks again and again. Where nobody answers it says so and looks again; a command that is wrong ends it.
pub(crate) async fn run(
    args: &Args,
    database: Option<&str>,
    every: Duration,
    count: Option<u64>,
) -> Result<Verdict, CtlError> {
    let functions = Functions::of(args).await?;
    let mut looks = 0u64;
    loop {
        let answer = functions.invoke(&request(database)).await;
        if !show_one(args, answer)? {
            return Ok(Verdict::Good);
        }
        looks = looks.saturating_add(1);
        if count.is_some_and(|count| looks >= count) {
            return Ok(Verdict::Good);
        }
        tokio::time::sleep(every).await;
    }
}

/// Shows one answer, or that there is none; false where nobody reads it any more.
fn show_one(args: &Args, answer: Result<Value, CtlError>) -> Result<bool, CtlError> {
    let answer = match answer {
        Err(error @ (CtlError::NoAnswer(_) | CtlError::Busy(_))) => Err(error),
        answer => Ok(answer?),
    };
    if args.json {
        let line = answer.unwrap_or_else(|error| json!({ "error": error.to_string() }));
        return Ok(writeln!(io::stdout(), "{line}").is_ok());
    }
    let clear = if io::stdout().is_terminal() { CLEAR } else { "" };
    let now = timestamp(SystemTime::now());
    if writeln!(io::stdout(), "{clear}{now}").is_err() {
        return Ok(false);
    }
    match answer {
        Ok(answer) => show::status(&read::<Statuses>(&answer)?),
        Err(error) => show::say(&visible(&error.to_string())),
    }
    Ok(true)
}
