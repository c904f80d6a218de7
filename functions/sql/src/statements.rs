//! The statements, each in one round trip, none prepared: a proxy keeps its sessions to itself.

use responder_core::probe::sight::{Beat, Heartbeat, Seen};
use responder_core::probe::trouble::Trouble;
use tokio::time::Instant;
use tokio_postgres::types::Type;
use tokio_postgres::{Client, Error, Row};

use crate::failure::{Circumstances, is_fatal, of_statement};

const STATE: &str = "SELECT pg_catalog.pg_is_in_recovery(), \
    pg_catalog.current_setting('transaction_read_only') = 'on', \
    pg_catalog.to_regprocedure('aurora_global_db_status()') IS NOT NULL";
const NEWEST: &str = "SELECT region, sequence, \
    (1000 * extract(epoch FROM pg_catalog.clock_timestamp() - at))::bigint \
    FROM failover_responder.heartbeat ORDER BY at DESC LIMIT 1";
const BEAT: &str = "INSERT INTO failover_responder.heartbeat AS heartbeat (region, sequence, at) \
    VALUES ($1, 1, pg_catalog.clock_timestamp()) ON CONFLICT (region) DO UPDATE \
    SET sequence = heartbeat.sequence + 1, at = pg_catalog.clock_timestamp() RETURNING sequence";
/// -1 stands for the primary, which has no lag.
const AURORA: &str = "SELECT greatest(nullif(durability_lag_in_msec::float8, -1), \
    nullif(rpo_lag_in_msec::float8, -1))::bigint, highest_lsn_written::bigint FROM aurora_global_db_status() WHERE aws_region = $1";

/// Whose look it is, and at whom.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Parties<'a> {
    /// The Region that the probe stands in; none where no heartbeat is to be written.
    pub(crate) own: Option<&'a str>,
    /// The Region of the server.
    pub(crate) its: &'a str,
    pub(crate) circumstances: Circumstances<'a>,
}

/// Asks everything. An error means that the connection is of no use any more.
pub(crate) async fn look(client: &Client, parties: Parties<'_>) -> Result<Seen, Trouble> {
    let means = |error: Error| {
        let trouble = of_statement(&error, parties.circumstances);
        if is_fatal(&error) { Err(trouble) } else { Ok(trouble) }
    };
    let (state, newest) = tokio::join!(client.query_typed(STATE, &[]), client.query_typed(NEWEST, &[]));
    let state = match state.and_then(|rows| state_of(&rows)) {
        Ok(Some(state)) => state,
        // No server of PostgreSQL's answers this without a row: what says nothing has not said that it takes no writes.
        Ok(None) => return Err(Trouble::Foreign),
        Err(error) => return Err(means(error).unwrap_or_else(|trouble| trouble)),
    };
    let newest = match newest.and_then(|rows| rows.first().map(heartbeat).transpose()) {
        Ok(newest) => Ok(newest),
        Err(error) => Err(means(error)?),
    };
    let beating = async {
        match parties.own {
            _ if state.in_recovery => Ok(Err(Trouble::InRecovery)),
            Some(own) if !state.read_only => match beat(client, own).await {
                Ok(beat) => Ok(Ok(beat)),
                Err(error) => means(error).map(Err),
            },
            _ => Ok(Err(Trouble::ReadOnly)),
        }
    };
    let (beat, aurora) = tokio::join!(beating, aurora(client, state.has_aurora, parties.its));
    let (aurora_lag_ms, lsn) = aurora.unwrap_or_default();
    Ok(Seen { beat: beat?, in_recovery: state.in_recovery, newest, aurora_lag_ms, lsn })
}

struct State {
    in_recovery: bool,
    read_only: bool,
    has_aurora: bool,
}

fn state_of(rows: &[Row]) -> Result<Option<State>, Error> {
    let state = |row: &Row| {
        Ok(State { in_recovery: row.try_get(0)?, read_only: row.try_get(1)?, has_aurora: row.try_get(2)? })
    };
    rows.first().map(state).transpose()
}

fn heartbeat(row: &Row) -> Result<Heartbeat, Error> {
    // Two servers' clocks may differ by more than the age.
    let age_ms = u64::try_from(row.try_get::<_, i64>(2)?).unwrap_or(0);
    Ok(Heartbeat { region: row.try_get(0)?, sequence: row.try_get(1)?, age_ms })
}

async fn beat(client: &Client, own: &str) -> Result<Beat, Error> {
    let begun = Instant::now();
    let row = client.query_typed_one(BEAT, &[(&own, Type::TEXT)]).await?;
    let took_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    Ok(Beat { sequence: row.try_get(0)?, took_ms })
}

/// The lag of its Region and the last LSN that it has written, as far as anybody says so. That it fails says nothing of the
/// endpoint.
async fn aurora(client: &Client, is_there: bool, its: &str) -> Option<(Option<u64>, Option<i64>)> {
    if !is_there {
        return None;
    }
    let row = client.query_typed_opt(AURORA, &[(&its, Type::TEXT)]).await.ok()??;
    let lag = row.try_get::<_, Option<i64>>(0).ok()?;
    Some((lag.and_then(|ms| u64::try_from(ms).ok()), row.try_get(1).ok()?))
}
