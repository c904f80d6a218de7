//! Managers for pools: each makes connections of the follower's current generation, and gives none out twice that is not fit.

#[cfg(feature = "bb8")]
pub mod bb8;
#[cfg(feature = "deadpool")]
pub mod deadpool;
