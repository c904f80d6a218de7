//! Hold switches and declarations. Most databases have neither, so many databases are asked for by path: one call tells of
//! all of them at once, where asking for each by name would be most of what an idle installation asks.

use std::collections::BTreeMap;

use aws_sdk_ssm::Client;

use super::own_region::all_below;
use crate::budget::Patience;
use crate::failure::Failed;

/// The values of the parameters that exist, by name.
pub(super) type Values = BTreeMap<String, String>;

/// Everything below these two paths.
pub(super) async fn read(
    client: &Client,
    operation: &str,
    paths: &[String; 2],
    patience: Patience,
) -> Result<Values, Failed> {
    let [one, other] = paths;
    let (one, other) = futures_util::future::try_join(
        Box::pin(all_below(client, operation, one, patience)),
        Box::pin(all_below(client, operation, other, patience)),
    )
    .await?;
    Ok(one.into_iter().chain(other).collect())
}
