//! RDS: Aurora global databases as a Region's endpoint sees them, and the documents that say so.

pub mod form;
pub mod listing;
pub mod model;
mod page;
pub mod refusal;
mod shapes;
pub mod snapshots;
