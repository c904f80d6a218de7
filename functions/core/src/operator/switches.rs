//! The hold switch and the declaration, written in every Region at once. A Region that does not take it is named in the
//! answer, and the others take it all the same.

use std::borrow::Cow;
use std::collections::BTreeMap;

use futures_util::future::join_all;
use serde::{Deserialize, Serialize};

use crate::answer::result::DatabaseResult;
use crate::config::Database;
use crate::operator::look::look;
use crate::operator::refusal::DrillError;
use crate::pass::context::Pass;
use crate::pass::reconcile::{Attention, reconcile};
use crate::ports::PortError;
use crate::ports::operator::DrillPorts;
use crate::words::names::{Epoch, Region};
use crate::world::evidence::Declaration;
use crate::world::known::Known;
use crate::world::topology::Word;

/// What became of a switch in one Region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Written {
    /// It stands there.
    Set,
    /// It was taken away.
    Removed,
    /// It was not set.
    WasNotSet,
    /// The Region did not take it: what it said.
    #[serde(untagged)]
    Failed(String),
}

/// The hold switch in every Region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Switched {
    /// The action, `hold` or `release`.
    pub action: Cow<'static, str>,
    /// The database.
    pub database: String,
    /// The parameter's name.
    pub parameter: String,
    /// Why it is held.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What became of it in each Region.
    pub regions: BTreeMap<Region, Written>,
    /// What is left to do, when a Region did not take it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left: Option<String>,
}

/// A declared promotion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Declared {
    /// The action.
    pub action: Cow<'static, str>,
    /// The database.
    pub database: String,
    /// The parameter's name.
    pub parameter: String,
    /// The declared writer's Region.
    pub region: Region,
    /// The epoch at which it is good.
    pub epoch: Epoch,
    /// What became of it in each Region.
    pub regions: BTreeMap<Region, Written>,
    /// What the pass right after it came to.
    pub result: DatabaseResult,
}

/// Sets the hold switch.
pub(super) async fn hold<P: DrillPorts>(
    ports: &P,
    database: &Database,
    reason: &str,
) -> Result<Switched, DrillError> {
    let writes = database.regions().map(|region| async move {
        let put = ports.put_hold(database, region, reason).await;
        (region.clone(), put.map(|()| Written::Set))
    });
    let regions = gather(join_all(writes).await)?;
    let left = left(&regions, "is not held by its own switch: hold again when it answers");
    Ok(Switched {
        action: "hold".into(),
        database: database.name().to_string(),
        parameter: database.hold_parameter(),
        reason: Some(reason.to_owned()),
        regions,
        left,
    })
}

/// Takes the hold switch away.
pub(super) async fn release<P: DrillPorts>(ports: &P, database: &Database) -> Result<Switched, DrillError> {
    let writes = database.regions().map(|region| async move {
        let deleted = ports.delete_hold(database, region).await;
        let written = |was_set| if was_set { Written::Removed } else { Written::WasNotSet };
        (region.clone(), deleted.map(written))
    });
    let regions = gather(join_all(writes).await)?;
    let left = left(&regions, "may still be held: release again when it answers");
    Ok(Switched {
        action: "release".into(),
        database: database.name().to_string(),
        parameter: database.hold_parameter(),
        reason: None,
        regions,
        left,
    })
}

/// Declares the cluster of `target` the writer, good for the epoch that is published now, and runs a pass.
pub(super) async fn declare<P: DrillPorts>(
    pass: Pass<'_, P>,
    target: &Region,
) -> Result<Declared, DrillError> {
    let Pass { ports, database, .. } = pass;
    let epoch = declarable(pass, target).await?;
    let declared = Declaration { region: target.clone(), epoch };
    let writes = database.regions().map(|region| {
        let declared = &declared;
        async move {
            let put = ports.put_declared(database, region, declared).await;
            (region.clone(), put.map(|()| Written::Set))
        }
    });
    let regions = gather(join_all(writes).await)?;
    let outcome = reconcile(pass, &mut Known::default(), Attention::Everything).await;
    Ok(Declared {
        action: "declare".into(),
        database: database.name().to_string(),
        parameter: database.declared_parameter(),
        region: declared.region,
        epoch,
        regions,
        result: outcome.result,
    })
}

/// The epoch that is published, when a declaration of `target` would have an effect.
async fn declarable<P: DrillPorts>(pass: Pass<'_, P>, target: &Region) -> Result<Epoch, DrillError> {
    let database = pass.database;
    let sight = look(pass).await;
    let refuse = |why: String| Err(DrillError::Impossible(why));
    let Some(published) = sight.evidence.published() else {
        let (_, _, reason) = sight.words();
        return refuse(format!("nothing is known to be published: {reason}"));
    };
    if published.writer == *target {
        return refuse(format!("{target} is already the published writer of {}", database.name()));
    }
    let Some(view) = sight.evidence.view(target) else {
        return refuse(format!(
            "{target}'s RDS endpoint does not answer: it has to confirm what is declared"
        ));
    };
    if view.claims(target) || matches!(view.word(), Word::Detached) {
        return Ok(published.epoch);
    }
    refuse(format!(
        "the cluster of {target} {}: only one that was detached and promoted, or claims the writer, can be declared",
        sight.word(target)
    ))
}

/// What became of each Region's write; an error when none took it.
fn gather(
    writes: Vec<(Region, Result<Written, PortError>)>,
) -> Result<BTreeMap<Region, Written>, DrillError> {
    let is_lost = writes.iter().all(|(_, write)| write.is_err());
    let written = writes.into_iter().map(|(region, write)| {
        let written = write.unwrap_or_else(|error| Written::Failed(error.to_string()));
        (region, written)
    });
    let regions: BTreeMap<Region, Written> = written.collect();
    if is_lost {
        let texts = regions.values().filter_map(|written| match written {
            Written::Failed(why) => Some(why.clone()),
            _ => None,
        });
        return Err(DrillError::NoRegion(texts.collect::<Vec<_>>().join("; ")));
    }
    Ok(regions)
}

fn left(regions: &BTreeMap<Region, Written>, what: &str) -> Option<String> {
    let failed: Vec<&str> = regions
        .iter()
        .filter(|(_, written)| matches!(written, Written::Failed(_)))
        .map(|(region, _)| region.as_str())
        .collect();
    (!failed.is_empty()).then(|| format!("{} {what}", failed.join(", ")))
}
