//! All that stands below an installation's prefix in one Region.

use std::collections::BTreeMap;

use aws_sdk_ssm::Client;
use aws_sdk_ssm::types::Parameter;
use responder_core::config::installation::Installation;
use responder_core::world::attempt::Journal;
use responder_core::world::known::{Listed, OwnRegion};

use crate::budget::{Patience, next_page, patiently};
use crate::environment::Environment;
use crate::failure::Failed;

/// Parameters a page: the most that Parameter Store gives.
const PAGE: i32 = 10;

/// What these parameters of a function's own Region tell of its installation.
pub(super) fn own_region(environment: &Environment, parameters: &[(String, String)]) -> OwnRegion {
    let installation = installation(environment, parameters);
    let values: BTreeMap<&str, &str> = pairs(parameters).collect();
    let value = |name: String| values.get(name.as_str()).copied();
    let listed = installation.databases.iter().map(|database| {
        // What cannot be read counts as absent, as it does in a pass.
        let listed = Listed {
            state: value(database.state_parameter()).and_then(|json| serde_json::from_str(json).ok()),
            journal: value(database.attempt_parameter()).and_then(|json| Journal::of_json(json).ok()),
            hold: value(database.hold_parameter()).map(str::to_owned),
        };
        (database.name().clone(), listed)
    });
    let listed = listed.collect();
    OwnRegion { installation, listed }
}

pub(super) fn installation(environment: &Environment, parameters: &[(String, String)]) -> Installation {
    Installation::from_parameters(environment.prefix(), environment.region(), pairs(parameters))
}

fn pairs(parameters: &[(String, String)]) -> impl Iterator<Item = (&str, &str)> {
    parameters.iter().map(|(name, value)| (name.as_str(), value.as_str()))
}

type Parameters = Vec<(String, String)>;

/// The names and values of all parameters below `path`.
pub(super) async fn all_below(
    client: &Client,
    operation: &str,
    path: &str,
    patience: Patience,
) -> Result<Parameters, Failed> {
    let (mut all, mut next) = first_page(client, operation, path, patience).await?;
    while let Some(token) = next {
        let ask = || page(client, operation, path, Some(&token));
        let (more, token) = patiently(patience.now(), operation, ask).await?;
        all.extend(more);
        next = token;
    }
    Ok(all)
}

/// The first page, and the token of the next one if there is one.
pub(super) async fn first_page(
    client: &Client,
    operation: &str,
    path: &str,
    patience: Patience,
) -> Result<(Parameters, Option<String>), Failed> {
    patiently(patience.first, operation, || page(client, operation, path, None)).await
}

async fn page(
    client: &Client,
    operation: &str,
    path: &str,
    token: Option<&str>,
) -> Result<(Parameters, Option<String>), Failed> {
    let call = client.get_parameters_by_path().path(path).recursive(true).max_results(PAGE);
    let page = call
        .set_next_token(token.map(str::to_owned))
        .send()
        .await
        .map_err(|error| Failed::of(operation, error))?;
    let parameters = page.parameters.ok_or_else(|| Failed::malformed(operation, "Parameters"))?;
    let pair = |parameter: Parameter| match (parameter.name, parameter.value) {
        (Some(name), Some(value)) => Ok((name, value)),
        _ => Err(Failed::malformed(operation, "a parameter's Name or Value")),
    };
    let parameters = parameters.into_iter().map(pair).collect::<Result<_, _>>()?;
    Ok((parameters, next_page(operation, token, page.next_token)?))
}
