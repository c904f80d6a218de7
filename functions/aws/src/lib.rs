//! The adapters to AWS, one module per service; the only home of AWS SDK types.
//!
//! [`AwsPorts`] is all of the core's ports over the real services. Nothing here decides anything: a call
//! is made within its [`Budgets`], an answer is turned into the core's words, a failure into a
//! [`responder_core::ports::PortError`] that names the operation.

mod bucket;
mod budget;
mod clients;
mod clock;
mod cloudwatch;
mod coalesce;
mod drill;
mod environment;
mod failure;
mod https;
mod lambda;
mod lock;
mod ports;
mod rds;
mod route53;
mod s3;
mod sns;
mod ssm;
mod whole_document;

pub use budget::Budgets;
pub use clients::Clients;
pub use environment::{Environment, EnvironmentError, check_process, without_empty_endpoints};
pub use https::https_client;
pub use ports::AwsPorts;
