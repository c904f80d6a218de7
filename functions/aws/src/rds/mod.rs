//! What each Region's own RDS endpoint says, asked for together.

mod calls;
mod facts;
mod failover;
mod listings;
mod single;
mod snapshots;
mod switchover;

use std::sync::Arc;

use aws_sdk_rds::Client;
use futures_util::future::join_all;
use responder_core::config::Database;
use responder_core::judge::permit::Authorized;
use responder_core::judge::permit::Switchover;
use responder_core::ports::{Connection, PortError};
use responder_core::words::failure::FailureKind;
use responder_core::words::names::Region;
use responder_core::world::facts::Facts;
use responder_core::world::snapshot::{Copied, Copy, Snapshot};

use crate::budget::Patience;
use crate::clients::Clients;
use crate::coalesce::{Asked, Coalescer};
use crate::failure::Failed;
use calls::{Operation, Target};

/// Up to so many databases are asked for by name; more are found in listings of the whole Region.
const FEW: usize = 3;

type Answer = Result<Facts, Failed>;

/// The RDS endpoints.
#[derive(Debug)]
pub(crate) struct Rds {
    clients: Arc<Clients>,
    rounds: Coalescer<(Region, Connection), Target, Answer>,
}

impl Rds {
    pub(crate) fn new(clients: Arc<Clients>) -> Self {
        let rounds = Coalescer::new(clients.budgets().view);
        Self { clients, rounds }
    }

    /// Starts a failover, data loss allowed, in the target's own Region.
    pub(crate) async fn start_failover(&self, authorized: &Authorized) -> Result<(), PortError> {
        let client = self.clients.rds(authorized.target().region());
        Ok(failover::start(&client, authorized, self.clients.budgets().start).await?)
    }

    /// Starts a switchover, in the writer's own Region.
    pub(crate) async fn start_switchover(&self, switchover: &Switchover) -> Result<(), PortError> {
        let client = self.clients.rds(switchover.writer());
        Ok(switchover::start(&client, switchover, self.clients.budgets().start).await?)
    }

    /// The snapshots of `region`'s member.
    pub(crate) async fn snapshots(
        &self,
        database: &Database,
        region: &Region,
    ) -> Result<Vec<Snapshot>, PortError> {
        let Some(member) = database.members().get(region) else { return Ok(Vec::new()) };
        let patience = Patience::from_now(self.clients.budgets().view);
        Ok(snapshots::list(&self.clients.rds(region), region, member.identifier(), patience).await?)
    }

    /// Copies a snapshot within `region`.
    pub(crate) async fn copy_snapshot(&self, region: &Region, copy: &Copy) -> Result<Copied, PortError> {
        Ok(snapshots::copy(&self.clients.rds(region), region, copy, self.clients.budgets().start).await?)
    }

    /// The facts of `region`'s endpoint about `database`.
    pub(crate) async fn facts(
        &self,
        database: &Database,
        region: &Region,
        connection: Connection,
    ) -> Result<Facts, PortError> {
        let target = Target {
            global_cluster: database.global_cluster().to_owned(),
            member: database.members().get(region).cloned(),
        };
        let client = match connection {
            Connection::Kept => self.clients.rds(region),
            Connection::New => self.clients.rds_anew(region),
        };
        let place = region.clone();
        let page = self.clients.budgets().view;
        let run = move |asked, first| round(client, place, asked, Patience { first, page });
        match self.rounds.ask(&(region.clone(), connection), target, run).await {
            Some(answer) => answer.map_err(PortError::from),
            None => Err(PortError::new(Operation::GlobalClusters.at(region), FailureKind::Unreachable)),
        }
    }
}

async fn round(client: Client, region: Region, asked: Vec<Asked<Target, Answer>>, patience: Patience) {
    if asked.len() <= FEW {
        let (client, region) = (&client, &region);
        join_all(asked.into_iter().map(|asked| async move {
            let answer = single::facts(client, region, &asked.question, patience.first).await;
            asked.answer(answer);
        }))
        .await;
        return;
    }
    let listings = listings::read(&client, &region, patience).await;
    for asked in asked {
        let answer =
            listings.as_ref().map_err(Failed::clone).and_then(|listings| listings.facts(&asked.question));
        asked.answer(answer);
    }
}

#[cfg(test)]
mod tests;
