//! One invocation of `follow`: any event, every database, one answer.

use std::time::{Duration, SystemTime};

use lambda_runtime::{Diagnostic, LambdaEvent};
use responder_core::emf;
use responder_core::fleet::Fleet;
use responder_core::ports::{Configurations, PortError, Ports};
use responder_core::report::{Answer, DatabaseResult};
use responder_core::{Region, Timestamp, Trigger};
use serde_json::Value;

use crate::logs;

/// The function's state between two invocations.
pub(crate) struct Follow<P> {
    ports: P,
    fleet: Fleet,
}

/// Why an invocation fails: exactly when the record or the own Region's parameter could not be
/// published, or when nothing could be known at all. Lambda then tries it again.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FollowError {
    /// Nothing is known: a cold function whose own Region's Parameter Store does not answer.
    #[error("the configuration could not be read: {0}")]
    Configuration(#[source] PortError),
    /// Something was decided and could not be published. The answer is kept: whoever gets the failed
    /// invocation from the dead-letter queue sees what was published all the same.
    #[error("{what}")]
    Unpublished { what: String, answer: Answer },
}

impl From<FollowError> for Diagnostic {
    fn from(error: FollowError) -> Self {
        let (error_type, error_message) = match &error {
            FollowError::Configuration(_) => ("ConfigurationUnreadable", error.to_string()),
            FollowError::Unpublished { what, answer } => {
                let answer = serde_json::to_string(answer).unwrap_or_default();
                ("NotPublished", format!("{what}. The whole answer: {answer}"))
            }
        };
        Self { error_type: error_type.to_owned(), error_message }
    }
}

impl<P: Ports + Configurations> Follow<P> {
    pub(crate) fn new(ports: P, own: Region) -> Self {
        Self { ports, fleet: Fleet::new(own) }
    }

    /// Handles any event: what it does not know leads to the same pass as what it does.
    pub(crate) async fn handle(&mut self, event: LambdaEvent<Value>) -> Result<Answer, FollowError> {
        let (event, context) = event.into_parts();
        let trigger = Trigger::of_event(&event, self.ports.now());
        let deadline = timestamp(context.deadline());
        let outcome = self.fleet.follow(&self.ports, &trigger, deadline).await;
        let outcome = outcome.map_err(FollowError::Configuration)?;
        if let Some(error) = outcome.stale_configuration {
            tracing::warn!(error = %error, "the configuration could not be read anew; the last one was used");
        }
        for result in &outcome.answer.results {
            logs::line(&emf::line(result, &trigger, &context.request_id, self.ports.now()));
        }
        match unpublished(&outcome.answer.results) {
            None => Ok(outcome.answer),
            Some(what) => Err(FollowError::Unpublished { what, answer: outcome.answer }),
        }
    }
}

/// What was decided and could not be published, database by database.
fn unpublished(results: &[DatabaseResult]) -> Option<String> {
    let failed = results.iter().filter(|result| !result.unpublished.is_empty());
    let texts: Vec<String> = failed
        .map(|result| format!("{}: could not publish {}", result.database, result.unpublished.join("; ")))
        .collect();
    (!texts.is_empty()).then(|| texts.join(". "))
}

fn timestamp(moment: SystemTime) -> Timestamp {
    let since = moment.duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO);
    Timestamp::from_ms(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
