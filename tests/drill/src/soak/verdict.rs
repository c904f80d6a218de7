//! What a soak has to show, and what it came to.

use drill_cloud::Region;
use drill_report::Expectation;
use std::collections::BTreeMap;

use super::Soaked;
use super::growth::{Growth, least, median};
use super::plan::Kind;
use super::round::Seen;
use crate::stage::job::Job;
use crate::stage::probes::PLACES;
use crate::stage::processes::Usage;

/// The fewest rounds after which growth is judged: a spared process lives through half of them. The least of a quarter needs as
/// many of one kind: of five it is still chance.
pub(super) const FEWEST: usize = 32;
/// What a switchover needs: in each Region the parameter, the state, and once more when the Region has seen it.
const VERSIONS_NEEDED: u64 = 6;
/// The most of one parameter in one Region, of which Parameter Store keeps a hundred versions. The ten invocations of follow that
/// may run at once do not wait for each other, so that each may publish and remember.
const VERSIONS_MAX: u64 = 20;
/// The most connections of a probe: two members, and two to the Runtime API while it answers.
const PROBE_CONNECTIONS: u64 = 4;
/// By how much a process's own memory may grow from its second quarter to its last, in kB.
const MEMORY_KB: u64 = 256;
/// The same of its descriptors and connections, and of the writer's sessions: those that are kept for the next call are as many as
/// were ever needed at once.
const DESCRIPTORS: u64 = 3;

/// All that is expected, judged.
pub(super) fn expectations(soaked: &Soaked) -> Vec<Expectation> {
    let rounds = &soaked.rounds;
    let mut all = played(soaked);
    all.extend(writes(soaked));
    let failed: Vec<&str> = rounds.iter().flat_map(|it| &it.failed).map(String::as_str).collect();
    let measured = if failed.is_empty() { "none".to_owned() } else { failed.join("; ") };
    all.push(Expectation::judged(
        "Invocations that failed without a kill",
        "none",
        measured,
        failed.is_empty(),
    ));
    let most = rounds.iter().flat_map(|it| it.versions.values()).max().copied();
    all.push(Expectation::judged(
        "Versions of one parameter that a round wrote in one Region",
        format!("at most {VERSIONS_MAX}"),
        most.map_or_else(|| "not measured".to_owned(), |most| most.to_string()),
        most.is_some_and(|most| most <= VERSIONS_MAX),
    ));
    if soaked.asked >= FEWEST {
        all.extend(growth(rounds));
    }
    all
}

fn played(soaked: &Soaked) -> Vec<Expectation> {
    let (asked, played) = (soaked.asked, soaked.rounds.len());
    let name = "Rounds after which the record, both parameters and both states name the writer, the old one follows it, and the \
                killed process was replaced";
    let measured =
        soaked.problem.as_ref().map_or_else(|| played.to_string(), |why| format!("{played}, then {why}"));
    let epoch = soaked.rounds.last().map(|it| it.epoch);
    vec![
        Expectation::judged(name, asked.to_string(), measured, soaked.problem.is_none() && played == asked),
        // The stage begins at epoch 1.
        Expectation::exactly("The epoch in the end: one publication a move", asked as u64 + 1, epoch),
    ]
}

fn writes(soaked: &Soaked) -> Vec<Expectation> {
    let lost_of = |kind: Kind| -> u64 { of(&soaked.rounds, kind).map(lost).sum() };
    let beyond = of(&soaked.rounds, Kind::Failover).filter(|it| lost(it) > 0 && !within_lag(it)).count();
    let measured = format!("{beyond} of {} failovers", of(&soaked.rounds, Kind::Failover).count());
    let counted = lost_of(Kind::Switchover) + lost_of(Kind::Failover);
    let end = soaked.in_the_end.map(|(lost, of)| format!("{lost} of {of}"));
    vec![
        Expectation::exactly("Acknowledged writes lost on switchovers", 0, Some(lost_of(Kind::Switchover))),
        Expectation::judged(
            "Failovers that lost an acknowledged write older than the replication lag that was measured before the kill",
            "0",
            measured,
            beyond == 0,
        ),
        Expectation::judged(
            "Acknowledged writes that the last writer does not hold: those that were counted on failovers",
            counted.to_string(),
            end.unwrap_or_else(|| "not looked up".to_owned()),
            soaked.in_the_end.is_some_and(|(lost, _)| lost == counted),
        ),
    ]
}

/// Whether everything that a failover lost is newer than what was said to be replicated.
fn within_lag(seen: &Seen) -> bool {
    seen.lag.is_some_and(|lag| lag.oldest_lost.is_none_or(|oldest| oldest <= lag.said))
}

/// The rounds of that kind.
pub(super) fn of(rounds: &[Seen], kind: Kind) -> impl Iterator<Item = &Seen> {
    rounds.iter().filter(move |it| it.plan.kind == kind)
}

/// How many acknowledged writes were lost in it.
pub(super) fn lost(seen: &Seen) -> u64 {
    seen.leg.writes.as_ref().map_or(0, |writes| writes.lost)
}

/// Of each function the process that lived longest, then what all have in common.
fn growth(rounds: &[Seen]) -> Vec<Expectation> {
    let mut all = Vec::new();
    for (job, region) in
        [Job::Follow, Job::Failover].into_iter().flat_map(|job| Region::ALL.map(|region| (job, region)))
    {
        let who = format!("{} in {}", job.as_str(), region.city());
        all.extend(growth_of(&who, longest(rounds, job, region), rounds.len()));
    }
    for place in PLACES {
        all.extend(growth_of(&format!("the probe in {place}"), longest_probe(rounds, place), rounds.len()));
    }
    let most = rounds.iter().flat_map(|it| &it.probes).map(|(.., usage)| usage.connections).max();
    all.push(Expectation::judged(
        "Connections of a probe: one to each member, and those to its Runtime API",
        format!("at most {PROBE_CONNECTIONS}"),
        most.map_or_else(|| "not measured".to_owned(), |most| most.to_string()),
        most.is_some_and(|most| most <= PROBE_CONNECTIONS),
    ));
    let line = |value: fn(&Seen) -> u64| rounds.iter().map(value).collect::<Vec<_>>();
    let share = |it: &Seen| it.to_aws / (it.processes.len() as u64).max(1);
    all.push(grows(
        "Connections to the emulated AWS, for each process of a function",
        &line(share),
        DESCRIPTORS,
    ));
    all.push(grows("Sessions of the writer, PostgreSQL", &line(|it| it.to_postgres), DESCRIPTORS));
    for kind in [Kind::Switchover, Kind::Failover] {
        let written: Vec<u64> = of(rounds, kind).map(|it| it.versions.values().sum()).collect();
        if written.len() >= FEWEST {
            let what = format!("Versions of parameters that a round of {kind} wrote, the least of a quarter");
            all.push(judge(&what, written.len(), Growth::of(&written, least), VERSIONS_NEEDED));
        }
    }
    let fewest = of(rounds, Kind::Switchover).map(|it| it.versions.values().sum::<u64>()).min();
    all.push(Expectation::judged(
        "The fewest versions that a switchover wrote",
        format!("at most {}, twice what it needs", 2 * VERSIONS_NEEDED),
        fewest.map_or_else(|| "not measured".to_owned(), |fewest| fewest.to_string()),
        fewest.is_some_and(|fewest| fewest <= 2 * VERSIONS_NEEDED),
    ));
    all
}

/// That of the process that lived longest, by what it took in each round.
fn growth_of(who: &str, life: Vec<Usage>, rounds: usize) -> [Expectation; 3] {
    let who = format!("{who}, a process of {} rounds", life.len());
    // A process that died without a kill leaves no life as long as that.
    let life = if life.len() >= rounds * 3 / 8 { life } else { Vec::new() };
    let each = |value: fn(&Usage) -> u64| life.iter().map(value).collect::<Vec<_>>();
    [
        grows(&format!("{who}: memory, kB"), &each(|it| it.memory_kb), MEMORY_KB),
        grows(&format!("{who}: file descriptors"), &each(|it| it.files), DESCRIPTORS),
        grows(&format!("{who}: connections"), &each(|it| it.connections), DESCRIPTORS),
    ]
}

/// What the function's process that was seen in most rounds took in each of them.
pub(super) fn longest(rounds: &[Seen], job: Job, region: Region) -> Vec<Usage> {
    let seen = rounds.iter().flat_map(|it| &it.processes);
    let its = seen.filter(|(it, _)| it.job == job && it.region == region);
    longest_life(its.map(|(process, usage)| (process.pid, *usage)))
}

/// The same of the probe in that Region.
fn longest_probe(rounds: &[Seen], place: &str) -> Vec<Usage> {
    let its = rounds.iter().flat_map(|it| &it.probes).filter(|(of, ..)| *of == place);
    longest_life(its.map(|(_, pid, usage)| (*pid, *usage)))
}

fn longest_life(seen: impl Iterator<Item = (i32, Usage)>) -> Vec<Usage> {
    let mut lives: BTreeMap<i32, Vec<Usage>> = BTreeMap::new();
    for (pid, usage) in seen {
        lives.entry(pid).or_default().push(usage);
    }
    lives.into_values().max_by_key(Vec::len).unwrap_or_default()
}

/// Expects that the middle of a line does not rise by more than that from its second quarter to its last.
fn grows(what: &str, values: &[u64], allowed: u64) -> Expectation {
    judge(what, values.len(), Growth::of(values, median), allowed)
}

/// The same of any growth; of a line that is too short there is none, and it fails.
fn judge(what: &str, values: usize, growth: Option<Growth>, allowed: u64) -> Expectation {
    let measured = growth.map_or_else(
        || format!("{values} values are too few"),
        |growth| format!("{} \u{2192} {}", growth.early, growth.late),
    );
    let expected = format!("at most {allowed} more in the last quarter than in the second");
    Expectation::judged(what, expected, measured, growth.is_some_and(|growth| growth.risen() <= allowed))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::time::Duration;

    use drill_report::{Leg, Writes};

    use super::super::plan::draw;
    use super::super::round::Lag;
    use super::*;
    use crate::stage::processes::Process;

    const ROUNDS: usize = 80;

    const USAGE: Usage = Usage { memory_kb: 4_000, files: 12, connections: 3 };

    /// A soak in which all is well.
    fn well() -> Soaked {
        let rounds = draw(1, ROUNDS).into_iter().map(|plan| {
            let number = plan.number as u64;
            let processes = [Job::Follow, Job::Failover]
                .into_iter()
                .flat_map(|job| Region::ALL.map(|region| (job, region)));
            let usage = Usage { memory_kb: 6_000 + number % 3, files: 14, connections: 5 + number % 2 };
            let processes = (1..)
                .zip(processes)
                .map(|(pid, (job, region))| (Process { pid, job, region }, usage))
                .collect();
            let failover = plan.kind == Kind::Failover;
            let lag = Lag { said: Duration::from_millis(400), oldest_lost: Some(Duration::from_millis(390)) };
            let writes = Writes { acknowledged: 100, lost: u64::from(failover), ..Writes::default() };
            Seen {
                plan,
                leg: Leg { writes: Some(writes), ..Leg::default() },
                killed_at_work: false,
                failed: Vec::new(),
                lag: failover.then_some(lag),
                epoch: number + 1,
                versions: BTreeMap::from([("state".to_owned(), 4), ("writer".to_owned(), 2)]),
                processes,
                probes: (100..).zip(PLACES).map(|(pid, place)| (place, pid, USAGE)).collect(),
                to_aws: 40 + number % 5,
                to_postgres: 8,
                took: Duration::from_secs(6),
            }
        });
        let rounds: Vec<Seen> = rounds.collect();
        let lost = rounds.iter().map(lost).sum();
        Soaked { seed: 1, asked: ROUNDS, rounds, in_the_end: Some((lost, 8_000)), problem: None }
    }

    /// The expectations that a change of the soak above makes fail.
    fn missed(change: impl FnOnce(&mut Soaked)) -> Vec<String> {
        let mut soaked = well();
        change(&mut soaked);
        expectations(&soaked).into_iter().filter(|it| !it.pass).map(|it| it.name).collect()
    }

    fn each(change: impl Fn(&mut Seen)) -> impl FnOnce(&mut Soaked) {
        move |soaked| soaked.rounds.iter_mut().for_each(change)
    }

    fn one(missed: &[String], word: &str) {
        assert!(missed.len() == 1 && missed[0].contains(word), "{missed:?} for {word}");
    }

    #[test]
    fn a_soak_in_which_all_is_well_passes() {
        assert!(missed(|_| ()).is_empty());
    }

    #[test]
    fn each_rising_line_is_red() {
        let of_osaka = |rise: fn(&mut Usage, u64)| {
            each(move |seen| {
                let number = seen.plan.number as u64;
                let osaka =
                    |(it, _): &&mut (Process, Usage)| it.job == Job::Follow && it.region == Region::Osaka;
                seen.processes.iter_mut().filter(osaka).for_each(|(_, usage)| rise(usage, number));
            })
        };
        one(
            &missed(of_osaka(|it, number| it.memory_kb += 16 * number)),
            "follow in Osaka, a process of 80 rounds: memory",
        );
        one(
            &missed(of_osaka(|it, number| it.files += number / 4)),
            "follow in Osaka, a process of 80 rounds: file",
        );
        one(
            &missed(of_osaka(|it, number| it.connections += number / 4)),
            "follow in Osaka, a process of 80 rounds: conn",
        );
        let probe = |rise: fn(&mut Usage, u64)| {
            each(move |seen| {
                let number = seen.plan.number as u64;
                seen.probes.iter_mut().take(1).for_each(|(.., usage)| rise(usage, number));
            })
        };
        one(&missed(probe(|it, number| it.memory_kb += 16 * number)), "the probe in ap-northeast-2");
        one(&missed(probe(|it, number| it.files += number / 4)), "the probe in ap-northeast-2");
        one(&missed(probe(|it, _| it.connections = 5)), "Connections of a probe");
        one(&missed(each(|seen| seen.to_aws += seen.plan.number as u64)), "Connections to the emulated AWS");
        one(&missed(each(|seen| seen.to_postgres += seen.plan.number as u64 / 4)), "Sessions of the writer");
    }

    #[test]
    fn versions_that_no_move_needs_are_red() {
        let rising = missed(each(|seen| {
            let extra = seen.plan.number as u64 / 5;
            seen.versions.extend((0..extra).map(|it| (format!("extra {it}"), 1)));
        }));
        assert!(rising.len() == 2 && rising.iter().all(|it| it.contains("that a round of")), "{rising:?}");
        one(
            &missed(each(|seen| *seen.versions.entry("state".to_owned()).or_default() += 7)),
            "The fewest versions",
        );
        let many = |soaked: &mut Soaked| {
            let first = soaked.rounds.first_mut().unwrap();
            *first.versions.entry("state".to_owned()).or_default() += 17;
        };
        one(&missed(many), "Versions of one parameter");
    }

    #[test]
    fn a_function_without_a_process_of_long_life_is_red() {
        let missed = missed(each(|seen| {
            for (process, _) in &mut seen.processes {
                process.pid += 10 * i32::try_from(seen.plan.number / 10).unwrap();
            }
        }));
        assert_eq!(missed.len(), 12, "{missed:?}");
    }

    #[test]
    fn what_is_lost_is_red_where_it_may_not_be() {
        let lose = |kind: Kind| {
            move |seen: &mut Seen| {
                if seen.plan.kind == kind
                    && let Some(writes) = &mut seen.leg.writes
                {
                    writes.lost += 1;
                }
            }
        };
        let found =
            |soaked: &mut Soaked| soaked.in_the_end = Some((soaked.rounds.iter().map(lost).sum(), 8_000));
        one(
            &missed(|soaked| {
                each(lose(Kind::Switchover))(soaked);
                found(soaked);
            }),
            "switchovers",
        );
        assert!(
            missed(|soaked| {
                each(lose(Kind::Failover))(soaked);
                found(soaked);
            })
            .is_empty(),
            "they are counted"
        );
        one(&missed(|soaked| soaked.in_the_end = Some((0, 8_000))), "the last writer does not hold");
        let late = |seen: &mut Seen| {
            if let Some(lag) = &mut seen.lag {
                lag.said = Duration::from_millis(389);
            }
        };
        one(&missed(each(late)), "older than the replication lag");
        one(&missed(each(|seen| seen.lag = None)), "older than the replication lag");
    }

    #[test]
    fn a_round_that_was_not_played_is_red() {
        let missed_rounds = missed(|soaked| {
            soaked.rounds.truncate(70);
            soaked.problem = Some("round 71: the writer is nowhere".to_owned());
            soaked.in_the_end = None;
        });
        assert_eq!(missed_rounds.len(), 3, "{missed_rounds:?}");
        let failed = |seen: &mut Seen| seen.failed = vec!["follow in Osaka".to_owned()];
        one(&missed(each(failed)), "without a kill");
        one(
            &missed(|soaked| soaked.rounds.iter_mut().for_each(|it| it.epoch += 1)),
            "one publication a move",
        );
    }
}
