//! What people get to read: whether it is one message, short enough, and complete.

use drill_cloud::aurora::{GLOBAL_CLUSTER, Names};
use drill_cloud::{Mail, Region};

use super::play::Play;
use crate::stage::error::DrillError;

/// SNS's own limit.
const SUBJECT_MAX: usize = 100;
/// What stands before a page's link in a message.
const LINK: &str = "The page about it: ";
/// The policy's checks, each of which a message has to show.
const CHECKS: [&str; 10] = [
    "alarms_in_alarm",
    "writer_down",
    "no_hold",
    "no_transition",
    "region_is_target",
    "target_ready",
    "versions_equal",
    "replication_lag",
    "cooldown",
    "single_flight",
];

impl Play {
    /// The messages that arrived since the scenario began.
    pub(crate) fn mail(&self) -> Vec<Mail> {
        self.stage.inbox.mail().into_iter().filter(|mail| mail.at >= self.started).collect()
    }

    /// Expects exactly one message of that subject.
    pub(crate) fn expect_one_message(&mut self, subject: &str) {
        let count = self.count_messages(subject);
        self.expect_exactly(format!("Messages with the subject \"{subject}\""), 1, count);
    }

    /// Expects at least one message of that subject. Two functions may notice the same at the same moment, and Parameter
    /// Store, where they write that it was said, has no compare-and-swap.
    pub(crate) fn expect_some_message(&mut self, subject: &str) {
        let count = self.count_messages(subject);
        self.expect_at_least(format!("Messages with the subject \"{subject}\""), 1, count);
    }

    fn count_messages(&self, subject: &str) -> usize {
        self.mail().iter().filter(|mail| mail.subject.contains(subject)).count()
    }

    /// The messages of the policy: those of the look ahead come when its half hour does, which is no part of a scenario.
    fn mail_of_the_policy(&self) -> Vec<Mail> {
        self.mail()
            .into_iter()
            .filter(|mail| !mail.message.contains("the look ahead that is taken"))
            .collect()
    }

    /// Expects so many messages of the policy, and no more.
    pub(crate) fn expect_messages(&mut self, what: &str, wanted: usize) {
        let mail = self.mail_of_the_policy();
        let subjects: Vec<&str> = mail.iter().map(|mail| mail.subject.as_str()).collect();
        let found = format!("{}: {}", subjects.len(), subjects.join("; "));
        self.expect_that(what, wanted.to_string(), found, mail.len() == wanted);
    }

    /// Expects that the messages of a failover's start and end lead to one page, which says that it is done.
    pub(crate) async fn expect_page_of_the_failover(&mut self) -> Result<(), DrillError> {
        let mail = self.mail();
        let links: Vec<&str> =
            mail.iter().filter_map(|mail| mail.message.split_once(LINK)?.1.lines().next()).collect();
        let [first, second] = links.as_slice() else {
            self.expect_exactly(
                "Messages that lead to the page about the failover".to_owned(),
                2,
                links.len(),
            );
            return Ok(());
        };
        let page = self.stage.cloud.pages().read(first).await?.unwrap_or_default();
        let is_done = page.contains("is the writer, and is published") && page.contains("by itself");
        let found = if is_done { "it is done" } else { "another" };
        self.expect_that(
            "Both messages lead to one page, which says",
            "it is done",
            found,
            first == second && is_done,
        );
        Ok(())
    }

    /// Expects that each message has a short subject, every check with its verdict, and both commands.
    pub(crate) fn expect_complete_messages(&mut self) {
        let mail = self.mail_of_the_policy();
        let missing: Vec<String> = mail.iter().flat_map(missing).collect();
        let complete = !mail.is_empty() && missing.is_empty();
        let found =
            if complete { "all there".to_owned() } else { format!("missing: {}", missing.join(", ")) };
        let what = "Each message has a short subject, every check, the aws command and the drill command";
        self.expect_that(what, "all there", found, complete);
    }
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
    let shows = |check: &&str| {
        ["pass   ", "FAIL   ", "UNKNOWN"].iter().any(|it| mail.message.contains(&format!("{it}  {check}: ")))
    };
    let unshown = CHECKS.iter().filter(|check| !shows(check)).map(|check| (*check).to_owned());
    let commands = [aws, drill].into_iter().filter(|command| !mail.message.contains(command.as_str()));
    let long =
        (mail.subject.is_empty() || mail.subject.len() > SUBJECT_MAX).then(|| "a short subject".to_owned());
    unshown.chain(commands).chain(long).collect()
}
