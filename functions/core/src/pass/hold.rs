//! Every refusal, as a typed variant that reads as a sentence.

use std::fmt;

use crate::answer::result::HoldKind;
use crate::words::names::{Epoch, Region};
use crate::world::topology::NotReady;

/// Why nothing moves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hold {
    /// The hold switch is set, for this reason.
    Held(String),
    /// The claim is as old as the publication, and the published writer's Region cannot confirm it.
    StaleClaim {
        /// The Region that claims.
        claimant: Region,
        /// The published writer's Region.
        incumbent: Region,
        /// The published epoch.
        epoch: Epoch,
    },
    /// More than one Region claims the writer.
    WriterConflict {
        /// All that claim.
        claimants: Vec<Region>,
    },
    /// Regions answer, and none of them is the writer.
    NoWriter,
    /// The Region that is named as the writer does not answer, and no other claims.
    WriterUnreachable {
        /// The Region that does not answer.
        writer: Region,
    },
    /// The claim is good, but the new writer cannot take writes yet.
    WriterNotReady {
        /// The new writer's Region.
        claimant: Region,
        /// What is missing.
        why: NotReady,
    },
    /// The claim has not been seen long enough: one read that runs backwards moves nothing.
    Corroborating {
        /// The Region that claims.
        claimant: Region,
        /// The published writer's Region, where it still claims.
        opposed_by: Option<Region>,
        /// For how long it has to be seen still, in milliseconds.
        missing_ms: i64,
    },
    /// The last publication is too recent.
    Settling {
        /// The Region that claims.
        claimant: Region,
        /// What is left of the settle time, in milliseconds.
        remaining_ms: i64,
    },
    /// No Region tells anything.
    Blind {
        /// What is missing.
        why: String,
    },
    /// The record is not this installation's.
    ForeignRecord {
        /// Whose it is instead.
        why: String,
    },
    /// A cluster was detached and promoted, and nobody has said that this is the new writer.
    UndeclaredPromotion {
        /// The detached cluster's Region.
        promoted: Region,
    },
}

impl Hold {
    /// Its kind, by the name in the contract.
    pub const fn kind(&self) -> HoldKind {
        match self {
            Self::Held(_) => HoldKind::Held,
            Self::StaleClaim { .. } => HoldKind::StaleClaim,
            Self::WriterConflict { .. } => HoldKind::WriterConflict,
            Self::NoWriter => HoldKind::NoWriter,
            Self::WriterUnreachable { .. } => HoldKind::WriterUnreachable,
            Self::WriterNotReady { .. } => HoldKind::WriterNotReady,
            Self::Corroborating { .. } => HoldKind::Corroborating,
            Self::Settling { .. } => HoldKind::Settling,
            Self::Blind { .. } => HoldKind::Blind,
            Self::ForeignRecord { .. } => HoldKind::ForeignRecord,
            Self::UndeclaredPromotion { .. } => HoldKind::UndeclaredPromotion,
        }
    }

    /// Whether it is likely to end by itself within minutes, so that the function stays and watches.
    pub const fn is_watched(&self) -> bool {
        matches!(
            self,
            Self::NoWriter
                | Self::WriterUnreachable { .. }
                | Self::WriterNotReady { .. }
                | Self::Corroborating { .. }
                | Self::Settling { .. }
                | Self::Blind { .. }
        )
    }

    /// Whether a channel that lags behind what is published is still repaired under this hold. A repair
    /// never moves the writer; it only makes the channels agree. An operator's hold, a record that is not
    /// ours and a pass that knows nothing repair nothing.
    pub const fn allows_repair(&self) -> bool {
        !matches!(self, Self::Held(_) | Self::ForeignRecord { .. } | Self::Blind { .. })
    }
}

impl fmt::Display for Hold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Held(reason) => write!(f, "the hold switch is set: {reason}"),
            Self::StaleClaim { claimant, incumbent, epoch } => write!(
                f,
                "{claimant} claims the writer, but has not changed its mind since epoch {epoch}, and {incumbent} does not confirm it"
            ),
            Self::WriterConflict { claimants } => {
                write!(f, "{} claim the writer at once: somebody has to look", list(claimants))
            }
            Self::NoWriter => {
                f.write_str("no Region says that it is the writer: a transition may be under way")
            }
            Self::WriterUnreachable { writer } => {
                write!(
                    f,
                    "{writer}, the writer's Region, does not answer, and no other Region claims the writer"
                )
            }
            Self::WriterNotReady { claimant, why } => {
                write!(f, "{claimant} is the new writer, but cannot take writes yet: {why}")
            }
            Self::Corroborating { claimant, opposed_by: None, .. } => {
                write!(f, "{claimant} claims the writer: it is asked once more, on a new connection")
            }
            Self::Corroborating { claimant, opposed_by: Some(incumbent), missing_ms } => write!(
                f,
                "{claimant} claims the writer, and {incumbent} still does: both are asked again and again, for {} s more",
                missing_ms.div_euclid(1000) + 1
            ),
            Self::Settling { claimant, remaining_ms } => write!(
                f,
                "{claimant} claims the writer, but the last publication is too recent: {} s left to settle",
                remaining_ms.div_euclid(1000) + 1
            ),
            Self::Blind { why } => write!(f, "nothing can be decided: {why}"),
            Self::ForeignRecord { why } => {
                write!(f, "the writer record is not this installation's: {why}")
            }
            Self::UndeclaredPromotion { promoted } => write!(
                f,
                "the cluster of {promoted} was detached from its global cluster; nobody has declared it the writer"
            ),
        }
    }
}

/// `a`, `a and b`, `a, b and c`.
fn list(regions: &[Region]) -> String {
    let names: Vec<&str> = regions.iter().map(Region::as_str).collect();
    match names.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => "no Region".to_owned(),
    }
}
