//! Every state of the rule enumerated on the real `decide`, and seeded runs of the whole loop.
//!
//! * [`mod@run`]: one seeded run: functions in two or three Regions that reconcile over and over in a world
//!   whose calls take time, fail, lose their answers, whose views lag and whose writer moves.
//! * [`audit`]: what must hold at every step of it.
//! * [`cases`]: evidence by enumeration, for the tests that go through all of it.
//! * [`model`]: the abstract model of the rule, explored state by state with the real `decide` and `plan`.
//! * [`broken`]: ports that break the rule on purpose, to prove that the audit notices.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a simulation that is wrong itself has to stop at once"
)]

pub mod audit;
pub mod broken;
pub mod cases;
pub mod model;
pub mod outage;
pub mod run;
pub mod seeds;

mod stage;
mod weather;
mod whims;
