//! All that one pass has seen of one database: the only input of [`crate::pass::decide::decide()`] beside the
//! configuration and the time.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::config::Database;
use crate::words::failure::{FailureKind, NoAnswer, visible};
use crate::words::names::{Epoch, Region};
use crate::words::timestamp::Timestamp;
use crate::world::asked::Asked;
use crate::world::claim::Claim;
use crate::world::ownership::Ownership;
use crate::world::publication::{Published, has_endpoint_form, host};
use crate::world::record::{RecordSet, Standing};
use crate::world::state::{Memory, State};
use crate::world::topology::{RegionView, Standby};

/// An answer that may be missing. Not answering is a fact, not an error.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Seen<T> {
    /// Not asked, or the answer has not come yet.
    #[default]
    NotYet,
    /// No answer within the budget, or a refusal; why.
    Unreachable(NoAnswer),
    /// The answer.
    Got(T),
}

impl<T> Seen<T> {
    /// The answer, if it came.
    pub fn got(&self) -> Option<&T> {
        match self {
            Self::Got(answer) => Some(answer),
            _ => None,
        }
    }

    /// Nobody answered, and this is how that is said.
    pub fn silent(why: impl Into<String>) -> Self {
        Self::Unreachable(NoAnswer::silent(why))
    }

    /// Whether the service was asked and said nothing, or only that it is broken.
    pub const fn is_silence(&self) -> bool {
        matches!(self, Self::Unreachable(NoAnswer { kind, .. }) if kind.is_silence())
    }

    /// Whether the service said that there are too many calls just now.
    pub const fn is_throttled(&self) -> bool {
        matches!(self, Self::Unreachable(NoAnswer { kind: FailureKind::Throttled, .. }))
    }

    /// Whether nothing is known yet.
    pub const fn is_not_yet(&self) -> bool {
        matches!(self, Self::NotYet)
    }
}

/// What was published when the views were asked for. The order is part of the safety: a base that is
/// learnt after the views would let an old claim look newer than it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Base {
    /// No channel told anything.
    #[default]
    Unknown,
    /// The channels answered, and nothing was ever published.
    Nothing,
    /// The highest epoch of all channels that answered.
    Known(Published),
}

/// An operator's word that a promoted cluster is the writer. Good for one epoch only, so that an old
/// one cannot move the record again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Declaration {
    /// The Region of the new writer.
    pub region: Region,
    /// The epoch that was published when it was declared.
    pub epoch: Epoch,
}

/// The parameters of one Region for one database.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RegionParameters {
    /// The state; `None` when it does not exist or cannot be read as one.
    pub state: Option<State>,
    /// The writer parameter's value.
    pub writer: Option<String>,
    /// The hold switch's reason, if it is set.
    pub hold: Option<String>,
    /// The operator's declaration, if there is one.
    pub declared: Option<Declaration>,
    /// The configuration as it stands there now, if the port read it too.
    pub configuration: Option<String>,
    /// What stands there and cannot be read, as sentences: an operator's typing mistake must not look like silence.
    pub unreadable: Vec<String>,
}

impl RegionParameters {
    /// From the parameters' values. A state or a declaration that cannot be read counts as absent (the state
    /// is then written anew, the declaration has no effect) and is kept as a sentence in `unreadable`.
    pub fn from_values(
        state: Option<&str>,
        writer: Option<String>,
        hold: Option<String>,
        declared: Option<&str>,
    ) -> Self {
        let mut unreadable = Vec::new();
        let state = read("state", state, &mut unreadable);
        let declared = read("declaration", declared, &mut unreadable);
        Self { state, writer, hold, declared, configuration: None, unreadable }
    }
}

/// The parameter as what it has to be, or a sentence about what it is instead.
fn read<T: DeserializeOwned>(what: &str, json: Option<&str>, unreadable: &mut Vec<String>) -> Option<T> {
    let read = serde_json::from_str(json?);
    let error = |error: serde_json::Error| {
        unreadable.push(format!("the {what} parameter cannot be read: {}", visible(&error.to_string())));
    };
    read.map_err(error).ok()
}

/// All that one pass has seen of one database.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Evidence {
    /// What was published before the views were asked for.
    pub base: Base,
    /// What stands in Route 53.
    pub record: Seen<RecordSet>,
    /// What stands in each Region's Parameter Store.
    pub parameters: BTreeMap<Region, Seen<RegionParameters>>,
    /// What each Region's RDS endpoint says.
    pub views: BTreeMap<Region, Seen<RegionView>>,
    /// What each Region remembered before its view was asked for.
    pub memories: BTreeMap<Region, Memory>,
    /// How long each Region that claims the writer has done so, look after look.
    pub claims: BTreeMap<Region, Claim>,
    /// The hold switch, as each Region last showed it.
    pub switches: BTreeMap<Region, Switch>,
    /// The operator's declaration.
    pub declared: Option<Declaration>,
    /// What the probes were asked in this look, by the Region of the cluster that it is about.
    pub asked: BTreeMap<Region, Asked>,
}

/// The hold switch, as one Region's Parameter Store last showed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Switch {
    /// The reason, where it is set.
    pub reason: Option<String>,
    /// When it was read.
    pub read_at: Timestamp,
}

/// How old a reading of the hold switch may be that lets something move, in milliseconds.
const SWITCH_AGE_MS_MAX: i64 = 60_000;

impl Evidence {
    /// The hold switch's reason, in whichever Region it was seen. Once seen it stands until that Region says that it is
    /// absent: a read that failed is not "no hold".
    pub fn hold(&self) -> Option<&str> {
        self.switches.values().find_map(|switch| switch.reason.as_deref())
    }

    /// Whether a Region said within the last minute that the hold switch is absent.
    pub fn is_hold_absent(&self, now: Timestamp) -> bool {
        // What was read later than now was read by a clock that was wrong.
        let recent = |switch: &Switch| (0..=SWITCH_AGE_MS_MAX).contains(&now.since_ms(switch.read_at));
        self.hold().is_none() && self.switches.values().any(recent)
    }

    /// The row of looks in which `region` has claimed since this was published.
    pub fn claim(&self, region: &Region) -> Option<&Claim> {
        let epoch = self.epoch();
        self.claims.get(region).filter(|claim| claim.epoch == epoch)
    }

    /// The published epoch; 0 where nothing is known to be published.
    pub fn epoch(&self) -> Epoch {
        self.published().map_or(Epoch(0), |published| published.epoch)
    }

    /// The published writer, when one is known.
    pub fn published(&self) -> Option<&Published> {
        match &self.base {
            Base::Known(published) => Some(published),
            _ => None,
        }
    }

    /// The view of `region`, if it answered.
    pub fn view(&self, region: &Region) -> Option<&RegionView> {
        self.views.get(region).and_then(Seen::got)
    }

    /// What the probes were asked about `region`'s cluster, by the endpoint that it has now.
    pub fn asked_about(&self, region: &Region) -> Option<&Asked> {
        let question = self.view(region)?.question();
        self.asked.get(region).filter(|asked| Some(&asked.question) == question.as_ref())
    }

    /// Whether a service said that there are too many calls just now.
    pub fn is_throttled(&self) -> bool {
        self.views.values().any(Seen::is_throttled) || self.parameters.values().any(Seen::is_throttled)
    }

    /// The state parameter of `region`, if it answered and has one.
    pub fn state(&self, region: &Region) -> Option<&State> {
        self.parameters.get(region).and_then(Seen::got).and_then(|parameters| parameters.state.as_ref())
    }

    /// Whether another Region's cluster could take over from `writer`'s; `None` when a Region was not waited for. One that
    /// does not answer counts as none: nobody could rely on it now.
    pub fn has_standby(&self, database: &Database, writer: &Region) -> Option<bool> {
        let others = || database.regions().filter(|region| *region != writer);
        let ready = |region: &Region| {
            self.view(region).is_some_and(|view| matches!(view.standby(), Standby::Ready { .. }))
        };
        if others().any(ready) {
            return Some(true);
        }
        let asked = |region| !matches!(self.views.get(region), None | Some(Seen::NotYet));
        others().all(asked).then_some(false)
    }

    /// The Region whose member's endpoint `name` is: by a view, by a state, or by its form.
    pub fn member_of(&self, database: &Database, name: &str) -> Option<Region> {
        let name = host(name);
        let by_view = |region: &Region| {
            self.view(region).and_then(RegionView::endpoint).is_some_and(|endpoint| host(endpoint) == name)
        };
        let by_state = |region: &Region| {
            let states = self.parameters.keys().filter_map(|at| self.state(at));
            let known = states.map(|state| (&state.writer, &state.endpoint));
            let base = self.published().map(|published| (&published.writer, &published.endpoint));
            known.chain(base).any(|(writer, endpoint)| writer == region && host(endpoint) == name)
        };
        let by_configuration =
            |region: &Region| database.endpoint_of(region).is_some_and(|endpoint| host(endpoint) == name);
        let members = || database.members().iter();
        let form = || members().find(|(region, arn)| has_endpoint_form(&name, region, arn.identifier()));
        let seen = database
            .regions()
            .find(|region| by_view(region) || by_configuration(region))
            .or_else(|| database.regions().find(|region| by_state(region)));
        seen.or_else(|| form().map(|(region, _)| region)).cloned()
    }

    /// What the record means, if it was read.
    pub fn standing(&self, database: &Database) -> Option<Standing> {
        let records = self.record.got()?;
        Some(records.standing(database, |name| self.member_of(database, name)))
    }

    /// The publication with the highest epoch in any channel that answered; at the same epoch the
    /// record counts more than a parameter, because only the record is fenced.
    pub fn newest(&self, database: &Database) -> Option<Published> {
        let base = self.published().cloned();
        let states = database.regions().filter_map(|region| self.state(region)).map(State::published);
        let mut best: Option<Published> = None;
        for candidate in self.in_record(database).into_iter().chain(base).chain(states) {
            if best.as_ref().is_none_or(|best| candidate.epoch > best.epoch) {
                best = Some(candidate);
            }
        }
        best
    }

    /// What the record holds as a publication. The true endpoint of a CNAME that was changed comes from
    /// elsewhere: taken from the CNAME, a stranger's host would count as a member's from then on.
    fn in_record(&self, database: &Database) -> Option<Published> {
        match self.standing(database)? {
            Standing::Owned(published) => Some(published),
            Standing::Unrecognized(Published { epoch, writer, at, .. })
            | Standing::Drifted(Ownership { epoch, writer, at, .. }) => {
                Some(self.with_endpoint_of_states(database, epoch, writer, at))
            }
            Standing::Unowned(value) if database.adopt() => {
                let writer = self.member_of(database, &value)?;
                Some(Published { epoch: Epoch(0), writer, endpoint: value, at: Timestamp::from_ms(0) })
            }
            Standing::Unowned(_) | Standing::Absent | Standing::Foreign(_) => None,
        }
    }

    /// A publication whose endpoint a state knows; where none does it is empty, and [`crate::pass::decide::decide()`]
    /// publishes the writer's own.
    fn with_endpoint_of_states(
        &self,
        database: &Database,
        epoch: Epoch,
        writer: Region,
        at: Timestamp,
    ) -> Published {
        let mut states = database.regions().filter_map(|region| self.state(region));
        let state = states.find(|state| state.epoch == epoch && state.writer == writer);
        let endpoint = state.map(|state| state.endpoint.clone()).unwrap_or_default();
        Published { epoch, writer, endpoint, at }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_absent_hold_is_good_for_a_minute_and_not_by_a_clock_that_was_ahead() {
        let read_at = Timestamp::from_ms(1_000_000_000);
        let switch = |reason: Option<&str>| Switch { reason: reason.map(str::to_owned), read_at };
        let mut evidence = Evidence::default();
        assert!(!evidence.is_hold_absent(read_at), "nobody was asked");
        evidence.switches.insert("ap-northeast-3".parse().unwrap(), switch(None));
        let absent = |age_ms| evidence.is_hold_absent(read_at.plus_ms(age_ms));
        assert_eq!([0, 60_000, 60_001, -1].map(absent), [true, true, false, false]);
        evidence.switches.insert("ap-northeast-2".parse().unwrap(), switch(Some("an upgrade")));
        assert!(!evidence.is_hold_absent(read_at));
    }

    #[test]
    fn what_cannot_be_read_counts_as_absent_and_is_said() {
        let read = RegionParameters::from_values(
            Some("rubbish"),
            None,
            None,
            Some(r#"{"region":"Osaka","epoch":7}"#),
        );
        assert_eq!((&read.state, &read.declared), (&None, &None));
        assert_eq!(read.unreadable.len(), 2);
        assert!(
            read.unreadable[0].starts_with("the state parameter cannot be read: "),
            "{:?}",
            read.unreadable
        );
        assert!(read.unreadable[1].contains("Osaka"), "{:?}", read.unreadable);
        assert!(RegionParameters::from_values(None, None, None, None).unreadable.is_empty());
    }
}
