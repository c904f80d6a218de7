//! probe-says-no: RDS calls a promoted cluster available before PostgreSQL takes a write; the same failover without a probe
//! and with one.

use std::time::Duration;

use drill_cloud::Region;
use drill_report::{EventKind, Lane};

use crate::findings::expected;
use crate::script::play::Play;
use crate::script::{Action, Expects, Script};
use crate::stage::error::DrillError;
use crate::stage::policy::{Policy, Probing};

pub(crate) const SCRIPT: Script = Script {
    name: "probe-says-no",
    title: "RDS says available, and SQL says not yet",
    story: "Seoul's database is killed and Osaka is promoted, and for some seconds RDS calls Osaka available while PostgreSQL is still in \
            recovery. Without a probe the record follows RDS's word, and clients are sent to a server that refuses their writes. With a \
            probe the same function asks it first: the writer is published when it takes a write, and no client meets a read-only one.",
    policy: Some(ASKED),
    // Without a probe the record moves before there is a writer.
    expects: Expects { record_follows: false, ..Expects::WRITER_MOVES },
    has_real_pace: true,
    play: Action::Direct(|play| Box::pin(probe_says_no(play))),
};

const ASKED: Policy = Policy::of("advise").with_probes();
const NOT_ASKED: Policy = ASKED.probed(Probing { asked: false, over_network: false, at_real_pace: false });
/// For how long RDS is ahead of PostgreSQL.
const HASTY: Duration = Duration::from_secs(4);
/// What PostgreSQL says with SQLSTATE 25006.
const READ_ONLY: &str = "in a read-only transaction";
/// The most from the moment at which PostgreSQL takes writes to the record's change: a look each second, a question to the probe,
/// and the change.
const RECORD_MS_MAX: u64 = 3_000;
/// Longer than the settle time.
const SETTLED: f64 = 4.0;

async fn probe_says_no(play: &mut Play) -> Result<(), DrillError> {
    play.stage.configure(Some(NOT_ASKED)).await?;
    let without = fails_over(play, "Without a probe").await?;
    let what = "times that clients met a read-only writer (25006, or refused when they connected)";
    play.expect_at_least(format!("Without a probe: {what}"), 1, without.refused);
    let early = without.early_ms.is_some_and(|ms| ms > 0);
    let found = without.early_ms.map_or("not".to_owned(), |ms| format!("{ms} ms before"));
    play.expect_that("Without a probe the record moved", "before PostgreSQL took writes", found, early);
    goes_back(play).await?;
    play.stage.configure(Some(ASKED)).await?;
    let with = fails_over(play, "With a probe").await?;
    play.expect_exactly(format!("With a probe: {what}"), 0, with.refused);
    let found = with.late_ms.map_or("not, or before".to_owned(), |ms| format!("{ms} ms after"));
    let in_time = with.late_ms.is_some_and(|ms| ms <= RECORD_MS_MAX);
    let wanted = format!("at most {RECORD_MS_MAX} ms after PostgreSQL took writes");
    play.expect_that("With a probe the record moved", wanted, found, in_time);
    Ok(())
}

/// What came of a failover.
struct Moved {
    /// How often the applications met a new writer that was read-only.
    refused: usize,
    /// How long before PostgreSQL took writes the record moved.
    early_ms: Option<u64>,
    /// How long after that.
    late_ms: Option<u64>,
}

async fn fails_over(play: &mut Play, how: &str) -> Result<Moved, DrillError> {
    play.begin_leg(&format!("{how}, to Osaka"), Some(Region::Osaka));
    play.rest(1).await;
    let before = refused(play).await?;
    play.act(Lane::Database, EventKind::Fault, "RDS will call Osaka available four seconds too early");
    play.aurora().set_hasty(HASTY);
    let since = play.kill_and_promote().await?;
    play.wait_until_moved(Region::Osaka, since).await?;
    play.aurora().set_hasty(Duration::ZERO);
    play.wait_for_functions().await?;
    play.rest(1).await;
    play.end_leg();
    let promoted = play.promoted(Region::Osaka, since);
    let moved = play.record_accepted(Region::Osaka, since).map(|entry| entry.ended);
    let apart = |later, earlier: Option<std::time::Instant>| {
        let (later, earlier): (std::time::Instant, _) = (later?, earlier?);
        later.checked_duration_since(earlier).and_then(|apart| u64::try_from(apart.as_millis()).ok())
    };
    Ok(Moved {
        refused: refused(play).await?.saturating_sub(before),
        early_ms: apart(promoted, moved),
        late_ms: apart(moved, promoted),
    })
}

/// The applications' writes that Osaka's server refused so far, by its own log, and their connections that were of no use because
/// the server was read-only, by their own count.
async fn refused(play: &Play) -> Result<usize, DrillError> {
    let server = &play.stage.servers.osaka;
    let connections = expected::counted(play, "connections_not_writable").await?;
    let writes = server.count_logged(&server.config().access.application.user, READ_ONLY);
    Ok(writes + usize::try_from(connections).unwrap_or(usize::MAX))
}

async fn goes_back(play: &mut Play) -> Result<(), DrillError> {
    play.begin_leg("Back to Seoul, planned", Some(Region::Seoul));
    play.seoul_rejoins().await?;
    play.rest(SETTLED).await;
    let since = play.switch_over(Region::Seoul, "switchover to Seoul").await?;
    play.wait_until_moved(Region::Seoul, since).await?;
    play.wait_for_functions().await?;
    play.rest(SETTLED).await;
    play.end_leg();
    Ok(())
}
