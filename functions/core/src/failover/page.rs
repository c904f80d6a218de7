//! The page about a failover that the policy started: the same that `drill` makes of one that a person asked for.

use crate::answer::failover::{ActionKind, Phases};
use crate::failover::response::Response;
use crate::judge::replication;
use crate::pass::outcome::Outcome;
use crate::ports::failover::FailoverPorts;
use crate::words::names::Epoch;
use crate::world::attempt::Started;
use crate::world::course::{Course, Progress};
use crate::world::run::{Caller, Kind, Run};

/// What a run calls the moments of a failover that the policy started.
const MOMENTS: [(&str, &str); 6] = [
    ("alarm", "detected"),
    ("decided", "injected"),
    ("accepted", "accepted"),
    ("promoted", "promoted"),
    ("published", "record_accepted"),
    ("settled", "verified"),
];

impl<P: FailoverPorts> Response<'_, P> {
    /// How far the failover has come, with all that was seen of it.
    pub(super) fn course(&self, phases: &Phases, outcome: &Outcome) -> Course {
        let now = self.pass.ports.now();
        let mut run = self.run(phases);
        let progress = if phases.at("published").is_some() {
            run.end(now, true, format!("{} is the writer, and is published", run.target));
            Progress::Done
        } else {
            Progress::InProgress
        };
        Course {
            database: self.pass.database.clone(),
            run,
            progress,
            resumed: false,
            results: vec![outcome.result.clone()],
            failures: outcome.result.failures.iter().chain(&self.undone).cloned().collect(),
            by_itself: true,
            page: None,
            at: now,
        }
    }

    fn run(&self, phases: &Phases) -> Run {
        let decided = phases.at("decided").unwrap_or(self.case.now);
        let began = phases.as_slice().first().map_or(decided, |phase| phase.at);
        let published = self.case.evidence.published();
        let mut run = Run {
            id: Run::id(self.pass.database, Kind::Failover, decided),
            kind: Kind::Failover,
            from: published.map_or_else(|| self.pass.own.clone(), |published| published.writer.clone()),
            target: self.pass.own.clone(),
            epoch: published.map_or(Epoch(0), |published| published.epoch),
            began_ms: began.as_ms(),
            called: match self.result.action {
                ActionKind::Started => Started::Accepted,
                _ => Started::Unknown,
            },
            caller: Caller {
                who: None,
                why: Some(self.result.reason.clone()),
                request_id: self.pass.trigger.invocation.clone(),
            },
            checks: self.checks.to_vec(),
            overrides: Vec::new(),
            lag_ms: replication::known(self.case).map(|lag| lag.lag_ms),
            phases: Vec::new(),
            ended: None,
            previous: None,
        };
        for (phase, moment) in MOMENTS {
            if let Some(at) = phases.at(phase) {
                run.note(moment, at);
            }
        }
        run
    }
}
