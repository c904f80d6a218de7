//! Keeping what a failover lost: a look first, a question, and then the copy, waited for where that is wanted.

use std::io::Write;
use std::time::Duration;

use responder_core::operator::salvage::answer::{Fence, Outlook, RegionSalvage, Salvage};
use responder_core::words::failure::visible;
use responder_core::words::names::Region;
use responder_core::world::state::WriteBlockOutcome;
use serde_json::{Value, json};

use crate::args::Args;
use crate::error::{CtlError, Verdict};
use crate::invoke::{Functions, read};
use crate::{ask, show};

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted<'a> {
    pub(crate) database: &'a str,
    pub(crate) since: Option<&'a str>,
}

impl Wanted<'_> {
    fn request(self, dry_run: bool) -> Value {
        let mut request = json!({ "action": "salvage", "database": self.database, "dry_run": dry_run });
        if let (Some(fields), Some(since)) = (request.as_object_mut(), self.since) {
            fields.insert("since".to_owned(), since.into());
        }
        request
    }
}

/// Keeps it, or shows what would be called.
pub(crate) async fn run(
    args: &Args,
    wanted: Wanted<'_>,
    dry_run: bool,
    pause: Option<Duration>,
) -> Result<Verdict, CtlError> {
    let functions = Functions::of(args).await?;
    if !dry_run && !args.yes {
        let looked = functions.invoke(&wanted.request(true)).await?;
        let salvage: Salvage = read(&looked)?;
        let is_early = pause.is_some() && salvage.outlook == Outlook::Wait;
        if salvage.outlook != Outlook::WouldCopy && !is_early {
            return Ok(told(args, &looked, &salvage));
        }
        let unread = salvage.run_unread.as_ref().map(|it| format!("; {it}")).unwrap_or_default();
        let what = format!("{}{unread}. A copy costs storage until somebody deletes it", salvage.reason);
        ask::plain(&what, false)?;
    }
    let request = wanted.request(dry_run);
    let Some(pause) = pause else {
        let answer = functions.invoke(&request).await?;
        return Ok(told(args, &answer, &read(&answer)?));
    };
    waited(args, &functions, &request, pause).await
}

/// Asks until there is nothing to wait for. Where nobody answers it says so, and asks again.
async fn waited(
    args: &Args,
    functions: &Functions,
    request: &Value,
    pause: Duration,
) -> Result<Verdict, CtlError> {
    let mut last = String::new();
    loop {
        let said = match functions.invoke(request).await {
            Ok(answer) => {
                let salvage: Salvage = read(&answer)?;
                if salvage.outlook != Outlook::Wait {
                    return Ok(told(args, &answer, &salvage));
                }
                salvage.reason
            }
            Err(error @ (CtlError::NoAnswer(_) | CtlError::Busy(_))) => error.to_string(),
            Err(error) => return Err(error),
        };
        if said != last {
            // A closed standard error stops nothing.
            let _ = writeln!(std::io::stderr(), "{}", visible(&said));
            last = said;
        }
        tokio::time::sleep(pause).await;
    }
}

fn told(args: &Args, answer: &Value, salvage: &Salvage) -> Verdict {
    if args.json {
        show::json(answer);
    } else {
        shown(salvage);
    }
    match salvage.outlook {
        Outlook::Kept | Outlook::WouldCopy => Verdict::Good,
        Outlook::Wait => Verdict::Waits,
        Outlook::Blocked => Verdict::Blocked,
    }
}

fn shown(salvage: &Salvage) {
    show::say(&format!("{}: {}", salvage.database, salvage.reason));
    show::say(&format!("  looked for since {}, {}", salvage.since, salvage.since_is));
    if let Some(unread) = &salvage.run_unread {
        show::say(&format!("  {unread}"));
    }
    let rows = salvage.regions.iter().map(|(region, part)| row(region, part)).collect();
    show::say(&show::table(&["Region", "cluster", "taken", ""], rows));
    if let Some(fence) = &salvage.fence {
        show::say(&format!("  {}", fenced(fence)));
    }
    if let Some(ms) = salvage.lag_ms {
        show::say(&format!("  before the call the new writer was {ms} ms behind: about that much was lost"));
    }
    for call in salvage.calls.iter().filter(|call| call.changes) {
        show::say(&format!("  would call {}, as {}", call.call, call.writes.as_deref().unwrap_or_default()));
    }
    salvage.regions.values().for_each(names);
    if let Some(again) = &salvage.again {
        show::say(&format!("  not now; to go on: {again}"));
    }
}

fn row(region: &Region, part: &RegionSalvage) -> Vec<String> {
    let taken = part.taken.map_or_else(|| "\u{2013}".to_owned(), |taken| taken.to_string());
    vec![region.to_string(), part.cluster.clone(), taken, part.said.clone()]
}

/// What one copies from the terminal, each on a line of its own.
fn names(part: &RegionSalvage) {
    let compare =
        part.restore.as_ref().map(|restore| format!("{restore}\n  what then        docs/compare-rows.md"));
    let lines = [
        ("AWS's snapshot ", part.snapshot.as_ref()),
        ("kept as        ", part.copy.as_ref()),
        ("to compare     ", compare.as_ref()),
        ("to take it back", part.undo.as_ref()),
    ];
    for (name, text) in lines {
        if let Some(text) = text {
            show::say(&format!("  {name}  {text}"));
        }
    }
}

fn fenced(fence: &Fence) -> String {
    let Fence { region, at, .. } = fence;
    match fence.outcome {
        WriteBlockOutcome::Succeeded => {
            format!("the old writer took no more writes (RDS-EVENT-0390, {at}, heard in {region})")
        }
        WriteBlockOutcome::TimedOut => format!(
            "the old writer was not kept from writing (RDS-EVENT-0391, {at}, heard in {region}): what it took after that is lost too"
        ),
    }
}
