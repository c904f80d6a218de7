//! How questions were answered at some moment before: what a service that lags behind itself would still say.

use std::{
    collections::HashMap,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use bytes::Bytes;
use hyper::{HeaderMap, Response, StatusCode};

use crate::{
    http::{Body, full},
    lock::lock,
    wire::call::Call,
};

/// A question, the same one whenever it is asked.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Question {
    asked: (String, String, String),
    path: String,
    body: Bytes,
}

impl Question {
    /// What is asked of which service where.
    pub(super) fn new(call: &Call, path: &str, body: &Bytes) -> Self {
        let asked = (call.signed_for.clone(), call.service.clone(), call.operation.clone());
        Self { asked, path: path.to_owned(), body: body.clone() }
    }
}

/// An answer that can be given again.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    status: StatusCode,
    headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Kept {
    pub(super) fn new(answer: &Response<Body>, body: Bytes) -> Self {
        Self { status: answer.status(), headers: answer.headers().clone(), body }
    }

    /// The answer once more.
    pub(super) fn response(&self) -> Response<Body> {
        let mut response = Response::new(full(self.body.clone()));
        *response.status_mut() = self.status;
        response.headers_mut().clone_from(&self.headers);
        response
    }
}

/// The answers to questions, each as it was given last while they were remembered.
#[derive(Debug, Default)]
pub(super) struct Past {
    remembers: AtomicBool,
    answers: Mutex<HashMap<Question, Kept>>,
}

impl Past {
    pub(super) fn remember(&self, remember: bool) {
        self.remembers.store(remember, Ordering::Relaxed);
    }

    pub(super) fn remembers(&self) -> bool {
        self.remembers.load(Ordering::Relaxed)
    }

    /// Keeps the answer, while answers are remembered.
    pub(super) fn keep(&self, question: &Question, answer: &Kept) {
        if self.remembers() {
            lock(&self.answers).insert(question.clone(), answer.clone());
        }
    }

    /// The answer of then, where it is not the one of now.
    pub(super) fn other_than(&self, question: &Question, now: &Kept) -> Option<Kept> {
        lock(&self.answers).get(question).filter(|then| then.body != now.body).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(operation: &str, body: &'static str) -> Question {
        let (service, operation) = ("ssm".to_owned(), operation.to_owned());
        let call = Call { region: None, signed_for: "us-east-1".into(), service, operation, write: false };
        Question::new(&call, "/", &Bytes::from(body))
    }

    fn answer(body: &'static str) -> Kept {
        Kept::new(&Response::new(full(body)), Bytes::from(body))
    }

    #[test]
    fn the_same_question_is_answered_as_it_was_while_answers_were_remembered() {
        let past = Past::default();
        let asked = question("GetParameter", "a");
        past.keep(&asked, &answer("too early"));
        past.remember(true);
        past.keep(&asked, &answer("old"));
        past.remember(false);
        past.keep(&asked, &answer("new"));
        let stale = past.other_than(&asked, &answer("new")).map(|kept| kept.body);
        assert_eq!(stale.as_deref(), Some(&b"old"[..]));
        assert!(past.other_than(&asked, &answer("old")).is_none(), "it is no other answer");
        assert!(past.other_than(&question("GetParameter", "b"), &answer("new")).is_none());
        assert!(past.other_than(&question("GetParameters", "a"), &answer("new")).is_none());
    }
}
