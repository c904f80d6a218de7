//! What is measured.

pub(crate) mod cost;
pub(crate) mod decision;
pub(crate) mod fleets;
pub(crate) mod latency;
pub(crate) mod outages;
pub(crate) mod probe;
pub(crate) mod size;
pub(crate) mod starts;
pub(crate) mod wire;
