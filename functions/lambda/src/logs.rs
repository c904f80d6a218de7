//! Structured logs on standard output, one JSON object a line.

use std::io::Write;

use serde_json::Value;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Starts the logs at the level that `RUST_LOG` says; `info` when it says nothing that can be read, which the log then says:
/// a slip in the level is no reason to follow no writer.
pub(crate) fn start() {
    let wanted = std::env::var_os("RUST_LOG").map(|text| text.to_string_lossy().into_owned());
    let filter = wanted.as_ref().map(|text| text.parse::<Targets>());
    let info = || Targets::new().with_default(LevelFilter::INFO);
    let is_bad = matches!(filter, Some(Err(_)));
    let filter = filter.and_then(Result::ok).unwrap_or_else(info);
    let layer = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_span_list(false)
        .with_target(true)
        .without_time();
    tracing_subscriber::registry().with(layer).with(filter).init();
    if is_bad {
        tracing::warn!(
            "RUST_LOG: {:?} is not a level such as info or debug; info is used",
            wanted.unwrap_or_default()
        );
    }
}

/// Prints a decision's line. It is printed whatever the level is: CloudWatch takes the metrics out of it.
pub fn line(line: &Value) {
    // Standard output is the log; when it is gone there is nowhere to say so.
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}
