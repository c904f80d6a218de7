//! The three listings, by name, by filter and by page, as a Region's own endpoint answers them.

use serde::Serialize;

use crate::{
    rds::{
        form::Form,
        model::{Database, Names},
        page::page,
        refusal::Refusal,
        shapes::{
            Changed, Clusters, DbCluster, DbInstance, DbInstances, DescribeClusters, DescribeGlobalClusters,
            DescribeInstances, GlobalCluster, GlobalClusters, NAMESPACE,
        },
    },
    region::Region,
    wire::reply::Reply,
};

/// What `region`'s endpoint says of these global databases; `None` for everything but the listings.
pub fn describe(databases: &[Database], region: Region, form: &Form) -> Option<Result<String, Refusal>> {
    match form.get("Action")? {
        "DescribeGlobalClusters" => Some(global_clusters(databases, form)),
        "DescribeDBClusters" => Some(clusters(databases, region, form)),
        "DescribeDBInstances" => Some(instances(databases, region, form)),
        _ => None,
    }
}

/// What everything answers that changes a global cluster.
pub fn changed(operation: &str, database: &Database) -> Result<String, Refusal> {
    document(operation, &Changed { global_cluster: GlobalCluster::of(database) })
}

/// An answer in the query protocol.
pub fn reply(answered: Result<String, Refusal>) -> Reply {
    answered.map_or_else(
        |refusal| Reply::xml_error(NAMESPACE, refusal.status, refusal.code, &refusal.message),
        Reply::xml,
    )
}

fn global_clusters(databases: &[Database], form: &Form) -> Result<String, Refusal> {
    let named = form.get("GlobalClusterIdentifier");
    let members = form.filter("db-cluster-id");
    let holds =
        |it: &Database| Region::ALL.into_iter().any(|region| is_one_of(it.names(region), members.as_deref()));
    let found = select(databases, named, |it, name| it.name == name, holds);
    let found = found.ok_or_else(|| Refusal::no_global_cluster(named.unwrap_or_default()))?;
    let (items, marker) = page(found, form)?;
    let global_clusters = GlobalClusters { items: items.into_iter().map(GlobalCluster::of).collect() };
    document("DescribeGlobalClusters", &DescribeGlobalClusters { marker, global_clusters })
}

fn clusters(databases: &[Database], region: Region, form: &Form) -> Result<String, Refusal> {
    let named = form.get("DBClusterIdentifier");
    let wanted = form.filter("db-cluster-id");
    let is_named = |it: &Database, name: &str| it.names(region).is_cluster(name);
    let found = select(databases, named, is_named, |it| is_one_of(it.names(region), wanted.as_deref()));
    let found = found.ok_or_else(|| Refusal::no_cluster(named.unwrap_or_default()))?;
    let (items, marker) = page(found, form)?;
    let clusters = Clusters { items: items.into_iter().map(|it| DbCluster::of(region, it)).collect() };
    document("DescribeDBClusters", &DescribeClusters { marker, clusters })
}

fn instances(databases: &[Database], region: Region, form: &Form) -> Result<String, Refusal> {
    let named = form.get("DBInstanceIdentifier");
    let wanted = form.filter("db-cluster-id");
    let exists = |it: &Database| it.topology.clusters.get(region).instance.is_some();
    let is_named = |it: &Database, name: &str| exists(it) && it.names(region).is_instance(name);
    let holds = |it: &Database| exists(it) && is_one_of(it.names(region), wanted.as_deref());
    let found = select(databases, named, is_named, holds);
    let found = found.ok_or_else(|| Refusal::no_instance(named.unwrap_or_default()))?;
    let (items, marker) = page(found, form)?;
    let instances =
        DbInstances { items: items.into_iter().filter_map(|it| DbInstance::of(region, it)).collect() };
    document("DescribeDBInstances", &DescribeInstances { marker, instances })
}

/// Those of the wanted name, which must be there, or all; and of these the ones that the filter takes.
fn select<'a>(
    databases: &'a [Database],
    named: Option<&str>,
    is_named: impl Fn(&Database, &str) -> bool,
    filter: impl Fn(&Database) -> bool,
) -> Option<Vec<&'a Database>> {
    let taken = match named {
        Some(name) => vec![databases.iter().find(|it| is_named(it, name))?],
        None => databases.iter().collect(),
    };
    Some(taken.into_iter().filter(|it| filter(it)).collect())
}

fn is_one_of(names: Names<'_>, wanted: Option<&[&str]>) -> bool {
    wanted.is_none_or(|wanted| wanted.iter().any(|name| names.is_cluster(name)))
}

pub(crate) fn document(operation: &str, result: &impl Serialize) -> Result<String, Refusal> {
    let result = quick_xml::se::to_string_with_root(&format!("{operation}Result"), result)
        .map_err(|error| Refusal::internal(error.to_string()))?;
    Ok(format!(
        "<?xml version=\"1.0\"?><{operation}Response xmlns=\"{NAMESPACE}\">{result}\
         <ResponseMetadata><RequestId>drill</RequestId></ResponseMetadata></{operation}Response>"
    ))
}
