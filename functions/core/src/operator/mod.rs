//! Drills by hand: what a person asks of the `drill` function, decided here and performed through the ports.
//!
//! One request reads top down: [`request`] reads it and refuses every mistake with one sentence; [`perform`] finds its
//! database; a transition goes through [`transition`]: look, preflight, call, watch, publish, verify. A dry run is the
//! same code over a [`rehearsal::desk::Desk`] that writes down each call that would change something instead of making it.
//!
//! What a run did is remembered before its call ([`crate::world::run::Run`], the parameter `<prefix>/run/<database>`), so that the same
//! request again goes on with it, and nothing is started twice.

pub mod job;
pub mod refusal;
pub mod rehearsal;
pub mod reply;
pub mod request;
pub mod salvage;
pub mod status;
pub mod switches;

mod look;
mod page;
mod runs;
mod track;
mod transition;

use crate::config::Database;
use crate::words::names::Region;

use crate::operator::job::Job;
use crate::operator::rehearsal::desk::Desk;
use crate::operator::reply::{Reply, TransitionPlan, TransitionPlans};
use crate::operator::request::{Request, RequestError};
use crate::ports::operator::DrillPorts;
use crate::world::run::Kind;

use crate::operator::job::{Place, boxed};
use crate::operator::refusal::DrillError;

/// Performs one request. An error is one sentence and, for a mistake in the request, nothing was changed.
pub async fn perform<P: DrillPorts>(
    ports: &P,
    place: Place<'_>,
    request: &Request,
) -> Result<Reply, DrillError> {
    match request {
        Request::Status { database } => {
            boxed(status(ports, place, database.as_deref())).await.map(Reply::Statuses)
        }
        Request::Plan { database, target } => {
            let database = find(place, database)?;
            let target = member(database, target)?;
            let switchover = boxed(rehearse(ports, place, database, Kind::Switchover, &target)).await?;
            let failover = boxed(rehearse(ports, place, database, Kind::Failover, &target)).await?;
            let database = database.name().to_string();
            Ok(Reply::Plans(TransitionPlans { database, target_region: target, switchover, failover }))
        }
        Request::Transition { kind, database, target, dry_run } => {
            let database = find(place, database)?;
            let target = goal(database, *kind, target.as_deref())?;
            if *dry_run {
                return boxed(rehearse(ports, place, database, *kind, &target)).await.map(Reply::Plan);
            }
            let desk = Desk::live(ports, &target);
            let job = Job::new(place, database, *kind, target);
            let ended = boxed(transition::perform(&desk, &job)).await;
            boxed(page::keep(&desk, ended)).await.map(|course| Reply::Course(Box::new(course)))
        }
        Request::Hold { database, reason } => {
            switches::hold(ports, find(place, database)?, reason).await.map(Reply::Switched)
        }
        Request::Release { database } => {
            switches::release(ports, find(place, database)?).await.map(Reply::Switched)
        }
        Request::Declare { database, target } => {
            let database = find(place, database)?;
            let target = member(database, target)?;
            boxed(switches::declare(place.pass(ports, database), &target)).await.map(Reply::Declared)
        }
        Request::Salvage { database, since, dry_run } => {
            let database = find(place, database)?;
            let salvaged = boxed(salvage::perform(ports, place, database, *since, *dry_run)).await?;
            Ok(Reply::Salvaged(Box::new(salvaged)))
        }
    }
}

async fn status<P: DrillPorts>(
    ports: &P,
    place: Place<'_>,
    wanted: Option<&str>,
) -> Result<status::Statuses, DrillError> {
    if let Some(name) = wanted {
        let one = status::of(place.pass(ports, find(place, name)?)).await;
        return Ok(status::Statuses { databases: vec![one], errors: Vec::new() });
    }
    Ok(status::all(ports, place).await)
}

/// The plan of a transition: the live code over a desk that makes no call that changes anything.
async fn rehearse<P: DrillPorts>(
    ports: &P,
    place: Place<'_>,
    database: &Database,
    kind: Kind,
    target: &Region,
) -> Result<TransitionPlan, DrillError> {
    let desk = Desk::rehearsal(ports, target);
    let job = Job::new(place, database, kind, target.clone());
    let ended = boxed(transition::perform(&desk, &job)).await;
    let ended = boxed(page::keep(&desk, ended)).await;
    TransitionPlan::of(&job, ended, desk.into_calls())
}

fn find<'a>(place: Place<'a>, name: &str) -> Result<&'a Database, RequestError> {
    let mut databases = place.installation.databases.iter();
    if let Some(database) = databases.find(|database| database.name().as_str() == name) {
        return Ok(database);
    }
    let refused = place.installation.refused.iter().find(|(refused, _)| refused == name);
    if let Some((_, error)) = refused {
        return Err(RequestError::Configuration(error.clone()));
    }
    let known = place.installation.databases.iter().map(|database| database.name().to_string()).collect();
    Err(RequestError::UnknownDatabase { name: name.to_owned(), known })
}

fn member(database: &Database, name: &str) -> Result<Region, RequestError> {
    let found = database.regions().find(|region| region.as_str() == name).cloned();
    found.ok_or_else(|| RequestError::UnknownRegion {
        name: name.to_owned(),
        database: database.name().to_string(),
        known: database.regions().map(Region::to_string).collect(),
    })
}

/// Where a transition goes: home, for a failback.
fn goal(database: &Database, kind: Kind, target: Option<&str>) -> Result<Region, RequestError> {
    match (kind, target) {
        (Kind::Failback, _) => database
            .home_region()
            .cloned()
            .ok_or_else(|| RequestError::NoHome { parameter: database.configuration_parameter() }),
        (_, Some(target)) => member(database, target),
        (_, None) => Err(RequestError::Missing { action: kind.as_str(), field: "target_region" }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::installation::Installation;
    use crate::words::timestamp::Timestamp;
    use crate::world::run::Caller;

    #[test]
    fn a_database_whose_configuration_is_refused_says_why_and_a_stranger_what_is_known() {
        let own: Region = "ap-northeast-2".parse().unwrap();
        let broken = ["books", "todo"].map(|name| (format!("/p/databases/{name}"), format!("{{{name}")));
        let parameters = broken.iter().map(|(name, json)| (name.as_str(), json.as_str()));
        let installation = Installation::from_parameters("/p", &own, parameters);
        let (caller, deadline) = (Caller::default(), Timestamp::from_ms(0));
        let place = Place { installation: &installation, own: &own, caller: &caller, deadline };
        for name in ["books", "todo"] {
            let error = find(place, name).unwrap_err();
            assert!(
                matches!(&error, RequestError::Configuration(it) if it.parameter.ends_with(name)),
                "{error}"
            );
        }
        assert!(matches!(find(place, "shop").unwrap_err(), RequestError::UnknownDatabase { .. }));
    }
}
