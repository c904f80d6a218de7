//! The probe's SQL. [`Prober`] looks at every endpoint that it is told of, each by one connection that is kept while it
//! answers, and tells what it saw in core's words. Nothing here decides what that means.
//!
//! No AWS API is called: an IAM token is signed on the spot, with the credentials that Lambda puts into the environment.

mod authorities;
mod dns;
mod endpoint;
mod failure;
mod login;
mod prober;
mod statements;
mod token;

pub use prober::{Prober, StartError};
