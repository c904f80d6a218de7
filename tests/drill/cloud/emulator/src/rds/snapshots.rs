//! A Region's cluster snapshots: the listing, by cluster and by page, and the copy.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::rds::{
    form::Form,
    listing::document,
    model::{ACCOUNT, Names},
    page::page,
    refusal::Refusal,
};
use crate::region::Region;

/// RDS's most manual snapshots of clusters in an account and Region.
const MANUAL_MAX: usize = 100;

/// One snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// Its identifier.
    pub identifier: String,
    /// Its cluster.
    pub cluster: String,
    /// `creating`, `copying` or `available`.
    pub status: String,
    /// When it was taken, in AWS's form.
    pub created: String,
    /// The identifier of what it is a copy of.
    pub copy_of: Option<String>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

impl Snapshot {
    /// What AWS takes of an old writer's volume. How it writes the time in the name is not documented.
    pub fn of_a_failover(region: Region, created: &str) -> Self {
        let cluster = Names::of(region).cluster();
        let minute = created.get(..16).unwrap_or(created).replace([':', 'T'], "-");
        Self {
            identifier: format!("rds:unplanned-global-failover-{cluster}-{minute}"),
            cluster,
            status: "creating".to_owned(),
            created: created.to_owned(),
            copy_of: None,
            tags: BTreeMap::new(),
        }
    }
}

/// One page of a Region's snapshots.
pub fn describe(region: Region, kept: &[Snapshot], form: &Form) -> Result<String, Refusal> {
    let wanted = form.get("DBClusterIdentifier");
    if let Some(name) = wanted.filter(|name| !Names::of(region).is_cluster(name)) {
        return Err(Refusal::no_cluster(name));
    }
    let is_wanted = |it: &&Snapshot| wanted.is_none_or(|_| it.cluster == Names::of(region).cluster());
    let (items, marker) = page(kept.iter().filter(is_wanted).collect(), form)?;
    let items = items.into_iter().map(|it| Shape::of(region, it)).collect();
    document("DescribeDBClusterSnapshots", &Described { marker, snapshots: Shapes { items } })
}

/// The copy that is asked for, which joins the others; and the answer.
pub fn copy(region: Region, kept: &mut Vec<Snapshot>, form: &Form) -> Result<(String, String), Refusal> {
    let field = |name: &str| form.get(name).ok_or_else(|| Refusal::missing(name)).map(str::to_owned);
    let original = field("SourceDBClusterSnapshotIdentifier")?;
    let name = field("TargetDBClusterSnapshotIdentifier")?;
    let found = kept.iter().find(|it| it.identifier == original).cloned();
    let original = found.ok_or_else(|| Refusal::no_snapshot(&original))?;
    if original.status != "available" {
        return Err(Refusal::snapshot_state(&original.identifier));
    }
    let plain = |it: char| it.is_ascii_alphanumeric() || it == '-';
    let begins = name.starts_with(|it: char| it.is_ascii_alphabetic());
    if !begins || name.len() > 63 || !name.chars().all(plain) || name.ends_with('-') || name.contains("--") {
        return Err(Refusal::value(format!("Invalid snapshot identifier: {name}")));
    }
    if kept.iter().any(|it| it.identifier == name) {
        return Err(Refusal::snapshot_exists(&name));
    }
    if kept.iter().filter(|it| !it.identifier.starts_with("rds:")).count() >= MANUAL_MAX {
        return Err(Refusal::too_many_snapshots());
    }
    let copy = Snapshot {
        identifier: name.clone(),
        status: "copying".to_owned(),
        copy_of: Some(original.identifier.clone()),
        tags: form.tags(),
        ..original
    };
    let answer = document("CopyDBClusterSnapshot", &CopyAnswer { snapshot: Shape::of(region, &copy) })?;
    kept.push(copy);
    Ok((answer, name))
}

#[derive(Debug, Serialize)]
struct Described {
    #[serde(rename = "Marker", skip_serializing_if = "Option::is_none")]
    marker: Option<String>,
    #[serde(rename = "DBClusterSnapshots")]
    snapshots: Shapes,
}

#[derive(Debug, Serialize)]
struct Shapes {
    #[serde(rename = "DBClusterSnapshot")]
    items: Vec<Shape>,
}

#[derive(Debug, Serialize)]
struct CopyAnswer {
    #[serde(rename = "DBClusterSnapshot")]
    snapshot: Shape,
}

#[derive(Debug, Serialize)]
struct Shape {
    #[serde(rename = "DBClusterSnapshotIdentifier")]
    identifier: String,
    #[serde(rename = "DBClusterSnapshotArn")]
    arn: String,
    #[serde(rename = "DBClusterIdentifier")]
    cluster: String,
    #[serde(rename = "SnapshotCreateTime")]
    created: String,
    #[serde(rename = "Engine")]
    engine: &'static str,
    #[serde(rename = "Status")]
    status: String,
    #[serde(rename = "SnapshotType")]
    kind: &'static str,
    #[serde(rename = "SourceDBClusterSnapshotArn", skip_serializing_if = "Option::is_none")]
    copy_of: Option<String>,
    #[serde(rename = "TagList")]
    tags: Tags,
}

#[derive(Debug, Serialize)]
struct Tags {
    #[serde(rename = "Tag")]
    items: Vec<Tag>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Tag {
    key: String,
    value: String,
}

impl Shape {
    fn of(region: Region, snapshot: &Snapshot) -> Self {
        let arn = |name: &str| format!("arn:aws:rds:{region}:{ACCOUNT}:cluster-snapshot:{name}");
        let tags = snapshot.tags.iter().map(|(key, value)| Tag { key: key.clone(), value: value.clone() });
        Self {
            arn: arn(&snapshot.identifier),
            identifier: snapshot.identifier.clone(),
            cluster: snapshot.cluster.clone(),
            created: snapshot.created.clone(),
            engine: "aurora-postgresql",
            status: snapshot.status.clone(),
            kind: if snapshot.copy_of.is_some() { "manual" } else { "automated" },
            copy_of: snapshot.copy_of.as_deref().map(arn),
            tags: Tags { items: tags.collect() },
        }
    }
}
