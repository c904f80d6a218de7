//! The RDS operations, as one Region's endpoint answers them.

use drill_emulator::{
    Pair, Region,
    rds::{
        form::Form,
        listing,
        model::{Database, GLOBAL_CLUSTER, Names, Topology},
        refusal::Refusal,
    },
    wire::{
        reply::Reply,
        service::{Request, Service},
    },
};

use crate::aurora::control::Aurora;

impl Service for Aurora {
    /// Answers what is asked of a Region's RDS endpoint, as far as it is ours.
    fn answer(&self, request: &Request<'_>) -> Option<Reply> {
        let region = request.call.region.filter(|_| request.call.service == "rds")?;
        let form = Form::parse(request.body);
        let answered = match form.get("Action")? {
            "SwitchoverGlobalCluster" => self.ask_switchover(region, &form),
            "FailoverGlobalCluster" => self.ask_failover(region, &form),
            "RemoveFromGlobalCluster" => self.ask_removal(region, &form),
            "DescribeDBClusterSnapshots" => self.describe_snapshots(region, &form),
            "CopyDBClusterSnapshot" => self.ask_copy(region, &form),
            _ => listing::describe(&[self.database(self.seen_by(region))], region, &form)?,
        };
        Some(listing::reply(answered))
    }
}

impl Aurora {
    fn database(&self, topology: Topology) -> Database {
        let port = |region| self.storage().address(region).port();
        Database::of_the_drill(topology, Pair::each(port))
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
        listing::changed(operation, &self.database(self.truth()))
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
