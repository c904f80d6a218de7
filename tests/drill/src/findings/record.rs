//! From what was seen to the report: phases, the timeline, the writes and what became of them.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use drill_cloud::aurora::{Moment, Names};
use drill_cloud::front::Change;
use drill_cloud::{AlarmState, Pair, Region};
use drill_postgres::Server;
use drill_report::{EventKind, Interval, Lane, Leg, Phase, PhaseName, TimelineEvent, WriteSeries, Writes};
use serde_json::Value;
use tokio_postgres::Row;

use crate::cast::workload::{Fate, Stream, Write};
use crate::script::alarms::{Outcome, short};
use crate::script::expect;
use crate::script::play::{LegSpan, Play};
use crate::stage::delivery::{Invoked, SCHEDULE};
use crate::stage::error::DrillError;
use crate::stage::installation::Installation;
use crate::stage::job::Job;
use crate::stage::probes::Probes;

/// A pause between two acknowledged writes that counts as an outage. Shorter ones are this machine's own.
const OUTAGE_MIN: Duration = Duration::from_millis(250);

/// The legs with their phases and writes; `present` is what was found afterwards.
pub(crate) fn legs(play: &Play, writes: &[Write], present: &Pair<BTreeSet<u64>>, stale: u64) -> Vec<Leg> {
    let last = play.legs.len().saturating_sub(1);
    let legs = play.legs.iter().enumerate().map(|(index, span)| {
        let over = Interval { from_ms: play.ms(span.from), to_ms: play.ms(span.to) };
        let mut leg = Leg::new(span.name.clone(), over);
        leg.phases = phases(play, span, writes);
        let mut counted = count(play, span, writes, present);
        counted.stale_sessions = if index == last { stale } else { 0 };
        leg.writes = Some(counted);
        leg
    });
    legs.collect()
}

/// What was reached in a leg, and when.
pub(crate) fn phases(play: &Play, span: &LegSpan, writes: &[Write]) -> Vec<Phase> {
    let since = span.injected.unwrap_or(span.from);
    let mut phases = Vec::new();
    let mut add = |name: PhaseName, at: Option<Instant>, region: Option<Region>| {
        if let Some(at) = at {
            let phase = Phase::new(name, play.ms(at));
            phases.push(match region {
                Some(region) => phase.in_region(region.id()),
                None => phase,
            });
        }
    };
    add(PhaseName::Injected, span.injected, None);
    add(PhaseName::Alarmed, span.alarmed, None);
    for (name, at, region) in &span.phases {
        add(name.clone(), Some(*at), Some(*region));
    }
    // Where nothing was done, nothing is there to be detected.
    let done = span.injected.or(span.alarmed);
    let woken = play.delivery.log().into_iter().filter(|it| it.began >= since && it.began <= span.to);
    let woken = woken.filter(has_noticed);
    let first = woken.filter(|_| done.is_some()).min_by_key(|invoked| invoked.began);
    add(PhaseName::Detected, first.as_ref().map(|it| it.began), first.as_ref().map(|it| it.region));
    let Some(target) = span.target else {
        phases.sort_by_key(|phase| phase.at_ms);
        return phases;
    };
    let started = play.failover_calls(since).into_iter().find(|call| call.applied() && call.ended <= span.to);
    add(PhaseName::Started, started.map(|call| call.ended), Some(target));
    let promoted = play.promoted(target, span.from).filter(|at| *at <= span.to);
    add(PhaseName::Promoted, promoted, Some(target));
    let record = play.record_accepted(target, since).filter(|entry| entry.ended <= span.to);
    let parameter = play.parameter_accepted(target, since).filter(|entry| entry.ended <= span.to);
    let decided = record.iter().chain(&parameter).map(|entry| entry.received).min();
    add(PhaseName::Decided, decided, None);
    add(PhaseName::RecordAccepted, record.map(|entry| entry.ended), None);
    add(PhaseName::ParameterAccepted, parameter.map(|entry| entry.ended), None);
    add(PhaseName::RecordVisible, play.record_visible(target, since).filter(|at| *at <= span.to), None);
    let by = Fate::Acknowledged(play.address(target).to_string());
    let new = writes.iter().filter(|write| write.sent >= since && write.ended <= span.to && write.fate == by);
    add(PhaseName::FirstWrite, new.map(|write| write.ended).min(), None);
    phases.sort_by_key(|phase| phase.at_ms);
    phases
}

/// A tick of the schedule that found everything as it was has noticed nothing.
pub(crate) fn has_noticed(invoked: &Invoked) -> bool {
    invoked.why != SCHEDULE || !["unchanged", "failed"].contains(&expect::decision(&invoked.payload).as_str())
}

fn count(play: &Play, span: &LegSpan, writes: &[Write], present: &Pair<BTreeSet<u64>>) -> Writes {
    let within: Vec<&Write> = writes.iter().filter(|it| span.covers(it.ended)).collect();
    let count = |fate: &Fate| within.iter().filter(|write| write.fate == *fate).count() as u64;
    let is_lost = |write: &&&Write| !present.get(write.region).contains(&write.number);
    let acknowledged: Vec<&&Write> = within.iter().filter(|it| it.is_acknowledged()).collect();
    let streams: BTreeSet<Stream> = writes.iter().map(|write| write.stream).collect();
    let mut counted = Writes {
        outage: streams
            .into_iter()
            .filter_map(|stream| outage(play, span, &acknowledged, stream))
            .max_by_key(|it| it.length_ms()),
        acknowledged: acknowledged.len() as u64,
        rejected: count(&Fate::Rejected),
        indeterminate: count(&Fate::Indeterminate),
        ..Writes::default()
    };
    counted.set_lost(acknowledged.iter().copied().filter(is_lost).map(|write| write.number));
    counted
}

/// The longest pause of one app's, or one user's, acknowledged writes in the leg.
pub(crate) fn outage(
    play: &Play,
    span: &LegSpan,
    acknowledged: &[&&Write],
    stream: Stream,
) -> Option<Interval> {
    let mine = acknowledged.iter().filter(|write| write.stream == stream).map(|write| write.ended);
    let mut times: Vec<Instant> = [span.from].into_iter().chain(mine).chain([span.to]).collect();
    times.sort();
    let pauses = times.windows(2).filter_map(|pair| match pair {
        [from, to] => Some((to.duration_since(*from), *from, *to)),
        _ => None,
    });
    let (length, from, to) = pauses.max_by_key(|(length, ..)| *length)?;
    (length >= OUTAGE_MIN).then(|| Interval { from_ms: play.ms(from), to_ms: play.ms(to) })
}

/// All writes in buckets, from the scenario's start.
pub(crate) fn series(play: &Play, writes: &[Write]) -> WriteSeries {
    let mut series = WriteSeries::new();
    for write in writes.iter().filter(|write| write.ended >= play.started) {
        match write.fate {
            Fate::Acknowledged(_) => series.add_acknowledged(play.ms(write.ended)),
            Fate::Rejected | Fate::Indeterminate => series.add_failed(play.ms(write.ended)),
        }
    }
    series
}

/// Which numbers of each app's writes the current writer holds, from `first` on.
pub(crate) async fn present(server: &Server, first: u64) -> Result<Pair<BTreeSet<u64>>, DrillError> {
    let mut found: BTreeMap<String, BTreeSet<u64>> = BTreeMap::new();
    let statement = format!("SELECT client, number FROM todos WHERE number >= {first}");
    for row in rows(server, "look the writes up", &statement).await? {
        let (name, number): (String, i64) = (row.get(0), row.get(1));
        found.entry(name).or_default().insert(u64::try_from(number).unwrap_or_default());
    }
    Ok(Pair::each(|region| found.remove(region.id()).unwrap_or_default()))
}

/// How many sessions of the application it has.
pub(crate) async fn sessions(server: &Server) -> Result<u64, DrillError> {
    let statement =
        "SELECT 1 FROM pg_stat_activity WHERE backend_type = 'client backend' AND usename <> current_user";
    Ok(rows(server, "count the sessions", statement).await?.len() as u64)
}

/// Asks the server as its superuser.
pub(crate) async fn rows(
    server: &Server,
    operation: &'static str,
    statement: &str,
) -> Result<Vec<Row>, DrillError> {
    let failed = |source| DrillError::Query { operation, source };
    let (client, connection) =
        server.superuser_config().connect(tokio_postgres::NoTls).await.map_err(failed)?;
    let connection = tokio::spawn(connection);
    let rows = client.query(statement, &[]).await.map_err(failed);
    drop(client);
    connection.abort();
    rows
}

/// What happened when since then, beside what the script itself noted.
pub(crate) fn timeline(play: &Play, since: Instant) -> Vec<TimelineEvent> {
    let installation = &play.stage.installation;
    let mut events = play.events.clone();
    events.extend(play.notices().iter().filter(|it| it.at >= since).map(|notice| {
        let (kind, text) = database(&notice.moment);
        TimelineEvent::at(play.ms(notice.at), Lane::Database, kind, text)
    }));
    for invoked in play.delivery.since(since) {
        let (kind, text) = decision(&invoked.why, &invoked.payload, invoked.failed);
        let region = invoked.region.id().to_owned();
        let lane = match invoked.job {
            Job::Follow => Lane::Follow(region),
            Job::Failover => Lane::Failover(region),
        };
        let event = TimelineEvent::at(play.ms(invoked.began), lane, kind, text);
        events.push(event.until(play.ms(invoked.ended.unwrap_or_else(Instant::now))));
    }
    for entry in play.writes_since(since) {
        let Some((lane, text)) = entry.change.as_ref().and_then(|it| written(it, installation)) else {
            continue;
        };
        let kind = if entry.applied() { EventKind::Publish } else { EventKind::Error };
        let text = if entry.applied() { text } else { format!("{text}: {:?}", entry.outcome) };
        events.push(TimelineEvent::at(play.ms(entry.received), lane, kind, text).until(play.ms(entry.ended)));
    }
    events.extend(play.failover_calls(since).iter().map(|call| {
        let city = call.call.region.map_or("another Region", Region::city);
        let text = format!("FailoverGlobalCluster in {city}: {:?}", call.outcome);
        TimelineEvent::at(play.ms(call.received), Lane::Database, EventKind::Action, text)
    }));
    let changes = play.stage.probes.iter().flat_map(Probes::changes).filter(|(at, _)| *at >= since);
    events.extend(changes.map(|(at, change)| {
        let kind = if change.state == AlarmState::Alarm { EventKind::Fault } else { EventKind::State };
        let text = format!("{} is {}", short(change.alarm), change.state.as_str());
        TimelineEvent::at(play.ms(at), Lane::Alarms, kind, text)
    }));
    events.extend(play.mail().iter().filter(|it| it.at >= since).map(|mail| {
        TimelineEvent::at(play.ms(mail.at), Lane::Messages, EventKind::Event, with_cities(&mail.subject))
    }));
    let shown = play.name_changes();
    let shown = shown.iter().filter(|it| it.at >= since && it.name == installation.record);
    events.extend(shown.map(|change| {
        let text = format!("resolvers get {}", place(&change.values.join(", ")));
        TimelineEvent::at(play.ms(change.at), Lane::Dns, EventKind::Publish, text)
    }));
    events.sort_by_key(|event| event.at_ms);
    events
}

fn database(moment: &Moment) -> (EventKind, String) {
    match moment {
        Moment::Started { kind, to } => (EventKind::State, format!("{kind:?} to {} began", to.city())),
        Moment::Stopped(region) => (EventKind::State, format!("{} takes no more writes", region.city())),
        Moment::Promoted(region) => (EventKind::Publish, format!("{} takes writes", region.city())),
        Moment::Finished => (EventKind::State, "the transition is over".to_owned()),
        Moment::Rejoined(region) => (EventKind::State, format!("{} follows again", region.city())),
        Moment::Failed(why) => (EventKind::Error, format!("the transition failed: {why}")),
    }
}

/// The city whose endpoint this is; a label of the drawing has no room for a host name.
fn place(endpoint: &str) -> String {
    let endpoint = endpoint.trim_end_matches('.');
    let region = Region::ALL.into_iter().find(|region| Names::of(*region).endpoint() == endpoint);
    region.map_or(endpoint.to_owned(), |region| region.city().to_owned())
}

/// The same sentence with the cities' names in place of the Regions'.
fn with_cities(text: &str) -> String {
    Region::ALL.into_iter().fold(text.to_owned(), |text, region| text.replace(region.id(), region.city()))
}

/// What an invocation came to, in a few words.
fn decision(why: &str, payload: &Value, failed: bool) -> (EventKind, String) {
    let why = why.strip_prefix("RDS-EVENT-").unwrap_or(why);
    if failed {
        let message = payload.get("errorMessage").and_then(Value::as_str).unwrap_or("no answer");
        let message = message.split(". The whole answer: ").next().unwrap_or(message);
        return (EventKind::Error, format!("{why}: failed: {message}"));
    }
    if payload.is_null() {
        return (EventKind::State, format!("{why}: under way"));
    }
    if let Some(outcome) = Outcome::of(payload) {
        return policy(why, outcome);
    }
    let result = payload.pointer("/results/0");
    let text = |key: &str| result.and_then(|it| it.get(key)).and_then(Value::as_str).unwrap_or_default();
    let kind = match text("decision") {
        "publish" => EventKind::Publish,
        "hold" => EventKind::Hold,
        "error" => EventKind::Error,
        _ => EventKind::Decision,
    };
    let hold = text("hold");
    let name = if hold.is_empty() { text("decision") } else { hold };
    (kind, format!("{why}: {name}: {}", with_cities(text("reason"))))
}

/// What the policy came to.
fn policy(why: &str, outcome: Outcome<'_>) -> (EventKind, String) {
    let action = outcome.action();
    let kind = match action {
        "started" => EventKind::Action,
        "refused" => EventKind::Hold,
        "advised" => EventKind::Decision,
        _ => EventKind::Error,
    };
    let blocked = outcome.blocked_by().join(", ");
    let by = if blocked.is_empty() { String::new() } else { format!(" by {blocked}") };
    (kind, format!("{action}{by} ({why})"))
}

fn written(change: &Change, installation: &Installation) -> Option<(Lane, String)> {
    match change {
        Change::Records(_) => {
            let to = change.created(&installation.record, "CNAME").first().map(|value| place(value))?;
            Some((Lane::Record, format!("record to {to}")))
        }
        Change::Parameter { name, value } if *name == installation.parameter => {
            Some((Lane::Parameter, format!("parameter to {}", place(value.as_deref().unwrap_or("nothing")))))
        }
        Change::Parameter { .. } | Change::Message { .. } => None,
    }
}
