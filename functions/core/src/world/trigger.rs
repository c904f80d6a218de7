//! Why a function was woken. Events are hints: late, repeated, out of order or lost; every one of them
//! leads to the same pass, and only tells which database to look at first.

use crate::config::Database;
use crate::words::timestamp::Timestamp;
use crate::world::alarm::AlarmChange;
use crate::world::state::WriteBlock;

/// Why a function was woken.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trigger {
    /// What kind of event it was.
    pub kind: TriggerKind,
    /// RDS's `EventID`, such as `RDS-EVENT-0181`; AWS's documentation and its wire disagree about the
    /// categories, so the id is all that is looked at.
    pub event_id: Option<String>,
    /// The cluster that it is about: ARNs and identifiers as they came.
    pub subjects: Vec<String>,
    /// When a transition began, for an event that says so.
    pub began_at: Option<Timestamp>,
    /// Whether the old writer was kept from writing, for an event that says so.
    pub write_block: Option<WriteBlock>,
    /// The alarms that changed, for an alarm.
    pub alarms: Vec<AlarmChange>,
    /// What else came with them and is no alarm, each as a sentence.
    pub unread: Vec<String>,
    /// The invocation's own id, as Lambda names it.
    pub invocation: String,
}

/// A person asked for it, and no event came with that.
pub static BY_HAND: Trigger = Trigger {
    kind: TriggerKind::Manual,
    event_id: None,
    subjects: Vec::new(),
    began_at: None,
    write_block: None,
    alarms: Vec::new(),
    unread: Vec::new(),
    invocation: String::new(),
};

/// The kinds of triggers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TriggerKind {
    /// An RDS event from EventBridge.
    RdsEvent,
    /// A CloudWatch alarm.
    Alarm,
    /// The schedule.
    Schedule,
    /// Anything else: an empty object, a test from the console, an event that nobody knows.
    #[default]
    Manual,
}

impl TriggerKind {
    /// The word in the logs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RdsEvent => "rds-event",
            Self::Alarm => "alarm",
            Self::Schedule => "schedule",
            Self::Manual => "manual",
        }
    }
}

impl Trigger {
    /// Whether the event is about one of `database`'s clusters.
    pub fn names(&self, database: &Database) -> bool {
        let is_subject = |name: &str| self.subjects.iter().any(|subject| subject == name);
        database.members().values().any(|arn| is_subject(arn.as_str()) || is_subject(arn.identifier()))
            || self.alarms.iter().any(|alarm| alarm.concerns(database))
    }

    /// Whether the event is about one of these instances, by identifier or ARN.
    pub fn names_instance(&self, instances: &[String]) -> bool {
        let is_of = |subject: &String, instance: &String| {
            subject == instance || subject.rsplit_once(":db:").is_some_and(|(_, name)| name == instance)
        };
        instances.iter().any(|instance| self.subjects.iter().any(|subject| is_of(subject, instance)))
    }
}
