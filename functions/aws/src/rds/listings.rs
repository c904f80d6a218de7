//! All of a Region in three listings, whatever the number of databases that ask.
//!
//! Of each page only the facts are kept: the SDK's own shapes of a thousand clusters are many megabytes.

use std::collections::HashMap;

use aws_sdk_rds::Client;
use responder_core::words::names::Region;
use responder_core::world::facts::{ClusterFacts, Facts, GlobalFacts};

use super::calls::{Operation, PAGE, Target, all_three};
use super::facts::{self, Instances};
use crate::budget::{Patience, next_page, patiently};
use crate::failure::Failed;

/// Everything that a Region lists. What cannot be understood is the trouble of its own database only.
#[derive(Debug)]
pub(super) struct Listings {
    /// By identifier in lower case.
    global_clusters: HashMap<String, Result<GlobalFacts, Failed>>,
    /// By ARN.
    clusters: HashMap<String, Result<ClusterFacts, Failed>>,
    instances: Instances,
}

impl Listings {
    /// The facts about one database.
    pub(super) fn facts(&self, target: &Target) -> Result<Facts, Failed> {
        let global = self.global_clusters.get(&target.global_cluster.to_ascii_lowercase());
        let cluster = target.member.as_ref().and_then(|member| self.clusters.get(member.as_str()));
        Ok(facts::facts(global.cloned().transpose()?, cluster.cloned().transpose()?, &self.instances))
    }
}

pub(super) async fn read(client: &Client, region: &Region, patience: Patience) -> Result<Listings, Failed> {
    let (global_clusters, clusters, instances) = Box::pin(all_three(
        region,
        global_clusters(client, region, patience),
        clusters(client, region, patience),
        instances(client, region, patience),
    ))
    .await?;
    Ok(Listings { global_clusters, clusters, instances })
}

/// All pages of one listing, each turned into what is kept of it.
macro_rules! all_pages {
    ($client:expr, $region:expr, $patience:expr, $call:ident, $operation:expr, $field:ident, $keep:expr) => {{
        let operation = $operation.at($region);
        let mut kept = HashMap::new();
        let (mut deadline, mut marker) = ($patience.first, None);
        loop {
            let ask = || async {
                let page = $client.$call().max_records(PAGE).set_marker(marker.clone()).send();
                page.await.map_err(|error| Failed::of(&operation, error))
            };
            let page = patiently(deadline, &operation, ask).await?;
            kept.extend(
                facts::listed(&operation, $operation.element(), page.$field)?.into_iter().filter_map($keep),
            );
            let next = next_page(&operation, marker.as_deref(), page.marker)?;
            if next.is_none() {
                break Ok(kept);
            }
            (deadline, marker) = ($patience.now(), next);
        }
    }};
}

async fn global_clusters(
    client: &Client,
    region: &Region,
    patience: Patience,
) -> Result<HashMap<String, Result<GlobalFacts, Failed>>, Failed> {
    all_pages!(
        client,
        region,
        patience,
        describe_global_clusters,
        Operation::GlobalClusters,
        global_clusters,
        |cluster| {
            let identifier = cluster.global_cluster_identifier()?.to_ascii_lowercase();
            Some((identifier, facts::global_facts(region, &cluster)))
        }
    )
}

async fn clusters(
    client: &Client,
    region: &Region,
    patience: Patience,
) -> Result<HashMap<String, Result<ClusterFacts, Failed>>, Failed> {
    all_pages!(client, region, patience, describe_db_clusters, Operation::Clusters, db_clusters, |cluster| {
        let arn = cluster.db_cluster_arn()?.to_owned();
        Some((arn, facts::cluster_facts(region, &cluster)))
    })
}

async fn instances(client: &Client, region: &Region, patience: Patience) -> Result<Instances, Failed> {
    all_pages!(
        client,
        region,
        patience,
        describe_db_instances,
        Operation::Instances,
        db_instances,
        facts::instance
    )
}
