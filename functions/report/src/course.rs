//! The report of a move that was called on a real account: the local drill's format, from the same code.

use responder_core::words::names::Region;
use responder_core::world::course;
use responder_core::world::course::Course;
use responder_core::world::run::{Kind, Moment, Past, Run};
use serde_json::Value;
use time::OffsetDateTime;

use crate::{
    ByHand, Check, Difference, Environment, EventKind, Expectation, Interval, Lane, Leg, NamedValue,
    Override, Phase, PhaseName, Previous, Progress, Report, Scenario, TimelineEvent,
};

/// What AWS's own host names end in, in any of its partitions.
const AWS: [&str; 10] = [
    "amazonaws.com",
    "api.aws",
    "amazonaws.com.cn",
    "api.amazonwebservices.com.cn",
    "amazonaws.eu",
    "api.amazonwebservices.eu",
    "ic.gov",
    "sgov.gov",
    "aws.scloud",
    "adc-e.uk",
];

/// Whether a variable of the environment sends the SDK elsewhere than to AWS. A VPC endpoint's own name is AWS.
fn leads_elsewhere(name: &str, value: &str) -> bool {
    let host = value.split("://").last().and_then(|rest| rest.split(['/', ':']).next()).unwrap_or_default();
    let is_aws =
        AWS.iter().any(|domain| host.strip_suffix(domain).is_some_and(|labels| labels.ends_with('.')));
    name.starts_with("AWS_ENDPOINT_URL") && !value.is_empty() && !is_aws
}

impl From<&Course> for Report {
    /// The report of a move, which may still be in progress.
    fn from(course: &Course) -> Self {
        of(course)
    }
}

fn of(course: &Course) -> Report {
    let function = if course.by_itself { "failover" } else { "drill" };
    let run = &course.run;
    let took_ms = run.ended.as_ref().map_or_else(|| course.at.since_ms(run.began()), |ended| ended.ms);
    let began = OffsetDateTime::from_unix_timestamp_nanos(i128::from(run.began_ms) * 1_000_000);
    let detail = |name: &str, value: &str| NamedValue::new(name, value);
    Report {
        emulated: std::env::vars_os()
            .any(|(name, value)| leads_elsewhere(&name.to_string_lossy(), &value.to_string_lossy())),
        started_at: began.unwrap_or(OffsetDateTime::UNIX_EPOCH),
        duration_ms: whole(took_ms),
        environment: Environment {
            tls_exercised: false,
            details: vec![
                detail("global cluster", course.database.global_cluster()),
                detail("record", &course.database.record().name),
                detail("record TTL", &format!("{} s", course.database.record().ttl_seconds)),
                detail("parameter", course.database.parameter()),
                detail("function", &format!("{function} {}", env!("CARGO_PKG_VERSION"))),
            ],
        },
        scenarios: vec![scenario(course, whole(took_ms))],
    }
}

fn whole(ms: i64) -> u64 {
    u64::try_from(ms).unwrap_or_default()
}

fn scenario(course: &Course, took_ms: u64) -> Scenario {
    let run = &course.run;
    let moves = format!("{} \u{2192} {}", run.from, run.target);
    let mut leg = Leg::new(moves.clone(), Interval { from_ms: 0, to_ms: took_ms });
    leg.phases = run.phases.iter().map(|moment| phase(run, moment)).collect();
    Scenario {
        name: run.kind.as_str().to_owned(),
        title: format!("{} of {}, {moves}", title(run.kind), course.database.name()),
        story: story(course),
        duration_ms: took_ms,
        steady_state: steady_state(run),
        expectations: expectations(course),
        timeline: timeline(course),
        legs: vec![leg],
        decisions: course.results.iter().filter_map(|result| serde_json::to_value(result).ok()).collect(),
        checks: checks(run),
        notes: course.failures.clone(),
        by_hand: Some(by_hand(course)),
        ..Scenario::default()
    }
}

const fn title(kind: Kind) -> &'static str {
    match kind {
        Kind::Switchover => "Switchover",
        Kind::Failover => "Failover",
        Kind::Failback => "Failback",
    }
}

fn story(course: &Course) -> String {
    let what = if course.run.kind.is_planned() {
        "A planned move: Aurora stops the old writer and waits until the target has every write, so none is lost."
            .to_owned()
    } else {
        format!(
            "An unplanned move, data loss allowed: what the target did not have yet is lost to it. AWS tries to keep it in a snapshot, \
             rds:unplanned-global-failover-\u{2026}, once {} is back: failoverctl salvage {} keeps that beyond the retention.",
            course.run.from,
            course.database.name()
        )
    };
    let end = match (&course.run.ended, course.progress) {
        (Some(ended), _) => format!(" It ended: {}.", ended.why),
        (None, _) if course.by_itself => format!(
            " It is in progress as run {}, as far as the invocation that started it has seen. That one writes this page again at its own \
             end and no later; failoverctl status shows how it goes on.",
            course.run.id
        ),
        (None, _) => format!(
            " It is in progress as run {}: the same request again, or status, shows how it goes on.",
            course.run.id
        ),
    };
    format!("{what}{end}")
}

fn steady_state(run: &Run) -> Vec<NamedValue> {
    let lag = run.lag_ms.map_or_else(|| "unknown".to_owned(), |ms| format!("{ms} ms"));
    vec![
        NamedValue::new("published writer", run.from.to_string()),
        NamedValue::new("epoch", run.epoch.to_string()),
        NamedValue::new("replication lag of the target", lag),
    ]
}

fn checks(run: &Run) -> Vec<Check> {
    let check = |it: &responder_core::answer::result::Check| {
        let limit = it.limit.as_ref().map(|limit| format!(" (wanted: {limit})")).unwrap_or_default();
        Check { name: it.name.clone(), value: format!("{}{limit}", it.value), pass: it.pass }
    };
    run.checks.iter().map(check).collect()
}

fn expectations(course: &Course) -> Vec<Expectation> {
    let run = &course.run;
    let measured = match course.progress {
        course::Progress::Done => "yes".to_owned(),
        course::Progress::InProgress => format!("in progress, run {}", run.id),
        course::Progress::Failed => {
            run.ended.as_ref().map_or_else(|| "no".to_owned(), |ended| format!("no: {}", ended.why))
        }
    };
    let is_done = course.progress == course::Progress::Done;
    let mut all = vec![Expectation::judged(
        format!("{} is the writer, published and read back", run.target),
        "yes",
        measured,
        is_done,
    )];
    if let Some(rto_s) = course.database.rto_seconds() {
        let name = "Recovery time objective: from the call until the new writer was published";
        all.push(Expectation::within_ms(name, u64::from(rto_s) * 1_000, run.recovery_ms().map(whole)));
    }
    if let Some(rpo_s) = course.database.rpo_seconds() {
        all.push(recovery_point(run, u64::from(rpo_s)));
    }
    all
}

/// No workload of ours runs in the account, so writes are not counted: the lag before the call stands for them.
fn recovery_point(run: &Run, rpo_s: u64) -> Expectation {
    let name = "Recovery point objective: writes that may be lost";
    let expected = format!("at most {rpo_s} s of writes");
    if run.kind.is_planned() {
        let measured = "none: Aurora's switchover waits until the target has every write";
        return Expectation::judged(name, expected, measured, true);
    }
    match run.lag_ms {
        Some(lag_ms) => {
            let measured = format!(
                "the target was {lag_ms} ms behind in the last sample that counts; writes were not counted"
            );
            Expectation::judged(name, expected, measured, lag_ms <= rpo_s * 1_000)
        }
        None => Expectation::judged(name, expected, "unknown: no sample of the replication lag", false),
    }
}

fn phase(run: &Run, moment: &Moment) -> Phase {
    let phase = Phase::new(name(&moment.name), whole(moment.ms));
    match moment.name.as_str() {
        "injected" => phase.in_region(caller_region(run).to_string()),
        "promoted" => phase.in_region(run.target.to_string()),
        _ => phase,
    }
}

/// The Region in which the call is made.
const fn caller_region(run: &Run) -> &Region {
    if run.kind.is_planned() { &run.from } else { &run.target }
}

fn name(moment: &str) -> PhaseName {
    serde_json::from_value(Value::from(moment)).unwrap_or_else(|_| PhaseName::Other(moment.to_owned()))
}

/// What the moments show, row by row.
fn timeline(course: &Course) -> Vec<TimelineEvent> {
    let run = &course.run;
    let caller = if course.by_itself {
        Lane::Failover(run.target.to_string())
    } else {
        Lane::Other("drill".to_owned())
    };
    let call = if run.kind.is_planned() { "SwitchoverGlobalCluster" } else { "FailoverGlobalCluster" };
    let mut events = Vec::new();
    for moment in &run.phases {
        let (lane, kind, text) = match moment.name.as_str() {
            "detected" => (Lane::Alarms, EventKind::State, "a health alarm goes off".to_owned()),
            "injected" => (caller.clone(), EventKind::Action, format!("calls {call}")),
            "accepted" => (Lane::Database, EventKind::State, "RDS took the call".to_owned()),
            "under_way" => (Lane::Database, EventKind::State, "the operation shows".to_owned()),
            "promoted" => (Lane::Database, EventKind::Publish, format!("{} claims the writer", run.target)),
            "decided" => (caller.clone(), EventKind::Decision, "publishes".to_owned()),
            "record_accepted" => (Lane::Record, EventKind::Publish, format!("record to {}", run.target)),
            "parameter_accepted" => {
                (Lane::Parameter, EventKind::Publish, format!("parameter to {}", run.target))
            }
            "verified" => (caller.clone(), EventKind::Decision, "read back".to_owned()),
            _ => continue,
        };
        events.push(TimelineEvent::at(whole(moment.ms), lane, kind, text));
    }
    events
}

fn by_hand(course: &Course) -> ByHand {
    let run = &course.run;
    let overrides = run.overrides.iter().map(|it| Override {
        check: it.check.clone(),
        value: it.value.clone(),
        by: it.by.clone(),
    });
    ByHand {
        run: run.id.clone(),
        action: run.kind.as_str().to_owned(),
        database: course.database.name().to_string(),
        from: run.from.to_string(),
        target: run.target.to_string(),
        progress: match course.progress {
            course::Progress::InProgress => Progress::InProgress,
            course::Progress::Done => Progress::Done,
            course::Progress::Failed => Progress::Failed,
        },
        who: run.caller.who.clone(),
        why: run.caller.why.clone(),
        request_id: run.caller.request_id.clone(),
        by_itself: course.by_itself,
        page: course.page.clone(),
        overrides: overrides.collect(),
        previous: run.previous.as_ref().map(|past| previous(run, past)),
    }
}

fn previous(run: &Run, past: &Past) -> Previous {
    let then = |name: &str| past.phases.iter().find(|moment| moment.name == name).map(|it| whole(it.ms));
    let mut names: Vec<&str> = run.phases.iter().map(|moment| moment.name.as_str()).collect();
    let only_then = past.phases.iter().map(|moment| moment.name.as_str());
    names.extend(only_then.filter(|name| run.at_ms(name).is_none()));
    let differences = names.into_iter().filter(|name| *name != "injected").map(|name| Difference {
        name: name.to_owned(),
        before_ms: then(name),
        now_ms: run.at_ms(name).map(whole),
    });
    let ended = if past.done { "done" } else { "without a new writer" };
    Previous {
        run: past.id.clone(),
        title: format!("{} to {}, {ended}", title(past.kind), past.target),
        differences: differences.collect(),
    }
}

#[cfg(test)]
#[path = "course_tests.rs"]
mod tests;
