//! The last run that a person asked for, by all Regions that remember one.

use futures_util::future::join_all;

use crate::operator::refusal::DrillError;
use crate::pass::context::Pass;
use crate::ports::PortError;
use crate::ports::operator::DrillPorts;
use crate::words::names::Region;
use crate::world::run::Run;

/// What the Regions remember.
pub(super) struct Remembered {
    /// The last run of those that could be read.
    pub(super) last: Option<Run>,
    /// Each Region that may remember another one, and why it could not be read.
    pub(super) unread: Vec<(Region, PortError)>,
}

/// What every Region remembers, as far as it can be read.
pub(super) async fn remembered<P: DrillPorts>(pass: Pass<'_, P>) -> Remembered {
    let Pass { ports, database, .. } = pass;
    let reads =
        database.regions().map(|region| async move { (region, ports.read_run(database, region).await) });
    let mut remembered = Remembered { last: None, unread: Vec::new() };
    for (region, read) in join_all(reads).await {
        match read {
            Ok(Some(run)) => {
                remembered.last = Some(match remembered.last {
                    Some(known) => known.newer(run),
                    None => run,
                });
            }
            Ok(None) => {}
            Err(error) => remembered.unread.push((region.clone(), error)),
        }
    }
    remembered
}

/// The last run that any Region remembers. The own Region's has to be read: it may hold one that is not over.
pub(super) async fn last_run<P: DrillPorts>(pass: Pass<'_, P>) -> Result<Option<Run>, DrillError> {
    let Remembered { last, unread } = remembered(pass).await;
    match unread.into_iter().find(|(region, _)| region == pass.own) {
        Some((_, error)) => Err(DrillError::Impossible(format!("the last run is not known: {error}"))),
        None => Ok(last),
    }
}
