//! All of a Region in three listings, whatever the number of databases that ask.

use aws_sdk_rds::Client;
use aws_sdk_rds::types::{DbCluster, DbInstance, GlobalCluster};
use responder_core::Region;
use responder_core::topology::Facts;
use tokio::time::Instant;

use super::{Operation, PAGE, Target, all_three, facts};
use crate::failure::Failed;

/// Everything that a Region lists.
#[derive(Debug)]
pub(super) struct Listings {
    global_clusters: Vec<GlobalCluster>,
    clusters: Vec<DbCluster>,
    instances: Vec<DbInstance>,
}

impl Listings {
    /// The facts about one database.
    pub(super) fn facts(&self, region: &Region, target: &Target) -> Result<Facts, Failed> {
        let global = self
            .global_clusters
            .iter()
            .find(|cluster| facts::is_global_cluster(cluster, &target.global_cluster));
        let cluster = target
            .member
            .as_ref()
            .and_then(|member| self.clusters.iter().find(|cluster| facts::is_cluster(cluster, member)));
        facts::facts(region, global, cluster, &self.instances)
    }
}

pub(super) async fn read(client: &Client, region: &Region, deadline: Instant) -> Result<Listings, Failed> {
    let (global_clusters, clusters, instances) = Box::pin(all_three(
        region,
        deadline,
        global_clusters(client, region),
        clusters(client, region),
        instances(client, region),
    ))
    .await?;
    Ok(Listings { global_clusters, clusters, instances })
}

/// All pages of one listing.
macro_rules! all_pages {
    ($client:expr, $region:expr, $call:ident, $operation:expr, $field:ident, $element:literal) => {{
        let operation = $operation.at($region);
        let mut pages = $client.$call().into_paginator().page_size(PAGE).send();
        let mut all = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| Failed::of(&operation, error))?;
            all.extend(facts::listed(&operation, $element, page.$field)?);
        }
        Ok(all)
    }};
}

async fn global_clusters(client: &Client, region: &Region) -> Result<Vec<GlobalCluster>, Failed> {
    all_pages!(
        client,
        region,
        describe_global_clusters,
        Operation::GlobalClusters,
        global_clusters,
        "GlobalClusters"
    )
}

async fn clusters(client: &Client, region: &Region) -> Result<Vec<DbCluster>, Failed> {
    all_pages!(client, region, describe_db_clusters, Operation::Clusters, db_clusters, "DBClusters")
}

async fn instances(client: &Client, region: &Region) -> Result<Vec<DbInstance>, Failed> {
    all_pages!(client, region, describe_db_instances, Operation::Instances, db_instances, "DBInstances")
}
