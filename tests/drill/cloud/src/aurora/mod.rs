//! The emulated Aurora global database `todo`: AWS's side of it, over two real database servers.
//!
//! AWS's behavior that is not documented is imitated as it was seen or feared: both Regions' views lag, the
//! new writer claims before it is ready, and the old primary sends its own "promoted".

mod answer;
pub(crate) mod control;
mod events;
mod snapshots;
pub(crate) mod storage;
mod transition;
mod view;

pub use drill_emulator::rds::{
    model::{
        ACCOUNT, AVAILABLE, Cluster, ENGINE_VERSION, GLOBAL_CLUSTER, Kind, Names, Role, Topology, Transition,
    },
    refusal::Refusal,
    snapshots::Snapshot,
};

pub use self::{
    control::{Aurora, AuroraSettings, Moment, Notice},
    events::RdsEvent,
    storage::Storage,
};
