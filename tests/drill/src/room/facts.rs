//! How things are, as far as it says what can be done next.

use std::collections::BTreeMap;

use drill_cloud::aurora::Role;
use drill_cloud::front::FaultId;
use drill_cloud::{AlarmState, Pair, Region};

use super::act::Service;
use crate::stage::delivery::Mode;

/// What was done to an app.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AppState {
    Runs,
    Killed,
    /// Released with a wrong password.
    Broken,
}

/// What was switched by hand and stays so.
#[derive(Debug, Clone)]
pub(crate) struct Switches {
    /// The Regions that are cut off.
    pub(crate) dark: Pair<bool>,
    /// The Regions whose database server was stopped in its tracks; a former writer stays so for a while after its Region is back.
    pub(crate) frozen: Pair<bool>,
    /// The Regions whose RDS endpoint goes on with what it knew.
    pub(crate) blind: Pair<bool>,
    pub(crate) apps: Pair<AppState>,
    /// What the alarm on the Region's health check is made to say.
    pub(crate) forced: Pair<Option<AlarmState>>,
    /// What that alarm says.
    pub(crate) alarms: Pair<AlarmState>,
    /// The standby that receives nothing.
    pub(crate) paused: Option<Region>,
    pub(crate) services: BTreeMap<Service, FaultId>,
    /// Whether Osaka cannot reach Seoul's database.
    pub(crate) network_cut: bool,
    pub(crate) events: Mode,
    pub(crate) automatic: bool,
}

impl Switches {
    /// Nothing was switched.
    pub(crate) const fn at_first() -> Self {
        Self {
            dark: Pair { seoul: false, osaka: false },
            frozen: Pair { seoul: false, osaka: false },
            blind: Pair { seoul: false, osaka: false },
            apps: Pair { seoul: AppState::Runs, osaka: AppState::Runs },
            forced: Pair { seoul: None, osaka: None },
            alarms: Pair { seoul: AlarmState::Ok, osaka: AlarmState::Ok },
            paused: None,
            services: BTreeMap::new(),
            network_cut: false,
            events: Mode::Normal,
            automatic: true,
        }
    }
}

/// How things are.
#[derive(Debug, Clone)]
pub(crate) struct Facts {
    /// Whether each database server runs.
    pub(crate) running: Pair<bool>,
    pub(crate) roles: Pair<Role>,
    /// Whether each follows, is followed, or is on its own; a former writer does not before it was taken back.
    pub(crate) synchronized: Pair<bool>,
    /// Whether a transition is under way.
    pub(crate) moving: bool,
    pub(crate) switches: Switches,
}

impl Facts {
    /// The Region whose member is the writer.
    pub(crate) fn writer(&self) -> Option<Region> {
        Region::ALL.into_iter().find(|region| *self.roles.get(*region) == Role::Writer)
    }

    /// Where the writer would be moved.
    pub(crate) fn target(&self) -> Region {
        self.writer().unwrap_or(Region::Seoul).peer()
    }

    /// The Region whose cluster was detached and promoted.
    pub(crate) fn detached(&self) -> Option<Region> {
        Region::ALL.into_iter().find(|region| *self.roles.get(*region) == Role::Detached)
    }
}
