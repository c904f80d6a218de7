//! Probes, which the emulator could run only beside a PostgreSQL: the front answers whoever invokes one, by a script.

use std::{collections::VecDeque, sync::Mutex};

use serde_json::json;

use crate::{
    lock::lock,
    wire::{call::Call, reply::Reply},
};

/// What the probes say next, wherever they are; the last word stays. Empty where none is played.
#[derive(Debug, Default)]
pub(super) struct Probes(Mutex<VecDeque<Option<bool>>>);

impl Probes {
    /// From now on each answer is the next of these words.
    pub(super) fn say(&self, words: &[Option<bool>]) {
        *lock(&self.0) = words.iter().copied().collect();
    }

    /// The answer, where a probe is asked.
    pub(super) fn answer(&self, call: &Call) -> Option<Reply> {
        if call.service != "lambda" || call.operation != "Invoke" {
            return None;
        }
        let mut words = lock(&self.0);
        let next = if words.len() > 1 { words.pop_front() } else { words.front().copied() };
        next.map(|writable| {
            Reply::json(&json!({ "writable": writable, "took_ms": 1, "said": said(writable) }))
        })
    }
}

const fn said(writable: Option<bool>) -> &'static str {
    match writable {
        Some(true) => "a heartbeat committed",
        Some(false) => "it is in recovery",
        None => "no connection",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_question_gets_the_next_word_and_the_last_one_stays() {
        let probes = Probes::default();
        let call = |service: &str, operation: &str| Call {
            region: None,
            signed_for: "ap-northeast-3".to_owned(),
            service: service.to_owned(),
            operation: operation.to_owned(),
            write: false,
        };
        let ask = || probes.answer(&call("lambda", "Invoke")).map(|it| it.body);
        assert_eq!(ask(), None, "none is played");
        probes.say(&[Some(false), None, Some(true)]);
        let starts = ["false", "null", "true", "true"].map(|word| format!("\"writable\":{word}}}"));
        assert!(
            starts
                .into_iter()
                .all(|word| ask().is_some_and(|body| body.contains(word.trim_end_matches('}'))))
        );
        assert_eq!(probes.answer(&call("lambda", "CreateFunction")), None);
        assert_eq!(probes.answer(&call("rds", "Invoke")), None);
    }
}
