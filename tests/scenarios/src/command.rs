//! The commands of a script.

use std::str::FromStr;

use responder_fakes::ProbeMood;

/// One command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Command {
    /// `regions 3`, `settle 60`, `adopt`, `alarms`, `probes`: the configuration; first of all.
    Regions(usize),
    Settle(u32),
    Adopt,
    Alarms,
    /// `probes`: each Region has one.
    Probes,
    /// `published <region> <epoch>`: everything agrees on this since an hour ago.
    Published(String, u64),
    /// `writer <region>`: the writer moves, and every Region knows; `writer <region> unnoticed`: none yet.
    Writer(String, bool),
    /// `region <region> …`.
    Region(String, RegionCommand),
    /// `route53 down | back`.
    Route53(bool),
    /// `fail <operation> [times]`.
    Fail(String, Option<u32>),
    /// `record …`.
    Record(RecordCommand),
    /// `health-alarms alarm | ok`.
    HealthAlarms(bool),
    /// `declare <region> <epoch>`.
    Declare(String, u64),
    /// `wait <seconds>`.
    Wait(i64),
    /// `meanwhile <region> publishes`: right before the next exchange, a function there does a whole pass.
    Meanwhile(String),
    /// `event <id> from <cluster>`.
    Event(String, String),
    /// `pass in <region>`: one invocation, which knows nothing; `pass in <region> warm` knows what its last one did.
    Pass(String, bool),
    /// `show`: what clients resolve and what is remembered.
    Show,
}

/// What becomes of a Region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RegionCommand {
    Unreachable,
    Reachable,
    Notices,
    Rebooting,
    Available,
    Headless,
    Detached,
    NoWriter,
    Operation(String),
    Hold(String),
    Release,
    Endpoint(String),
    WriterParameter(String),
    /// It takes no writes for so many seconds, whatever RDS says.
    ReadOnly(i64),
    /// What its probe is like.
    Probe(ProbeMood),
    Forgets,
    LosesState,
}

/// What becomes of the record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RecordCommand {
    /// `record deleted`.
    Deleted,
    /// `record unowned`.
    Unowned,
    /// `record cname <host>`.
    Cname(String),
    /// `record txt <text>`.
    Txt(String),
}

/// A line that is no command.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is no command")]
pub(crate) struct CommandError(String);

impl FromStr for Command {
    type Err = CommandError;

    fn from_str(line: &str) -> Result<Self, CommandError> {
        parse(line).ok_or_else(|| CommandError(line.to_owned()))
    }
}

fn parse(line: &str) -> Option<Command> {
    let words: Vec<&str> = line.split_whitespace().collect();
    Some(match words.as_slice() {
        ["regions", count] => Command::Regions(count.parse().ok()?),
        ["settle", seconds] => Command::Settle(seconds.parse().ok()?),
        ["adopt"] => Command::Adopt,
        ["alarms"] => Command::Alarms,
        ["probes"] => Command::Probes,
        ["published", region, epoch] => Command::Published(text(region), epoch.parse().ok()?),
        ["writer", region] => Command::Writer(text(region), true),
        ["writer", region, "unnoticed"] => Command::Writer(text(region), false),
        ["region", region, rest @ ..] => Command::Region(text(region), of_region(rest)?),
        ["route53", "down"] => Command::Route53(false),
        ["route53", "back"] => Command::Route53(true),
        ["fail", operation] => Command::Fail(text(operation), None),
        ["fail", operation, times] => Command::Fail(text(operation), Some(times.parse().ok()?)),
        ["record", rest @ ..] => Command::Record(of_record(rest)?),
        ["health-alarms", "alarm"] => Command::HealthAlarms(true),
        ["health-alarms", "ok"] => Command::HealthAlarms(false),
        ["declare", region, epoch] => Command::Declare(text(region), epoch.parse().ok()?),
        ["wait", seconds] => Command::Wait(seconds.parse().ok()?),
        ["meanwhile", region, "publishes"] => Command::Meanwhile(text(region)),
        ["event", id, "from", cluster] => Command::Event(text(id), text(cluster)),
        ["pass", "in", region] => Command::Pass(text(region), false),
        ["pass", "in", region, "warm"] => Command::Pass(text(region), true),
        ["show"] => Command::Show,
        _ => return None,
    })
}

fn of_region(words: &[&str]) -> Option<RegionCommand> {
    Some(match words {
        ["unreachable"] => RegionCommand::Unreachable,
        ["reachable"] => RegionCommand::Reachable,
        ["notices"] => RegionCommand::Notices,
        ["rebooting"] => RegionCommand::Rebooting,
        ["available"] => RegionCommand::Available,
        ["headless"] => RegionCommand::Headless,
        ["detached"] => RegionCommand::Detached,
        ["no-writer"] => RegionCommand::NoWriter,
        ["operation", status] => RegionCommand::Operation(text(status)),
        ["hold", reason @ ..] => RegionCommand::Hold(reason.join(" ")),
        ["release"] => RegionCommand::Release,
        ["endpoint", host] => RegionCommand::Endpoint(text(host)),
        ["writer-parameter", value] => RegionCommand::WriterParameter(text(value)),
        ["read-only", seconds] => RegionCommand::ReadOnly(seconds.parse().ok()?),
        ["probe", "answers"] => RegionCommand::Probe(ProbeMood::Answers),
        ["probe", "null"] => RegionCommand::Probe(ProbeMood::Null),
        ["probe", "silent"] => RegionCommand::Probe(ProbeMood::Silent),
        ["forgets"] => RegionCommand::Forgets,
        ["loses-state"] => RegionCommand::LosesState,
        _ => return None,
    })
}

fn of_record(words: &[&str]) -> Option<RecordCommand> {
    Some(match words {
        ["deleted"] => RecordCommand::Deleted,
        ["unowned"] => RecordCommand::Unowned,
        ["cname", host] => RecordCommand::Cname(text(host)),
        ["txt", rest @ ..] => RecordCommand::Txt(rest.join(" ")),
        _ => return None,
    })
}

fn text(word: &str) -> String {
    word.to_owned()
}
