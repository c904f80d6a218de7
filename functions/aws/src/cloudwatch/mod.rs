//! What CloudWatch says: alarms and their mute rules, each asked in its own Region together with those of the other
//! databases that ask now, and the replication lag.

mod alarms;
mod answers;
mod breach;
mod lag;
mod mute;
mod status;

use std::collections::BTreeMap;
use std::sync::Arc;

use responder_core::config::alarm_region;
use responder_core::words::names::Region;
use responder_core::world::alarm::name_of;

pub(crate) use lag::Measured;

use crate::clients::Clients;
use crate::coalesce::Coalescer;
use crate::failure::Failed;

/// The longest name that an alarm can have. One that is longer would have CloudWatch refuse all of its call.
const NAME_MAX: usize = 255;
/// Calls at once in one round: each is a connection, of which a function has few.
const CALLS_MAX: usize = 8;

/// CloudWatch.
#[derive(Debug)]
pub(crate) struct CloudWatch {
    clients: Arc<Clients>,
    alarms: Coalescer<Region, Vec<String>, alarms::Readings>,
    mute_rules: Coalescer<Region, Vec<String>, mute::Muted>,
    answers: Coalescer<Region, (), Result<(), Failed>>,
    knows_mute_rules: Arc<mute::Knows>,
}

impl CloudWatch {
    pub(crate) fn new(clients: Arc<Clients>) -> Self {
        let budget = clients.budgets().alarms;
        Self {
            clients,
            alarms: Coalescer::new(budget),
            mute_rules: Coalescer::new(budget),
            answers: Coalescer::new(budget),
            knows_mute_rules: Arc::default(),
        }
    }
}

/// The alarms' ARNs by Region; one that is none of an alarm is left out, and so stays unknown.
fn by_region<'a>(arns: impl IntoIterator<Item = &'a String>) -> BTreeMap<Region, Vec<String>> {
    let mut regions: BTreeMap<Region, Vec<String>> = BTreeMap::new();
    for arn in arns {
        let named = name_of(arn).is_some_and(|name| name.chars().count() <= NAME_MAX);
        if let Some(region) = alarm_region(arn).filter(|_| named) {
            regions.entry(region).or_default().push(arn.clone());
        }
    }
    regions
}

#[cfg(test)]
mod tests;
