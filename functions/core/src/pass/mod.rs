//! One pass: [`observe`], [`decide`], [`plan`], [`apply`], and the same again to verify. [`reconcile`] reads top down.

pub mod apply;
pub(crate) mod ask;
pub mod context;
pub mod decide;
pub mod early;
pub mod explain;
pub mod hold;
pub(crate) mod hurry;
mod misconfigured;
pub mod observe;
pub mod outcome;
pub mod plan;
pub mod reconcile;
pub mod rounds;
pub(crate) mod sight;
pub mod why;

#[cfg(test)]
mod tests;
