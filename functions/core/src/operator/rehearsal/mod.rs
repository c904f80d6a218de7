//! A rehearsal: the transition's own code over ports that only write down what would be called.

pub mod calls;
pub mod desk;
pub mod overlay;
