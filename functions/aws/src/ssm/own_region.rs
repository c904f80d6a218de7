//! All that stands below an installation's prefix in one Region.

use std::collections::BTreeMap;

use aws_sdk_ssm::Client;
use responder_core::installation::Installation;
use responder_core::reconcile::Known;
use responder_core::{OwnRegion, Region, State};

use crate::environment::Environment;
use crate::failure::Failed;

/// Parameters a page: the most that Parameter Store gives.
const PAGE: i32 = 10;

/// What these parameters of a function's own Region tell of its installation.
pub(super) fn own_region(environment: &Environment, parameters: &[(String, String)]) -> OwnRegion {
    let installation = installation(environment, parameters);
    let states: BTreeMap<&str, &str> = pairs(parameters).collect();
    let known = installation.databases.iter().filter_map(|database| {
        let json = states.get(database.state_parameter().as_str())?;
        // One that cannot be read counts as absent, as it does in a pass.
        let state = serde_json::from_str(json).ok()?;
        Some((database.name().clone(), known(environment.region(), state)))
    });
    OwnRegion { known: known.collect(), installation }
}

fn known(own: &Region, state: State) -> Known {
    Known {
        published: Some(state.published()),
        memories: state.memory.map(|memory| (own.clone(), memory)).into_iter().collect(),
        hold: None, // Read again in every pass.
    }
}

pub(super) fn installation(environment: &Environment, parameters: &[(String, String)]) -> Installation {
    Installation::from_parameters(environment.prefix(), environment.region(), pairs(parameters))
}

fn pairs(parameters: &[(String, String)]) -> impl Iterator<Item = (&str, &str)> {
    parameters.iter().map(|(name, value)| (name.as_str(), value.as_str()))
}

/// The names and values of all parameters below `path`.
pub(super) async fn all_below(
    client: &Client,
    operation: &str,
    path: &str,
) -> Result<Vec<(String, String)>, Failed> {
    let mut pages =
        client.get_parameters_by_path().path(path).recursive(true).into_paginator().page_size(PAGE).send();
    let mut all = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| Failed::of(operation, error))?;
        let parameters = page.parameters.ok_or_else(|| Failed::malformed(operation, "Parameters"))?;
        for parameter in parameters {
            match (parameter.name, parameter.value) {
                (Some(name), Some(value)) => all.push((name, value)),
                _ => return Err(Failed::malformed(operation, "a parameter's Name or Value")),
            }
        }
    }
    Ok(all)
}
