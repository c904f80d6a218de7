//! The evidence of what a failover lost: AWS's snapshot of the old writer, copied so that it does not go with the old
//! cluster's retention. Every Region that may have been the old writer's is asked by its own endpoint. Nothing is ever deleted.
//!
//! The name of a copy follows from its original, so the same request again, from whichever Region, makes none twice.

pub mod answer;
mod find;

use std::collections::BTreeMap;

use futures_util::future::{join, join_all};

use crate::config::Database;
use crate::operator::job::Place;
use crate::operator::look::{Overview, look};
use crate::operator::refusal::DrillError;
use crate::operator::rehearsal::desk::Desk;
use crate::operator::runs::{Remembered, remembered};
use crate::operator::salvage::answer::{Fence, Outlook, RegionSalvage, Rescue, Salvage};
use crate::operator::salvage::find::{Found, Wanted, refusal};
use crate::pass::context::Pass;
use crate::ports::PortError;
use crate::ports::operator::{DrillPorts, Snapshots};
use crate::words::failure::FailureKind;
use crate::words::names::Region;
use crate::words::timestamp::Timestamp;
use crate::world::publication::Published;
use crate::world::run::{Kind, Run};
use crate::world::snapshot::{Copied, Copy};

/// A snapshot counts from so long before the writer moved: AWS does not say whether it dates it by the failure or by when
/// it took it, and its clock is not ours.
const BEFORE_MS: i64 = 3_600_000;

/// Finds the snapshot and copies it, or says what stands in the way.
pub(super) async fn perform<P: DrillPorts>(
    ports: &P,
    place: Place<'_>,
    database: &Database,
    since: Option<Timestamp>,
    dry_run: bool,
) -> Result<Salvage, DrillError> {
    let desk = if dry_run { Desk::rehearsal(ports, place.own) } else { Desk::live(ports, place.own) };
    let pass = place.pass(&desk, database);
    let (sight, runs) = join(look(pass), remembered(pass)).await;
    let moved = &Moved::of(database, &sight, runs, since)?;
    let looks = database.members().iter().map(|(region, arn)| async move {
        let (database, cluster) = (database.name().as_str(), arn.identifier());
        let wanted = Wanted { database, region, cluster, since: moved.since };
        (region.clone(), region_salvage(pass, wanted).await)
    });
    let regions: BTreeMap<Region, RegionSalvage> = join_all(looks).await.into_iter().collect();
    let mut salvage = moved.answer(database, &sight, regions, dry_run);
    if dry_run {
        salvage.calls = desk.into_calls();
    }
    Ok(salvage)
}

/// How the writer moved, as far as anybody remembers.
struct Moved {
    since: Timestamp,
    since_is: String,
    /// What nobody could read of it.
    run_unread: Option<String>,
    /// What the request said of it.
    asked: Option<Timestamp>,
    /// The Regions that the writer may have come from.
    old: Vec<Region>,
    lag_ms: Option<u64>,
}

impl Moved {
    fn of(
        database: &Database,
        sight: &Overview,
        runs: Remembered,
        asked: Option<Timestamp>,
    ) -> Result<Self, DrillError> {
        let published = sight.evidence.published();
        let run = runs.last.filter(|run| published.is_some_and(|it| led_to(run, it)));
        let (since, since_is) = match (asked, &run, published) {
            (Some(asked), ..) => (asked, "as asked".to_owned()),
            (None, Some(run), _) => {
                (run.began().plus_ms(-BEFORE_MS), format!("an hour before the run {}", run.id))
            }
            (None, None, Some(published)) => {
                let since_is = format!("an hour before {} was published as the writer", published.writer);
                (published.at.plus_ms(-BEFORE_MS), since_is)
            }
            (None, None, None) => {
                let (_, _, reason) = sight.words();
                return Err(DrillError::Impossible(format!(
                    "when the writer moved is not known ({reason}): ask with since, a time shortly before the failover"
                )));
            }
        };
        let came_from = |region: &&Region| match (&run, asked, published) {
            (Some(run), None, _) => run.from == **region,
            // By then the writer may be back at home.
            (_, Some(_), _) | (_, _, None) => true,
            (None, None, Some(published)) => published.writer != **region,
        };
        let old = database.regions().filter(came_from).cloned().collect();
        // Without a publication no run would count, and with one that led to it no other would.
        let is_missed = run.is_none() && published.is_some();
        let from = asked.is_none().then_some(since_is.as_str());
        let run_unread =
            Some(runs.unread).filter(|it| is_missed && !it.is_empty()).map(|it| unread(&it, from));
        Ok(Self { since, since_is, run_unread, asked, old, lag_ms: run.and_then(|run| run.lag_ms) })
    }

    fn answer(
        &self,
        database: &Database,
        sight: &Overview,
        regions: BTreeMap<Region, RegionSalvage>,
        dry_run: bool,
    ) -> Salvage {
        // Where one Region has it, the others' having none says nothing.
        let is_found = regions.values().any(|part| part.state.is_found());
        let counts = |region: &Region, part: &RegionSalvage| {
            let may_get_it = self.old.contains(region) || part.state == Rescue::Older;
            if is_found { part.state.is_found() } else { may_get_it }
        };
        let counted = || regions.iter().filter(|(region, part)| counts(region, part)).map(|(_, part)| part);
        let outlook = counted().map(|part| part.state.outlook()).max().unwrap_or(Outlook::Wait);
        let said: Vec<&str> = counted().map(|part| part.said.as_str()).collect();
        let name = database.name();
        let since = self.asked.map(|since| format!(" --since {since}")).unwrap_or_default();
        let again = format!("failoverctl salvage {name}{since} --wait --yes");
        Salvage {
            action: "salvage".into(),
            database: name.to_string(),
            dry_run,
            outlook,
            reason: said.join("; "),
            since: self.since,
            since_is: self.since_is.clone(),
            run_unread: self.run_unread.clone(),
            fence: fence(database, sight, self.since),
            regions,
            lag_ms: self.lag_ms,
            again: (outlook == Outlook::Wait).then_some(again),
            calls: Vec::new(),
        }
    }
}

/// What follows where a run cannot be read; `from` is when the search begins for want of it.
fn unread(unread: &[(Region, PortError)], from: Option<&str>) -> String {
    let why: Vec<String> = unread.iter().map(|(_, error)| error.to_string()).collect();
    let begins = from.map(|from| format!("a snapshot counts from {from}, whenever the run began, and "));
    format!(
        "the last run could not be read ({}): {}how far the new writer was behind before the call is not known",
        why.join("; "),
        begins.unwrap_or_default()
    )
}

/// Whether it is the failover by which that writer was published.
fn led_to(run: &Run, published: &Published) -> bool {
    run.kind == Kind::Failover && run.target == published.writer && run.epoch.next() == published.epoch
}

/// What any Region heard last of the write block.
fn fence(database: &Database, sight: &Overview, since: Timestamp) -> Option<Fence> {
    let heard = database.regions().filter_map(|region| {
        let block = sight.evidence.state(region)?.notes.write_block.as_ref()?;
        Some(Fence { region: region.clone(), outcome: block.outcome, at: block.at })
    });
    heard.filter(|fence| fence.at >= since).max_by_key(|fence| fence.at)
}

async fn region_salvage<P: DrillPorts>(pass: Pass<'_, Desk<'_, P>>, wanted: Wanted<'_>) -> RegionSalvage {
    let Pass { ports, database, .. } = pass;
    let (part, copy) = match wanted.find(ports.snapshots(database, wanted.region).await) {
        Found::Settled(part) => return part,
        Found::ToCopy(part, copy) => (part, copy),
    };
    let (state, why) = match ports.copy_snapshot(database, wanted.region, &copy).await {
        Ok(Copied::Started) if ports.is_rehearsal() => (Rescue::WouldCopy, None),
        Ok(Copied::Started) => (Rescue::Asked, None),
        Ok(Copied::NameTaken) => (Rescue::NotListed, None),
        Ok(Copied::NoRoom(why)) => (Rescue::NoRoom, Some(why)),
        Ok(Copied::KeyUnusable(why)) => (Rescue::KeyUnusable, Some(why)),
        Ok(Copied::NotNow(why)) => (Rescue::Creating, Some(why)),
        Err(error) if error.kind == FailureKind::Malformed || error.is_retryable() => {
            (Rescue::Unknown, Some(error.to_string()))
        }
        Err(error) => (refusal(&error), Some(error.to_string())),
    };
    if matches!(state, Rescue::NotListed | Rescue::Unknown) {
        // Whose it is, and whether it was taken, is what RDS lists now.
        if let Found::Settled(seen) = wanted.find(ports.snapshots(database, wanted.region).await)
            && seen.state.is_found()
        {
            return seen;
        }
    }
    let said = said(state, &copy, why.as_deref().unwrap_or("RDS said no more"));
    RegionSalvage { state, said, copy: Some(copy.name), ..part }
}

/// What a wish for a copy came to, as a sentence.
fn said(state: Rescue, copy: &Copy, why: &str) -> String {
    let Copy { original, name, .. } = copy;
    match state {
        Rescue::WouldCopy => format!("{original} would be copied to {name}"),
        Rescue::Asked => format!("{original} is being copied to {name}: RDS has just taken it"),
        Rescue::NotListed => format!("RDS says that {name} is there, and does not list it yet: ask again"),
        Rescue::NoRoom => format!(
            "the account may keep no more manual snapshots of clusters in that Region: delete some, or have the quota raised, and ask again ({why})"
        ),
        Rescue::KeyUnusable => format!(
            "the key of {original} cannot be used: cancel its deletion or enable it, or let the drill function's role use it, and ask again ({why})"
        ),
        Rescue::Creating => format!("{original} cannot be copied now: ask again ({why})"),
        Rescue::Unknown => {
            format!("nobody knows whether {name} is being made: ask again, it is made once ({why})")
        }
        Rescue::Denied => {
            format!("the drill function may not copy {original}: mend its role, and ask again ({why})")
        }
        _ => format!("RDS does not copy {original}: {why}"),
    }
}
