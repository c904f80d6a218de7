//! One invocation: a minute of looks, one look, or one word.

use std::time::{Duration, SystemTime};

use lambda_runtime::{Diagnostic, LambdaEvent};
use responder_core::probe::answer::Look;
use responder_core::probe::event::{self, NotUnderstood, Wanted};
use responder_core::probe::metrics;
use responder_core::words::timestamp::Timestamp;
use responder_lambda::{log_line, timestamp};
use responder_sql::Prober;
use serde_json::{Value, json};

/// Why an invocation fails: nothing but an event that is none of its own.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub(crate) struct BadRequest(NotUnderstood);

impl From<BadRequest> for Diagnostic {
    fn from(error: BadRequest) -> Self {
        Self { error_type: "BadRequest".to_owned(), error_message: error.to_string() }
    }
}

/// Does what the event wants.
pub(crate) async fn handle(prober: &Prober, event: LambdaEvent<Value>) -> Result<Value, BadRequest> {
    let (event, context) = event.into_parts();
    let answer = match event::read(&event).map_err(BadRequest)? {
        Wanted::Watch => json!({ "looks": watch(prober, timestamp(context.deadline())).await }),
        Wanted::Look => serde_json::to_value(look(prober).await).unwrap_or_default(),
        Wanted::Word(question) => serde_json::to_value(prober.word(&question).await).unwrap_or_default(),
    };
    Ok(answer)
}

/// Looks at the pace until the time is over; how often it looked.
async fn watch(prober: &Prober, deadline: Timestamp) -> u64 {
    let began = now();
    let mut looks = 0;
    loop {
        look(prober).await;
        looks += 1;
        let now = now();
        let Some(next) = prober.settings().pace.next(began, now, deadline) else { return looks };
        tokio::time::sleep(Duration::from_millis(u64::try_from(next.since_ms(now)).unwrap_or(0))).await;
    }
}

/// One look, with its lines.
async fn look(prober: &Prober) -> Look {
    let at = now();
    let look = prober.look().await;
    for (database, it) in &look.databases {
        metrics::lines(database, it, at).iter().for_each(log_line);
    }
    look
}

fn now() -> Timestamp {
    timestamp(SystemTime::now())
}
