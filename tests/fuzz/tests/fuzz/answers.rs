//! What AWS answers, through the real adapters: one operation's answers are wrong, all others are right, and a whole pass, an
//! alarm's judgement, a status, a plan, a switchover and a salvage are made of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use responder_aws::AwsPorts;
use responder_core::failover::work::Failover;
use responder_core::invocation::fleet::Fleet;
use responder_core::invocation::log_line;
use responder_core::invocation::work::{Follow, Work};
use responder_core::operator::job::Place;
use responder_core::operator::perform;
use responder_core::operator::reply::Reply as Done;
use responder_core::operator::request::Request as Asked;
use responder_core::operator::salvage::answer::Salvage;
use responder_core::operator::status::Statuses;
use responder_core::ports::{Clock, Configurations};
use responder_core::words::timestamp::Timestamp;
use responder_core::world::run::Caller;
use responder_core::world::trigger::{Trigger, TriggerKind};
use responder_fuzz::{Target, sentence};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::service::{Reply, Request, Service};
use crate::world::{osaka, ports};

mod aws;

/// What is done with the answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scene {
    /// Osaka was promoted, and `follow` publishes it.
    Follow,
    /// Seoul is silent, its alarms are in ALARM, and `failover` starts one.
    Failover,
    /// Seoul is the writer, and a person asks for this.
    Ask(&'static str),
}

const STATUS: &str = r#"{"action":"status"}"#;
const PLAN: &str = r#"{"action":"plan","database":"todo","target_region":"ap-northeast-3"}"#;
const HOLD: &str = r#"{"action":"hold","database":"todo","reason":"an upgrade"}"#;
const SWITCHOVER: &str = r#"{"action":"switchover","database":"todo","target_region":"ap-northeast-3"}"#;
const SALVAGE: &str = r#"{"action":"salvage","database":"todo"}"#;
const SCENES: [Scene; 7] = [
    Scene::Follow,
    Scene::Failover,
    Scene::Ask(STATUS),
    Scene::Ask(PLAN),
    Scene::Ask(HOLD),
    Scene::Ask(SWITCHOVER),
    Scene::Ask(SALVAGE),
];

/// The end of an invocation, from now: one pass fits, and no long watch.
const TIME_MS: i64 = 8_040;
/// The same where every operation has to be called, however busy the machine is.
const WHOLE_TIME_MS: i64 = 12_000;

/// Each operation that is called, with the right answers to it, and the errors that it may have.
pub(crate) fn targets() -> Vec<Target> {
    let recorded: Recorded = Arc::default();
    for scene in SCENES {
        played(scene, None, &recorded).unwrap_or_else(|why| panic!("{scene:?}: {why}"));
    }
    let recorded = recorded.lock().unwrap();
    assert_eq!(
        recorded.keys().copied().collect::<Vec<_>>(),
        aws::OPERATIONS.map(|(name, _)| name).as_slice()
    );
    let target = |(name, operation): (&'static str, &'static str)| {
        let (seeds, scenes): (BTreeSet<Vec<u8>>, Vec<Scene>) = recorded[name].clone();
        let errors = aws::errors(name);
        let check = move |text: &[u8]| {
            let of = usize::from(*text.get(text.len() / 2).unwrap_or(&0)) + text.len();
            played(scenes[of % scenes.len()], Some((operation, text)), &Arc::default())
        };
        Target { name, weight: 6, seeds: seeds.into_iter().chain(errors).collect(), check: Box::new(check) }
    };
    aws::OPERATIONS.into_iter().map(target).collect()
}

/// The answers of `drill` that failoverctl reads, by the command.
pub(crate) fn replies() -> BTreeMap<&'static str, Vec<u8>> {
    let reply = |request| answered(Scene::Ask(request)).to_string().into_bytes();
    [("status", STATUS), ("plan", PLAN), ("hold", HOLD), ("salvage", SALVAGE)]
        .map(|(command, request)| (command, reply(request)))
        .into()
}

type Recorded = Arc<Mutex<BTreeMap<&'static str, (BTreeSet<Vec<u8>>, Vec<Scene>)>>>;

/// The services of that scene; where one operation's answer is given, it is answered so.
fn service(scene: Scene, wrong: Option<(&'static str, &[u8])>, recorded: &Recorded) -> Service {
    let wrong = wrong.map(|(operation, text)| (operation, text.to_vec()));
    let (recorded, attempt) = (Arc::clone(recorded), Mutex::default());
    Service::new(move |request: &Request| {
        let right = aws::attempted(request, &attempt).unwrap_or_else(|| aws::right(scene, request));
        let (name, operation) = aws::operation(request);
        match (&wrong, &right) {
            (Some((wrong, text)), Reply::Http(..)) if *wrong == operation => aws::reply(text.clone()),
            (_, Reply::Http(200, body)) => {
                let mut recorded = recorded.lock().unwrap();
                let (bodies, scenes) = recorded.entry(name).or_default();
                bodies.insert(body.clone());
                if !scenes.contains(&scene) {
                    scenes.push(scene);
                }
                right
            }
            _ => right,
        }
    })
}

fn run<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.unwrap().block_on(future)
}

fn played(scene: Scene, wrong: Option<(&'static str, &[u8])>, recorded: &Recorded) -> Result<(), String> {
    let text = wrong.map_or(&[][..], |(_, text)| text);
    let ports = ports(&service(scene, wrong, recorded));
    let end = ports.now().plus_ms(wrong.map_or(WHOLE_TIME_MS, |_| TIME_MS));
    run(async {
        match scene {
            Scene::Follow => woken(&ports, &Follow, TriggerKind::RdsEvent, end, text).await,
            Scene::Failover => woken(&ports, &Failover::default(), TriggerKind::Alarm, end, text).await,
            Scene::Ask(request) => match ask(&ports, request, end).await {
                Ok(answer) => {
                    let fits = match request {
                        STATUS => is_read::<Statuses>(&answer),
                        SALVAGE => is_read::<Salvage>(&answer),
                        _ => true,
                    };
                    if fits { told(&answer, text) } else { Err(format!("failoverctl cannot read {answer}")) }
                }
                Err(Some(why)) => sentence(&why, text),
                Err(None) => Err("a request was not understood".to_owned()),
            },
        }
    })
}

/// Whether failoverctl reads all of it.
fn is_read<T: Serialize + DeserializeOwned>(answer: &Value) -> bool {
    let read: Result<T, _> = serde_json::from_value(answer.clone());
    read.is_ok_and(|read| serde_json::to_value(read).is_ok_and(|read| read == *answer))
}

/// What `drill` answers to that request where all is well.
fn answered(scene: Scene) -> Value {
    let Scene::Ask(request) = scene else { panic!("nobody asks") };
    let ports = ports(&service(scene, None, &Arc::default()));
    run(ask(&ports, request, ports.now().plus_ms(WHOLE_TIME_MS))).unwrap()
}

/// One request, as `drill` performs it.
async fn ask(ports: &AwsPorts, request: &str, deadline: Timestamp) -> Result<Value, Option<String>> {
    let request = Asked::of_event(&serde_json::from_str(request).unwrap()).map_err(|_| None)?;
    let read = ports.read_own_region().await.map_err(|error| Some(error.to_string()))?;
    let caller = Caller::new(Some("alice".to_owned()), None, "4a1e");
    let place = Place { installation: &read.installation, own: &osaka(), caller: &caller, deadline };
    let done = perform(ports, place, &request).await.map_err(|error| Some(error.to_string()))?;
    Ok(match done {
        Done::Statuses(it) => json!(it),
        Done::Plan(it) => json!(it),
        Done::Plans(it) => json!(it),
        Done::Switched(it) => json!(it),
        Done::Declared(it) => json!(it),
        Done::Salvaged(it) => json!(it),
        Done::Course(it) => json!({ "results": it.results, "failures": it.failures, "run": it.run }),
    })
}

/// One invocation of a function that events wake.
async fn woken<W: Work<AwsPorts>>(
    ports: &AwsPorts,
    work: &W,
    kind: TriggerKind,
    end: Timestamp,
    text: &[u8],
) -> Result<(), String> {
    let trigger = Trigger { kind, ..Trigger::default() };
    match Fleet::new(osaka()).run(ports, work, &trigger, end).await {
        Err(error) => sentence(&error.to_string(), text),
        Ok(outcome) => {
            let answer = &outcome.answer;
            for result in &answer.results {
                let line = log_line::line(result, &trigger, "4a1e", end).to_string();
                serde_json::from_str::<Value>(&line).map_err(|error| format!("a log line: {error}"))?;
            }
            told(&serde_json::to_value(answer).unwrap(), text)
        }
    }
}

/// What people are told is in sentences.
fn told(value: &Value, text: &[u8]) -> Result<(), String> {
    const TOLD: [&str; 9] =
        ["reason", "error", "errors", "failures", "undone", "unpublished", "warnings", "said", "run_unread"];
    match value {
        Value::Object(fields) => fields.iter().try_for_each(|(name, value)| {
            if TOLD.contains(&name.as_str()) {
                texts(value).try_for_each(|it| sentence(it, text))
            } else {
                told(value, text)
            }
        }),
        Value::Array(items) => items.iter().try_for_each(|item| told(item, text)),
        _ => Ok(()),
    }
}

/// A text, or those of a list.
fn texts(value: &Value) -> impl Iterator<Item = &str> {
    value.as_str().into_iter().chain(value.as_array().into_iter().flatten().filter_map(Value::as_str))
}
