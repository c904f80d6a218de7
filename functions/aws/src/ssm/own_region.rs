//! All that stands below an installation's prefix in one Region.

use aws_sdk_ssm::Client;
use aws_sdk_ssm::types::Parameter;
use responder_core::world::known::OwnRegion;

use crate::budget::{Patience, next_page, patiently};
use crate::environment::Environment;
use crate::failure::Failed;

/// Parameters a page: the most that Parameter Store gives.
const PAGE: i32 = 10;

/// What these parameters of a function's own Region tell of its installation.
pub(super) fn own_region(environment: &Environment, parameters: &[(String, String)]) -> OwnRegion {
    let pairs = parameters.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    OwnRegion::from_parameters(environment.prefix(), environment.region(), pairs)
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
