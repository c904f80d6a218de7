//! What a person asks for. Every mistake is one sentence that says what to do instead, and changes nothing.
//!
//! | action | fields that it needs | fields that it may have |
//! | --- | --- | --- |
//! | `status` | | `database` |
//! | `plan` | `database`, `target_region` | |
//! | `switchover` | `database`, `target_region` | `dry_run` |
//! | `failover` | `database`, `target_region`, `confirm`, `allow_data_loss` | `dry_run` |
//! | `failback` | `database` | `dry_run` |
//! | `hold` | `database`, `reason` | |
//! | `release` | `database` | |
//! | `declare` | `database`, `target_region`, `confirm` | |
//! | `salvage` | `database` | `since`, `dry_run` |
//!
//! Each may also have `who` and `why`, texts: who asks and why, for the report; and `expires_at`, a time after which it is refused,
//! so that what was delivered late, or was invoked asynchronously and waited in a queue, moves nothing any more.

use serde_json::{Map, Value};

use crate::config::ConfigError;
use crate::words::timestamp::Timestamp;
use crate::world::run::Kind;

/// The actions, as people write them.
pub const ACTIONS: [&str; 9] =
    ["status", "plan", "switchover", "failover", "failback", "hold", "release", "declare", "salvage"];

/// What every action may have besides: who asks and why, which [`crate::world::run::Caller`] keeps, and until when.
const COMMON: [&str; 3] = ["who", "why", EXPIRES_AT];

/// The field that says after which moment a request is refused.
pub const EXPIRES_AT: &str = "expires_at";

/// Most characters of a foreign word that an error repeats.
const WORD_MAX: usize = 60;
/// Most characters of a hold's reason: it is a parameter's value, which people read in one line.
const REASON_MAX: usize = 500;

/// A request that was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// How things are, of one database or of all.
    Status {
        /// The database.
        database: Option<String>,
    },
    /// What would be called to bring the writer to a Region.
    Plan {
        /// The database.
        database: String,
        /// The Region.
        target: String,
    },
    /// Move the writer.
    Transition {
        /// How.
        kind: Kind,
        /// The database.
        database: String,
        /// Where to; a failback knows by itself.
        target: Option<String>,
        /// Change nothing, say what would be called.
        dry_run: bool,
    },
    /// Set the hold switch of one database.
    Hold {
        /// The database.
        database: String,
        /// Why: the hold switch's value.
        reason: String,
    },
    /// Take the hold switch away.
    Release {
        /// The database.
        database: String,
    },
    /// Say that a detached cluster is the writer.
    Declare {
        /// The database.
        database: String,
        /// The cluster's Region.
        target: String,
    },
    /// Keep AWS's snapshot of an old writer beyond its retention.
    Salvage {
        /// The database.
        database: String,
        /// Since when it was taken; from the last publication on, where this is not said.
        since: Option<Timestamp>,
        /// Copy nothing, say what would be called.
        dry_run: bool,
    },
}

/// A mistake in a request, as one sentence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// Not an object.
    #[error("the request has to be a JSON object such as {{\"action\": \"status\"}}")]
    NoObject,
    /// No action.
    #[error("the request has no action: it is one of {}", ACTIONS.join(", "))]
    NoAction,
    /// An action that nobody knows.
    #[error("{0:?} is no action: it is one of {all}", all = ACTIONS.join(", "))]
    UnknownAction(String),
    /// A field is missing.
    #[error("{action} needs the field {field}")]
    Missing {
        /// The action.
        action: &'static str,
        /// The field.
        field: &'static str,
    },
    /// A field too many.
    #[error("{action} takes no field {field:?}; it takes {takes}")]
    Extra {
        /// The action.
        action: &'static str,
        /// The field.
        field: String,
        /// What it takes.
        takes: String,
    },
    /// A field of the wrong type.
    #[error("the field {field} has to be {wanted}")]
    Type {
        /// The field.
        field: &'static str,
        /// What it has to be.
        wanted: &'static str,
    },
    /// It came too late.
    #[error(
        "the request expired at {expired}, and it is {now}: what was wanted then may be wrong by now, so ask again"
    )]
    Expired {
        /// Until when it was to be performed.
        expired: Timestamp,
        /// What time it is.
        now: Timestamp,
    },
    /// The word of confirmation is another one.
    #[error("{action} has to be confirmed by the database's name: \"confirm\": {database:?}, not {said:?}")]
    Confirm {
        /// The action.
        action: &'static str,
        /// The database.
        database: String,
        /// What was said.
        said: String,
    },
    /// Data loss is not allowed.
    #[error("failover loses writes that were not replicated: it needs \"allow_data_loss\": true")]
    DataLoss,
    /// A reason that is no reason.
    #[error("the reason of a hold has to be 1 to {REASON_MAX} characters")]
    Reason,
    /// A database that is not configured.
    #[error("there is no database {name:?} in this installation; it has {}", list(known))]
    UnknownDatabase {
        /// The name.
        name: String,
        /// Those that there are.
        known: Vec<String>,
    },
    /// A database that is configured wrongly.
    #[error("{0}")]
    Configuration(ConfigError),
    /// A Region without a member.
    #[error("{name:?} is no Region of {database}; it has {}", list(known))]
    UnknownRegion {
        /// The Region's name.
        name: String,
        /// The database.
        database: String,
        /// Those that there are.
        known: Vec<String>,
    },
    /// The target is the writer.
    #[error("{region} is already the writer of {database}")]
    AlreadyWriter {
        /// The Region.
        region: String,
        /// The database.
        database: String,
    },
    /// No home.
    #[error("failback goes to the field home_region of {parameter}, which is not set")]
    NoHome {
        /// The configuration parameter.
        parameter: String,
    },
}

fn list(known: &[String]) -> String {
    if known.is_empty() { "none".to_owned() } else { known.join(", ") }
}

/// The fields of an action: those that it needs and those that it may have.
type Fields = (&'static [&'static str], &'static [&'static str]);

/// The action by its name, with its fields.
fn action(name: &str) -> Option<(&'static str, Fields)> {
    let name = ACTIONS.into_iter().find(|action| *action == name)?;
    let fields: Fields = match name {
        "status" => (&[], &["database"]),
        "plan" => (&["database", "target_region"], &[]),
        "switchover" => (&["database", "target_region"], &["dry_run"]),
        "failover" => (&["database", "target_region", "confirm", "allow_data_loss"], &["dry_run"]),
        "failback" => (&["database"], &["dry_run"]),
        "hold" => (&["database", "reason"], &[]),
        "declare" => (&["database", "target_region", "confirm"], &[]),
        "salvage" => (&["database"], &["since", "dry_run"]),
        _ => (&["database"], &[]),
    };
    Some((name, fields))
}

impl Request {
    /// Reads a request.
    pub fn of_event(event: &Value) -> Result<Self, RequestError> {
        let given = event.as_object().ok_or(RequestError::NoObject)?;
        let asked = given.get("action").ok_or(RequestError::NoAction)?;
        let asked = asked.as_str().ok_or(RequestError::Type { field: "action", wanted: "a text" })?;
        let (action, (needed, allowed)) =
            action(asked).ok_or_else(|| RequestError::UnknownAction(short(asked)))?;
        let mut takes = needed.iter().chain(allowed).chain(&["action"]).chain(&COMMON);
        if let Some(extra) = given.keys().find(|key| !takes.clone().any(|known| known == key)) {
            let field = short(extra);
            let takes: Vec<&str> = takes.by_ref().copied().collect();
            return Err(RequestError::Extra { action, field, takes: takes.join(", ") });
        }
        if let Some(field) = needed.iter().find(|field| !given.contains_key(**field)) {
            return Err(RequestError::Missing { action, field });
        }
        let given = Given(given);
        COMMON.into_iter().try_for_each(|field| given.text(field).map(drop))?;
        given.expiry()?;
        read(action, &given)
    }

    /// Reads a request that is to be performed now, unless it says that it is too late for that.
    pub fn in_time(event: &Value, now: Timestamp) -> Result<Self, RequestError> {
        let request = Self::of_event(event)?;
        match event.as_object().map(|given| Given(given).expiry()).transpose()?.flatten() {
            Some(expired) if expired < now => Err(RequestError::Expired { expired, now }),
            _ => Ok(request),
        }
    }
}

/// The fields of a request, whose names are known to be right.
struct Given<'a>(&'a Map<String, Value>);

impl Given<'_> {
    fn text(&self, field: &'static str) -> Result<Option<String>, RequestError> {
        let Some(value) = self.0.get(field) else { return Ok(None) };
        let text = value.as_str().ok_or(RequestError::Type { field, wanted: "a text" })?;
        Ok(Some(text.to_owned()))
    }

    fn needed(&self, action: &'static str, field: &'static str) -> Result<String, RequestError> {
        self.text(field)?.ok_or(RequestError::Missing { action, field })
    }

    fn expiry(&self) -> Result<Option<Timestamp>, RequestError> {
        self.moment(EXPIRES_AT)
    }

    fn moment(&self, field: &'static str) -> Result<Option<Timestamp>, RequestError> {
        let wrong = RequestError::Type { field, wanted: "a time such as 2026-11-22T22:31:04Z" };
        self.text(field)?.map(|text| text.parse().map_err(|_| wrong)).transpose()
    }

    fn flag(&self, field: &'static str) -> Result<bool, RequestError> {
        let Some(value) = self.0.get(field) else { return Ok(false) };
        value.as_bool().ok_or(RequestError::Type { field, wanted: "true or false" })
    }

    /// The word that says that the right database is meant.
    fn confirmed(&self, action: &'static str, database: &str) -> Result<(), RequestError> {
        let said = self.needed(action, "confirm")?;
        if said == database {
            return Ok(());
        }
        Err(RequestError::Confirm { action, database: short(database), said: short(&said) })
    }
}

fn read(action: &'static str, given: &Given<'_>) -> Result<Request, RequestError> {
    if action == "status" {
        return Ok(Request::Status { database: given.text("database")? });
    }
    let database = given.needed(action, "database")?;
    let target = || given.needed(action, "target_region");
    let dry_run = given.flag("dry_run")?;
    let transition = |kind, target, database| Ok(Request::Transition { kind, database, target, dry_run });
    match action {
        "plan" => Ok(Request::Plan { database, target: target()? }),
        "switchover" => transition(Kind::Switchover, Some(target()?), database),
        "failover" => {
            given.confirmed(action, &database)?;
            if !given.flag("allow_data_loss")? {
                return Err(RequestError::DataLoss);
            }
            transition(Kind::Failover, Some(target()?), database)
        }
        "failback" => transition(Kind::Failback, None, database),
        "hold" => {
            let reason = given.needed(action, "reason")?.trim().to_owned();
            if reason.is_empty() || reason.chars().count() > REASON_MAX {
                return Err(RequestError::Reason);
            }
            Ok(Request::Hold { database, reason })
        }
        "declare" => {
            given.confirmed(action, &database)?;
            Ok(Request::Declare { database, target: target()? })
        }
        "salvage" => Ok(Request::Salvage { database, since: given.moment("since")?, dry_run }),
        _ => Ok(Request::Release { database }),
    }
}

fn short(word: &str) -> String {
    word.chars().filter(|it| !it.is_control()).take(WORD_MAX).collect()
}

#[cfg(test)]
mod tests;
