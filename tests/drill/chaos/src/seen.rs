//! What was seen of one cell.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use drill_cloud::Region;
use drill_cloud::front::{Change, Entry, Outcome};
use drill_cloud::installation::{PARAMETER, RECORD, endpoint};

use crate::call::Call;
use crate::fault::Chaos;
use crate::scene::Scene;
use crate::woken::Invoked;

/// The functions give a call up after 1.2 s, and are no quicker themselves than this machine lets them.
const SLOW: Duration = Duration::from_millis(400);

/// What was seen of one cell, by the emulated AWS's own state and journal.
pub(crate) struct Seen {
    pub(crate) scene: Scene,
    /// Which call failed and how.
    pub(crate) disturbed: Option<(Call, Chaos)>,
    /// How many requests met the fault.
    pub(crate) met: u32,
    /// Every call of the move, until all that it woke had ended.
    pub(crate) calls: BTreeSet<String>,
    /// Every request from its event or alarm on, until the end.
    pub(crate) entries: Vec<Arc<Entry>>,
    /// How long it took until it was published, and by which tick of the schedule; 0 is the event or the alarm itself.
    pub(crate) published: Option<(Duration, u32)>,
    pub(crate) invoked: Vec<Invoked>,
    /// The record's value and its epoch, at the end.
    pub(crate) record: Option<(String, u64)>,
    /// In each Region the writer parameter and the state's epoch, at the end.
    pub(crate) parameters: [(Region, Option<String>, Option<u64>); 2],
    /// The subjects of the messages that came.
    pub(crate) mail: Vec<String>,
    /// What the last tick still wrote.
    pub(crate) late_writes: Vec<String>,
    /// The longest time for which this machine let a short sleep wait.
    pub(crate) slowest: Duration,
}

impl Seen {
    /// The requests of an operation.
    pub(crate) fn of<'a>(&'a self, operation: &'a str) -> impl Iterator<Item = &'a Arc<Entry>> {
        self.entries.iter().filter(move |entry| entry.call.operation == operation)
    }

    /// Each value that was put into a parameter of a Region, in order.
    pub(crate) fn puts(&self, region: Region, name: &str) -> Vec<&str> {
        let of_it = self.entries.iter().filter(|entry| entry.call.region == Some(region) && entry.applied());
        of_it.filter_map(|entry| put(entry, name)).collect()
    }

    /// Whether this machine was too slow for a verdict against the functions: a call that met no fault was answered so late that
    /// the function gave it up, or nearly.
    pub(crate) fn is_too_slow(&self) -> bool {
        let answered = self.entries.iter().filter(|entry| entry.outcome == Outcome::Answered);
        let slowest = answered.map(|entry| entry.ended.saturating_duration_since(entry.received)).max();
        slowest.unwrap_or_default().max(self.slowest) > SLOW
    }

    /// Whether the call that failed is of that operation.
    pub(crate) fn disturbs(&self, operation: &str) -> Option<Chaos> {
        self.disturbed.filter(|(call, _)| call.operation == operation).map(|(_, chaos)| chaos)
    }
}

/// The value that a request puts into that parameter.
fn put<'a>(entry: &'a Entry, name: &str) -> Option<&'a str> {
    match entry.change.as_ref()? {
        Change::Parameter { name: put, value } if put == name => value.as_deref(),
        _ => None,
    }
}

/// When the record and the parameters of these Regions stood on the new writer.
pub(crate) fn published_at(entries: &[Arc<Entry>], regions: &[Region]) -> Option<Instant> {
    let new = endpoint(Region::Osaka);
    let first = |is: &dyn Fn(&Entry) -> bool| {
        entries.iter().filter(|entry| entry.applied() && is(entry)).map(|entry| entry.ended).min()
    };
    let moves = |entry: &Entry| {
        entry.change.as_ref().is_some_and(|change| change.created(RECORD, "CNAME").contains(&new.as_str()))
    };
    let mut last = first(&moves)?;
    for region in regions {
        let writes =
            |entry: &Entry| entry.call.region == Some(*region) && put(entry, PARAMETER) == Some(&new);
        last = last.max(first(&writes)?);
    }
    Some(last)
}
