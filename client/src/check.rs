//! Whether a server takes writes, and whether a connection that was used may be used again.

use std::time::Duration;

use tokio::time::timeout;
use tokio_postgres::{Client, Error, SimpleQueryMessage};

use crate::connect::failure::ConnectFailure;
use crate::generation::{Ended, Reason};
use crate::health::{Fitness, Health};

/// In recovery it is always on.
const READ_ONLY: &str = "SHOW transaction_read_only";

/// Asks the server, in one round trip, whether a transaction can write there.
pub(crate) async fn takes_writes(client: &Client) -> Result<bool, Error> {
    let answer = client.simple_query(READ_ONLY).await?;
    let row = answer.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0),
        _ => None,
    });
    Ok(row == Some("off"))
}

/// Makes sure that a connection may be used again. Nothing is asked of one that nobody has reason to doubt.
pub(crate) async fn fit_again(
    client: &Client,
    health: &Health,
    patience: Duration,
) -> Result<(), ConnectFailure> {
    match health.fitness() {
        _ if client.is_closed() => health.spoil(Reason::Broken),
        Fitness::Fit => return Ok(()),
        Fitness::Doubtful => answer_in_time(client, health, patience).await,
        Fitness::Unfit(_) => {}
    }
    match health.fitness() {
        Fitness::Fit if !client.is_closed() => Ok(()),
        Fitness::Unfit(reason) if !health.generation.is_retired() => {
            Err(ConnectFailure::Retired(Ended { reason, cause: None }))
        }
        _ => Err(ConnectFailure::retired(&health.generation)),
    }
}

async fn answer_in_time(client: &Client, health: &Health, patience: Duration) {
    let (as_of, was_busy) = (health.generation.suspicion(), health.is_busy());
    match timeout(patience, takes_writes(client)).await {
        Ok(Ok(true)) if health.is_idle() => health.passed(as_of),
        Ok(Ok(false)) => health.spoil(Reason::ReadOnly),
        // Given back inside a transaction, whoever comes next would be in it.
        Ok(Ok(true) | Err(_)) => health.spoil(Reason::Broken),
        Err(_) => {
            health.spoil(Reason::Hung);
            // Where nothing else was to be answered, it is the server that does not answer.
            if !was_busy {
                health.generation.retire(Ended { reason: Reason::Hung, cause: None });
            }
        }
    }
}
