//! The Parameter Store of each Region.

mod journal;
mod own_region;
mod read;
mod switches;

use std::sync::Arc;

use aws_sdk_ssm::types::ParameterType;
use responder_core::installation::Installation;
use responder_core::{OwnRegion, Region};
use tokio::time::Instant;

use crate::budget::within;
use crate::clients::Clients;
use crate::coalesce::Coalescer;
use crate::environment::Environment;
use crate::failure::Failed;

/// The Parameter Stores.
#[derive(Debug)]
pub(crate) struct Ssm {
    clients: Arc<Clients>,
    rounds: Coalescer<Region, read::Names, read::Answer>,
}

impl Ssm {
    pub(crate) fn new(clients: Arc<Clients>) -> Self {
        let rounds = Coalescer::new(clients.budgets().parameters);
        Self { clients, rounds }
    }

    /// Writes one parameter of type `String`. Neither the writer nor the state is a secret; a parameter
    /// that somebody made a `SecureString` is not overwritten, because Parameter Store refuses to change a type.
    pub(crate) async fn put(&self, region: &Region, name: &str, value: &str) -> Result<(), Failed> {
        let operation = format!("ssm:PutParameter {name} in {region}");
        let deadline = Instant::now() + self.clients.budgets().parameters;
        let client = self.clients.ssm(region);
        let call = async {
            client
                .put_parameter()
                .name(name)
                .value(value)
                .r#type(ParameterType::String)
                .overwrite(true)
                .send()
                .await
                .map_err(|error| Failed::of(&operation, error))
        };
        within(deadline, &operation, call).await.map(drop)
    }

    pub(crate) async fn read_installation(&self, environment: &Environment) -> Result<Installation, Failed> {
        let path = format!("{}/databases/", environment.prefix());
        let parameters = self.list(environment.region(), &path).await?;
        Ok(own_region::installation(environment, &parameters))
    }

    pub(crate) async fn read_own_region(&self, environment: &Environment) -> Result<OwnRegion, Failed> {
        let parameters = self.list(environment.region(), environment.prefix()).await?;
        Ok(own_region::own_region(environment, &parameters))
    }

    async fn list(&self, region: &Region, path: &str) -> Result<Vec<(String, String)>, Failed> {
        let operation = format!("ssm:GetParametersByPath {path} in {region}");
        let deadline = Instant::now() + self.clients.budgets().installation;
        let client = self.clients.ssm(region);
        let pages = own_region::all_below(&client, &operation, path);
        within(deadline, &operation, pages).await
    }
}
