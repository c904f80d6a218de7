//! What stands at the names of writer records, read with as few listings as that takes.
//!
//! A listing that starts at a name shows first what stands there, then what lies below it: the ownership
//! record among the first. Correctness needs no more of the order than that.

use std::collections::BTreeMap;

use aws_sdk_route53::Client;
use aws_sdk_route53::types::{ResourceRecordSet, RrType};
use futures_util::future::join_all;
use responder_core::world::record::{RecordSet, ResourceRecord};
use tokio::time::Instant;

use super::names::{Place, canonical, reversed};
use crate::budget::{Patience, patiently};
use crate::failure::Failed;

/// Up to so many names are read one by one, side by side; more share pages of the zone's listing.
const FEW: usize = 3;
/// Entries asked for when one name is read: its two, and some that may lie between.
const SMALL_PAGE: i32 = 10;
/// Entries a page when many names are read: the most that Route 53 gives.
const LARGE_PAGE: i32 = 300;

pub(super) type Answer = Result<RecordSet, Failed>;

/// What stands at each of `places` in `zone`.
pub(super) async fn read(
    client: &Client,
    zone: &str,
    places: Vec<Place>,
    patience: Patience,
) -> BTreeMap<Place, Answer> {
    if places.len() <= FEW {
        let reads = places.into_iter().map(|place| async move {
            let answer = read_one(client, zone, &place, SMALL_PAGE, patience.first).await;
            (place, answer.map(|(records, _)| records))
        });
        return join_all(reads).await.into_iter().collect();
    }
    read_many(client, zone, places, patience).await
}

/// Reads the first place that is still open and answers all the others that are complete on its pages.
async fn read_many(
    client: &Client,
    zone: &str,
    mut places: Vec<Place>,
    patience: Patience,
) -> BTreeMap<Place, Answer> {
    let mut answers = BTreeMap::new();
    places.sort_by_key(|place| std::cmp::Reverse(reversed(&place.name)));
    let mut deadline = patience.first;
    while let Some(place) = places.pop() {
        let read = read_one(client, zone, &place, LARGE_PAGE, deadline).await;
        deadline = patience.now();
        match read {
            Ok((records, page)) => {
                let listed = by_name(&page);
                places.retain(|other| match complete(other, &listed) {
                    Some(records) => answers.insert(other.clone(), Ok(records)).is_some(),
                    None => true,
                });
                answers.insert(place, Ok(records));
            }
            // Route 53 is down, or takes nothing now: the budget is lost once, not once a page.
            Err(failed) if failed.kind().is_retryable() => {
                let rest = std::mem::take(&mut places).into_iter().chain([place]);
                answers.extend(rest.map(|place| (place, Err(failed.clone()))));
            }
            Err(failed) => {
                answers.insert(place, Err(failed));
            }
        }
    }
    answers
}

/// What stands at one place, and all the entries that were seen on the way.
async fn read_one(
    client: &Client,
    zone: &str,
    place: &Place,
    entries: i32,
    deadline: Instant,
) -> Result<(RecordSet, Vec<ResourceRecordSet>), Failed> {
    let operation = format!("route53:ListResourceRecordSets in {zone}");
    let pages = || async {
        let (mut seen, truncated) = page(client, zone, &place.name, entries, &operation).await?;
        let mut records = record_set(place, &by_name(&seen));
        if truncated && records.txt.is_none() && records.other.is_none() {
            // More lies between the two names than a page holds: look at the second one itself.
            let (more, _) = page(client, zone, &place.ownership, entries, &operation).await?;
            seen.extend(more);
            records = record_set(place, &by_name(&seen));
        }
        Ok((records, seen))
    };
    patiently(deadline, &operation, pages).await
}

async fn page(
    client: &Client,
    zone: &str,
    start: &str,
    entries: i32,
    operation: &str,
) -> Result<(Vec<ResourceRecordSet>, bool), Failed> {
    let answer = client
        .list_resource_record_sets()
        .hosted_zone_id(zone)
        .start_record_name(start)
        .max_items(entries)
        .send()
        .await
        .map_err(|error| Failed::of(operation, error))?;
    // Every answer says how many entries it may hold; one that does not is not Route 53's.
    if answer.max_items() < 1 {
        return Err(Failed::malformed(operation, "MaxItems"));
    }
    Ok((answer.resource_record_sets, answer.is_truncated))
}

type ByName<'a> = BTreeMap<String, Vec<&'a ResourceRecordSet>>;

fn by_name(entries: &[ResourceRecordSet]) -> ByName<'_> {
    let mut names = ByName::new();
    for entry in entries {
        names.entry(canonical(entry.name())).or_default().push(entry);
    }
    names
}

/// What stands at `place`, if both of its records are here: then nothing else can stand there.
fn complete(place: &Place, listed: &ByName<'_>) -> Option<RecordSet> {
    let records = record_set(place, listed);
    (records.cname.is_some() && records.txt.is_some() && records.other.is_none()).then_some(records)
}

fn record_set(place: &Place, listed: &ByName<'_>) -> RecordSet {
    let mut records = RecordSet::default();
    for entry in listed.get(&place.name).into_iter().flatten() {
        match simple(entry) {
            Some(record) if *entry.r#type() == RrType::Cname => records.cname = Some(record),
            _ => records.other = Some(kind(entry)),
        }
    }
    for entry in listed.get(&place.ownership).into_iter().flatten() {
        match (entry.r#type(), simple(entry)) {
            (RrType::Txt, Some(record)) => records.txt = Some(record),
            // Neither can stand beside a TXT of ours; any other type can.
            (RrType::Txt | RrType::Cname, _) => {
                records.other = Some(format!("{} at the ownership record's name", kind(entry)));
            }
            _ => {}
        }
    }
    records
}

/// The record of an entry that is nothing but a name, a type, a time to live and values.
fn simple(entry: &ResourceRecordSet) -> Option<ResourceRecord> {
    let plain = entry.set_identifier().is_none()
        && entry.alias_target().is_none()
        && entry.health_check_id().is_none()
        && entry.traffic_policy_instance_id().is_none();
    let ttl_seconds = u32::try_from(entry.ttl()?).ok()?;
    let values: Vec<String> =
        entry.resource_records().iter().map(|record| record.value().to_owned()).collect();
    (plain && !values.is_empty()).then_some(ResourceRecord { ttl_seconds, values })
}

/// What an entry is, in words for people.
fn kind(entry: &ResourceRecordSet) -> String {
    let record = entry.r#type().as_str();
    let how = if entry.alias_target().is_some() {
        "alias"
    } else if entry.weight().is_some() {
        "weighted"
    } else if entry.failover().is_some() {
        "failover"
    } else if entry.set_identifier().is_some() {
        "routing policy"
    } else if entry.traffic_policy_instance_id().is_some() {
        "traffic policy"
    } else if entry.health_check_id().is_some() {
        "health check"
    } else {
        return record.to_owned();
    };
    format!("{record} ({how})")
}
