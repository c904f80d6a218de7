//! A database's parameters in one Region, read together with those of the others that are asked for now.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::time::Duration;

use aws_sdk_ssm::Client;
use futures_util::future::join_all;
use futures_util::stream::{self, StreamExt};
use responder_core::config::Database;
use responder_core::words::failure::FailureKind;
use tokio::time::{Instant, timeout_at};

use super::rare::{self, Values};
use crate::budget::{Patience, patiently};
use crate::coalesce::Asked;
use crate::failure::Failed;
use crate::lock::lock;

/// Names a call: the most that `GetParameters` takes.
const NAMES_MAX: usize = 10;
/// More databases than this are asked for together: their hold switches and declarations by path.
const FEW: usize = 10;
/// Calls at once: each is a connection, of which a function has few.
const CALLS_MAX: usize = 24;
/// How long answers are kept back for those that follow: as long as one call may take. What is decided by them is written
/// together too, and the views that are asked for after them are one listing and not one for each handful.
const GATHER: Duration = Duration::from_secs(2);

/// What one database asks for.
#[derive(Debug, Clone)]
pub(super) struct Question {
    names: Vec<String>,
    /// Its hold switch and its declaration.
    rare: [String; 2],
    /// The paths that these lie below.
    paths: [String; 2],
}

pub(super) type Answer = Result<Values, Failed>;
pub(super) type Group = Vec<Asked<Question, Answer>>;

impl Question {
    pub(super) fn new(database: &Database, configuration: bool) -> Self {
        let mut names = vec![database.state_parameter(), database.parameter().to_owned()];
        names.extend(configuration.then(|| database.configuration_parameter()));
        Self {
            names,
            rare: [database.hold_parameter(), database.declared_parameter()],
            paths: ["hold", "declared"].map(|kind| format!("{}/{kind}", database.prefix())),
        }
    }

    /// The names that a call asks for: all of them, or those that the paths do not tell.
    fn asked(&self, with_rare: bool) -> impl Iterator<Item = &String> {
        self.names.iter().chain(self.rare.iter().filter(move |_| with_rare))
    }
}

/// Asks one Region, once for all of these questions.
pub(super) async fn round(client: Client, operation: String, asked: Group, patience: Patience) {
    Round { client, operation, patience, silent: Mutex::new(None) }.run(asked).await;
}

/// One round of questions to one Region.
struct Round {
    client: Client,
    operation: String,
    patience: Patience,
    /// Why nothing more is asked: the Region was silent for a call's whole budget.
    silent: Mutex<Option<Failed>>,
}

impl Round {
    async fn run(self, asked: Group) {
        let paths = asked.first().map(|asked| asked.question.paths.clone());
        let paths =
            paths.filter(|paths| asked.len() > FEW && asked.iter().all(|it| it.question.paths == *paths));
        let Some(paths) = paths else {
            return self.by_name(asked, None).await;
        };
        match rare::read(&self.client, &self.operation, &paths, self.patience).await {
            Ok(rare) => self.by_name(asked, Some(&rare)).await,
            // The role may read these names and not list their paths.
            Err(failed) if failed.kind() == FailureKind::Refused => self.by_name(asked, None).await,
            Err(failed) => asked.into_iter().for_each(|asked| asked.answer(Err(failed.clone()))),
        }
    }

    /// Asks for names in as few calls as take them, `rare` aside where that is known. Answers are given together.
    async fn by_name(&self, asked: Group, rare: Option<&Values>) {
        let calls = chunks(asked, rare.is_none()).into_iter().map(|chunk| self.answer_chunk(chunk, rare));
        let mut calls = stream::iter(calls).buffer_unordered(CALLS_MAX);
        let mut ready = Vec::new();
        loop {
            let until = Instant::now() + GATHER;
            loop {
                match timeout_at(until, calls.next()).await {
                    Ok(Some(answers)) => ready.extend(answers),
                    Ok(None) => return release(&mut ready),
                    Err(_) => break,
                }
            }
            release(&mut ready);
        }
    }

    async fn answer_chunk(&self, chunk: Group, rare: Option<&Values>) -> Answers {
        let names: BTreeSet<&String> =
            chunk.iter().flat_map(|asked| asked.question.asked(rare.is_none())).collect();
        match self.get(&names).await {
            Ok(values) => chunk
                .into_iter()
                .map(|asked| {
                    let answer = own(&asked.question, &values, rare);
                    (asked, Ok(answer))
                })
                .collect(),
            // One name that this role may not read refuses the whole call: the others are asked without it.
            Err(failed) if failed.kind() == FailureKind::Refused && chunk.len() > 1 => {
                let each = chunk.into_iter().map(|asked| async move {
                    let names = asked.question.asked(rare.is_none()).collect();
                    let answer = self.get(&names).await;
                    let answer = answer.map(|values| own(&asked.question, &values, rare));
                    (asked, answer)
                });
                join_all(each).await
            }
            Err(failed) => chunk.into_iter().map(|asked| (asked, Err(failed.clone()))).collect(),
        }
    }

    /// One call, unless one before it got nothing but silence: a dead Region costs one budget, not one for each call.
    async fn get(&self, names: &BTreeSet<&String>) -> Result<Values, Failed> {
        if let Some(failed) = lock(&self.silent).clone() {
            return Err(failed);
        }
        let answer = get(&self.client, &self.operation, names, self.patience.now()).await;
        if let Err(failed) = answer.as_ref()
            && failed.kind().is_silence()
        {
            *lock(&self.silent) = Some(failed.clone());
        }
        answer
    }
}

type Answers = Vec<(Asked<Question, Answer>, Answer)>;

fn release(ready: &mut Answers) {
    for (asked, answer) in ready.drain(..) {
        asked.answer(answer);
    }
}

/// What of these values a question was about.
fn own(question: &Question, values: &Values, rare: Option<&Values>) -> Values {
    let value = |name: &String| values.get(name).or_else(|| rare?.get(name)).cloned();
    question.asked(true).filter_map(|name| Some((name.clone(), value(name)?))).collect()
}

/// As few calls as the limit allows, each database's names in one of them.
fn chunks(asked: Group, with_rare: bool) -> Vec<Group> {
    let mut chunks: Vec<Group> = Vec::new();
    let mut names = BTreeSet::new();
    for asked in asked {
        let own: BTreeSet<String> = asked.question.asked(with_rare).cloned().collect();
        let together: BTreeSet<String> = names.union(&own).cloned().collect();
        match chunks.last_mut() {
            Some(chunk) if together.len() <= NAMES_MAX => {
                names = together;
                chunk.push(asked);
            }
            _ => {
                names = own;
                chunks.push(vec![asked]);
            }
        }
    }
    chunks
}

async fn get(
    client: &Client,
    operation: &str,
    names: &BTreeSet<&String>,
    deadline: Instant,
) -> Result<Values, Failed> {
    let call = || async {
        let mut call = client.get_parameters();
        for name in names {
            call = call.names(*name);
        }
        let answer = call.send().await.map_err(|error| Failed::of(operation, error))?;
        // Each name is answered in one of the two lists; an answer that has neither is not one.
        let values: Values = answer
            .parameters
            .unwrap_or_default()
            .into_iter()
            .filter_map(|parameter| Some((parameter.name?, parameter.value?)))
            .collect();
        let absent = answer.invalid_parameters.unwrap_or_default();
        let answered = |name: &&&String| values.contains_key(name.as_str()) || absent.contains(**name);
        match names.iter().find(|name| !answered(name)) {
            Some(name) => Err(Failed::malformed(operation, &format!("the parameter {name}"))),
            None => Ok(values),
        }
    };
    patiently(deadline, operation, call).await
}
