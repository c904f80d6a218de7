//! A transition while it runs: the invocation, and beside it a look at its status every two seconds.

use std::collections::BTreeSet;
use std::io::Write;
use std::time::{Duration, Instant};

use drill_report::{Progress, Report};
use responder_core::operator::status::Statuses;
use serde_json::{Value, json};

use crate::error::CtlError;
use crate::invoke::{Functions, read};
use crate::render;

/// How often the status is looked at.
const LOOK: Duration = Duration::from_secs(2);
/// How often a transition that is in progress at the end of its invocation is gone on with: some hours in all.
const ROUNDS_MAX: u32 = 20;

/// Asks for a transition and goes on with it until it is over. Shows its phases as they come.
pub(crate) async fn transition(
    functions: &Functions,
    watchers: &Functions,
    request: &Value,
) -> Result<(Value, Report), CtlError> {
    let mut shown = Shown::default();
    let mut run = String::new();
    for _ in 0..ROUNDS_MAX {
        let answer = watched(functions, watchers, request, &mut shown).await?;
        let report = render::report(&answer)?;
        let by_hand = report.scenarios.first().and_then(|scenario| scenario.by_hand.as_ref());
        match by_hand.filter(|it| it.progress == Progress::InProgress) {
            Some(unfinished) => unfinished.run.clone_into(&mut run),
            None => return Ok((answer, report)),
        }
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
            status = watchers.look(&status) => {
                if let Some(Ok(status)) = status.map(|status| read(&status)) {
                    shown.show(&status);
                }
            }
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
    fn show(&mut self, status: &Statuses) {
        let run = status.databases.first().and_then(|database| database.run.as_ref());
        let Some(run) = run.filter(|run| run.ended.is_none()) else { return };
        if self.first.as_ref() != Some(&run.id) {
            say(&format!("run {}", run.id));
            self.first = Some(run.id.clone());
        }
        for phase in &run.phases {
            if self.phases.insert((run.id.clone(), phase.name.clone())) {
                let at_s = self.began.elapsed().as_secs();
                say(&format!("{at_s:>4} s  {}", phase.name.replace('_', " ")));
            }
        }
    }
}

fn say(text: &str) {
    // A closed standard error stops no transition.
    let _ = writeln!(std::io::stderr(), "{text}");
}
