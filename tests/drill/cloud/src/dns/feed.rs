//! Keeps the DNS server's zones up to date with the emulated Route 53.

use std::{
    collections::VecDeque,
    future::pending,
    sync::Arc,
    time::{Duration, Instant},
};

use drill_emulator::front::Entry;
use tokio::{
    sync::{broadcast, watch},
    time::{MissedTickBehavior, interval, sleep_until},
};

use crate::{
    dns::{record_set::RecordSet, zone_reader, zones::Zones},
    health::status::Statuses,
};

/// How often the zones are read without being told of a change: changes made past the front.
const POLL: Duration = Duration::from_millis(250);

/// A name that is answered differently from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameChange {
    /// Since when.
    pub at: Instant,
    /// The name, without its final dot.
    pub name: String,
    /// The record type, such as `CNAME`.
    pub kind: String,
    /// The new values; none when the name is gone.
    pub values: Vec<String>,
}

/// What the feed needs to run.
pub(super) struct Feed {
    pub(super) route53: aws_sdk_route53::Client,
    pub(super) propagation: watch::Receiver<Duration>,
    pub(super) fixed: Zones,
    pub(super) zones: watch::Sender<Arc<Zones>>,
    pub(super) changes: broadcast::Sender<NameChange>,
    /// What Route 53's health checkers say.
    pub(super) statuses: watch::Receiver<Statuses>,
}

impl Feed {
    /// Runs for ever: reads at once after an accepted change and now and then besides; what is new
    /// becomes visible one propagation time after it was seen, in the order in which it was seen. A health
    /// check's new status is no change of a zone: it changes the answers at once.
    pub(super) async fn run(mut self, mut journal: broadcast::Receiver<Arc<Entry>>) {
        let mut ticks = interval(POLL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut waiting: VecDeque<(Instant, Zones)> = VecDeque::new();
        let mut latest = Zones::default();
        let mut shown = Zones::default();
        loop {
            let due = waiting.front().map(|(due, _)| *due);
            tokio::select! {
                () = until(due) => {
                    if let Some((_, zones)) = waiting.pop_front() {
                        shown = zones;
                        self.show(&shown);
                    }
                    continue;
                }
                () = changed(&mut self.statuses) => {
                    self.show(&shown);
                    continue;
                }
                () = accepted_change(&mut journal) => {}
                _ = ticks.tick() => {}
            }
            let seen = Instant::now();
            match zone_reader::read(&self.route53).await {
                Ok(zones) if zones != latest => {
                    latest = zones.clone();
                    waiting.push_back((seen + *self.propagation.borrow(), zones));
                }
                Ok(_) => {}
                Err(error) => tracing::debug!(%error, "the hosted zones could not be read"),
            }
        }
    }

    fn show(&mut self, hosted: &Zones) {
        let routed = hosted.routed(&self.statuses.borrow_and_update());
        let next = Arc::new(routed.with(&self.fixed));
        let previous = self.zones.send_replace(Arc::clone(&next));
        let at = Instant::now();
        for change in differences(&previous, &next, at) {
            // Nobody listening is no error.
            let _ = self.changes.send(change);
        }
    }
}

async fn until(due: Option<Instant>) {
    match due {
        Some(due) => sleep_until(due.into()).await,
        None => pending().await,
    }
}

/// Returns at the next change of a health check's status; never when there are no health checkers any more.
async fn changed(statuses: &mut watch::Receiver<Statuses>) {
    if statuses.changed().await.is_err() {
        pending::<()>().await;
    }
}

/// Returns at the next change that Route 53 accepted, heard of or not by whoever made it.
async fn accepted_change(journal: &mut broadcast::Receiver<Arc<Entry>>) {
    loop {
        match journal.recv().await {
            Ok(entry) if entry.applied() && entry.call.service == "route53" => return,
            Ok(_) => {}
            Err(broadcast::error::RecvError::Lagged(_)) => return,
            Err(broadcast::error::RecvError::Closed) => return pending().await,
        }
    }
}

/// Names whose values are different now, the new ones among them; then the ones that are gone.
fn differences(previous: &Zones, next: &Zones, at: Instant) -> Vec<NameChange> {
    let changed = next
        .records
        .iter()
        .filter(|(key, set)| previous.records.get(key) != Some(set))
        .map(|(key, set)| (key, values(set)));
    let gone =
        previous.records.keys().filter(|key| !next.records.contains_key(key)).map(|key| (key, Vec::new()));
    changed
        .chain(gone)
        .map(|((name, kind), values)| NameChange { at, name: text(name), kind: kind.to_string(), values })
        .collect()
}

fn values(set: &RecordSet) -> Vec<String> {
    let values = set.values.iter();
    values.map(text).collect()
}

/// Without the final dot, as people write host names.
fn text(name: &impl ToString) -> String {
    name.to_string().trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use hickory_proto::rr::{LowerName, RData, RecordType, rdata::CNAME};

    use super::*;
    use crate::dns::record_set::absolute;

    fn zones(target: &str) -> Zones {
        let name = LowerName::new(&absolute("writer.todo.internal").unwrap());
        let set = RecordSet { ttl: 5, values: vec![RData::CNAME(CNAME(absolute(target).unwrap()))] };
        Zones { records: [((name, RecordType::CNAME), set)].into(), ..Zones::default() }
    }

    #[test]
    fn a_moved_and_a_removed_name_are_told() {
        let now = Instant::now();
        let moved = differences(&zones("a.internal"), &zones("b.internal"), now);
        assert_eq!(
            (moved[0].name.as_str(), moved[0].values.as_slice()),
            ("writer.todo.internal", ["b.internal".to_owned()].as_slice())
        );
        assert!(differences(&zones("a.internal"), &zones("a.internal"), now).is_empty());
        assert!(differences(&zones("a.internal"), &Zones::default(), now)[0].values.is_empty());
    }
}
