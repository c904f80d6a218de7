//! What people are told, as plain text: what was decided, every check with its value and its limit, and the
//! exact command that a person would run.

use crate::answer::result::CheckVerdict;
use std::fmt::Write;

use crate::answer::failover::{ActionKind, FailoverResult, Phases};
use crate::answer::result::{Check, DatabaseResult};
use crate::config::Database;
use crate::judge::case::Case;
use crate::words::names::{ClusterArn, Region};
use crate::words::notice::Notice;
use crate::world::alarm::short_name;

/// The name of the `drill` function where an installation does not name its own.
const DRILL_FUNCTION: &str = "failover-responder-drill";

/// The advice, or the refusal: what was decided and what a person can do.
pub fn advice(case: Case<'_>, checks: &[Check], reason: &str, would: bool) -> Notice {
    let name = case.database.name();
    let way = way(case.target(), case.writer());
    let subject = if would && case.target().is_some() {
        format!("{name}: fail over {way}? Every check passes")
    } else {
        format!("{name}: no failover {way}: {}", failed_names(checks))
    };
    let mut text = format!("{reason}\n\n");
    for arn in &case.database.failover().health_alarms {
        if let Some(reading) = case.readings.get(arn).filter(|reading| reading.is_alarm()) {
            let _ = writeln!(text, "Alarm: {} is {reading}.", short_name(arn));
        }
    }
    list_checks(&mut text, checks);
    // Where the first Region cannot take over, the one that speaks can.
    commands(&mut text, case.database, case.own, would);
    Notice::new(&subject, text)
}

/// A failover was started by itself, or was asked for and nobody knows whether RDS took it.
pub fn started(
    database: &Database,
    from: Option<&Region>,
    result: &FailoverResult,
    checks: &[Check],
    page: Option<&str>,
) -> Notice {
    let way = way(result.target.as_ref(), from);
    let end = if result.action == ActionKind::Unknown { "asked for, without an answer" } else { "started" };
    let mut text = format!("{}\n", result.reason);
    text.push_str("Another message follows when it has ended. Nothing needs to be done now.\n");
    link(&mut text, page);
    list_checks(&mut text, checks);
    Notice::new(&format!("{}: failover {way} {end}", database.name()), text)
}

/// How a failover that was started by itself ended.
pub fn ended(
    database: &Database,
    from: Option<&Region>,
    result: &DatabaseResult,
    failover: &FailoverResult,
    phases: &Phases,
    page: Option<&str>,
) -> Notice {
    let way = way(failover.target.as_ref(), from);
    let published = phases.until_ms("published");
    // RDS refused the call.
    let refused = failover.action == ActionKind::Failed;
    let subject = match published {
        _ if refused => format!("{}: no failover {way}: RDS refused it", database.name()),
        Some(ms) => format!("{}: failed over {way} in {}", database.name(), seconds(ms)),
        None => format!("{}: failover {way} has not ended: look", database.name()),
    };
    let mut text = format!("{}\n\nThe last decision: {}\n", failover.reason, result.reason);
    if let Some(writer) = &result.writer {
        let _ = writeln!(text, "Published now: {} in {}.", writer.endpoint, writer.region);
    }
    link(&mut text, page);
    text.push_str("\nRecovery by phases, since the first of them:\n");
    for phase in phases.as_slice() {
        let _ = writeln!(text, "  {:<10} {:>10}  {}", phase.name, seconds(phase.at_ms), phase.at);
    }
    if result.standby.is_some_and(|standby| !standby) {
        text.push_str(
            "\nThere is no standby until the old Region is resynchronized: another failure now has no remedy.\n",
        );
    }
    if refused {
        text.push_str("\nIt is asked for again after a pause, if every check still passes then.\n");
    } else if published.is_none() {
        text.push_str("\nThe functions go on looking: RDS events and the schedule wake them.\n");
    }
    for failure in &result.failures {
        let _ = writeln!(text, "On the way: {failure}");
    }
    Notice::new(&subject, text)
}

/// Where the page about the move is, where a bucket is configured.
fn link(text: &mut String, page: Option<&str>) {
    if let Some(page) = page {
        let _ = writeln!(text, "The page about it: {page}");
    }
}

/// From where to where. A locked phone shows some sixty characters: these stand before whatever else there is to say.
fn way(target: Option<&Region>, from: Option<&Region>) -> String {
    let target = target.map_or("another Region", Region::as_str);
    from.map_or_else(|| format!("to {target}"), |from| format!("to {target} from {from}"))
}

fn failed_names(checks: &[Check]) -> String {
    let failed: Vec<&str> = checks.iter().filter(|it| !it.pass).map(|it| it.name.as_str()).collect();
    failed.join(", ")
}

fn list_checks(text: &mut String, checks: &[Check]) {
    text.push_str("\nChecks:\n");
    for check in checks {
        let verdict = match check.verdict() {
            CheckVerdict::Pass => "pass   ",
            CheckVerdict::Unknown => "UNKNOWN",
            CheckVerdict::Fail => "FAIL   ",
        };
        let limit = check.limit.as_ref().map(|limit| format!("  (wanted: {limit})")).unwrap_or_default();
        let _ = writeln!(text, "  {verdict}  {}: {}{limit}", check.name, check.value);
    }
}

/// What a person would run. A failover loses what was not replicated yet, so both say so.
fn commands(text: &mut String, database: &Database, target: &Region, would: bool) {
    let Some(arn) = database.members().get(target) else { return };
    text.push_str(if would {
        "\nTo fail over now (writes that were not replicated are lost), run either of\n\n"
    } else {
        "\nShould you decide to fail over all the same (writes that were not replicated are lost), run either of\n\n"
    });
    let _ = writeln!(
        text,
        "  {}\n\n  {}",
        aws_command(database.global_cluster(), arn),
        drill_command(database, target)
    );
    let _ = writeln!(
        text,
        "\nTo stop everything for this database first, put a reason into {} in each Region:\n\n  aws ssm put-parameter --region {target} --name {} --type String --value \"your reason\"",
        database.hold_parameter(),
        database.hold_parameter(),
    );
}

/// The command that starts a failover to `arn` with AWS's own tool.
pub fn aws_command(global_cluster: &str, arn: &ClusterArn) -> String {
    format!(
        "aws rds failover-global-cluster --region {} --global-cluster-identifier {global_cluster} --target-db-cluster-identifier {arn} --allow-data-loss",
        arn.region()
    )
}

/// The command that starts a failover through the `drill` function of the target's Region.
pub fn drill_command(database: &Database, target: &Region) -> String {
    let name = database.name();
    format!(
        r#"aws lambda invoke --region {target} --function-name {DRILL_FUNCTION} --cli-binary-format raw-in-base64-out --payload '{{"action":"failover","database":"{name}","target_region":"{target}","confirm":"{name}","allow_data_loss":true}}' /dev/stdout"#
    )
}

fn seconds(ms: i64) -> String {
    format!("{}.{:03} s", ms.div_euclid(1000), ms.rem_euclid(1000))
}

#[cfg(test)]
mod tests;
