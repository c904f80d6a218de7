//! Limits that nobody can configure.

/// How old the last sample of the replication lag may have been when the outage began, in milliseconds.
pub const LAG_AGE_MS_MAX: i64 = 300_000;

/// How long the target's Region has to have answered without showing an operation, before a call whose end nobody saw
/// counts as never taken, in milliseconds.
pub const CALL_MS_MAX: i64 = 60_000;
/// How long after an attempt may have been written over nothing is started, in milliseconds: by then its call has been
/// answered, or given up after its budget, and the attempt is written again.
pub const OVERWRITTEN_MS_MAX: i64 = 30_000;
/// By how much longer at most some of them wait, in milliseconds: two that wrote over each other would do so again.
pub const OVERWRITTEN_APART_MS_MAX: i64 = 18_000;

/// How long the word of an event that a transition began keeps a function watching, in milliseconds.
/// A planned switchover is documented to take minutes; an event that comes later than this is history.
pub const BEGAN_MS_MAX: i64 = 600_000;

/// Least looks at a Region before its silence says that it is down.
pub const SILENT_LOOKS_MIN: u32 = 4;
/// How long it has to have been silent by then, in milliseconds.
pub const SILENT_MS_MIN: i64 = 30_000;
/// The longest gap between two looks that belong together, in milliseconds: a schedule comes each minute, or a little later.
pub const LOOK_GAP_MS_MAX: i64 = 75_000;

/// How long a failover within the writer's Region keeps another from being started, in milliseconds.
pub const OWN_FAILOVER_MS_MAX: i64 = 300_000;
/// How long what somebody asked for in the writer's Region does, and how long either is remembered, in milliseconds.
pub const ASKED_FOR_MS_MAX: i64 = 900_000;

/// An alarm's change that is so much older than the latest one is of another outage, in milliseconds.
pub const CHANGES_APART_MS_MAX: i64 = 900_000;
/// The least time from the beginning of an outage to an alarm's change, where nothing tells it, in milliseconds.
pub const ONSET_MS_MIN: i64 = 300_000;
/// What is remembered of an outage says nothing after this, in milliseconds.
pub const OUTAGE_MS_MAX: i64 = 86_400_000;

/// The pauses after calls that RDS refused, in minutes; the last one stays.
pub const REFUSED_PAUSES_MIN: [i64; 5] = [1, 2, 4, 8, 15];

/// How often a Region looks ahead at each database, in milliseconds.
pub const READY_EVERY_MS: i64 = 1_800_000;
/// How many minutes of that the databases are spread over.
pub const READY_SPREAD_MIN: u32 = 20;
/// How long from the beginning of its half hour a database that was never judged may begin, in milliseconds: not all of a fleet do at once.
pub const READY_FIRST_MS: i64 = 120_000;
/// How long what is unknown is asked again each minute before it is said, in milliseconds: a throttled read is no news.
pub const READY_PATIENCE_MS: i64 = 600_000;
/// After how long what is unknown, or was not told, is looked at again, in milliseconds.
pub const READY_AGAIN_MS: i64 = 300_000;
/// What is older says nothing, in milliseconds: two looks, and some minutes.
pub const READY_AGE_MS_MAX: i64 = 3_900_000;
/// An alarm that has been in ALARM for so long tells of no new outage, in milliseconds.
pub const STUCK_ALARM_MS: i64 = 86_400_000;
/// How long an alarm may lack data before that is held against it, in milliseconds: a new one has none.
pub const NO_DATA_MS_MAX: i64 = 600_000;
