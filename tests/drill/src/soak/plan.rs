//! What is done in each round, drawn from a seed: the same seed plays the same sequence.

use std::fmt;
use std::ops::RangeInclusive;
use std::time::Duration;

use drill_cloud::Region;

use crate::stage::job::Job;

/// How the writer moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Planned: no acknowledged write may be lost.
    Switchover,
    /// The writer is killed.
    Failover,
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(if *self == Self::Switchover { "switchover" } else { "failover" })
    }
}

/// Whose process is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Victim {
    /// One of a function's.
    Function(Job, Region),
    /// The todo app's.
    App(Region),
}

impl fmt::Display for Victim {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Function(job, region) => write!(formatter, "{} in {}", job.as_str(), region.city()),
            Self::App(region) => write!(formatter, "the todo app in {}", region.city()),
        }
    }
}

/// One round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Plan {
    /// Counted from 1.
    pub(super) number: usize,
    pub(super) kind: Kind,
    /// Where the writer moves to.
    pub(super) target: Region,
    pub(super) victim: Victim,
    /// Which of its processes, where it has several.
    pub(super) pick: usize,
    /// When it is killed, from the beginning of the round.
    pub(super) at: Duration,
    /// For how long before a failover nothing is replicated.
    pub(super) starved: Option<Duration>,
}

impl fmt::Display for Plan {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { number, kind, target, victim, .. } = self;
        write!(formatter, "{number}: {kind} to {}, kill -9 of {victim}", target.city())
    }
}

/// When a kill may be, in milliseconds from the beginning of a round: a move is over by then, or nearly.
const ANY_MS: RangeInclusive<u64> = 0..=3_500;
/// The same of one that is to find the functions at work, as often as not.
const MOVING_MS: RangeInclusive<u64> = 500..=2_000;
/// How long a standby is starved, in milliseconds.
const STARVED_MS: RangeInclusive<u64> = 100..=900;

/// Draws the rounds. Moves come in pairs of a kind that overlap (switchover, failover, failover, switchover), so that each kind
/// goes in both directions. In each half of them two functions are spared, so that some processes grow old.
pub(super) fn draw(seed: u64, rounds: usize) -> Vec<Plan> {
    let mut random = fastrand::Rng::with_seed(seed);
    (1..=rounds)
        .map(|number| {
            let kind = if number / 2 % 2 == 0 { Kind::Switchover } else { Kind::Failover };
            let starved = random.bool().then(|| Duration::from_millis(random.u64(STARVED_MS)));
            Plan {
                number,
                kind,
                target: if number % 2 == 1 { Region::Osaka } else { Region::Seoul },
                victim: victim(&mut random, number * 2 <= rounds),
                // The eldest works most.
                pick: if random.bool() { 0 } else { random.usize(..) },
                at: Duration::from_millis(if random.bool() {
                    random.u64(MOVING_MS)
                } else {
                    random.u64(ANY_MS)
                }),
                starved: starved.filter(|_| kind == Kind::Failover),
            }
        })
        .collect()
}

fn victim(random: &mut fastrand::Rng, first_half: bool) -> Victim {
    let (follow, failover) =
        if first_half { (Region::Seoul, Region::Osaka) } else { (Region::Osaka, Region::Seoul) };
    match random.u8(..6) {
        0 | 1 => Victim::Function(Job::Follow, follow),
        2 | 3 => Victim::Function(Job::Failover, failover),
        4 => Victim::App(Region::Seoul),
        _ => Victim::App(Region::Osaka),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_replays_its_sequence() {
        assert_eq!(draw(7, 50), draw(7, 50));
        assert_ne!(draw(7, 50), draw(8, 50));
    }

    #[test]
    fn each_kind_goes_in_both_directions_and_the_writer_always_moves() {
        let rounds = draw(1, 40);
        for kind in [Kind::Switchover, Kind::Failover] {
            for target in Region::ALL {
                assert!(rounds.iter().filter(|it| it.kind == kind && it.target == target).count() >= 9);
            }
        }
        assert!(rounds.windows(2).all(|pair| pair[0].target != pair[1].target));
        assert_eq!(rounds[0].target, Region::Osaka, "the stage begins with the writer in Seoul");
    }

    #[test]
    fn all_are_killed_and_each_function_is_spared_for_one_half() {
        let rounds = draw(3, 200);
        let (first, second) = rounds.split_at(100);
        let killed = |rounds: &[Plan], victim: Victim| rounds.iter().filter(|it| it.victim == victim).count();
        for region in Region::ALL {
            assert!(killed(&rounds, Victim::App(region)) > 10);
            for job in [Job::Follow, Job::Failover] {
                let of = |rounds: &[Plan]| killed(rounds, Victim::Function(job, region));
                assert!(of(first).min(of(second)) == 0 && of(first).max(of(second)) > 10, "{job:?} {region}");
            }
        }
    }

    #[test]
    fn only_failovers_find_a_starved_standby_and_not_each() {
        let rounds = draw(5, 100);
        let starved = |it: &&Plan| it.starved.is_some();
        let failovers = rounds.iter().filter(|it| it.kind == Kind::Failover);
        assert!(failovers.clone().any(|it| starved(&it)) && failovers.clone().any(|it| !starved(&it)));
        assert!(rounds.iter().filter(starved).all(|it| it.kind == Kind::Failover));
    }
}
