//! The emulated AWS of the drill: an Aurora over two real PostgreSQL servers, a front that can cut a Region off, DNS from the Route 53 zone.
//!
//! It proves the functions' logic and the shape of what they say to AWS; it does not prove how AWS behaves.

mod alarm_reason;
mod alarms;
pub mod app_failover;
pub mod aurora;
mod booleans;
mod clients;
mod clock;
mod cloud;
mod deployed;
pub mod dns;
mod error;
pub mod front;
mod functions;
pub mod health;
mod inbox;
mod lag;
mod lock;
mod ministack;
mod postgres;
mod region;
mod rules;
mod seed;

pub use alarms::{Alarm, AlarmChange, AlarmState, Alarms, Shape};
pub use app_failover::AppFailover;
pub use aurora::{Aurora, AuroraSettings, Storage};
pub use clients::Clients;
pub use cloud::{Cloud, CloudSettings};
pub use deployed::Deployment;
pub use dns::{Dns, DnsClient};
pub use error::{CloudError, Source};
pub use front::Front;
pub use functions::{Function, FunctionSpec, Invocation, Package};
pub use health::HealthCheckers;
pub use inbox::{Inbox, Mail};
pub use lag::LagMetric;
pub use ministack::Ministack;
pub use postgres::PostgresStorage;
pub use region::{Pair, Region};
pub use rules::{Rule, Rules};
pub use seed::{Seed, SeedRecord};
