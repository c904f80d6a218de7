//! One invocation: any event, every database, one answer.

use std::time::{Duration, SystemTime};

use lambda_runtime::{Diagnostic, LambdaEvent};
use responder_core::answer::result::{Answer, DatabaseResult};
use responder_core::invocation::fleet::Fleet;
use responder_core::invocation::log_line;
use responder_core::invocation::work::Work;
use responder_core::ports::{Configurations, PortError, Ports};
use responder_core::words::names::Region;
use responder_core::words::timestamp::Timestamp;
use responder_core::world::trigger::Trigger;
use serde_json::Value;

use crate::events::alarm::NoAlarm;
use crate::logs;

/// How a function reads the event that woke it.
pub type ReadEvent = fn(&Value, Timestamp) -> Result<Trigger, NoAlarm>;

/// The function's state between two invocations.
pub(crate) struct Function<P, W> {
    ports: P,
    fleet: Fleet,
    work: W,
    read: ReadEvent,
}

/// Why an invocation fails: exactly when something that it had to do could not be done, or when nothing could be known
/// at all. Lambda then tries it again.
#[derive(Debug, thiserror::Error)]
pub enum InvocationError {
    /// The event is none of those that this function is for. Trying again will not help; the dead-letter queue keeps it.
    #[error("the event was not understood: {0}")]
    Event(#[source] NoAlarm),
    /// Nothing is known: a cold function whose own Region's Parameter Store does not answer.
    #[error("the configuration could not be read: {0}")]
    Configuration(#[source] PortError),
    /// Something was decided and could not be done. The answer is kept: whoever gets the failed invocation from the
    /// dead-letter queue sees what was done all the same.
    #[error("{what}")]
    Undone {
        /// What could not be done, database by database.
        what: String,
        /// The whole answer.
        answer: Answer,
    },
}

impl InvocationError {
    /// Logs why an invocation fails. The runtime tells Lambda; this is for the person who reads the log.
    pub(crate) fn log(&self) {
        tracing::error!(error = %self, "the invocation fails, so that Lambda tries it again");
    }
}

impl From<InvocationError> for Diagnostic {
    fn from(error: InvocationError) -> Self {
        let (error_type, error_message) = match &error {
            InvocationError::Event(_) => ("EventNotUnderstood", error.to_string()),
            InvocationError::Configuration(_) => ("ConfigurationUnreadable", error.to_string()),
            InvocationError::Undone { what, answer } => {
                let answer = serde_json::to_string(answer).unwrap_or_default();
                ("NotPublished", format!("{what}. The whole answer: {answer}"))
            }
        };
        Self { error_type: error_type.to_owned(), error_message }
    }
}

impl<P: Ports + Configurations, W: Work<P>> Function<P, W> {
    pub(crate) fn new(ports: P, own: Region, work: W, read: ReadEvent) -> Self {
        Self { ports, fleet: Fleet::new(own), work, read }
    }

    pub(crate) async fn handle(&mut self, event: LambdaEvent<Value>) -> Result<Answer, InvocationError> {
        let (event, context) = event.into_parts();
        let read = (self.read)(&event, self.ports.now()).map_err(InvocationError::Event)?;
        let trigger = Trigger { invocation: context.request_id.clone(), ..read };
        let deadline = timestamp(context.deadline());
        let outcome = self.fleet.run(&self.ports, &self.work, &trigger, deadline).await;
        let outcome = outcome.map_err(InvocationError::Configuration)?;
        if let Some(error) = outcome.stale_configuration {
            tracing::warn!(error = %error, "the configuration could not be read anew; the last one was used");
        }
        if let Some(count) = self.work.alarms_read().filter(|count| *count > 0) {
            logs::line(&log_line::alarms_read(count, &trigger, &context.request_id, self.ports.now()));
        }
        for result in outcome.answer.results.iter().filter(|result| !result.idle) {
            logs::line(&log_line::line(result, &trigger, &context.request_id, self.ports.now()));
        }
        for result in &outcome.answer.results {
            if let Some(readiness) = &result.readiness {
                let (id, now) = (&context.request_id, self.ports.now());
                logs::line(&log_line::readiness(&result.database, readiness, &trigger, id, now));
            }
        }
        let what = undone(&outcome.answer.results, &trigger);
        let answer = fitting(outcome.answer);
        match what {
            None => Ok(answer),
            Some(what) => Err(InvocationError::Undone { what, answer }),
        }
    }
}

/// Results that are answered with all of their checks; more of them would not fit into what Lambda takes as an answer.
const WHOLE_RESULTS_MAX: usize = 500;
/// Sentences about what could not be done; the answer has the rest of them.
const SENTENCES_MAX: usize = 50;

/// The answer without what the log has anyway, where there are too many results for Lambda: the checks.
fn fitting(mut answer: Answer) -> Answer {
    for result in answer.results.iter_mut().skip(WHOLE_RESULTS_MAX) {
        result.checks.clear();
    }
    answer
}

/// What could not be done, database by database, and what part of the event could not be read.
fn undone(results: &[DatabaseResult], trigger: &Trigger) -> Option<String> {
    let unpublished = results
        .iter()
        .filter(|result| !result.unpublished.is_empty())
        .map(|result| format!("{}: could not publish {}", result.database, result.unpublished.join("; ")));
    let others = results.iter().filter(|result| !result.undone.is_empty());
    let others = others.map(|result| format!("{}: {}", result.database, result.undone.join("; ")));
    let unread = trigger.unread.iter().cloned();
    let mut texts: Vec<String> = unpublished.chain(others).chain(unread).collect();
    let more = texts.len().saturating_sub(SENTENCES_MAX);
    texts.truncate(SENTENCES_MAX);
    texts.extend((more > 0).then(|| format!("And so it is with {more} more")));
    (!texts.is_empty()).then(|| texts.join(". "))
}

/// A moment of the system's clock.
pub fn timestamp(moment: SystemTime) -> Timestamp {
    let since = moment.duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO);
    Timestamp::from_ms(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use responder_core::answer::result::{Check, CheckVerdict};
    use responder_core::words::failure::FailureKind;

    use super::*;

    fn result(database: &str, unpublished: &[&str], undone: &[&str]) -> DatabaseResult {
        let owned = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect();
        let plain = DatabaseResult::refused(database, "no JSON".to_owned());
        DatabaseResult { unpublished: owned(unpublished), undone: owned(undone), ..plain }
    }

    #[test]
    fn an_invocation_fails_by_all_that_could_not_be_done_and_by_nothing_else() {
        let none = Trigger::default();
        assert_eq!(undone(&[], &none), None);
        assert_eq!(undone(&[result("todo", &[], &[]), result("shop", &[], &[])], &none), None);
        let results = [
            result("todo", &[], &["tell people", "note the attempt"]),
            result("shop", &["the record", "the parameter"], &["tell people"]),
            result("shed", &[], &[]),
        ];
        let unread = Trigger { unread: vec!["a record is no alarm".to_owned()], ..Trigger::default() };
        assert_eq!(
            undone(&results, &unread).unwrap(),
            "shop: could not publish the record; the parameter. todo: tell people; note the attempt. \
             shop: tell people. a record is no alarm"
        );
        assert_eq!(undone(&[], &unread).unwrap(), "a record is no alarm");
    }

    #[test]
    fn of_many_sentences_the_first_are_said_and_the_rest_counted() {
        let many = |count| Trigger { unread: vec!["x".to_owned(); count], ..Trigger::default() };
        let full = vec!["x"; 50].join(". ");
        assert_eq!(undone(&[], &many(50)).unwrap(), full);
        assert_eq!(undone(&[], &many(51)).unwrap(), format!("{full}. And so it is with 1 more"));
        assert_eq!(undone(&[], &many(52)).unwrap(), format!("{full}. And so it is with 2 more"));
    }

    #[test]
    fn an_answer_keeps_the_checks_of_as_many_results_as_fit() {
        let check = Check::new("claim", "fresh", None::<&str>, CheckVerdict::Pass);
        let one = DatabaseResult { checks: vec![check], ..result("todo", &[], &[]) };
        let answer = fitting(Answer { results: vec![one; 502] });
        let kept: Vec<usize> = answer.results.iter().map(|it| it.checks.len()).collect();
        assert_eq!(kept, [vec![1; 500], vec![0; 2]].concat());
    }

    #[test]
    fn a_failed_invocation_names_its_kind_and_carries_what_was_done() {
        let answer = Answer { results: Vec::new() };
        let undone = Diagnostic::from(InvocationError::Undone { what: "todo: no".to_owned(), answer });
        assert_eq!(undone.error_type, "NotPublished");
        assert_eq!(undone.error_message, r#"todo: no. The whole answer: {"results":[]}"#);
        let error = PortError::new("ssm:GetParametersByPath", FailureKind::Unreachable);
        let unreadable = InvocationError::Configuration(error);
        let told = unreadable.to_string();
        let unreadable = Diagnostic::from(unreadable);
        assert_eq!(unreadable.error_type, "ConfigurationUnreadable");
        assert!(told.starts_with("the configuration could not be read: ssm:"), "{told}");
        assert_eq!(unreadable.error_message, told);
    }
}
