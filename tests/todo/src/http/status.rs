//! What tells of the app itself.

use std::sync::Arc;
use std::time::SystemTime;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use writer_follower::{Chain, Generation};

use super::App;

/// `GET /healthz`: the process is alive, whatever the database does.
pub(crate) async fn healthz() -> Json<Value> {
    Json(json!({ "status": "ok" }))
}

/// `GET /readyz`: the writer answers and takes writes.
pub(crate) async fn readyz(State(app): State<Arc<App>>) -> (StatusCode, Json<Value>) {
    match app.store.ready().await {
        Ok(server) => (StatusCode::OK, Json(json!({ "status": "ready", "server": server }))),
        Err(error) => {
            let reason = Chain(&error).to_string();
            let body = json!({ "status": "not_ready", "reason": reason });
            (StatusCode::SERVICE_UNAVAILABLE, Json(body))
        }
    }
}

/// `GET /metrics.json`: the counters.
pub(crate) async fn metrics(State(app): State<Arc<App>>) -> Json<Value> {
    Json(app.metrics.all(app.database.follower()))
}

/// `GET /api/writer`: what is followed, and where it is.
pub(crate) async fn writer(State(app): State<Arc<App>>) -> Json<WriterStatus> {
    Json(WriterStatus::of(&app))
}

/// Where the writer is, by the app's last knowledge; nothing is asked for it.
#[derive(Debug, Serialize)]
pub(crate) struct WriterStatus {
    /// `record` or `parameter`.
    pub(crate) mode: &'static str,
    /// The record's or the parameter's name.
    pub(crate) follows: String,
    /// The Region of the app.
    pub(crate) region: Option<String>,
    /// The host name that was resolved.
    pub(crate) host: Option<String>,
    /// What the host name is an alias of.
    pub(crate) canonical: Option<String>,
    /// The address and port of the connections.
    pub(crate) address: Option<String>,
    /// Since when this is the address (RFC 3339).
    pub(crate) since: Option<String>,
    /// Whether a connection of the current generation was made, and none has failed since.
    pub(crate) connected: bool,
    /// Counts the pools of connections.
    pub(crate) generation: Option<u64>,
    /// The server's timeline, where it can tell.
    pub(crate) timeline: Option<u32>,
    /// The encryption.
    pub(crate) tls: TlsStatus,
}

/// How connections are encrypted.
#[derive(Debug, Serialize)]
pub(crate) struct TlsStatus {
    /// Whether they are at all.
    pub(crate) on: bool,
    /// Whether the server's name is verified.
    pub(crate) verified: bool,
}

impl WriterStatus {
    /// The status now.
    pub(crate) fn of(app: &App) -> Self {
        let follower = app.database.follower();
        let (mode, follows) = app.follows.words();
        let tls = follower.connector().tls();
        let known = follower.last_known();
        let known = known.as_deref();
        Self {
            mode,
            follows: follows.to_owned(),
            region: app.region.clone(),
            host: known.map(|generation| generation.writer.host.clone()),
            canonical: known.and_then(|generation| generation.writer.canonical.clone()),
            address: known.map(|generation| generation.address.to_string()),
            since: known.and_then(|generation| rfc3339(generation.since)),
            connected: known.is_some_and(|generation| generation.is_proven() && !generation.is_retired()),
            generation: known.map(|generation| generation.number),
            timeline: known.and_then(Generation::timeline),
            tls: TlsStatus { on: tls.is_on(), verified: tls.is_verified() },
        }
    }
}

fn rfc3339(at: SystemTime) -> Option<String> {
    let at = OffsetDateTime::from(at);
    at.replace_millisecond(at.millisecond()).ok()?.format(&Rfc3339).ok()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn times_are_written_in_milliseconds() {
        let at = SystemTime::UNIX_EPOCH + Duration::from_micros(1_500_250);
        assert_eq!(rfc3339(at).as_deref(), Some("1970-01-01T00:00:01.5Z"));
    }
}
