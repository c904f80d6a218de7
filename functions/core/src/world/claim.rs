//! How long a Region has said of itself that it has the writer, look after look.

use crate::words::names::Epoch;
use crate::words::timestamp::Timestamp;

/// An incumbent that answers and still claims is overruled after the other's claim has stood this long, in milliseconds.
pub const CORROBORATE_MS: i64 = 5_000;
/// The least looks in that time, each on a new connection: about one a second.
const OVERRULING_LOOKS: u32 = 5;
/// A claim that no incumbent contradicts counts once a second look, on a new connection, says the same.
const LOOKS: u32 = 2;
/// How long a listed member that still replicates has to have claimed before it counts as ready, in milliseconds.
pub const REPLICA_CLAIM_MS: i64 = 60_000;
/// Two looks further apart, in milliseconds, are not one row: what was said in between is not known.
const GAP_MS_MAX: i64 = 15_000;

/// A row of looks, all of which said that the Region has the writer.
///
/// RDS promises no monotonic reads, and in a Region that is recovering one node of its API can tell yesterday's news. A kept
/// connection stays with its node, so each look after the first is made on a new one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// What was published when the row began; a new publication begins a new row.
    pub epoch: Epoch,
    /// When the first look was made.
    pub since: Timestamp,
    /// When the last one was made.
    pub last: Timestamp,
    /// How many there were.
    pub looks: u32,
    /// The last of them, without a break, in which its cluster replicated from no other.
    pub plain: Plain,
}

/// Looks in which a claiming Region's cluster replicated from no other, one after the other.
///
/// Another node lists a cluster than the one that lists the global cluster. Where both are behind, one look at the cluster
/// proves no more than one look at the global cluster does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plain {
    /// When the first was made.
    pub since: Timestamp,
    /// How many; none where the last look showed a cluster that replicates.
    pub looks: u32,
}

impl Claim {
    /// The row with one more look at `now`, while `epoch` is published, at a cluster that replicates or not; a new row where
    /// the old one cannot go on.
    #[must_use]
    pub fn seen_again(before: Option<&Self>, epoch: Epoch, is_replica: bool, now: Timestamp) -> Self {
        let goes_on = |row: &&Self| row.epoch == epoch && (0..=GAP_MS_MAX).contains(&now.since_ms(row.last));
        let before = before.filter(goes_on);
        let plain = before.map(|row| row.plain).filter(|plain| plain.looks > 0 && !is_replica);
        let plain = plain.unwrap_or(Plain { since: now, looks: 0 });
        Self {
            epoch,
            since: before.map_or(now, |row| row.since),
            last: now,
            looks: before.map_or(0, |row| row.looks).saturating_add(1),
            plain: Plain { looks: plain.looks.saturating_add(u32::from(!is_replica)), ..plain },
        }
    }

    /// Whether it has stood so long that a cluster which still lists the one it replicated from is taken at its word.
    pub const fn is_old(&self) -> bool {
        self.last.since_ms(self.since) >= REPLICA_CLAIM_MS
    }

    /// What is missing before the claim counts, in milliseconds of looks; `None` when nothing is. `opposed` where the
    /// published writer's own Region still claims.
    pub fn missing_ms(&self, opposed: bool) -> Option<i64> {
        // What replicates has to claim for a minute; where that is over, how it claimed meanwhile does not matter.
        let is_whole = self.plain.looks == 0 || self.is_old();
        let (since, looks) =
            if is_whole { (self.since, self.looks) } else { (self.plain.since, self.plain.looks) };
        let stood_ms = self.last.since_ms(since);
        let is_enough =
            if opposed { stood_ms >= CORROBORATE_MS && looks >= OVERRULING_LOOKS } else { looks >= LOOKS };
        let whole_ms = if opposed { CORROBORATE_MS } else { 0 };
        (!is_enough).then(|| (whole_ms - stood_ms).max(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_ms(ms)
    }

    fn row(looks_ms: &[i64]) -> Claim {
        let mut row = None;
        for ms in looks_ms {
            row = Some(Claim::seen_again(row.as_ref(), Epoch(7), false, at(*ms)));
        }
        row.unwrap()
    }

    #[test]
    fn one_look_at_a_cluster_that_does_not_replicate_is_as_little_as_one_at_the_global_cluster() {
        let seen = |row: Option<&Claim>, is_replica, ms| Claim::seen_again(row, Epoch(7), is_replica, at(ms));
        let mut row = seen(None, true, 0);
        for second in 1..=10 {
            row = seen(Some(&row), true, second * 1_000);
        }
        assert_eq!(row.missing_ms(true), None, "it waits for the end of the replication, not for looks");
        row = seen(Some(&row), false, 11_000);
        assert_eq!((row.missing_ms(false), row.missing_ms(true)), (Some(0), Some(5_000)));
        row = seen(Some(&row), false, 11_010);
        assert_eq!((row.missing_ms(false), row.missing_ms(true)), (None, Some(4_990)));
        assert_eq!(seen(Some(&row), true, 12_000).plain.looks, 0, "and it begins anew");
        let old = Claim { last: at(60_000), ..row };
        assert!(old.is_old() && old.missing_ms(true).is_none());
    }

    #[test]
    fn two_looks_are_enough_where_nobody_objects_and_five_seconds_where_somebody_does() {
        assert_eq!(row(&[0]).missing_ms(false), Some(0));
        assert_eq!(row(&[0, 3]).missing_ms(false), None);
        assert_eq!(row(&[0, 3]).missing_ms(true), Some(4_997));
        assert_eq!(row(&[0, 5_000]).missing_ms(true), Some(0), "two looks are no row of looks");
        assert_eq!(row(&[0, 1_000, 2_000, 3_000, 4_000]).missing_ms(true), Some(1_000));
        assert_eq!(row(&[0, 1_000, 2_000, 3_000, 4_000, 5_000]).missing_ms(true), None);
    }

    #[test]
    fn a_gap_or_a_publication_or_a_wrong_clock_begins_a_new_row() {
        assert_eq!(
            row(&[0, 1_000, 20_000]),
            Claim {
                epoch: Epoch(7),
                since: at(20_000),
                last: at(20_000),
                looks: 1,
                plain: Plain { since: at(20_000), looks: 1 }
            }
        );
        assert_eq!(row(&[600_000, 1_000]).since, at(1_000), "a clock that was set back");
        let other = Claim::seen_again(Some(&row(&[0, 1_000])), Epoch(8), false, at(2_000));
        assert_eq!((other.looks, other.since), (1, at(2_000)));
    }
}
