//! What a scenario is, and the words that the scripts are written in.

pub(crate) mod alarms;
pub(crate) mod database;
pub(crate) mod expect;
pub(crate) mod lag;
pub(crate) mod message;
pub(crate) mod operator;
pub(crate) mod play;
pub(crate) mod probes;
pub(crate) mod progress;
pub(crate) mod rules;
pub(crate) mod users;

use std::time::Duration;

use drill_cloud::Region;
use futures_util::future::LocalBoxFuture;

use self::play::Play;
use crate::stage::error::DrillError;
use crate::stage::front_door::FrontDoor;
use crate::stage::pace::Pace;
use crate::stage::policy::Policy;

/// A scenario: each file of `scenarios` exports one, called `SCRIPT`.
pub(crate) struct Script {
    /// The name in the report and on the command line.
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    /// What happens in it, and what that is to show.
    pub(crate) story: &'static str,
    /// What the configuration says about alarms; nothing where `follow` alone is at work.
    pub(crate) policy: Option<Policy>,
    /// What has to hold, beside what the play itself expects.
    pub(crate) expects: Expects,
    /// Whether it can be played at AWS's own pace.
    pub(crate) has_real_pace: bool,
    pub(crate) play: Action,
}

impl Script {
    /// The pace at which it is played when that one is asked for.
    pub(crate) const fn pace(&self, asked: Pace) -> Pace {
        if self.has_real_pace { asked } else { Pace::Quick }
    }

    /// Whether users write by way of the application's name.
    pub(crate) const fn has_users(&self) -> bool {
        matches!(self.play, Action::WithUsers(_))
    }
}

/// What a play comes to.
pub(crate) type Played<'a> = LocalBoxFuture<'a, Result<(), DrillError>>;

/// What is done, in order, by who writes meanwhile.
pub(crate) enum Action {
    /// The drill writes to both apps directly.
    Direct(fn(&mut Play) -> Played<'_>),
    /// Users write by way of the application's name.
    WithUsers(for<'a> fn(&'a mut Play, &'a FrontDoor) -> Played<'a>),
}

/// What has to hold when a script is over.
pub(crate) struct Expects {
    /// The phases that the report's first leg has.
    pub(crate) phases: &'static [&'static str],
    /// Whether the record moves soon after each promotion.
    pub(crate) record_follows: bool,
    pub(crate) losses: Losses,
    /// Whether further passes find nothing to do.
    pub(crate) ends_unchanged: bool,
    /// Whether both apps run on throughout.
    pub(crate) apps_run_on: bool,
    /// Where the writes have to be; none: where Aurora says that the writer is.
    pub(crate) writes_are_in: Option<Region>,
    /// For how long the user worst off may be out, in each of the first legs.
    pub(crate) outages: fn(Pace) -> Vec<Duration>,
    /// The scenario in which the record's path takes as long, in the same run.
    pub(crate) as_quick_as: Option<&'static Script>,
}

/// What may become of acknowledged writes.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Losses {
    /// Replication is asynchronous: they are counted and shown.
    Counted,
    /// None is lost in that leg, counted from 0, and in those after it.
    NoneFrom(usize),
    /// Some are, and the counter finds them.
    Found,
}

impl Expects {
    /// What every scenario has to show.
    pub(crate) const NOTHING_MOVES: Self = Self {
        phases: &[],
        record_follows: false,
        losses: Losses::Counted,
        ends_unchanged: true,
        apps_run_on: true,
        writes_are_in: None,
        outages: |_| Vec::new(),
        as_quick_as: None,
    };

    /// What one has to show in which the writer moves.
    pub(crate) const WRITER_MOVES: Self = Self {
        phases: &["injected", "promoted", "record_accepted", "first_write"],
        record_follows: true,
        ..Self::NOTHING_MOVES
    };

    /// What one has to show in which alarms start the failover.
    pub(crate) const ALARMS_MOVE_IT: Self = Self {
        phases: &["alarmed", "started", "injected", "promoted", "record_accepted", "first_write"],
        ..Self::WRITER_MOVES
    };
}
