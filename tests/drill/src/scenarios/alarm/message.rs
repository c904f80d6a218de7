//! What people get to read: whether it is one message, short enough, and complete.

use drill_cloud::aurora::{GLOBAL_CLUSTER, Names};
use drill_cloud::{Mail, Region};
use drill_report::Expectation;

use crate::play::Play;

/// SNS's own limit.
const SUBJECT_MAX: usize = 100;
/// The policy's checks, each of which a message has to show.
const CHECKS: [&str; 9] = [
    "alarms_in_alarm",
    "no_hold",
    "no_transition",
    "region_is_target",
    "target_ready",
    "versions_equal",
    "replication_lag",
    "cooldown",
    "single_flight",
];

/// Exactly one message of that subject came.
pub(super) fn expect_one(play: &mut Play<'_>, subject: &str) {
    let count = play.mail().iter().filter(|mail| mail.subject.contains(subject)).count();
    play.expect(Expectation::exactly(format!("Messages with the subject \"{subject}\""), 1, Some(count)));
}

/// At least one message of that subject came. Two functions may notice the same at the same moment, and Parameter Store,
/// where they write that it was said, has no compare-and-swap.
pub(super) fn expect_some(play: &mut Play<'_>, subject: &str) {
    let count = play.mail().iter().filter(|mail| mail.subject.contains(subject)).count();
    let what = format!("Messages with the subject \"{subject}\"");
    play.expect(Expectation::at_least(what, 1, Some(count as u64)));
}

/// So many messages came, and no more.
pub(super) fn expect_count(play: &mut Play<'_>, what: &str, wanted: usize) {
    let mail = play.mail();
    let subjects: Vec<&str> = mail.iter().map(|mail| mail.subject.as_str()).collect();
    let measured = if subjects.is_empty() {
        "0".to_owned()
    } else {
        format!("{}: {}", subjects.len(), subjects.join("; "))
    };
    play.expect(Expectation::judged(what, wanted.to_string(), measured, mail.len() == wanted));
}

/// Every message about an alarm has a short subject, every check with its verdict, and both commands.
pub(super) fn expect_complete(play: &mut Play<'_>, messages: &[Mail]) {
    let missing: Vec<String> = messages.iter().flat_map(missing).collect();
    let complete = !messages.is_empty() && missing.is_empty();
    let measured = if complete { "all there".to_owned() } else { format!("missing: {}", missing.join(", ")) };
    play.expect(Expectation::judged(
        "Each message has a short subject, every check, the aws command and the drill command",
        "all there",
        measured,
        complete,
    ));
}

fn missing(mail: &Mail) -> Vec<String> {
    let target = Region::Osaka;
    let arn = Names::of(target).cluster_arn();
    let aws = format!(
        "aws rds failover-global-cluster --region {target} --global-cluster-identifier {GLOBAL_CLUSTER} \
         --target-db-cluster-identifier {arn} --allow-data-loss"
    );
    let drill = format!(
        "{{\"action\":\"failover\",\"database\":\"todo\",\"target_region\":\"{target}\",\"confirm\":\"todo\",\"allow_data_loss\":true}}"
    );
    let shows =
        |check: &&str| ["pass", "FAIL"].iter().any(|it| mail.message.contains(&format!("{it}  {check}: ")));
    let unshown = CHECKS.iter().filter(|check| !shows(check)).map(|check| (*check).to_owned());
    let commands = [aws, drill].into_iter().filter(|command| !mail.message.contains(command.as_str()));
    let long =
        (mail.subject.is_empty() || mail.subject.len() > SUBJECT_MAX).then(|| "a short subject".to_owned());
    unshown.chain(commands).chain(long).collect()
}
