//! Whether an installation is fit for the day it is needed: each finding is ok, warn or fail, and says how to mend it.
//!
//! What the permissions of whoever runs this do not allow to look at is a warning. Where the rules cannot be read, their
//! effect is judged: if a pass was made within the last ten minutes, the schedule works.

mod ahead;
mod alarms;
pub(crate) mod databases;
pub(crate) mod functions;
#[cfg(feature = "permissions")]
mod needs;
#[cfg(feature = "permissions")]
mod permissions;
mod policy;
mod probes;
mod quotas;
mod rules;
mod unread;

use std::fmt;
use std::time::Duration;

use responder_core::config::{Database, FailoverMode};
use responder_core::operator::status::Statuses;
use serde_json::{Value, json};

use crate::args::Args;
use crate::error::{CtlError, Verdict};
use crate::invoke::{Functions, configuration, in_region, read};
use crate::show;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    /// As it should be.
    Ok,
    /// It works, and somebody should look.
    Warn,
    /// It will not work when it is needed, or it could do what it must not.
    Fail,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "FAIL",
        })
    }
}

/// One thing that was looked at.
#[derive(Debug, Clone)]
pub(crate) struct Finding {
    level: Level,
    place: String,
    what: String,
    mend: String,
}

impl Finding {
    pub(crate) fn ok(place: &str, what: impl Into<String>) -> Self {
        Self { level: Level::Ok, place: place.to_owned(), what: what.into(), mend: String::new() }
    }

    pub(crate) fn warn(place: &str, what: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { level: Level::Warn, place: place.to_owned(), what: what.into(), mend: mend.into() }
    }

    pub(crate) fn fail(place: &str, what: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { level: Level::Fail, place: place.to_owned(), what: what.into(), mend: mend.into() }
    }
}

/// Looks at everything; the verdict is good when nothing fails.
pub(crate) async fn run(args: &Args) -> Result<Verdict, CtlError> {
    let (config, regions) = configuration(&args.place).await?;
    let mut findings = Vec::new();
    if regions.len() < 2 {
        findings.push(Finding::warn(
            "here",
            "only one Region is looked at",
            "give the other one with --peer-region or FAILOVERCTL_PEER_REGION",
        ));
    }
    let installed = databases::installed(&config, &regions, &args.place.prefix).await;
    let is_off = |it: &Database| it.failover().mode == FailoverMode::Off;
    let is_followed_alone = !installed.is_empty() && installed.iter().all(is_off);
    let mut has_drill = false;
    for region in &regions {
        let here = in_region(&config, region);
        let deployed = functions::look(&here, region, &args.place, is_followed_alone, &mut findings).await;
        has_drill |= deployed.iter().any(|it| it.kind == "drill" && it.arn.is_some());
        rules::look(&here, region, &deployed, &mut findings).await;
        #[cfg(feature = "permissions")]
        permissions::look(&here, region, &args.place.prefix, &deployed, &mut findings).await;
    }
    #[cfg(not(feature = "permissions"))]
    findings.push(Finding::warn(
        "here",
        "this failoverctl does not ask what the roles may do",
        "build it with its feature permissions, as it is built unless that is left out",
    ));
    databases::configurations(&config, &regions, &args.place.prefix, &mut findings).await;
    for region in &regions {
        findings.extend(quotas::look(&in_region(&config, region), region, &installed).await);
    }
    findings.extend(quotas::zones(&config, &installed).await);
    for database in &installed {
        findings.extend(alarms::look(&config, database).await);
        findings.extend(ahead::look(&config, database).await);
    }
    findings.extend(probes::look(&config, &installed, Duration::from_secs(args.place.patience)).await);
    if is_followed_alone && !has_drill {
        let what = "what it would find is not looked at: the epoch, the record, the standby, the lag";
        findings.push(Finding::warn("status", what, "install size all to have it"));
    } else {
        statuses(args, &installed, &mut findings).await?;
    }
    Ok(tell(args, &findings))
}

/// What the drill function's status shows of each database.
async fn statuses(args: &Args, installed: &[Database], findings: &mut Vec<Finding>) -> Result<(), CtlError> {
    let status = Functions::of(args).await?.invoke(&json!({ "action": "status" })).await;
    match status.and_then(|status| read::<Statuses>(&status)) {
        Ok(status) => {
            databases::status(&status, findings);
            let told = |it: &Database| policy::look(it, databases::writer(&status, it).as_ref());
            findings.extend(installed.iter().flat_map(told));
        }
        Err(error) => findings.push(Finding::fail(
            "drill",
            error.to_string(),
            "deploy the function, or give its name with --function-name",
        )),
    }
    Ok(())
}

fn tell(args: &Args, findings: &[Finding]) -> Verdict {
    if args.json {
        let json = findings.iter().map(|it| {
            let level = it.level.to_string().to_ascii_lowercase();
            json!({"level": level, "place": it.place, "what": it.what, "mend": it.mend})
        });
        show::json(&Value::Array(json.collect()));
    } else {
        let row =
            |it: &Finding| vec![it.level.to_string(), it.place.clone(), it.what.clone(), it.mend.clone()];
        show::say(&show::table(&["", "where", "found", "to mend it"], findings.iter().map(row).collect()));
        let count = |level| findings.iter().filter(|it| it.level == level).count();
        show::say(&format!(
            "{} ok, {} to look at, {} to mend",
            count(Level::Ok),
            count(Level::Warn),
            count(Level::Fail)
        ));
    }
    let fails = findings.iter().any(|it| it.level == Level::Fail);
    if fails { Verdict::Missed } else { Verdict::Good }
}
