//! The installation on the stage: what it is called, and where it publishes the writer.

/// The installation's prefix.
pub(crate) const PREFIX: &str = "/failover-responder";
/// The writer parameter.
pub(crate) const PARAMETER: &str = "/todo/database/writer";
/// The writer record.
pub(crate) const RECORD: &str = "writer.db.todo.internal";
/// The records' time to live, in seconds.
pub(crate) const TTL_SECONDS: u32 = 1;
/// The settle time, in seconds: short, because a drill moves the writer back soon.
pub(crate) const SETTLE_SECONDS: u32 = 3;

/// Names and times of an installation and of its one database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Installation {
    /// Below which its own parameters are.
    pub(crate) prefix: String,
    /// The database's name in it.
    pub(crate) database: String,
    /// Id of the record's hosted zone.
    pub(crate) zone: String,
    /// The writer record.
    pub(crate) record: String,
    /// The writer parameter.
    pub(crate) parameter: String,
    /// The record's time to live.
    pub(crate) ttl_seconds: u32,
    /// For how long nothing moves after a publication.
    pub(crate) settle_seconds: u32,
}

impl Installation {
    /// The one that the drill makes by itself, in that hosted zone.
    pub(crate) fn seeded(zone: String) -> Self {
        Self {
            prefix: PREFIX.to_owned(),
            database: "todo".to_owned(),
            zone,
            record: RECORD.to_owned(),
            parameter: PARAMETER.to_owned(),
            ttl_seconds: TTL_SECONDS,
            settle_seconds: SETTLE_SECONDS,
        }
    }

    /// The name of the parameter of that kind, such as `databases` or `state`.
    pub(crate) fn own_parameter(&self, kind: &str) -> String {
        format!("{}/{kind}/{}", self.prefix, self.database)
    }
}
