//! Structured logs on standard output, one JSON object a line.

use std::io::Write;

use serde_json::Value;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Starts the logs at the level that `RUST_LOG` says; `info` when it says nothing that can be read.
pub fn start() {
    let wanted = std::env::var("RUST_LOG").ok().and_then(|text| text.parse::<Targets>().ok());
    let filter = wanted.unwrap_or_else(|| Targets::new().with_default(tracing::Level::INFO));
    // The runtime prints the error of a failed invocation as well; ours has said so already.
    let filter = filter.with_target("lambda_runtime::layers::panic", LevelFilter::OFF);
    let layer = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_span_list(false)
        .with_target(true)
        .without_time();
    tracing_subscriber::registry().with(layer).with(filter).init();
}

/// Prints a decision's line. It is printed whatever the level is: CloudWatch takes the metrics out of it.
pub fn line(line: &Value) {
    // Standard output is the log; when it is gone there is nowhere to say so.
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}
