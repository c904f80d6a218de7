//! What will be in the way on the day it is needed, read from the members themselves: maintenance that waits for one of
//! them alone, a blue/green deployment under way, a bound on the lag that stops the writer, a standby too small to take over.

use std::collections::{BTreeMap, BTreeSet};

use aws_config::SdkConfig;
use aws_sdk_rds::Client;
use aws_sdk_rds::types::{
    DbCluster, Filter, ResourcePendingMaintenanceActions, ServerlessV2ScalingConfigurationInfo,
};
use responder_core::config::Database;
use responder_core::words::names::{ClusterArn, Region};

use super::Finding;
use super::unread::{Unread, answer};
use crate::invoke::in_region;

/// How RDS writes that no lag stops the writer.
const NO_BOUND: &str = "-1";
/// The parameter with the bound: the writer commits nothing while every other Region is further behind, in seconds.
const RPO: &str = "rds.global_db_rpo";
/// States of a deployment that change nothing any more.
const OVER: [&str; 3] = ["SWITCHOVER_COMPLETED", "INVALID_CONFIGURATION", "DELETING"];
/// Sizes of instance classes, each some twice the one before.
const SIZES: [&str; 4] = ["micro", "small", "medium", "large"];

/// One member, as far as it was read.
#[derive(Debug, Default)]
struct Member {
    /// Actions that wait for it, each with the day from which RDS makes it by itself.
    pending: BTreeMap<String, Option<String>>,
    /// Blue/green deployments from it, with their states.
    deployments: Vec<String>,
    /// The bound on the lag, where its parameter group sets one.
    rpo: Option<String>,
    /// Its instances' classes.
    classes: BTreeSet<String>,
    /// The most capacity of a serverless cluster, in ACUs.
    acu_max: Option<f64>,
}

pub(super) async fn look(config: &SdkConfig, database: &Database) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut members = BTreeMap::new();
    for (region, arn) in database.members() {
        let client = Client::new(&in_region(config, region.as_str()));
        match read(&client, arn).await {
            Ok(member) => drop(members.insert(region.clone(), member)),
            Err((call, why)) => {
                let place = format!("{} {region}", database.name());
                findings.push(why.finding(&place, "what is ahead of it", call));
            }
        }
    }
    findings.extend(judge(database.name().as_str(), &members, database.members().len()));
    findings
}

async fn read(client: &Client, arn: &ClusterArn) -> Result<Member, (&'static str, Unread)> {
    let by = |name: &str| Filter::builder().name(name).values(arn.as_str()).build();
    let cluster = answer(client.describe_db_clusters().db_cluster_identifier(arn.as_str()).send()).await;
    let cluster = cluster.map_err(|why| ("rds:DescribeDBClusters", why))?.db_clusters.unwrap_or_default();
    let Some(cluster) = cluster.into_iter().next() else {
        let why = Unread { denied: false, why: "RDS lists no such cluster".to_owned() };
        return Err(("rds:DescribeDBClusters", why));
    };
    let instances = answer(client.describe_db_instances().filters(by("db-cluster-id")).send()).await;
    let instances = instances.map_err(|why| ("rds:DescribeDBInstances", why))?;
    let classes = instances.db_instances().iter().filter_map(|it| it.db_instance_class()).map(str::to_owned);
    let waits = client.describe_pending_maintenance_actions().filters(by("db-cluster-id"));
    let waits = answer(waits.send()).await.map_err(|why| ("rds:DescribePendingMaintenanceActions", why))?;
    let actions = waits
        .pending_maintenance_actions()
        .iter()
        .flat_map(ResourcePendingMaintenanceActions::pending_maintenance_action_details);
    let pending = actions.map(|it| {
        let day = it.forced_apply_date().or(it.auto_applied_after_date()).map(ToString::to_string);
        (it.action().unwrap_or("an action without a name").to_owned(), day)
    });
    let deployments = client.describe_blue_green_deployments().filters(by("source"));
    let deployments =
        answer(deployments.send()).await.map_err(|why| ("rds:DescribeBlueGreenDeployments", why))?;
    let deployments = deployments.blue_green_deployments().iter().filter_map(|it| {
        let status = it.status().unwrap_or("of an unknown status");
        (!OVER.contains(&status))
            .then(|| format!("{} ({status})", it.blue_green_deployment_name().unwrap_or_default()))
    });
    Ok(Member {
        pending: pending.collect(),
        deployments: deployments.collect(),
        rpo: rpo(client, &cluster).await?,
        classes: classes.collect(),
        acu_max: cluster
            .serverless_v2_scaling_configuration()
            .and_then(ServerlessV2ScalingConfigurationInfo::max_capacity),
    })
}

/// What the cluster's own parameter group says; the default ones set no bound.
async fn rpo(client: &Client, cluster: &DbCluster) -> Result<Option<String>, (&'static str, Unread)> {
    let Some(group) = cluster.db_cluster_parameter_group() else { return Ok(None) };
    let mut marker = None;
    loop {
        let page =
            client.describe_db_cluster_parameters().db_cluster_parameter_group_name(group).source("user");
        let page = answer(page.set_marker(marker).send()).await;
        let page = page.map_err(|why| ("rds:DescribeDBClusterParameters", why))?;
        let found = page.parameters().iter().find(|it| it.parameter_name() == Some(RPO));
        if let Some(value) = found.and_then(|it| it.parameter_value()) {
            return Ok(Some(value.to_owned()));
        }
        if page.marker().is_none() {
            return Ok(None);
        }
        marker = page.marker;
    }
}

fn judge(name: &str, members: &BTreeMap<Region, Member>, configured: usize) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (region, member) in members {
        let place = format!("{name} {region}");
        for (action, day) in &member.pending {
            let others =
                members.iter().filter(|(other, it)| *other != region && !it.pending.contains_key(action));
            let others: Vec<&str> = others.map(|(other, _)| other.as_str()).collect();
            let day =
                day.as_ref().map(|day| format!(", which RDS makes by itself from {day}")).unwrap_or_default();
            let (what, mend) = if others.is_empty() {
                (
                    format!("{action} waits for every member{day}"),
                    "apply it to the standbys first, then to the writer",
                )
            } else {
                let what = format!(
                    "{action} waits for it{day}, and not for {}: their versions may part",
                    others.join(", ")
                );
                (
                    what,
                    "apply it soon (aws rds apply-pending-maintenance-action): unequal versions refuse a transition",
                )
            };
            findings.push(Finding::warn(&place, what, mend));
        }
        for deployment in &member.deployments {
            let mend = "finish or delete it before a drill: no global switchover while it switches";
            findings.push(Finding::warn(&place, format!("has the blue/green deployment {deployment}"), mend));
        }
        if let Some(rpo) = member.rpo.as_ref().filter(|rpo| *rpo != NO_BOUND && configured == 2) {
            let what = format!(
                "{RPO} is {rpo} s and there are two Regions: after a failover the new writer commits nothing until the other is back"
            );
            findings.push(Finding::warn(
                &place,
                what,
                format!("set it to {NO_BOUND}, or add a third Region"),
            ));
        }
    }
    findings.extend(smaller(name, members));
    if findings.is_empty() && members.len() == configured {
        findings.push(Finding::ok(name, "nothing waits for its members, and none is smaller than another"));
    }
    findings
}

/// The members that are smaller than the greatest: whichever the writer is, each may have to take over.
fn smaller(name: &str, members: &BTreeMap<Region, Member>) -> Vec<Finding> {
    let sized = |member: &Member| (size(member), member.acu_max);
    let greatest = members.values().filter_map(size).max();
    let most = members.values().filter_map(|it| it.acu_max).reduce(f64::max);
    let of = |(region, member): (&Region, &Member)| {
        let place = format!("{name} {region}");
        let mend = "give it the size of the others: after a move it carries the whole load";
        let (size, acu) = sized(member);
        let classes = || member.classes.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        if size.is_some() && size < greatest {
            return Some(Finding::warn(
                &place,
                format!("is smaller than another member: {}", classes()),
                mend,
            ));
        }
        let (acu, most) = acu.zip(most).filter(|(acu, most)| acu < most)?;
        Some(Finding::warn(&place, format!("may grow to {acu} ACUs, another member to {most}"), mend))
    };
    members.iter().filter_map(of).collect()
}

/// How large its greatest instance is: the place of its size, twice as large each step. Nothing where a class says none.
fn size(member: &Member) -> Option<u32> {
    let of = |class: &String| {
        let word = class.rsplit('.').next()?;
        if let Some(at) = SIZES.iter().position(|size| *size == word) {
            return u32::try_from(at).ok();
        }
        let times = word.strip_suffix("xlarge")?;
        let times: u32 = if times.is_empty() { 1 } else { times.parse().ok()? };
        u32::try_from(SIZES.len()).ok()?.checked_add(times)
    };
    member.classes.iter().filter_map(of).max()
}

#[cfg(test)]
mod tests {
    use super::super::Level;
    use super::*;

    fn member(class: &str) -> Member {
        Member { classes: [class.to_owned()].into(), ..Member::default() }
    }

    fn found(seoul: Member, osaka: Member) -> Vec<String> {
        let region = |name: &str| name.parse::<Region>().unwrap();
        let members = [(region("ap-northeast-2"), seoul), (region("ap-northeast-3"), osaka)].into();
        let findings = judge("todo", &members, 2);
        let is_fit = |it: &Finding| it.level == Level::Ok;
        assert!(
            findings.iter().all(|it| is_fit(it) != (it.level == Level::Warn && !it.mend.is_empty())),
            "{findings:?}"
        );
        findings.into_iter().map(|it| format!("{}: {}", it.place, it.what)).collect()
    }

    #[test]
    fn what_waits_for_one_member_alone_is_told_from_what_waits_for_all() {
        let waits = |day: Option<&str>| Member {
            pending: [("system-update".to_owned(), day.map(str::to_owned))].into(),
            ..member("db.r6g.large")
        };
        assert_eq!(
            found(waits(Some("2026-12-01T00:00:00Z")), member("db.r6g.large")),
            [
                "todo ap-northeast-2: system-update waits for it, which RDS makes by itself from 2026-12-01T00:00:00Z, and not for \
              ap-northeast-3: their versions may part"
            ]
        );
        let all = found(waits(None), waits(None));
        assert_eq!(
            all,
            ["2", "3"].map(|it| format!("todo ap-northeast-{it}: system-update waits for every member"))
        );
    }

    #[test]
    fn a_deployment_and_a_bound_on_the_lag_are_in_the_way() {
        let deploys =
            Member { deployments: vec!["upgrade (AVAILABLE)".to_owned()], ..member("db.r6g.large") };
        assert!(
            found(deploys, member("db.r6g.large"))[0].contains("blue/green deployment upgrade (AVAILABLE)")
        );
        for (rpo, count) in [("60", 1), (NO_BOUND, 0)] {
            let bound = Member { rpo: Some(rpo.to_owned()), ..member("db.r6g.large") };
            let told = found(member("db.r6g.large"), bound);
            assert_eq!(told.iter().filter(|it| it.contains(RPO)).count(), count, "{told:?}");
        }
    }

    #[test]
    fn a_member_that_is_smaller_than_another_is_found_whichever_the_writer_is() {
        for (seoul, osaka, smaller) in [
            ("db.r6g.large", "db.r7g.large", None),
            ("db.r6g.2xlarge", "db.r6g.xlarge", Some("ap-northeast-3")),
            ("db.t4g.medium", "db.r6g.large", Some("ap-northeast-2")),
            ("db.r6g.16xlarge", "db.r6g.2xlarge", Some("ap-northeast-3")),
            ("db.serverless", "db.r6g.large", None),
            ("db.x2g.metal", "db.r6g.large", None),
        ] {
            let told = found(member(seoul), member(osaka));
            let expected = smaller.map_or_else(
                || "todo: nothing waits for its members, and none is smaller than another".to_owned(),
                |region| {
                    format!(
                        "todo {region}: is smaller than another member: {}",
                        if region.ends_with('2') { seoul } else { osaka }
                    )
                },
            );
            assert_eq!(told, [expected], "{seoul} {osaka}");
        }
        let serverless = |acu_max| Member { acu_max: Some(acu_max), ..member("db.serverless") };
        let told = found(serverless(16.0), serverless(4.5));
        assert_eq!(told, ["todo ap-northeast-3: may grow to 4.5 ACUs, another member to 16"]);
        // Of several instances the greatest counts: it is what takes over.
        let two = Member {
            classes: ["db.r6g.large", "db.r6g.2xlarge"].map(str::to_owned).into(),
            ..Member::default()
        };
        assert_eq!(found(two, member("db.r6g.2xlarge")).len(), 1);
    }
}
