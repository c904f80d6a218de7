//! What people are told after a pass: a standby is missing or back, a writer could not be fenced, two Regions claim.
//! Each is remembered in the own Region's state, so that it is said once.

use crate::answer::result::HoldKind;
use crate::invocation::tell::tell;
use crate::pass::context::Pass;
use std::collections::BTreeSet;

use crate::config::Database;
use crate::config::owned::Owned;
use crate::pass::outcome::Outcome;
use crate::ports::{Notices, PortError, Ports, Write};
use crate::words::names::Region;
use crate::words::notice::Notice;
use crate::words::timestamp::Timestamp;
use crate::world::evidence::Evidence;
use crate::world::state::{Notes, State, WriteBlock, WriteBlockOutcome};
use crate::world::topology::RegionView;
use crate::world::trigger::Trigger;

/// What people have to hear, and what the state says afterwards.
#[derive(Debug, Clone, PartialEq, Eq)]
struct News {
    notes: Notes,
    notices: Vec<(Kind, Notice)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    WriteBlock,
    Conflict,
    Standby,
}

/// Notes what `outcome` leaves for people, and tells them where a topic is configured. What could not be done is among
/// the result's failures, and the next pass does it.
pub async fn aftermath<P: Ports + Notices>(pass: Pass<'_, P>, outcome: &mut Outcome) {
    let Pass { ports, database, own, trigger, .. } = pass;
    if outcome.unverified {
        return; // What was seen is older than what was written: the pass that verifies it tells.
    }
    let block = write_block(own, trigger, &outcome.evidence);
    outcome.result.is_unfenced = block.as_ref().is_some_and(|it| it.outcome == WriteBlockOutcome::TimedOut);
    let Some(state) = outcome.evidence.state(own).filter(|_| !outcome.reconfigured).cloned() else { return };
    let News { notes, notices } = news(database, own, &state.notes, outcome, block, ports.now());
    let mut untold = BTreeSet::new();
    for (kind, notice) in notices {
        if let Err(error) = tell(pass, &notice).await {
            fail(outcome, &error);
            untold.insert(kind);
        }
    }
    let notes = without(notes, &state.notes, &untold);
    if notes != state.notes {
        // What this pass wrote is newer than what it read.
        let state = State { notes, owns: Some(Owned::of(database)), ..newest(outcome, state) };
        let written = async {
            let _turn = ports.turn(database, own, Write::State).await?;
            ports.put_state(database, own, &state).await
        };
        if let Err(error) = written.await {
            fail(outcome, &error);
        }
    }
}

fn fail(outcome: &mut Outcome, error: &PortError) {
    outcome.result.failures.push(error.to_string());
}

/// The state of the last round; a publication after it is read back by the next pass, which repairs it.
fn newest(outcome: &Outcome, state: State) -> State {
    match (outcome.result.epoch, &outcome.result.writer) {
        (Some(epoch), Some(writer)) if epoch > state.epoch => State {
            epoch,
            writer: writer.region.clone(),
            endpoint: writer.endpoint.clone(),
            at: outcome.published_at.unwrap_or(state.at),
            ..state
        },
        _ => state,
    }
}

/// What was not told stays as it was, so that the next pass tells it.
fn without(mut notes: Notes, before: &Notes, untold: &BTreeSet<Kind>) -> Notes {
    if untold.contains(&Kind::Conflict) {
        notes.conflict_since = before.conflict_since;
    }
    if untold.contains(&Kind::Standby) {
        notes.no_standby_since = before.no_standby_since;
    }
    if let Some(block) = notes.write_block.as_mut().filter(|_| untold.contains(&Kind::WriteBlock)) {
        block.told = false;
    }
    notes
}

/// The write block that the event tells of, if it is about an instance of this Region's own cluster.
fn write_block(own: &Region, trigger: &Trigger, evidence: &Evidence) -> Option<WriteBlock> {
    let block = trigger.write_block.clone()?;
    let instances = evidence.view(own).map(RegionView::instances).unwrap_or_default();
    trigger.names_instance(instances).then_some(block)
}

fn news(
    database: &Database,
    own: &Region,
    before: &Notes,
    outcome: &Outcome,
    block: Option<WriteBlock>,
    now: Timestamp,
) -> News {
    let mut news = News { notes: before.clone(), notices: Vec::new() };
    let newer = |block: &WriteBlock| before.write_block.as_ref().is_none_or(|known| block.at > known.at);
    if let Some(block) = block.filter(newer) {
        news.notes.write_block = Some(block);
    }
    if let Some(block) = news.notes.write_block.as_mut().filter(|block| !block.told) {
        block.told = true;
        if block.outcome == WriteBlockOutcome::TimedOut {
            news.notices.push((Kind::WriteBlock, unfenced(database, own, block.at)));
        }
    }
    let conflict = outcome.result.hold == Some(HoldKind::WriterConflict);
    match (conflict, before.conflict_since) {
        (true, None) => {
            news.notes.conflict_since = Some(now.whole_seconds());
            news.notices.push((Kind::Conflict, two_writers(database, own, &outcome.result.reason)));
        }
        (false, Some(_)) if !outcome.watch => news.notes.conflict_since = None,
        _ => {}
    }
    standby_news(database, own, outcome, now, &mut news);
    note_synchronization(own, outcome, now, &mut news.notes);
    news
}

/// Only the writer's own Region speaks of the standby, so that people hear it once; not while something moves or is held,
/// which they hear of otherwise.
fn standby_news(database: &Database, own: &Region, outcome: &Outcome, now: Timestamp, news: &mut News) {
    let speaks = outcome.result.writer.as_ref().is_some_and(|writer| writer.region == *own);
    match (outcome.result.standby, news.notes.no_standby_since) {
        _ if !speaks || outcome.watch || outcome.result.hold.is_some() => {}
        (Some(false), None) => {
            news.notes.no_standby_since = Some(now.whole_seconds());
            news.notices.push((Kind::Standby, no_standby(database, own)));
        }
        (Some(true), Some(since)) => {
            news.notes.no_standby_since = None;
            news.notices.push((Kind::Standby, standby_back(database, since, now)));
        }
        _ => {}
    }
}

/// Since when the own cluster is not connected: an automatic failover asks whether it was when the outage began.
fn note_synchronization(own: &Region, outcome: &Outcome, now: Timestamp, notes: &mut Notes) {
    let Some(view) = outcome.evidence.view(own).filter(|view| !view.claims(own)) else { return };
    notes.disconnected_since = match view.synchronization() {
        None | Some("connected") => None,
        Some(_) => notes.disconnected_since.or(Some(now.whole_seconds())),
    };
}

fn unfenced(database: &Database, own: &Region, at: Timestamp) -> Notice {
    let name = database.name();
    Notice::urgent(
        &format!("{name}: the old writer in {own} was not fenced"),
        format!(
            "RDS could not keep the old writer of {name} in {own} from writing (RDS-EVENT-0391, {at}), and the failover went on.\n\
             Clients that still reach it may write to a cluster that is given up: those writes will be lost.\n\n\
             Close its security group for clients now, and look for sessions that are still open on it.\n\
             What only the old writer has is in AWS's snapshot of it, once {own} is back. Keep it: failoverctl salvage {name} --wait\n"
        ),
    )
}

fn two_writers(database: &Database, own: &Region, reason: &str) -> Notice {
    let name = database.name();
    Notice::urgent(
        &format!("{name}: more than one Region claims the writer"),
        format!(
            "Seen from {own}: {reason}.\n\nNothing moves until this is over. Find out which cluster takes writes, and close the other one for clients.\n\
             The record and the parameters go on pointing to what was published.\n"
        ),
    )
}

fn no_standby(database: &Database, own: &Region) -> Notice {
    let name = database.name();
    Notice::new(
        &format!("{name}: no standby"),
        format!(
            "The writer of {name} is in {own}, and no other Region's cluster could take over now.\n\
             Until one is back, another failure has no remedy. Another message follows then.\n"
        ),
    )
}

fn standby_back(database: &Database, since: Timestamp, now: Timestamp) -> Notice {
    let name = database.name();
    let minutes = now.since_ms(since).div_euclid(60_000);
    Notice::new(
        &format!("{name}: the standby is back"),
        format!(
            "Another Region's cluster of {name} can take over again, {minutes} min after it was missing ({since}).\n\
             Was that a failover? What it lost is in AWS's snapshot of the old writer, which goes with its backups. Keep it: failoverctl salvage {name}\n"
        ),
    )
}

#[cfg(test)]
mod tests;
