//! The Parameter Store of each Region.

mod journal;
mod own_region;
mod put;
mod rare;
mod read;
mod readiness;
mod switches;
mod turns;

use std::sync::Arc;

use responder_core::config::Database;
use responder_core::config::installation::Installation;
use responder_core::ports::{PortError, Turn, Write};
use responder_core::words::failure::FailureKind;
use responder_core::words::names::Region;
use responder_core::world::evidence::RegionParameters;
use responder_core::world::known::OwnRegion;

use crate::budget::Patience;
use crate::clients::Clients;
use crate::coalesce::Coalescer;
use crate::environment::Environment;
use crate::failure::Failed;
use read::{Answer, Question};
use turns::Turns;

/// The Parameter Stores.
#[derive(Debug)]
pub(crate) struct Ssm {
    clients: Arc<Clients>,
    rounds: Coalescer<Region, Question, Answer>,
    turns: Turns,
}

impl Ssm {
    pub(crate) fn new(clients: Arc<Clients>) -> Self {
        let rounds = Coalescer::new(clients.budgets().parameters);
        Self { clients, rounds, turns: Turns::default() }
    }

    /// Waits for the turn of a write.
    pub(crate) async fn turn(
        &self,
        database: &Database,
        region: &Region,
        write: Write,
    ) -> Result<Turn, PortError> {
        self.turns.turn(region, write, database.priority()).await
    }

    /// The database's parameters in `region`, with its configuration where `configuration` asks for it.
    pub(crate) async fn read(
        &self,
        database: &Database,
        region: &Region,
        configuration: bool,
    ) -> Result<RegionParameters, PortError> {
        let client = self.clients.ssm(region);
        let page = self.clients.budgets().parameters;
        let operation = format!("ssm:GetParameters in {region}");
        let lost = PortError::new(operation.clone(), FailureKind::Unreachable);
        let run = move |asked, first| read::round(client, operation, asked, Patience { first, page });
        let answer = self.rounds.ask(region, Question::new(database, configuration), run).await;
        let mut values = answer.ok_or(lost)??;
        let state = values.remove(&database.state_parameter());
        let declared = values.remove(&database.declared_parameter());
        let mut parameters = RegionParameters::from_values(
            state.as_deref(),
            values.remove(database.parameter()),
            values.remove(&database.hold_parameter()),
            declared.as_deref(),
        );
        parameters.configuration = values.remove(&database.configuration_parameter());
        Ok(parameters)
    }

    /// The databases. Where one is refused, or shares a target with another, the states tell who owns what.
    pub(crate) async fn read_databases(&self, environment: &Environment) -> Result<Installation, Failed> {
        let path = format!("{}/databases/", environment.prefix());
        let parameters = self.list(environment.region(), &path).await?;
        let databases = own_region::own_region(environment, &parameters).installation;
        if databases.refused.is_empty() {
            return Ok(databases);
        }
        Ok(self.read_own_region(environment).await?.installation)
    }

    /// The databases, and what their states and attempts remember.
    pub(crate) async fn read_own_region(&self, environment: &Environment) -> Result<OwnRegion, Failed> {
        let prefix = environment.prefix();
        let operation = operation(prefix, environment.region());
        let client = self.clients.ssm(environment.region());
        let patience = Patience::from_now(self.clients.budgets().installation);
        let (mut parameters, more) = own_region::first_page(&client, &operation, prefix, patience).await?;
        if more.is_some() {
            // One listing of everything would be longer than these side by side.
            let below = ["databases", "state", "attempt", "hold"].map(|kind| format!("{prefix}/{kind}/"));
            let lists = below.iter().map(|path| Box::pin(self.list(environment.region(), path)));
            parameters = futures_util::future::try_join_all(lists).await?.concat();
        }
        Ok(own_region::own_region(environment, &parameters))
    }

    async fn list(&self, region: &Region, path: &str) -> Result<Vec<(String, String)>, Failed> {
        let client = self.clients.ssm(region);
        let patience = Patience::from_now(self.clients.budgets().installation);
        own_region::all_below(&client, &operation(path, region), path, patience).await
    }
}

fn operation(path: &str, region: &Region) -> String {
    format!("ssm:GetParametersByPath {path} in {region}")
}
