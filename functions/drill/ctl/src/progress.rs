//! A transition while it runs: the invocation, and beside it a look at its status every two seconds.

use std::collections::BTreeSet;
use std::io::Write;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::error::CtlError;
use crate::invoke::Functions;

/// How often the status is looked at.
const LOOK: Duration = Duration::from_secs(2);
/// How often a transition that is in progress at the end of its invocation is gone on with: some hours in all.
const ROUNDS_MAX: u32 = 20;

/// Asks for a transition and goes on with it until it is over. Shows its phases as they come.
pub(crate) async fn transition(
    functions: &Functions,
    watchers: &Functions,
    request: &Value,
) -> Result<Value, CtlError> {
    let mut shown = Shown::default();
    let mut run = String::new();
    for _ in 0..ROUNDS_MAX {
        let answer = watched(functions, watchers, request, &mut shown).await?;
        let by_hand = answer.pointer("/scenarios/0/by_hand");
        let field = |name: &str| by_hand.and_then(|it| it.get(name)).and_then(Value::as_str);
        if field("progress") != Some("in_progress") {
            return Ok(answer);
        }
        field("run").unwrap_or_default().clone_into(&mut run);
        say(&format!("the invocation ends before the transition: going on with {run}"));
    }
    Err(CtlError::InProgress(run))
}

/// One invocation, and the status beside it.
async fn watched(
    functions: &Functions,
    watchers: &Functions,
    request: &Value,
    shown: &mut Shown,
) -> Result<Value, CtlError> {
    let status = json!({ "action": "status", "database": request.get("database") });
    let mut invocation = std::pin::pin!(functions.invoke_patiently(request));
    loop {
        tokio::select! {
            answer = &mut invocation => return answer,
            () = tokio::time::sleep(LOOK) => {}
        }
        tokio::select! {
            answer = &mut invocation => return answer,
            status = watchers.look(&status) => if let Some(status) = status { shown.show(&status) },
        }
    }
}

/// What was shown already.
#[derive(Debug)]
struct Shown {
    began: Instant,
    phases: BTreeSet<(String, String)>,
    first: Option<String>,
}

impl Default for Shown {
    fn default() -> Self {
        Self { began: Instant::now(), phases: BTreeSet::new(), first: None }
    }
}

impl Shown {
    /// The phases of the run that is not over.
    fn show(&mut self, status: &Value) {
        let Some(run) = status.pointer("/databases/0/run").filter(|run| run.get("ended").is_none()) else {
            return;
        };
        let id = run.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
        if self.first.as_ref() != Some(&id) {
            say(&format!("run {id}"));
            self.first = Some(id.clone());
        }
        for phase in run.get("phases").and_then(Value::as_array).into_iter().flatten() {
            let name = phase.get("name").and_then(Value::as_str).unwrap_or_default();
            if self.phases.insert((id.clone(), name.to_owned())) {
                let at_s = self.began.elapsed().as_secs();
                say(&format!("{at_s:>4} s  {}", name.replace('_', " ")));
            }
        }
    }
}

fn say(text: &str) {
    // A closed standard error stops no transition.
    let _ = writeln!(std::io::stderr(), "{text}");
}
