//! One database by name: what does not exist is a fact, not an error.

use aws_sdk_rds::Client;
use aws_sdk_rds::operation::describe_db_clusters::DescribeDBClustersError;
use aws_sdk_rds::operation::describe_global_clusters::DescribeGlobalClustersError;
use aws_sdk_rds::types::{DbCluster, Filter, GlobalCluster};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use responder_core::words::names::{ClusterArn, Region};
use responder_core::world::facts::Facts;
use tokio::time::Instant;

use super::calls::{Operation, PAGE, Target, all_three};
use super::facts::{self, Instances};
use crate::budget::patiently;
use crate::failure::Failed;

pub(super) async fn facts(
    client: &Client,
    region: &Region,
    target: &Target,
    deadline: Instant,
) -> Result<Facts, Failed> {
    let member = target.member.as_ref();
    let operations =
        [Operation::GlobalClusters, Operation::Clusters, Operation::Instances].map(|it| it.at(region));
    let [of_global, of_clusters, of_instances] = &operations;
    let (global, cluster, instances) = Box::pin(all_three(
        region,
        patiently(deadline, of_global, || global_cluster(client, region, &target.global_cluster)),
        patiently(deadline, of_clusters, || cluster(client, region, member)),
        patiently(deadline, of_instances, || instances(client, region, member)),
    ))
    .await?;
    let global = global.map(|cluster| facts::global_facts(region, &cluster)).transpose()?;
    let cluster = cluster.map(|cluster| facts::cluster_facts(region, &cluster)).transpose()?;
    Ok(facts::facts(global, cluster, &instances))
}

async fn global_cluster(
    client: &Client,
    region: &Region,
    identifier: &str,
) -> Result<Option<GlobalCluster>, Failed> {
    let operation = Operation::GlobalClusters.at(region);
    let call = client.describe_global_clusters().global_cluster_identifier(identifier);
    match call.send().await {
        Ok(answer) => {
            let listed = facts::listed(&operation, "GlobalClusters", answer.global_clusters)?;
            Ok(listed.into_iter().find(|cluster| facts::is_global_cluster(cluster, identifier)))
        }
        Err(error)
            if error
                .as_service_error()
                .is_some_and(DescribeGlobalClustersError::is_global_cluster_not_found_fault) =>
        {
            Ok(None)
        }
        Err(error) => Err(Failed::of(&operation, error)),
    }
}

async fn cluster(
    client: &Client,
    region: &Region,
    member: Option<&ClusterArn>,
) -> Result<Option<DbCluster>, Failed> {
    let Some(member) = member else {
        return Ok(None);
    };
    let operation = Operation::Clusters.at(region);
    let call = client.describe_db_clusters().db_cluster_identifier(member.as_str());
    match call.send().await {
        Ok(answer) => {
            let listed = facts::listed(&operation, "DBClusters", answer.db_clusters)?;
            Ok(listed.into_iter().find(|cluster| facts::is_cluster(cluster, member)))
        }
        Err(error)
            if error
                .as_service_error()
                .is_some_and(DescribeDBClustersError::is_db_cluster_not_found_fault) =>
        {
            Ok(None)
        }
        Err(error) => Err(Failed::of(&operation, error)),
    }
}

async fn instances(
    client: &Client,
    region: &Region,
    member: Option<&ClusterArn>,
) -> Result<Instances, Failed> {
    let Some(member) = member else {
        return Ok(Instances::new());
    };
    let operation = Operation::Instances.at(region);
    let filter = Filter::builder().name("db-cluster-id").values(member.as_str()).build();
    let mut pages = client.describe_db_instances().filters(filter).into_paginator().page_size(PAGE).send();
    let mut all = Instances::new();
    while let Some(page) = pages.next().await {
        match page {
            Ok(page) => {
                let listed = facts::listed(&operation, "DBInstances", page.db_instances)?;
                all.extend(listed.into_iter().filter_map(facts::instance));
            }
            // The filter of a cluster that does not exist may be answered in this way.
            Err(error) if says_nothing_there(&error) => return Ok(Instances::new()),
            Err(error) => return Err(Failed::of(&operation, error)),
        }
    }
    Ok(all)
}

/// Whether an error of `DescribeDBInstances` says that there is nothing. The model knows one of these codes only.
fn says_nothing_there(error: &impl ProvideErrorMetadata) -> bool {
    matches!(error.code(), Some("DBInstanceNotFound" | "DBInstanceNotFoundFault" | "DBClusterNotFoundFault"))
}
