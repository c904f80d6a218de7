//! The RDS operations, as one Region's endpoint answers them.

use serde::Serialize;

use super::{
    Aurora,
    fault::Refusal,
    form::Form,
    model::{GLOBAL_CLUSTER, Names},
    page::page,
    shapes::{
        Changed, Clusters, DbCluster, DbInstance, DbInstances, DescribeClusters, DescribeGlobalClusters,
        DescribeInstances, GlobalCluster, GlobalClusters, NAMESPACE,
    },
};
use crate::{Region, front::errors};

/// An answer in the query protocol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// The XML document.
    pub body: String,
}

impl Aurora {
    /// Answers a request to that Region's RDS endpoint; `None` for operations that are not ours.
    pub fn answer(&self, region: Region, body: &[u8]) -> Option<Reply> {
        let form = Form::parse(body);
        let action = form.get("Action")?;
        let answered = match action {
            "DescribeGlobalClusters" => self.describe_global_clusters(region, &form),
            "DescribeDBClusters" => self.describe_clusters(region, &form),
            "DescribeDBInstances" => self.describe_instances(region, &form),
            "SwitchoverGlobalCluster" => self.ask_switchover(region, &form),
            "FailoverGlobalCluster" => self.ask_failover(region, &form),
            "RemoveFromGlobalCluster" => self.ask_removal(region, &form),
            _ => return None,
        };
        Some(answered.map_or_else(
            |refusal| Reply {
                status: refusal.status,
                body: errors::xml(NAMESPACE, refusal.status, refusal.code, &refusal.message),
            },
            |body| Reply { status: 200, body },
        ))
    }

    fn describe_global_clusters(&self, region: Region, form: &Form) -> Result<String, Refusal> {
        if form.get("GlobalClusterIdentifier").is_some() {
            require_global_cluster(form)?;
        }
        let topology = self.seen_by(region);
        let wanted = form.filter("db-cluster-id");
        let holds = Region::ALL.into_iter().any(|it| is_one_of(it, wanted.as_deref()));
        let all = holds.then(|| GlobalCluster::of(&topology));
        let (items, marker) = page(all.into_iter().collect(), form)?;
        let global_clusters = GlobalClusters { items };
        document("DescribeGlobalClusters", &DescribeGlobalClusters { marker, global_clusters })
    }

    fn describe_clusters(&self, region: Region, form: &Form) -> Result<String, Refusal> {
        if let Some(name) = form.get("DBClusterIdentifier")
            && !is_cluster(region, name)
        {
            return Err(Refusal::no_cluster(name));
        }
        let topology = self.seen_by(region);
        let wanted = form.filter("db-cluster-id");
        let found =
            is_one_of(region, wanted.as_deref()).then(|| DbCluster::of(region, &topology, self.port(region)));
        let (items, marker) = page(found.into_iter().collect(), form)?;
        let clusters = Clusters { items };
        document("DescribeDBClusters", &DescribeClusters { marker, clusters })
    }

    fn describe_instances(&self, region: Region, form: &Form) -> Result<String, Refusal> {
        let topology = self.seen_by(region);
        let names = Names::of(region);
        let exists = topology.clusters.get(region).instance.is_some();
        if let Some(name) = form.get("DBInstanceIdentifier")
            && !(exists && (name == names.instance() || name == names.instance_arn()))
        {
            return Err(Refusal::no_instance(name));
        }
        let wanted = form.filter("db-cluster-id");
        let found = is_one_of(region, wanted.as_deref())
            .then(|| DbInstance::of(region, &topology, self.port(region)))
            .flatten();
        let (items, marker) = page(found.into_iter().collect(), form)?;
        let instances = DbInstances { items };
        document("DescribeDBInstances", &DescribeInstances { marker, instances })
    }

    fn ask_switchover(&self, region: Region, form: &Form) -> Result<String, Refusal> {
        let target = target(form)?;
        self.require_called_in_primary(region)?;
        self.switchover(target)?;
        self.changed("SwitchoverGlobalCluster")
    }

    /// Without `AllowDataLoss` it is a switchover, with or without the flag that says so.
    fn ask_failover(&self, region: Region, form: &Form) -> Result<String, Refusal> {
        let target = target(form)?;
        let (data_loss, switchover) = (form.is_true("AllowDataLoss"), form.is_true("Switchover"));
        if data_loss && switchover {
            return Err(Refusal::combination("AllowDataLoss and Switchover can't be specified together."));
        }
        if data_loss {
            if region != target {
                return Err(Refusal::cluster_state(format!(
                    "A failover must be requested in the target's Region, {target}."
                )));
            }
            self.failover(target)?;
        } else {
            self.require_called_in_primary(region)?;
            self.switchover(target)?;
        }
        self.changed("FailoverGlobalCluster")
    }

    fn ask_removal(&self, region: Region, form: &Form) -> Result<String, Refusal> {
        require_global_cluster(form)?;
        let name = form.get("DbClusterIdentifier").ok_or_else(|| Refusal::missing("DbClusterIdentifier"))?;
        let removed = member(name).ok_or_else(|| Refusal::no_cluster(name))?;
        if region != removed {
            return Err(Refusal::no_cluster(name));
        }
        self.detach(removed)?;
        self.changed("RemoveFromGlobalCluster")
    }

    fn require_called_in_primary(&self, region: Region) -> Result<(), Refusal> {
        if self.truth().writer() == Some(region) {
            return Ok(());
        }
        Err(Refusal::cluster_state("A switchover must be requested in the primary DB cluster's Region."))
    }

    fn changed(&self, operation: &str) -> Result<String, Refusal> {
        let global_cluster = GlobalCluster::of(&self.truth());
        document(operation, &Changed { global_cluster })
    }
}

fn require_global_cluster(form: &Form) -> Result<(), Refusal> {
    match form.get("GlobalClusterIdentifier") {
        Some(GLOBAL_CLUSTER) => Ok(()),
        Some(other) => Err(Refusal::no_global_cluster(other)),
        None => Err(Refusal::missing("GlobalClusterIdentifier")),
    }
}

fn target(form: &Form) -> Result<Region, Refusal> {
    require_global_cluster(form)?;
    let name =
        form.get("TargetDbClusterIdentifier").ok_or_else(|| Refusal::missing("TargetDbClusterIdentifier"))?;
    member(name).ok_or_else(|| Refusal::no_cluster(name))
}

/// The member with that ARN: across Regions a bare identifier names nothing.
fn member(arn: &str) -> Option<Region> {
    Region::ALL.into_iter().find(|region| Names::of(*region).cluster_arn() == arn)
}

fn is_cluster(region: Region, name: &str) -> bool {
    let names = Names::of(region);
    name == names.cluster() || name == names.cluster_arn()
}

fn is_one_of(region: Region, wanted: Option<&[&str]>) -> bool {
    wanted.is_none_or(|wanted| wanted.iter().any(|name| is_cluster(region, name)))
}

fn document(operation: &str, result: &impl Serialize) -> Result<String, Refusal> {
    let result = quick_xml::se::to_string_with_root(&format!("{operation}Result"), result)
        .map_err(|error| Refusal::internal(error.to_string()))?;
    Ok(format!(
        "<?xml version=\"1.0\"?><{operation}Response xmlns=\"{NAMESPACE}\">{result}\
         <ResponseMetadata><RequestId>drill</RequestId></ResponseMetadata></{operation}Response>"
    ))
}
