//! The standby's side of streaming replication: promotion, rejoining, starving, lag.

use std::{sync::PoisonError, time::Duration};

use crate::{command, files};

use crate::binaries::Binaries;

use crate::config::{ServerConfig, Upstream};

use crate::error::PostgresError;

use crate::poll::poll;

use crate::server::Server;

/// How long a change of a standby's state may take.
const LIMIT: Duration = Duration::from_mins(1);
const STEP: Duration = Duration::from_millis(5);

/// How far a standby is behind its primary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReplicationLag {
    /// Log that the primary has written and the standby has not replayed, in bytes.
    pub bytes: u64,
    /// Age of the newest transaction that the standby has replayed; zero when nothing is missing, `None` when it never replayed one.
    pub age: Option<Duration>,
}

impl Server {
    /// Copies a running primary and starts the copy; returns when it streams.
    pub async fn create_standby_of(primary: &Self, config: ServerConfig) -> Result<Self, PostgresError> {
        let binaries: &Binaries = primary.binaries();
        let standby = Self::prepare(binaries, config)?;
        let (config, upstream) = (standby.config(), primary.config().upstream());
        let mut copying = binaries.command("pg_basebackup");
        copying
            .arg(format!("--dbname={}", config.conninfo(upstream, &config.access.replication)))
            .arg(format!("--pgdata={}", config.data_directory().display()))
            .args(["--wal-method=stream", "--checkpoint=fast", "--no-password", "--no-sync"]);
        command::run(copying, &binaries.program("pg_basebackup")).await?;
        let started = standby.lifecycle.lock().await;
        standby.launch_as_standby(upstream).await?;
        drop(started);
        Ok(standby)
    }

    /// Makes a standby a writer; returns when it takes writes. A writer stays one.
    pub async fn promote(&self) -> Result<(), PostgresError> {
        let session = self.session("postgres").await?;
        let in_recovery =
            || session.value::<bool>("ask whether it is in recovery", "SELECT pg_is_in_recovery()");
        if !in_recovery().await? {
            return Ok(());
        }
        // PostgreSQL itself would look only every 100 ms whether the promotion is done.
        session.value::<bool>("promote it", "SELECT pg_promote(wait => false)").await?;
        poll(LIMIT, STEP, || async {
            match in_recovery().await {
                Ok(true) => None,
                Ok(false) => Some(Ok(())),
                Err(error) => Some(Err(error)),
            }
        })
        .await
        .unwrap_or_else(|| Err(self.timeout_error("the promotion", LIMIT)))
    }

    /// Makes it a standby of another server, which must be up and take writes; returns when it streams.
    ///
    /// If it still runs, it is killed. If it was a writer, whatever only it has is rewound: after a clean stop with
    /// a standby that streamed that is nothing; after a failover it is the writes that were lost.
    pub async fn rejoin_as_standby_of(&self, primary: &Self) -> Result<(), PostgresError> {
        let _one = self.lifecycle.lock().await;
        self.kill().await?;
        // What was a standby to the end has nothing of its own.
        if !self.standby_signal().exists() {
            self.rewind_to(primary).await?;
        }
        self.launch_as_standby(primary.config().upstream()).await
    }

    /// Makes a standby receive no more of its primary's log; returns when the receiver is gone.
    pub async fn pause_replication(&self) -> Result<(), PostgresError> {
        self.config().write_upstream(self.binaries().account(), None)?;
        self.reload()?;
        self.wait_for("a pause of replication", "SELECT count(*) = 0 FROM pg_stat_wal_receiver").await
    }

    /// Undoes [`pause_replication`](Self::pause_replication); returns when it streams again.
    pub async fn resume_replication(&self) -> Result<(), PostgresError> {
        let upstream = *self.upstream.lock().unwrap_or_else(PoisonError::into_inner);
        self.config().write_upstream(self.binaries().account(), upstream)?;
        self.reload()?;
        self.wait_until_streaming().await
    }

    /// How far this standby is behind a primary that answers.
    pub async fn replication_lag(&self, primary: &Self) -> Result<ReplicationLag, PostgresError> {
        let written = primary.end_of_log().await?;
        let session = self.session("postgres").await?;
        let replayed = session
            .value::<i64>(
                "ask how far it has replayed",
                "SELECT coalesce(pg_last_wal_replay_lsn() - '0/0'::pg_lsn, 0)::bigint",
            )
            .await?;
        let age = session
            .value::<Option<f64>>(
                "ask how old its newest transaction is",
                "SELECT extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp())::float8",
            )
            .await?;
        let bytes = u64::try_from(written.saturating_sub(replayed)).unwrap_or(0);
        let age = age.map(|seconds| Duration::try_from_secs_f64(seconds).unwrap_or_default());
        Ok(ReplicationLag { bytes, age: if bytes == 0 { Some(Duration::ZERO) } else { age } })
    }

    /// Whether this standby has all that a primary has written: until now if the primary is up, for ever if it was
    /// stopped cleanly. Where a killed primary's log ends is not known: an error.
    pub async fn received_everything_from(&self, primary: &Self) -> Result<bool, PostgresError> {
        let end = primary.end_of_log().await?;
        let session = self.session("postgres").await?;
        let received = session
            .value::<i64>(
                "ask how much it has received",
                "SELECT coalesce(greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()) - '0/0'::pg_lsn, 0)::bigint",
            )
            .await?;
        Ok(received >= end)
    }

    /// The position behind the last byte of its log.
    async fn end_of_log(&self) -> Result<i64, PostgresError> {
        if !self.is_running() {
            return self.end_of_stopped_log().await;
        }
        let session = self.session("postgres").await?;
        session
            .value("ask where its log ends", "SELECT (pg_current_wal_flush_lsn() - '0/0'::pg_lsn)::bigint")
            .await
    }

    /// A clean stop writes a last record, the checkpoint that the control file names: who has more than its beginning
    /// has it all, since the log is sent record by record.
    async fn end_of_stopped_log(&self) -> Result<i64, PostgresError> {
        let program = self.binaries().program("pg_controldata");
        let mut asking = self.binaries().command("pg_controldata");
        asking.arg(self.config().data_directory());
        let printed = command::run(asking, &program).await?;
        let state = field(&printed, "Database cluster state");
        if state != Some("shut down") {
            return Err(PostgresError::EndUnknown {
                server: self.name().to_owned(),
                state: state.unwrap_or("unknown").to_owned(),
            });
        }
        field(&printed, "Latest checkpoint location")
            .and_then(position)
            .map(|checkpoint| checkpoint.saturating_add(1))
            .ok_or_else(|| command::unreadable(&program, &printed))
    }

    /// Removes what this stopped server has and the primary has not. It recovers a killed one first.
    async fn rewind_to(&self, primary: &Self) -> Result<(), PostgresError> {
        // Before version 16 a rewind reads the primary's timeline from its last checkpoint.
        let session = primary.session("postgres").await?;
        session.execute("make a checkpoint", "CHECKPOINT", LIMIT).await?;
        let config = self.config();
        let source = config.conninfo(primary.config().upstream(), &config.access.superuser);
        let mut rewinding = self.binaries().command("pg_rewind");
        rewinding
            .arg(format!("--target-pgdata={}", config.data_directory().display()))
            .arg(format!("--config-file={}", config.settings_file().display()))
            .arg(format!("--source-server={source}"))
            .arg("--no-sync");
        let printed = command::run(rewinding, &self.binaries().program("pg_rewind")).await?;
        tracing::debug!(server = self.name(), printed, "rewound");
        Ok(())
    }

    /// Starts it as a standby; the caller holds `lifecycle`.
    async fn launch_as_standby(&self, upstream: Upstream) -> Result<(), PostgresError> {
        let account = self.binaries().account();
        *self.upstream.lock().unwrap_or_else(PoisonError::into_inner) = Some(upstream);
        self.config().write_upstream(account, Some(upstream))?;
        files::write(account, &self.standby_signal(), "")?;
        self.launch().await?;
        self.wait_until_streaming().await
    }

    async fn wait_until_streaming(&self) -> Result<(), PostgresError> {
        self.wait_for(
            "the start of streaming",
            "SELECT count(*) > 0 FROM pg_stat_wal_receiver WHERE status = 'streaming'",
        )
        .await
    }

    async fn wait_for(&self, operation: &'static str, condition: &str) -> Result<(), PostgresError> {
        let session = self.session("postgres").await?;
        poll(LIMIT, STEP, || async {
            match session.value::<bool>(operation, condition).await {
                Ok(true) => Some(Ok(())),
                Ok(false) => None,
                Err(error) => Some(Err(error)),
            }
        })
        .await
        .unwrap_or_else(|| Err(self.timeout_error(operation, LIMIT)))
    }

    fn standby_signal(&self) -> std::path::PathBuf {
        self.config().data_directory().join("standby.signal")
    }
}

/// The value of `name:   value` in the output of `pg_controldata`.
fn field<'a>(printed: &'a str, name: &str) -> Option<&'a str> {
    printed
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value.trim())
}

/// `1/6B374D8`: the two halves of a position in the log, in hexadecimal.
fn position(text: &str) -> Option<i64> {
    let (high, low) = text.split_once('/')?;
    let (high, low) = (i64::from_str_radix(high, 16).ok()?, i64::from_str_radix(low, 16).ok()?);
    Some((high << 32) | low)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_data_is_read() {
        let printed = "Database cluster state:               shut down\nLatest checkpoint location:           1/6B374D8\n";
        assert_eq!(field(printed, "Database cluster state"), Some("shut down"));
        let location = field(printed, "Latest checkpoint location").unwrap();
        assert_eq!(position(location), Some(0x1_06B3_74D8));
        assert_eq!(position("nonsense"), None);
    }
}
