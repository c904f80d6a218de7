//! The last run that a person asked for, by all Regions that remember one.

use futures_util::future::join_all;

use crate::operator::refusal::DrillError;
use crate::pass::context::Pass;
use crate::ports::operator::DrillPorts;
use crate::world::run::Run;

/// The last run that any Region remembers. The own Region's has to be read: it may hold one that is not over.
pub(super) async fn last_run<P: DrillPorts>(pass: Pass<'_, P>) -> Result<Option<Run>, DrillError> {
    let Pass { ports, database, own, .. } = pass;
    let reads =
        database.regions().map(|region| async move { (region, ports.read_run(database, region).await) });
    let mut last: Option<Run> = None;
    for (region, read) in join_all(reads).await {
        match read {
            Ok(Some(run)) => {
                last = Some(match last {
                    Some(known) => known.newer(run),
                    None => run,
                });
            }
            Err(error) if region == own => {
                return Err(DrillError::Impossible(format!("the last run is not known: {error}")));
            }
            Ok(None) | Err(_) => {}
        }
    }
    Ok(last)
}
