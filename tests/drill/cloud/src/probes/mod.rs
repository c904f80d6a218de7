//! The CloudWatch of the probes' Regions: what a probe prints becomes datapoints, and alarms are evaluated on them, by AWS's
//! rules and at its pace. All of it is emulated: it shows what the rules make of what a probe saw, not how quick AWS is.

mod board;
mod embedded;
mod evaluation;
pub(crate) mod names;
mod watch;

pub use self::{
    board::Seen,
    names::PROBE_PERIOD_S,
    watch::{ProbeWatch, WatchSettings},
};
