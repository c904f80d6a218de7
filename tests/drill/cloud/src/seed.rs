//! What is there before anything happens: a zone, the first records, parameters in both Regions.

use aws_sdk_route53::{
    error::BuildError,
    types::{Change, ChangeAction, ChangeBatch, ResourceRecord, ResourceRecordSet, RrType},
};
use aws_sdk_ssm::{operation::get_parameter::GetParameterError, types::ParameterType};

use drill_emulator::Region;

use crate::{clients::Clients, error::CloudError, record_sets::record_sets};

/// Prepares the emulated AWS; goes past the front, so that none of it is in the journal.
#[derive(Debug, Clone)]
pub struct Seed {
    emulator: Clients,
}

/// A record with one value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeedRecord {
    /// Its name, without the final dot.
    pub name: String,
    /// Its type, such as `CNAME`.
    pub kind: String,
    /// Its time to live in seconds.
    pub ttl_seconds: u32,
    /// Its value; a text without its quotation marks.
    pub value: String,
}

impl SeedRecord {
    /// An alias of another name.
    pub fn cname(name: impl Into<String>, ttl_seconds: u32, target: impl Into<String>) -> Self {
        Self { name: name.into(), kind: "CNAME".to_owned(), ttl_seconds, value: target.into() }
    }

    /// A text.
    pub fn txt(name: impl Into<String>, ttl_seconds: u32, text: impl Into<String>) -> Self {
        Self { name: name.into(), kind: "TXT".to_owned(), ttl_seconds, value: text.into() }
    }

    fn of(set: &ResourceRecordSet) -> Option<Self> {
        let value = set.resource_records().first()?.value();
        Some(Self {
            name: set.name().trim_end_matches('.').to_owned(),
            kind: set.r#type().as_str().to_owned(),
            ttl_seconds: u32::try_from(set.ttl()?).ok()?,
            value: value.trim_matches('"').trim_end_matches('.').to_owned(),
        })
    }

    fn change(&self, action: ChangeAction) -> Result<Change, BuildError> {
        let value = if self.kind == "TXT" { format!("\"{}\"", self.value) } else { self.value.clone() };
        let set = ResourceRecordSet::builder()
            .name(&self.name)
            .r#type(RrType::from(self.kind.as_str()))
            .ttl(i64::from(self.ttl_seconds))
            .resource_records(ResourceRecord::builder().value(value).build()?)
            .build()?;
        Change::builder().action(action).resource_record_set(set).build()
    }
}

impl Seed {
    /// Works on the emulator that these clients reach.
    pub const fn new(emulator: Clients) -> Self {
        Self { emulator }
    }

    /// Makes a hosted zone; answers its id, such as `Z0123456789`.
    pub async fn zone(&self, name: &str) -> Result<String, CloudError> {
        let operation = format!("CreateHostedZone {name}");
        let created = self
            .emulator
            .route53()
            .create_hosted_zone()
            .name(name)
            .caller_reference(name)
            .send()
            .await
            .map_err(CloudError::aws(operation.clone()))?;
        let zone = created.hosted_zone().ok_or(CloudError::Incomplete { operation, field: "HostedZone" })?;
        Ok(zone.id().trim_start_matches("/hostedzone/").to_owned())
    }

    /// Creates all records in one change batch.
    pub async fn records(&self, zone: &str, records: &[SeedRecord]) -> Result<(), CloudError> {
        self.replace_records(zone, &[], records).await
    }

    /// Deletes the old records, which must be there exactly so, and creates the new ones, in one batch.
    pub async fn replace_records(
        &self,
        zone: &str,
        old: &[SeedRecord],
        new: &[SeedRecord],
    ) -> Result<(), CloudError> {
        let operation = || format!("ChangeResourceRecordSets in {zone}");
        let deletions = old.iter().map(|record| record.change(ChangeAction::Delete));
        let creations = new.iter().map(|record| record.change(ChangeAction::Create));
        let changes = deletions.chain(creations).collect::<Result<Vec<_>, _>>();
        let changes = changes.map_err(CloudError::aws(operation()))?;
        let batch = ChangeBatch::builder().set_changes(Some(changes)).build();
        self.emulator
            .route53()
            .change_resource_record_sets()
            .hosted_zone_id(zone)
            .change_batch(batch.map_err(CloudError::aws(operation()))?)
            .send()
            .await
            .map(|_| ())
            .map_err(CloudError::aws(operation()))
    }

    /// The zone's records as they are now, each with its first value.
    pub async fn read_records(&self, zone: &str) -> Result<Vec<SeedRecord>, CloudError> {
        let sets = record_sets(&self.emulator.route53(), zone).await?;
        Ok(sets.iter().filter_map(SeedRecord::of).collect())
    }

    /// Puts a parameter in both Regions.
    pub async fn parameter(&self, name: &str, value: &str) -> Result<(), CloudError> {
        for region in Region::ALL {
            self.parameter_in(region, name, value).await?;
        }
        Ok(())
    }

    /// Puts a parameter in one Region.
    pub async fn parameter_in(&self, region: Region, name: &str, value: &str) -> Result<(), CloudError> {
        self.emulator
            .ssm(region)
            .put_parameter()
            .name(name)
            .value(value)
            .r#type(ParameterType::String)
            .overwrite(true)
            .send()
            .await
            .map(|_| ())
            .map_err(CloudError::aws(format!("PutParameter {name} in {region}")))
    }

    /// A parameter's value in one Region; `None` when it is not there.
    pub async fn read_parameter(&self, region: Region, name: &str) -> Result<Option<String>, CloudError> {
        let answer = self.emulator.ssm(region).get_parameter().name(name).send();
        match answer.await {
            Ok(answer) => Ok(answer.parameter().and_then(|it| it.value()).map(str::to_owned)),
            Err(error) if error.as_service_error().is_some_and(GetParameterError::is_parameter_not_found) => {
                Ok(None)
            }
            Err(error) => Err(CloudError::aws(format!("GetParameter {name} in {region}"))(error)),
        }
    }

    /// Deletes a parameter in one Region.
    pub async fn delete_parameter(&self, region: Region, name: &str) -> Result<(), CloudError> {
        let deleted = self.emulator.ssm(region).delete_parameter().name(name);
        deleted
            .send()
            .await
            .map(|_| ())
            .map_err(CloudError::aws(format!("DeleteParameter {name} in {region}")))
    }
}
