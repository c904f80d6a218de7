//! What the nodes of AWS's services make of a read now.

use responder_core::ports::Connection;
use responder_fakes::{Listing, Whim};

use crate::weather::Dice;

/// A node that tells the news of so many terms ago.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stuck {
    /// The place of its endpoint.
    pub(crate) place: usize,
    /// How many terms ago.
    pub(crate) terms: usize,
    /// Who hears it.
    pub(crate) hears: Hears,
}

/// Who hears a node that is stuck.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hears {
    /// Whoever keeps a connection to it.
    Kept,
    /// Everybody.
    Everybody,
    /// Everybody, of the global cluster alone: another node lists the Region's own.
    OfTheGlobal,
}

/// What is less than the truth now.
#[derive(Debug, Default)]
pub(crate) struct Whims {
    /// The node that is stuck, if one is.
    pub(crate) stuck: Option<Stuck>,
    /// How many views in a hundred have a listing by a node that is behind.
    pub(crate) nodes_percent: u32,
    /// How many views in a hundred lack a listing.
    pub(crate) pages_percent: u32,
    /// How many reads of Route 53 and Parameter Store in a hundred are old.
    pub(crate) stale_percent: u32,
}

/// How old a read is at most, in milliseconds.
const STALE_MS_MAX: i64 = 2_000;

impl Whims {
    /// What a view of the Region at `place` lacks, which `knows` the latest term and is the writer or not.
    ///
    /// What everybody hears is not told by the writer's own Region: another one that has not noticed yet that its term is
    /// over would be confirmed by it, and the rule believes two Regions that agree.
    pub(crate) fn of_view(
        &self,
        place: usize,
        connection: Connection,
        (knows, is_writer): (bool, bool),
        dice: &mut Dice,
    ) -> Whim {
        let mut whim = Whim::default();
        if let Some(Stuck { terms, hears, .. }) = self.stuck.filter(|stuck| stuck.place == place && knows) {
            let is_heard = if hears == Hears::Kept { connection == Connection::Kept } else { !is_writer };
            whim.global_terms = if is_heard { terms } else { 0 };
            whim.cluster_terms = if hears == Hears::OfTheGlobal { 0 } else { whim.global_terms };
        }
        // Of three nodes two that are behind at once are rare.
        let percent = if whim.global_terms > 0 { self.nodes_percent / 4 } else { self.nodes_percent };
        if percent > 0 && dice.percent(percent) {
            match dice.place(2) {
                0 => whim.cluster_terms += 1 + dice.place(2),
                _ => whim.instances = Some("rebooting"),
            }
        }
        if self.pages_percent > 0 && dice.percent(self.pages_percent) {
            let listings = [Listing::GlobalClusters, Listing::Clusters, Listing::Instances];
            whim.left_out = Some(listings[dice.place(3)]);
        }
        whim
    }

    /// How old a read is, in milliseconds.
    pub(crate) fn age_ms(&self, dice: &mut Dice) -> i64 {
        if self.stale_percent > 0 && dice.percent(self.stale_percent) {
            dice.between(1, STALE_MS_MAX)
        } else {
            0
        }
    }
}
