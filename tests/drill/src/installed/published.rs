//! What is published, as the emulated AWS has it: read past the front, so that no fault and no journal meets it.

use std::time::{Duration, Instant};

use drill_cloud::Region;
use drill_cloud::aurora::Names;
use drill_cloud::front::Change;
use drill_report::Expectation;
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::part::Part;
use crate::stage::Stage;
use crate::stage::error::DrillError;

/// Clocks are read in whole seconds.
const MARGIN: Duration = Duration::from_secs(2);

/// The record, its ownership, and each Region's parameters, a line each.
pub(super) async fn everything(stage: &Stage) -> Result<Vec<String>, DrillError> {
    let (seed, installation) = (stage.cloud.seed(), &stage.installation);
    let records = seed.read_records(&installation.zone).await?;
    let records = records.into_iter().filter(|it| it.kind == "CNAME" || it.kind == "TXT");
    let mut lines: Vec<String> =
        records.map(|it| format!("{} {} {} {}", it.name, it.ttl_seconds, it.kind, it.value)).collect();
    for region in Region::ALL {
        for name in [&installation.parameter, &installation.own_parameter("state")] {
            let value = seed.read_parameter(region, name).await?;
            lines.push(format!("{name} in {region} {}", value.as_deref().unwrap_or("is missing")));
        }
    }
    Ok(lines)
}

/// Terraform left all of it alone: in effect, and without a change and its reverse in between.
pub(super) fn expect_untouched(
    part: &mut Part,
    stage: &Stage,
    before: &[String],
    after: &[String],
    since: Instant,
) {
    let endpoint = Names::of(Region::Osaka).endpoint();
    let named = before.iter().filter(|line| line.contains(&endpoint)).count();
    // The record, and the writer parameter and the state of each Region.
    part.expect(Expectation::exactly("Channels that name Osaka's endpoint before", 5, Some(named)));
    let moved: Vec<&str> = after.iter().filter(|line| !before.contains(line)).map(String::as_str).collect();
    let same = before == after;
    let measured = if same { "all of it".to_owned() } else { format!("changed: {}", moved.join("; ")) };
    part.expect(Expectation::judged(
        "What another apply leaves as it was published",
        "all of it",
        measured,
        same,
    ));
    let writes = stage.cloud.front.journal().writes_since(since);
    let publishing =
        writes.iter().filter(|it| matches!(it.change, Some(Change::Records(_) | Change::Parameter { .. })));
    part.expect(Expectation::exactly(
        "Changes of records and parameters that anybody asked for meanwhile",
        0,
        Some(publishing.count()),
    ));
}

/// The epoch that Osaka's state names.
pub(super) async fn epoch(stage: &Stage) -> Result<u64, DrillError> {
    let published = state(stage).await?;
    let epoch = published.get("epoch").and_then(Value::as_u64);
    epoch.ok_or_else(|| DrillError::Unproven(format!("the state has no epoch: {published}")))
}

/// Waits out the installation's own settle time.
pub(super) async fn wait_until_settled(stage: &Stage) -> Result<(), DrillError> {
    let published = state(stage).await?;
    let at =
        published.get("at").and_then(Value::as_str).and_then(|at| OffsetDateTime::parse(at, &Rfc3339).ok());
    let at = at.ok_or_else(|| DrillError::Unproven(format!("the state names no time: {published}")))?;
    let settle = Duration::from_secs(u64::from(stage.installation.settle_seconds)) + MARGIN;
    let left = (at + settle) - OffsetDateTime::now_utc();
    // One that is over already is negative, and nothing to wait for.
    tokio::time::sleep(Duration::try_from(left).unwrap_or_default()).await;
    Ok(())
}

async fn state(stage: &Stage) -> Result<Value, DrillError> {
    let name = stage.installation.own_parameter("state");
    let value = stage.cloud.seed().read_parameter(Region::Osaka, &name).await?;
    value
        .and_then(|text| serde_json::from_str(&text).ok())
        .ok_or_else(|| DrillError::Unproven(format!("the parameter {name} holds no JSON")))
}
