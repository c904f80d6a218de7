//! A database's parameters in one Region, read together with those of the others that are asked for now.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ssm::Client;
use futures_util::future::join_all;
use responder_core::evidence::RegionParameters;
use responder_core::ports::{FailureKind, PortError};
use responder_core::{Database, Region};
use tokio::time::Instant;

use super::Ssm;
use crate::budget::within;
use crate::coalesce::Asked;
use crate::failure::Failed;

/// Names a call: the most that `GetParameters` takes.
const NAMES_MAX: usize = 10;

/// The names that one database asks for: fewer than a call takes.
pub(super) type Names = Vec<String>;
/// The values of those that exist.
pub(super) type Values = BTreeMap<String, String>;
pub(super) type Answer = Result<Values, Failed>;

impl Ssm {
    /// The database's parameters in `region`, with its configuration where `configuration` asks for it.
    pub(crate) async fn read(
        &self,
        database: &Database,
        region: &Region,
        configuration: bool,
    ) -> Result<RegionParameters, PortError> {
        let mut names = vec![
            database.state_parameter(),
            database.parameter().to_owned(),
            database.hold_parameter(),
            database.declared_parameter(),
        ];
        names.extend(configuration.then(|| database.configuration_parameter()));
        let client = self.clients.ssm(region);
        let operation = operation(region);
        let run = move |asked, deadline| round(client, operation, asked, deadline);
        let answer = self.rounds.ask(region, names, run).await;
        let mut values = answer
            .ok_or_else(|| PortError::new(super::read::operation(region), FailureKind::Unreachable))??;
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
}

fn operation(region: &Region) -> String {
    format!("ssm:GetParameters in {region}")
}

async fn round(client: Client, operation: String, asked: Vec<Asked<Names, Answer>>, deadline: Instant) {
    let (client, operation) = (&client, operation.as_str());
    let calls = chunks(asked).into_iter().map(|chunk| answer_chunk(client, operation, chunk, deadline));
    join_all(calls).await;
}

/// As few calls as the limit allows, each database's names in one of them.
fn chunks(asked: Vec<Asked<Names, Answer>>) -> Vec<Vec<Asked<Names, Answer>>> {
    let mut chunks: Vec<Vec<Asked<Names, Answer>>> = Vec::new();
    let mut names = BTreeSet::new();
    for asked in asked {
        let together: BTreeSet<String> = names.iter().chain(&asked.question).cloned().collect();
        match chunks.last_mut() {
            Some(chunk) if together.len() <= NAMES_MAX => {
                names = together;
                chunk.push(asked);
            }
            _ => {
                names = asked.question.iter().cloned().collect();
                chunks.push(vec![asked]);
            }
        }
    }
    chunks
}

async fn answer_chunk(client: &Client, operation: &str, chunk: Vec<Asked<Names, Answer>>, deadline: Instant) {
    let names: BTreeSet<&String> = chunk.iter().flat_map(|asked| &asked.question).collect();
    match get(client, operation, &names, deadline).await {
        Ok(values) => {
            for asked in chunk {
                let own = |name: &String| Some((name.clone(), values.get(name)?.clone()));
                let answer = asked.question.iter().filter_map(own).collect();
                asked.answer(Ok(answer));
            }
        }
        // One name that this role may not read refuses the whole call: the others are asked without it.
        Err(failed) if failed.kind() == FailureKind::Refused && chunk.len() > 1 => {
            join_all(chunk.into_iter().map(|asked| async move {
                let names = asked.question.iter().collect();
                let answer = get(client, operation, &names, deadline).await;
                asked.answer(answer);
            }))
            .await;
        }
        Err(failed) => {
            for asked in chunk {
                asked.answer(Err(failed.clone()));
            }
        }
    }
}

async fn get(
    client: &Client,
    operation: &str,
    names: &BTreeSet<&String>,
    deadline: Instant,
) -> Result<Values, Failed> {
    let call = async {
        let mut call = client.get_parameters();
        for name in names {
            call = call.names(*name);
        }
        let answer = call.send().await.map_err(|error| Failed::of(operation, error))?;
        // Each name is answered in one of the two lists; an answer that has neither is not one.
        let values: Values = answer
            .parameters
            .unwrap_or_default()
            .into_iter()
            .filter_map(|parameter| Some((parameter.name?, parameter.value?)))
            .collect();
        let absent = answer.invalid_parameters.unwrap_or_default();
        let answered = |name: &&&String| values.contains_key(name.as_str()) || absent.contains(**name);
        match names.iter().find(|name| !answered(name)) {
            Some(name) => Err(Failed::malformed(operation, &format!("the parameter {name}"))),
            None => Ok(values),
        }
    };
    within(deadline, operation, call).await
}
