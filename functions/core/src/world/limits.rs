//! Limits that nobody can configure.

/// How old a sample of the replication lag may be, in milliseconds: CloudWatch has one a minute, and what is
/// older than two says nothing about now.
pub const LAG_AGE_MS_MAX: i64 = 120_000;

/// How long a call whose end nobody saw keeps others away, in milliseconds. By then the target's own endpoint
/// shows the operation or its result, or RDS never took it. RDS itself refuses a second one all the while.
pub const CALL_MS_MAX: i64 = 60_000;

/// How long the word of an event that a transition began keeps a function watching, in milliseconds.
/// A planned switchover is documented to take minutes; an event that comes later than this is history.
pub const BEGAN_MS_MAX: i64 = 600_000;
