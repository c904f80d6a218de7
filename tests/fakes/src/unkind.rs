//! The ways in which AWS may be less kind than a fake would be. Each is a switch of its own, so that one can be played alone,
//! with any other, or with all of them.

/// One way, and what lets AWS go it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unkind {
    /// A node of an RDS endpoint tells the news of a term or two ago: no reads of RDS are promised to be monotonic.
    Backwards,
    /// The three listings of RDS (global clusters, clusters, instances) are answered by different nodes.
    Nodes,
    /// Route 53 and Parameter Store are read as they were up to two seconds ago: neither promises to read the last write.
    Stale,
    /// A listing leaves out what another page would have had.
    Pages,
    /// The clocks of two Regions are apart, by seconds or, where one is wrong, by minutes.
    Clocks,
    /// A promotion takes up to two and a half minutes, through statuses that AWS's tables have; clusters fail over within
    /// their Region.
    Statuses,
    /// Services refuse what their token buckets do not hold; others of the account use them as well.
    Buckets,
    /// Lambda puts an invocation off for a minute or two, and invokes again what failed.
    Retries,
    /// A function is frozen and thawed with what it knew long ago.
    Thaw,
    /// What an invocation had sent lands after it was cut off.
    Late,
    /// Somebody has detached a member and promoted a copy.
    Copies,
    /// RDS says that a cluster is available up to half a minute before it takes writes.
    ReadOnly,
}

impl Unkind {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Backwards,
        Self::Nodes,
        Self::Stale,
        Self::Pages,
        Self::Clocks,
        Self::Statuses,
        Self::Buckets,
        Self::Retries,
        Self::Thaw,
        Self::Late,
        Self::Copies,
        Self::ReadOnly,
    ];
}

/// The switches that are on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Unkindness(u16);

impl Unkindness {
    /// All of them are.
    pub const ALL: Self = Self((1 << Unkind::ALL.len()) - 1);

    /// These are.
    pub fn of(switches: &[Unkind]) -> Self {
        Self(switches.iter().fold(0, |bits, switch| bits | Self::bit(*switch)))
    }

    /// Whether this one is on.
    pub const fn has(self, switch: Unkind) -> bool {
        self.0 & Self::bit(switch) != 0
    }

    /// None, each alone, each pair, and all of them.
    pub fn combinations() -> impl Iterator<Item = Self> {
        let singles = Unkind::ALL.into_iter().map(|one| Self::of(&[one]));
        let pairs = (0..Unkind::ALL.len())
            .flat_map(|at| (0..at).map(move |other| Self::of(&[Unkind::ALL[at], Unkind::ALL[other]])));
        [Self::default()].into_iter().chain(singles).chain(pairs).chain([Self::ALL])
    }

    /// One of the combinations for each seed; a twentieth of the seeds has all switches on.
    pub fn of_seed(seed: u64) -> Self {
        // A prime, so that what else depends on the seed goes with every combination.
        const DRAWS: u64 = 83;
        let drawn = usize::try_from(seed % DRAWS).unwrap_or_default();
        Self::combinations().nth(drawn).unwrap_or(Self::ALL)
    }

    const fn bit(switch: Unkind) -> u16 {
        1 << switch as u16
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_have_each_switch_alone_each_pair_and_all_of_them() {
        let all: Vec<Unkindness> = Unkindness::combinations().collect();
        assert_eq!(all.len(), 1 + 12 + 66 + 1);
        let drawn: Vec<Unkindness> = (0..83).map(Unkindness::of_seed).collect();
        assert!(all.iter().all(|combination| drawn.contains(combination)));
        assert_eq!(drawn.iter().filter(|it| **it == Unkindness::ALL).count(), 4);
        assert!(all.iter().enumerate().all(|(at, one)| !all[..at].contains(one)));
    }
}
