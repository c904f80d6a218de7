//! What can happen in an outage, what can be spoilt, and what functions can be told wrongly.

use responder_core::world::alarm::AlarmState;
use responder_core::world::trigger::Trigger;

/// What happens in the world, beside the calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Happening {
    /// The writer's Region dies: nothing reaches it, and nothing of it runs.
    Outage,
    /// It is back, with what it knew before.
    Back,
    /// An alarm changes.
    Alarm(usize, AlarmState),
    /// The event of an alarm's change, or the schedule, wakes the function at a place.
    Wake(usize, Box<Trigger>),
    /// The same, a minute or two after it was due.
    Late(usize, Box<Trigger>),
    /// The schedule wakes `follow` at a place.
    Follow(usize),
    /// Something about the target is spoilt, or mended.
    Spoil(Spoil, bool),
    /// RDS promotes this Region.
    Promote(usize),
    /// The operation is over.
    OperationEnds,
    /// The old writer's Region shows what is true, and follows.
    Rejoin,
    /// This invocation ends, wherever it is.
    Crash(u32),
}

/// What can stand between an alarm and a failover.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Spoil {
    /// The hold switch.
    Hold,
    /// No instance.
    Headless,
    /// Another engine version.
    Version,
    /// No sample of the lag.
    NoLag,
    /// Too much lag.
    Lag,
    /// The actions of an alarm are disabled.
    Quieted,
}

impl Spoil {
    pub(crate) const ALL: [Self; 6] =
        [Self::Hold, Self::Headless, Self::Version, Self::NoLag, Self::Lag, Self::Quieted];

    /// Whether it is about the lag: what was before an outage counts, so it is spoilt from the beginning or not at all.
    pub(crate) const fn is_of_the_lag(self) -> bool {
        matches!(self, Self::NoLag | Self::Lag)
    }
}

/// What the functions are told wrongly, to prove that the audit notices when a check does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lie {
    /// Every alarm reads as in ALARM.
    Alarms,
    /// The cooldown is none.
    Cooldown,
    /// There is never a hold switch.
    Hold,
    /// The target always has instances.
    Headless,
    /// The versions are always equal.
    Version,
    /// The lag before an outage is always known and small.
    Lag,
    /// Every writer alarm reads as in ALARM: the database is always down.
    WriterDown,
    /// The actions of every alarm are enabled.
    Quieted,
}

impl Lie {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Alarms,
        Self::Cooldown,
        Self::Hold,
        Self::Headless,
        Self::Version,
        Self::Lag,
        Self::WriterDown,
        Self::Quieted,
    ];

    /// Whether this keeps what is spoilt from the functions.
    pub(super) fn hides(self, spoil: Spoil) -> bool {
        matches!(
            (self, spoil),
            (Self::Hold, Spoil::Hold)
                | (Self::Headless, Spoil::Headless)
                | (Self::Version, Spoil::Version)
                | (Self::Lag, Spoil::Lag | Spoil::NoLag)
                | (Self::Quieted, Spoil::Quieted)
        )
    }
}

/// How many runs of what came to what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// Runs.
    pub seeds: u64,
    /// Invocations of `failover`.
    pub invocations: u64,
    /// Failovers that RDS took.
    pub taken: u64,
    /// Runs in which one had to be started.
    pub due: u64,
    /// Of those that are not wild, in how many people heard the same twice.
    pub twice: u64,
    /// Those in which all alarms came in one moment, and nothing else was to be waited for.
    pub at_once: u64,
    /// Of those, in how many the failover was taken more than ten seconds later.
    pub late: u64,
    /// Looks ahead.
    pub ahead: u64,
}
