//! Reads all hosted zones out of the emulated Route 53.

use aws_sdk_route53::types::{HostedZone, ResourceRecordSet, ResourceRecordSetFailover};
use hickory_proto::rr::{LowerName, RData, RecordType};

use crate::{
    dns::{
        record_set::{RecordSet, absolute},
        routing::Member,
        zones::Zones,
    },
    error::CloudError,
    record_sets::record_sets,
};

/// The records of all zones as they are now. Alias targets are not read, and of the routing policies only
/// the simple one and failover.
pub(super) async fn read(route53: &aws_sdk_route53::Client) -> Result<Zones, CloudError> {
    let mut zones = Zones::default();
    for zone in hosted_zones(route53).await? {
        zones.origins.extend(absolute(zone.name()).as_ref().map(LowerName::new));
        for set in record_sets(route53, zone.id()).await? {
            take(&mut zones, &set);
        }
    }
    Ok(zones)
}

async fn hosted_zones(route53: &aws_sdk_route53::Client) -> Result<Vec<HostedZone>, CloudError> {
    let mut zones = Vec::new();
    let mut marker = None;
    loop {
        let page = route53
            .list_hosted_zones()
            .set_marker(marker)
            .send()
            .await
            .map_err(CloudError::aws("ListHostedZones"))?;
        zones.extend_from_slice(page.hosted_zones());
        marker = page.next_marker().map(str::to_owned);
        if !page.is_truncated() || marker.is_none() {
            return Ok(zones);
        }
    }
}

/// Puts the record set where its routing policy belongs.
fn take(zones: &mut Zones, set: &ResourceRecordSet) {
    let Some((key, records)) = parse(set) else { return };
    let member = || Member { set: records.clone(), health_check: set.health_check_id().map(str::to_owned) };
    match (set.set_identifier(), set.failover()) {
        (None, _) => {
            zones.records.insert(key, records);
        }
        (Some(_), Some(ResourceRecordSetFailover::Primary)) => {
            zones.failover.entry(key).or_default().primary = Some(member());
        }
        (Some(_), Some(ResourceRecordSetFailover::Secondary)) => {
            zones.failover.entry(key).or_default().secondary = Some(member());
        }
        // Another routing policy, which nothing of the drill uses.
        (Some(_), _) => {}
    }
}

fn parse(set: &ResourceRecordSet) -> Option<((LowerName, RecordType), RecordSet)> {
    let kind: RecordType = set.r#type().as_str().parse().ok()?;
    let name = LowerName::new(&absolute(set.name())?);
    let values = set.resource_records().iter();
    let values: Vec<RData> = values.filter_map(|it| value(kind, it.value())).collect();
    let ttl = u32::try_from(set.ttl()?).ok()?;
    (!values.is_empty()).then_some(((name, kind), RecordSet { ttl, values }))
}

/// Route 53 takes names with and without their final dot; a zone file's parser needs it.
fn value(kind: RecordType, text: &str) -> Option<RData> {
    if kind == RecordType::CNAME {
        return absolute(text).map(|name| RData::CNAME(hickory_proto::rr::rdata::CNAME(name)));
    }
    RData::try_from_str(kind, text).ok()
}
