//! The abstract model of the rule, `rule_model.py`, explored state by state with the real `decide`, `plan`
//! and memories: two Regions, one function in each, which may crash between any two steps; views that lag.
//!
//! Two things are harder here than in the model. A function writes what it remembers of every Region that it
//! has reached, not of its own alone, and each such write is a step of its own that overwrites whatever stands
//! there: it may come late, and bring an old memory back.

mod decision;
mod explore;
mod step;

pub use decision::Mode;
pub use explore::{Explored, explore};
