//! Failing over on an alarm: following is automatic and safe, **starting** a failover can lose data. So every check is
//! explicit, shown with its value and its limit, and false when unknown.
//!
//! [`work`] is what the function does for one database; [`respond`] runs the pass that every trigger runs and lets
//! [`crate::judge::policy`] judge; `claim` lets one of several invocations call, and `turn` says who goes first; [`survey`]
//! reads what the policy looks at; [`advice`] says it to people, and `page` tells the whole course of what was started. While nothing burns
//! `readiness` looks ahead, and `forewarning` says what it found.

pub mod advice;
mod claim;
mod flight;
mod forewarning;
mod page;
mod readiness;
pub mod respond;
mod response;
pub mod survey;
mod turn;
pub mod work;
