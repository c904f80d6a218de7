//! From the command line to the request, and from its answer to the terminal.

use std::io::Write;
use std::time::Duration;

use clap::CommandFactory;
use drill_report::Report;
use responder_core::operator::reply::{TransitionPlan, TransitionPlans};
use responder_core::operator::status::Statuses;
use responder_core::operator::switches::{Declared, Switched, Written};
use responder_core::probe::install;
use serde_json::{Value, json};

use crate::args::{Args, Command, Probe};
use crate::error::{CtlError, Verdict};
use crate::invoke::{Functions, read};
use crate::{ask, doctor, probe, progress, render, salvage, show, watch};

/// Runs a command.
pub(crate) async fn run(args: &Args) -> Result<Verdict, CtlError> {
    match &args.command {
        Command::Report { file, output } => {
            let page = render::page(file, output.as_deref())?;
            show::say(&page.display().to_string());
            Ok(Verdict::Good)
        }
        Command::Completions { shell } => {
            let mut completions = Vec::new();
            clap_complete::generate(*shell, &mut Args::command(), "failoverctl", &mut completions);
            // Whoever closed standard output does not want it.
            let _ = std::io::stdout().write_all(&completions);
            Ok(Verdict::Good)
        }
        Command::Doctor => doctor::run(args).await,
        Command::Probe { what: Some(Probe::Install { user }), .. } => {
            show::say(install::sql(user).map_err(|error| CtlError::Usage(error.to_string()))?.trim_end());
            Ok(Verdict::Good)
        }
        Command::Probe { database, what: None } => probe::look(args, database.as_deref()).await,
        Command::Status { database } => simple(args, &watch::request(database.as_deref())).await,
        Command::Watch { database, every, count } => {
            watch::run(args, database.as_deref(), Duration::from_secs(*every), *count).await
        }
        Command::Plan { database, target } => {
            simple(args, &json!({"action": "plan", "database": database, "target_region": target})).await
        }
        Command::Switchover { database, target, dry_run } => {
            let to = json!({
                "action": "switchover", "database": database, "target_region": target, "dry_run": dry_run,
            });
            transition(args, &to).await
        }
        Command::Failover { database, target, dry_run } => {
            let to = json!({
                "action": "failover", "database": database, "target_region": target, "dry_run": dry_run,
                "confirm": database, "allow_data_loss": true,
            });
            transition(args, &to).await
        }
        Command::Failback { database, dry_run } => {
            transition(args, &json!({"action": "failback", "database": database, "dry_run": dry_run})).await
        }
        Command::Hold { database, reason } => {
            simple(args, &json!({"action": "hold", "database": database, "reason": reason})).await
        }
        Command::Release { database } => {
            simple(args, &json!({"action": "release", "database": database})).await
        }
        Command::Declare { database, target } => {
            let declared = json!({
                "action": "declare", "database": database, "target_region": target, "confirm": database,
            });
            simple(args, &declared).await
        }
        Command::Salvage { database, since, dry_run, wait, every } => {
            let wanted = salvage::Wanted { database, since: since.as_deref() };
            let pause = wait.then(|| Duration::from_secs(*every));
            salvage::run(args, wanted, *dry_run, pause).await
        }
    }
}

/// A command with one invocation.
async fn simple(args: &Args, request: &Value) -> Result<Verdict, CtlError> {
    if let Command::Declare { database, target } = &args.command {
        let what = format!(
            "The cluster of {target} becomes the published writer of {database}; writes that still go elsewhere are lost"
        );
        ask::typed(database, &what, args.yes)?;
    }
    let functions = Functions::of(args).await?;
    // A declaration is published right then, beside a Region that is dead perhaps: that takes longer than a look.
    let answer = if matches!(args.command, Command::Declare { .. }) {
        let status = json!({ "action": "status", "database": request.get("database") });
        functions.that_answer(&status).await?.invoke_patiently(request).await?
    } else {
        functions.invoke(request).await?
    };
    if args.json {
        show::json(&answer);
    }
    match &args.command {
        Command::Plan { .. } => {
            let TransitionPlans { switchover, failover, .. } = read(&answer)?;
            Ok(planned(args, &[switchover, failover]))
        }
        Command::Hold { .. } | Command::Release { .. } => {
            let switched: Switched = read(&answer)?;
            if !args.json {
                show::switched(&switched);
            }
            Ok(if switched.left.is_some() { Verdict::Missed } else { Verdict::Good })
        }
        Command::Declare { .. } => {
            let declared: Declared = read(&answer)?;
            if !args.json {
                show::declared(&declared);
            }
            let all = declared.regions.values().all(|it| !matches!(it, Written::Failed(_)));
            Ok(if all { Verdict::Good } else { Verdict::Missed })
        }
        _ => {
            let statuses: Statuses = read(&answer)?;
            if !args.json {
                show::status(&statuses);
            }
            Ok(if statuses.databases.is_empty() { Verdict::Missed } else { Verdict::Good })
        }
    }
}

/// Shows plans, unless the JSON was; whether one of them would be started.
fn planned(args: &Args, plans: &[TransitionPlan]) -> Verdict {
    if !args.json {
        plans.iter().for_each(show::plan);
    }
    let starts = plans.iter().any(|plan| plan.would_start);
    if starts { Verdict::Good } else { Verdict::WouldBeRefused }
}

/// A transition, or its dry run.
async fn transition(args: &Args, request: &Value) -> Result<Verdict, CtlError> {
    let functions = Functions::of(args).await?;
    if request.get("dry_run") == Some(&Value::Bool(true)) {
        let plan = functions.invoke(request).await?;
        if args.json {
            show::json(&plan);
        }
        return Ok(planned(args, &[read(&plan)?]));
    }
    confirm(args)?;
    let status = json!({ "action": "status", "database": request.get("database") });
    let watchers = functions.clone();
    let functions = functions.that_answer(&status).await?;
    let watchers = watchers.besides(&functions);
    match progress::transition(&functions, &watchers, request).await {
        Ok((answer, report)) => {
            told(args, &answer, &report);
            Ok(if report.verdict().is_pass() { Verdict::Good } else { Verdict::Missed })
        }
        Err(CtlError::Failed { sentence, answer }) => {
            if let Some(answer) = &answer {
                told(args, answer, &render::report(answer)?);
            }
            Err(CtlError::Failed { sentence, answer })
        }
        Err(error) => Err(error),
    }
}

fn confirm(args: &Args) -> Result<(), CtlError> {
    match &args.command {
        Command::Failover { database, target, .. } => {
            let what = format!("{database} fails over to {target}; writes that were not replicated are lost");
            ask::typed(database, &what, args.yes)
        }
        Command::Switchover { database, target, .. } => {
            let what = format!("{database} is switched over to {target}; it takes no writes meanwhile");
            ask::plain(&what, args.yes)
        }
        Command::Failback { database, .. } => {
            let what =
                format!("{database} is switched over to its home Region; it takes no writes meanwhile");
            ask::plain(&what, args.yes)
        }
        _ => Ok(()),
    }
}

/// Shows a report.
fn told(args: &Args, answer: &Value, report: &Report) {
    if args.json {
        show::json(answer);
    } else {
        show::report(report);
    }
}
