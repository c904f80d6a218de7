//! The three calls of a view, and what they are about.

use responder_core::ports::PortError;
use responder_core::words::names::{ClusterArn, Region};

use crate::failure::Failed;

/// Entries a page: the most that RDS gives.
pub(super) const PAGE: i32 = 100;

/// What a view is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) global_cluster: String,
    /// The Region's own member, by ARN: a detached one is in no global cluster any more.
    pub(super) member: Option<ClusterArn>,
}

/// The three operations that make a view.
#[derive(Debug, Clone, Copy)]
pub(super) enum Operation {
    GlobalClusters,
    Clusters,
    Instances,
}

impl Operation {
    /// Its name with its place, for errors.
    pub(super) fn at(self, region: &Region) -> String {
        let name = match self {
            Self::GlobalClusters => "DescribeGlobalClusters",
            Self::Clusters => "DescribeDBClusters",
            Self::Instances => "DescribeDBInstances",
        };
        format!("rds:{name} in {region}")
    }

    /// The element that its answer lists things in.
    pub(super) const fn element(self) -> &'static str {
        match self {
            Self::GlobalClusters => "GlobalClusters",
            Self::Clusters => "DBClusters",
            Self::Instances => "DBInstances",
        }
    }
}

/// The three calls of a view side by side. Only the readiness needs the instances: without them the Region's word still
/// counts, and its cluster is not ready, because no instance of it is known to be.
pub(super) async fn all_three<G, C, I: Default>(
    region: &Region,
    global_clusters: impl Future<Output = Result<G, Failed>>,
    clusters: impl Future<Output = Result<C, Failed>>,
    instances: impl Future<Output = Result<I, Failed>>,
) -> Result<(G, C, I), Failed> {
    let instances = async {
        Ok(instances.await.unwrap_or_else(|error| {
            let error = PortError::from(error);
            tracing::warn!(error = %error, region = %region, "no instance counts as available");
            I::default()
        }))
    };
    futures_util::future::try_join3(global_clusters, clusters, instances).await
}
