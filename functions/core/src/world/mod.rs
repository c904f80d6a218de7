//! What stands there, as types: what RDS, Route 53, Parameter Store and CloudWatch say, and what is remembered of it.

pub mod alarm;
pub mod asked;
pub mod attempt;
pub mod claim;
pub mod course;
pub mod evidence;
pub mod facts;
pub mod known;
pub mod lag;
pub mod limits;
pub mod ownership;
pub mod probe;
pub mod publication;
pub mod readiness;
pub mod record;
pub mod run;
pub mod snapshot;
pub mod state;
pub mod topology;
pub mod trigger;

#[cfg(test)]
mod tests;
