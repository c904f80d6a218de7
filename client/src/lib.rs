#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod chain;
mod check;
mod connect;
mod counters;
mod follower;
#[cfg(test)]
mod follower_tests;
mod generation;
mod guard;
mod health;
mod outcome;
mod pace;
mod pools;
mod retry;
mod session;
mod source;
mod watch;
#[cfg(test)]
mod watch_tests;
mod writer;

pub use chain::Chain;
pub use connect::connector::Connector;
pub use connect::failure::ConnectFailure;
#[cfg(feature = "iam")]
pub use connect::iam::IamTokens;
pub use connect::login::{Secret, Secrets};
pub use connect::tls::{Tls, TlsError};
pub use counters::Counters;
pub use follower::{Follower, Limits};
pub use generation::{Ended, Generation, Reason};
pub use guard::Guard;
pub use outcome::{Failure, Outcome, Phase, Verdict, judge, of_sql_state};
pub use pace::Pace;
#[cfg(feature = "bb8")]
pub use pools::bb8;
#[cfg(feature = "deadpool")]
pub use pools::deadpool;
pub use retry::{Attempt, Confirmed, GivenUp, Patience, Repeat, retry};
pub use session::Session;
pub use source::function::{Function, from_fn};
#[cfg(feature = "dns")]
pub use source::nameserver::DnsResolver;
pub use source::record::Record;
pub use source::resolve::{Answer, Resolve, SystemResolver};
#[cfg(feature = "ssm")]
pub use source::ssm::Parameter;
pub use source::writer_source::{BoxFuture, SourceError, WriterSource};
pub use watch::{Known, Watch};
pub use writer::{NotAHostName, Reading, Writer};
