//! What a pass asks of the outside: one trait a capability. So a fake of one is a few lines, and a function that
//! must not do something is not given the port for it.

pub mod failover;
pub mod operator;

use std::any::Any;
use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::time::Duration;

use crate::config::Database;
use crate::config::installation::Installation;
use crate::words::failure::{FailureKind, NoAnswer, visible};
use crate::words::names::Region;
use crate::words::notice::Notice;
use crate::words::timestamp::Timestamp;
use crate::world::alarm::AlarmReading;
use crate::world::course::Course;
use crate::world::evidence::{RegionParameters, Seen};
use crate::world::known::OwnRegion;
use crate::world::probe::{ProbeWord, Question};
use crate::world::record::{Exchange, RecordSet};
use crate::world::state::State;
use crate::world::topology::RegionView;

/// A call that did not succeed: names the operation, keeps its source, says whether trying again can help.
#[derive(Debug, thiserror::Error)]
#[error("{operation}: {kind}{}", .detail.as_deref().map(|detail| format!(": {}", visible(detail))).unwrap_or_default())]
pub struct PortError {
    /// The operation and where it went, such as `route53:ChangeResourceRecordSets`.
    pub operation: String,
    /// What kind of failure it was.
    pub kind: FailureKind,
    /// What the service said, when it said something.
    pub detail: Option<String>,
    /// The cause.
    #[source]
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl PortError {
    /// An error with no further cause.
    pub fn new(operation: impl Into<String>, kind: FailureKind) -> Self {
        Self { operation: operation.into(), kind, detail: None, source: None }
    }

    /// Whether trying again can help.
    pub const fn is_retryable(&self) -> bool {
        self.kind.is_retryable()
    }

    /// The answer as a pass keeps it.
    pub fn seen<T>(answer: Result<T, Self>) -> Seen<T> {
        match answer {
            Ok(answer) => Seen::Got(answer),
            Err(error) => Seen::Unreachable(error.no_answer()),
        }
    }

    /// What it leaves.
    pub fn no_answer(&self) -> NoAnswer {
        NoAnswer { why: self.to_string(), kind: self.kind }
    }
}

/// How a compare-and-swap of the record ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exchanged {
    /// The new records stand.
    Accepted,
    /// Something else stood there: another actor was quicker, or what was known is out of date.
    FenceLost,
}

/// How an RDS endpoint is reached. A kept connection stays with its node of the API, whose news may be yesterday's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Connection {
    /// Whichever is open.
    Kept,
    /// One that nobody used before.
    New,
}

/// Each Region's own RDS endpoint.
pub trait RegionViews {
    /// What `region`'s own endpoint says about `database`, within a budget of its own.
    fn view(
        &self,
        database: &Database,
        region: &Region,
        connection: Connection,
    ) -> impl Future<Output = Result<RegionView, PortError>>;
}

/// The writer record in Route 53.
pub trait WriterRecord {
    /// All that stands at the record's two names.
    fn read_record(&self, database: &Database) -> impl Future<Output = Result<RecordSet, PortError>>;

    /// Replaces exactly `from` by `to`, all or nothing.
    fn exchange(
        &self,
        database: &Database,
        exchange: &Exchange,
    ) -> impl Future<Output = Result<Exchanged, PortError>>;
}

/// What a write to a Parameter Store is for: clients read the writer, so all writers come before all states.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Write {
    /// The writer parameter.
    Writer,
    /// The state parameter.
    State,
}

/// The turn of one write, which ends when this is dropped.
#[derive(Default)]
pub struct Turn {
    /// How long it was waited for. What was seen before a long wait has to be looked at again.
    pub waited: Duration,
    /// Whatever the port has to hear of its end by.
    pub guard: Option<Box<dyn Any>>,
}

impl fmt::Debug for Turn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Turn").field("waited", &self.waited).finish_non_exhaustive()
    }
}

/// The Parameter Store of each Region.
pub trait Parameters {
    /// Waits for the turn of a write, where many databases write at once and the service takes only so many a second.
    /// Fails when the turn cannot come any more.
    fn turn(
        &self,
        database: &Database,
        region: &Region,
        write: Write,
    ) -> impl Future<Output = Result<Turn, PortError>>;

    /// Until when turns are waited for: the invocation ends soon after.
    fn no_turns_after(&self, end: Timestamp);

    /// The database's parameters in `region`.
    fn read_parameters(
        &self,
        database: &Database,
        region: &Region,
    ) -> impl Future<Output = Result<RegionParameters, PortError>>;

    /// Writes the writer parameter.
    fn put_writer(
        &self,
        database: &Database,
        region: &Region,
        endpoint: &str,
    ) -> impl Future<Output = Result<(), PortError>>;

    /// Writes the state parameter.
    fn put_state(
        &self,
        database: &Database,
        region: &Region,
        state: &State,
    ) -> impl Future<Output = Result<(), PortError>>;
}

/// The health alarms that a database names.
pub trait HealthAlarms {
    /// What each of the database's health and writer alarms says now, by its ARN, read in the alarm's own Region, which may
    /// be a third one. Never fails: what is not known is [`AlarmReading::Unknown`].
    fn alarm_readings(&self, database: &Database) -> impl Future<Output = BTreeMap<String, AlarmReading>>;

    /// Why the actions of each of these alarms are muted by a rule now, `None` where they are not: mute rules stand apart
    /// from the alarms, whose state goes on changing.
    fn mute_rules(
        &self,
        database: &Database,
    ) -> impl Future<Output = BTreeMap<String, Result<Option<String>, PortError>>>;

    /// Whether CloudWatch in `region` answers at all: one of the three services whose silence counts.
    fn cloudwatch_answers(&self, region: &Region) -> impl Future<Output = Result<(), PortError>>;
}

/// The topics that people listen to.
pub trait Notices {
    /// Publishes to this topic, in the topic's own Region.
    fn publish(&self, topic_arn: &str, notice: &Notice) -> impl Future<Output = Result<(), PortError>>;
}

/// The pages about moves of a writer, kept for whoever reads a message.
pub trait Pages {
    /// Where people will find the page about this run; nothing where no bucket is configured.
    fn page(&self, database: &Database, run: &str) -> Option<String>;

    /// Keeps the page about a move as it is now, in place of an earlier one of the same run, and says where. Keeps nothing
    /// where no bucket is configured.
    fn keep_page(&self, course: &Course) -> impl Future<Output = Result<Option<String>, PortError>>;
}

/// The probes, which ask a database by SQL from inside its network.
pub trait Probes {
    /// What the probe `function` in `region` says of an endpoint, within a budget of its own.
    fn probe(
        &self,
        region: &Region,
        function: &str,
        question: &Question,
    ) -> impl Future<Output = Result<ProbeWord, PortError>>;
}

/// The time, which only the outermost layer knows.
pub trait Clock {
    /// Now.
    fn now(&self) -> Timestamp;

    /// Waits.
    fn sleep(&self, duration: Duration) -> impl Future<Output = ()>;
}

/// The installation's configuration.
pub trait Configurations {
    /// Everything below the installation's prefix in the function's own Region.
    fn read_own_region(&self) -> impl Future<Output = Result<OwnRegion, PortError>>;

    /// The databases alone, for a function that knows the rest from its own passes.
    fn read_databases(&self) -> impl Future<Output = Result<Installation, PortError>> {
        async { Ok(self.read_own_region().await?.installation) }
    }
}

/// Everything that a reconcile needs, and nothing that could fail a database over.
pub trait Ports: RegionViews + WriterRecord + Parameters + HealthAlarms + Probes + Clock {}

impl<T: RegionViews + WriterRecord + Parameters + HealthAlarms + Probes + Clock> Ports for T {}
