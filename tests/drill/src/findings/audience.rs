//! What the users met with, and what Route 53 thought of the apps: for the timeline and the notes.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use drill_cloud::Region;
use drill_cloud::app_failover::{HOST, region_host};
use drill_cloud::health::LOCATIONS;
use drill_report::{EventKind, Interval, Lane, TimelineEvent};

use super::record;
use crate::cast::workload::{Fate, Stream, Write};
use crate::script::play::{LegSpan, Play};
use crate::stage::front_door::FrontDoor;
use crate::stage::pace::Pace;

/// A pause after which an app counts as serving nobody.
const PAUSE: Duration = Duration::from_millis(500);

/// How the drill's figures relate to AWS's, and what is not played.
const NOTES: [&str; 2] = [
    "Health checks, records and alarms are stored as the module app_failover makes them. The checks are made without TLS and on the \
     apps' own port, where a load balancer would have a certificate and 443; one checker stands for all of a location; a \
     new status changes the DNS answers at once.",
    "The alarms' states are worked out from the health checks' as CloudWatch does, set in the emulated CloudWatch, and delivered \
     as the event that the module forwards to both Regions.",
];

/// The same of one pace.
const fn note_of(pace: Pace) -> &'static str {
    match pace {
        Pace::Quick => {
            "Route 53 and CloudWatch are played at a tenth of their times: a check every second for one every 10 s, an answer kept \
             for 3 s in place of 30 s, alarms over two periods of 6 s in place of two minutes, without the minutes by which \
             their metric can be late. The functions, the databases and the apps take the time that they take, and so a check \
             keeps its 4 s for the connection and 2 s for the answer."
        }
        Pace::Real => {
            "AWS is played at its own pace: a check every 10 s, answers kept for 30 s, alarms over two whole minutes whose \
             datapoints are dated by their start and come a minute late, a look of each probe every 5 s, whose metrics come 5 s late to alarms over three periods of 10 s, a sample of the lag \
             a minute that comes two minutes late, the functions' schedule each minute, a failover that promotes for a minute, and \
             a changed record that resolvers see after 60 s. These times are settings of the drill, taken from AWS's documents where they \
             say a time; nobody measured them in an account."
        }
    }
}

/// Adds all of that to what the play has.
pub(crate) fn report(play: &mut Play, door: &FrontDoor) {
    let (events, notes) = (events(play, door, play.started), notes(play));
    play.events.extend(events);
    play.notes.extend(notes);
    play.notes.push(note_of(play.stage.pace).to_owned());
    play.notes.extend(NOTES.map(str::to_owned));
}

/// The rows of the health checks, of the answers for the application's name, and of the users, since then.
pub(crate) fn events(play: &Play, door: &FrontDoor, since: Instant) -> Vec<TimelineEvent> {
    let writes = play.workload.writes_since(since);
    let mut events = Vec::new();
    for region in Region::ALL {
        events.extend(unhealthy(play, door, region, since));
        events.extend(served(play, &writes, region));
    }
    let changes = play.name_changes();
    let shown = changes.iter().filter(|it| it.at >= since && it.name == HOST);
    events.extend(shown.map(|change| {
        let city = Region::ALL.into_iter().find(|region| leads_to(&change.values, *region));
        let text = format!("users are led to {}", city.map_or("nowhere", Region::city));
        TimelineEvent::at(play.ms(change.at), Lane::Dns, EventKind::Publish, text)
    }));
    events
}

fn leads_to(values: &[String], region: Region) -> bool {
    values.contains(&region_host(region))
}

/// The stretches in which Route 53 called the app unhealthy.
fn unhealthy(play: &Play, door: &FrontDoor, region: Region, since: Instant) -> Vec<TimelineEvent> {
    let changes: Vec<_> = door.changes(region).into_iter().filter(|it| it.at >= play.started).collect();
    let ends = changes.iter().skip(1).map(|change| change.at).chain([Instant::now()]);
    let stretches = changes.iter().zip(ends).filter(|(change, _)| !change.healthy);
    let lane = || Lane::Health(region.id().to_owned());
    let mut events: Vec<TimelineEvent> = stretches
        .map(|(change, until)| {
            let (healthy, of) = (change.reports.healthy, change.reports.of);
            let text = format!("unhealthy: {healthy} of {of} locations say healthy");
            TimelineEvent::at(play.ms(change.at), lane(), EventKind::Error, text).until(play.ms(until))
        })
        .collect();
    events.extend(failed_checks(play, door, region, since));
    events
}

/// The failed checks of one location, which stands for all, until each changed its verdict.
fn failed_checks(play: &Play, door: &FrontDoor, region: Region, since: Instant) -> Vec<TimelineEvent> {
    let [shown, ..] = LOCATIONS;
    let probes = door.probes(region, since).into_iter().filter(|probe| probe.location == shown);
    let mut is_told = false;
    let mut events = Vec::new();
    for probe in probes {
        let new = !is_told;
        is_told = probe.verdict == Some(false);
        if let (Some(problem), true) = (&probe.problem, new) {
            let lane = Lane::Health(region.id().to_owned());
            let text = format!("check from {shown} failed: {problem}");
            events.push(TimelineEvent::at(play.ms(probe.ended), lane, EventKind::Event, text));
        }
    }
    events
}

/// The stretches in which the app of `region` served users, by the database that it wrote to.
fn served(play: &Play, writes: &[Write], region: Region) -> Vec<TimelineEvent> {
    let mut stretches: Vec<(Instant, Instant, &str)> = Vec::new();
    for write in writes.iter().filter(|it| it.region == region && it.ended >= play.started) {
        let Fate::Acknowledged(server) = &write.fate else { continue };
        match stretches.last_mut() {
            Some((_, to, by)) if by == server && write.ended.duration_since(*to) < PAUSE => *to = write.ended,
            _ => stretches.push((write.ended, write.ended, server)),
        }
    }
    let event = |(from, to, server): (Instant, Instant, &str)| {
        let text = format!("written to {}'s database", database(play, server));
        let lane = Lane::Users(region.id().to_owned());
        TimelineEvent::at(play.ms(from), lane, EventKind::State, text).until(play.ms(to))
    };
    stretches.into_iter().map(event).collect()
}

/// The city of the database server at that address.
fn database(play: &Play, server: &str) -> &'static str {
    let found = Region::ALL.into_iter().find(|region| play.address(*region).to_string() == server);
    found.map_or("nobody", Region::city)
}

/// For each leg: how long the users were out, who answered them, and what became of the rest.
pub(crate) fn notes(play: &Play) -> Vec<String> {
    let writes = play.workload.writes();
    play.legs.iter().map(|span| note(play, span, &writes)).collect()
}

fn note(play: &Play, span: &LegSpan, writes: &[Write]) -> String {
    let within: Vec<&Write> = writes.iter().filter(|it| span.covers(it.ended)).collect();
    let (acknowledged, others): (Vec<_>, Vec<_>) = within.iter().partition(|write| write.is_acknowledged());
    let users: BTreeSet<Stream> = writes.iter().map(|write| write.stream).collect();
    let out = users.iter().map(|user| record::outage(play, span, &acknowledged, *user));
    let mut out: Vec<u64> = out.map(|outage| outage.map_or(0, Interval::length_ms)).collect();
    out.sort_unstable();
    let (least, most) = (out.first().copied().unwrap_or_default(), out.last().copied().unwrap_or_default());
    let by = |region: Region| acknowledged.iter().filter(|write| write.region == region).count();
    let rejected = others.iter().filter(|write| write.fate == Fate::Rejected).count();
    format!(
        "{}: each of {} users was without an acknowledged write for {least} to {most} ms. Seoul's app acknowledged {} writes, \
         Osaka's {}; {rejected} were refused or reached nobody, {} got no answer.",
        span.name,
        users.len(),
        by(Region::Seoul),
        by(Region::Osaka),
        others.len() - rejected,
    )
}
