//! The rows: each call that a move makes. A test holds the list equal to the emulated AWS's journal.

use std::collections::BTreeSet;
use std::time::Duration;

use drill_cloud::installation::{PARAMETER, STATE};

use crate::call::Place::{Global, New, Old, Witness};
use crate::call::{ATTEMPT, Call};
use crate::fault::Chaos;
use crate::scene::Scene::{self, Outage, ProbedOutage, Recovery, RegionDeath, Switchover};

/// The functions' own budgets, `Budgets` in functions/aws, and a little more.
const CALL: Duration = Duration::from_millis(2_200);
const LISTING: Duration = Duration::from_millis(5_200);
const START: Duration = Duration::from_millis(15_200);
const NOTICE: Duration = Duration::from_millis(3_200);
const PROBE: Duration = Duration::from_millis(1_200);

/// One call of a move.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) scene: Scene,
    pub(crate) call: Call,
    /// How long the function waits for it.
    pub(crate) budget: Duration,
    /// Whether its answer is another one after the move.
    changes: bool,
}

impl Row {
    /// A write, whose answer tells nothing that could be out of date.
    const fn write(scene: Scene, call: Call) -> Self {
        Self { scene, call, budget: CALL, changes: false }
    }

    /// A read whose answer the move changes.
    const fn read(
        scene: Scene,
        service: &'static str,
        operation: &'static str,
        place: crate::call::Place,
    ) -> Self {
        Self { scene, call: Call::new(service, operation, place), budget: CALL, changes: true }
    }

    /// The move leaves the answer as it is.
    const fn steady(self) -> Self {
        Self { changes: false, ..self }
    }

    const fn within(self, budget: Duration) -> Self {
        Self { budget, ..self }
    }

    /// Whether the call can fail in this way.
    pub(crate) fn can_be(&self, chaos: Chaos) -> bool {
        chaos != Chaos::Stale || self.changes
    }
}

/// All of them, move by move.
pub(crate) static ROWS: [Row; 57] = [
    Row::read(Switchover, "ssm", "GetParameters", New),
    Row::read(Switchover, "ssm", "GetParameters", Old),
    Row::read(Switchover, "rds", "DescribeGlobalClusters", New),
    Row::read(Switchover, "rds", "DescribeGlobalClusters", Old),
    Row::read(Switchover, "rds", "DescribeDBClusters", New),
    Row::read(Switchover, "rds", "DescribeDBClusters", Old),
    Row::read(Switchover, "rds", "DescribeDBInstances", New).steady(),
    Row::read(Switchover, "rds", "DescribeDBInstances", Old).steady(),
    Row::read(Switchover, "route53", "ListResourceRecordSets", Global),
    Row::write(Switchover, Call::new("route53", "ChangeResourceRecordSets", Global)),
    Row::write(Switchover, Call::put(PARAMETER, New)),
    Row::write(Switchover, Call::put(PARAMETER, Old)),
    Row::write(Switchover, Call::put(STATE, New)),
    Row::write(Switchover, Call::put(STATE, Old)),
    Row::read(RegionDeath, "ssm", "GetParametersByPath", New).steady().within(LISTING),
    Row::read(RegionDeath, "ssm", "GetParameters", New),
    Row::read(RegionDeath, "ssm", "GetParameters", Old).steady(),
    Row::read(RegionDeath, "rds", "DescribeGlobalClusters", New),
    Row::read(RegionDeath, "rds", "DescribeGlobalClusters", Old).steady(),
    Row::read(RegionDeath, "rds", "DescribeDBClusters", New),
    Row::read(RegionDeath, "rds", "DescribeDBClusters", Old).steady(),
    Row::read(RegionDeath, "rds", "DescribeDBInstances", New).steady(),
    Row::read(RegionDeath, "rds", "DescribeDBInstances", Old).steady(),
    Row::read(RegionDeath, "route53", "ListResourceRecordSets", Global),
    Row::write(RegionDeath, Call::new("route53", "ChangeResourceRecordSets", Global)),
    Row::write(RegionDeath, Call::put(PARAMETER, New)),
    Row::write(RegionDeath, Call::put(PARAMETER, Old)),
    Row::write(RegionDeath, Call::put(STATE, New)),
    Row::write(RegionDeath, Call::new("sns", "Publish", New)).within(NOTICE),
    Row::read(Outage, "ssm", "GetParametersByPath", New).steady().within(LISTING),
    Row::read(Outage, "monitoring", "DescribeAlarms", New),
    Row::read(Outage, "monitoring", "DescribeAlarms", Witness),
    Row::read(Outage, "monitoring", "DescribeAlarms", Old).steady(),
    Row::read(Outage, "monitoring", "ListAlarmMuteRules", New).steady(),
    Row::read(Outage, "monitoring", "ListAlarmMuteRules", Witness).steady(),
    Row::read(Outage, "monitoring", "GetMetricData", New).steady(),
    Row::read(Outage, "ssm", "GetParameter", New),
    Row::write(Outage, Call::put(ATTEMPT, New)),
    Row::write(Outage, Call::new("rds", "FailoverGlobalCluster", New)).within(START),
    Row::read(Outage, "ssm", "GetParameters", New),
    Row::read(Outage, "ssm", "GetParameters", Old).steady(),
    Row::read(Outage, "rds", "DescribeGlobalClusters", New),
    Row::read(Outage, "rds", "DescribeGlobalClusters", Old).steady(),
    Row::read(Outage, "rds", "DescribeDBClusters", New),
    Row::read(Outage, "rds", "DescribeDBClusters", Old).steady(),
    Row::read(Outage, "rds", "DescribeDBInstances", New).steady(),
    Row::read(Outage, "rds", "DescribeDBInstances", Old).steady(),
    Row::read(Outage, "route53", "ListResourceRecordSets", Global),
    Row::write(Outage, Call::new("route53", "ChangeResourceRecordSets", Global)),
    Row::write(Outage, Call::put(PARAMETER, New)),
    Row::write(Outage, Call::put(PARAMETER, Old)),
    Row::write(Outage, Call::put(STATE, New)),
    Row::write(Outage, Call::put(STATE, Old)),
    Row::write(Outage, Call::new("sns", "Publish", New)).within(NOTICE),
    Row::write(Outage, Call::new("s3", "PutObject", New)),
    // An invocation is no read: nothing keeps its answer.
    Row::read(Recovery, "lambda", "Invoke", New).steady().within(PROBE),
    Row::read(ProbedOutage, "lambda", "Invoke", New).steady().within(PROBE),
];

/// The names of the calls of a move: its own rows', and those of the move that it is like.
pub(crate) fn listed(scene: Scene) -> BTreeSet<String> {
    let rows = ROWS.iter().filter(|row| [scene, scene.like()].contains(&row.scene));
    rows.map(|row| row.call.name()).collect()
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::cell::Cell;
    use crate::judge::judge;
    use crate::play::play;
    use crate::stage::Props;

    /// Where the programs are: two folders above the test's own.
    fn props() -> Props {
        let test = std::env::current_exe().unwrap();
        let functions: PathBuf = test.ancestors().nth(2).unwrap().to_owned();
        let ministack = functions.join("../venv/bin/ministack");
        assert!(ministack.is_file() && functions.join("follow").is_file(), "run `make test`");
        Props { ministack, functions }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_rows_of_a_move_are_the_calls_that_it_makes_by_the_journal() {
        for scene in Scene::ALL {
            let seen = play(Cell { scene, disturbed: None }, &props()).await.unwrap();
            let (name, listed) = (scene.name(), listed(scene));
            if scene.like() == scene {
                assert_eq!(seen.calls, listed, "{name}");
            } else {
                // One function of two leaves the other's calls out.
                assert_eq!(
                    seen.calls.difference(&listed).collect::<Vec<_>>(),
                    Vec::<&String>::new(),
                    "{name}"
                );
                let own = ROWS.iter().filter(|row| row.scene == scene);
                assert!({ own }.all(|row| seen.calls.contains(&row.call.name())), "{name}");
            }
            let wrong = judge(&seen);
            assert!(wrong.is_empty() || seen.is_too_slow(), "{wrong:?}");
        }
    }

    #[test]
    fn no_call_is_listed_twice() {
        let names: BTreeSet<_> = ROWS.iter().map(|row| (row.scene, row.call)).collect();
        assert_eq!(names.len(), ROWS.len());
    }
}
