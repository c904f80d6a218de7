//! What clients resolve: read where it is published, past every fault, again and again.

use drill_cloud::aurora::Names;
use drill_cloud::{DnsClient, Region, Seed};
use serde_json::{Value, json};

use super::denied::Denied;
use super::shared::Room;
use crate::stage::app::region_of;
use crate::stage::error::DrillError;
use crate::stage::installation::Installation;
use crate::stage::lock::lock;

/// Reads it all, and keeps it for the page.
pub(crate) async fn read(room: &Room) -> Result<(), Denied> {
    let look = room.with(|house| {
        let stage = &house.play.stage;
        let addresses = Region::ALL.map(|region| stage.address(region));
        (stage.cloud.seed(), stage.installation.clone(), stage.cloud.dns.address(), addresses)
    });
    let (seed, installation, nameserver, addresses) = look.await?;
    let dns = DnsClient::new(nameserver).map_err(DrillError::from)?;
    let writer = dns.resolve(&installation.record).await.ok().map(|it| it.address);
    let users = dns.resolve(app_host()).await.ok().and_then(|it| region_of(it.address));
    let city = Region::ALL.into_iter().zip(addresses).find(|(_, address)| Some(*address) == writer);
    let published = json!({
        "record": record(&seed, &installation).await?,
        "parameters": [
            parameter(&seed, &installation, Region::Seoul).await?,
            parameter(&seed, &installation, Region::Osaka).await?,
        ],
        "dns": { "address": writer, "city": city.map(|(region, _)| region.city()) },
        "users": users.map(Region::city),
    });
    room.with(|house| *lock(&house.published) = published).await
}

const fn app_host() -> &'static str {
    drill_cloud::app_failover::HOST
}

/// The record with what its ownership says.
async fn record(seed: &Seed, installation: &Installation) -> Result<Value, DrillError> {
    let records = seed.read_records(&installation.zone).await?;
    let of = |kind: &str| records.iter().find(|it| it.kind == kind).map(|it| it.value.clone());
    let (endpoint, ownership) = (of("CNAME").unwrap_or_default(), of("TXT").unwrap_or_default());
    let field = |name: &str| {
        let mut fields = ownership.split(',').filter_map(|field| field.split_once('='));
        fields.find(|(key, _)| *key == name).map(|(_, value)| value.to_owned())
    };
    Ok(json!({
        "name": installation.record, "endpoint": endpoint, "city": city(&endpoint),
        "epoch": field("epoch"), "at": field("at"),
    }))
}

/// The Region's own parameter, the epoch of its state, and whether its hold switch is set.
async fn parameter(seed: &Seed, installation: &Installation, region: Region) -> Result<Value, DrillError> {
    let [state, hold] = ["state", "hold"].map(|kind| installation.own_parameter(kind));
    let (value, state, hold) = tokio::try_join!(
        seed.read_parameter(region, &installation.parameter),
        seed.read_parameter(region, &state),
        seed.read_parameter(region, &hold),
    )?;
    let state: Value = serde_json::from_str(&state.unwrap_or_default()).unwrap_or_default();
    let value = value.unwrap_or_default();
    Ok(json!({
        "region": region.id(), "name": installation.parameter, "endpoint": value, "city": city(&value),
        "epoch": state.get("epoch"), "hold": hold,
    }))
}

/// The city whose endpoint it is.
fn city(endpoint: &str) -> Option<&'static str> {
    let found = Region::ALL.into_iter().find(|region| Names::of(*region).endpoint() == endpoint);
    found.map(Region::city)
}
