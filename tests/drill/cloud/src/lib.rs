//! The emulated AWS of the drill: an Aurora over two real PostgreSQL servers, a front that can cut a Region off, DNS from the Route 53 zone.
//!
//! It proves the functions' logic and the shape of what they say to AWS; it does not prove how AWS behaves.
//!
//! The front, RDS's documents and ministack's process are in `drill-emulator`, which the bench uses too.

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
mod functions;
pub mod health;
mod inbox;
pub mod installation;
mod lag;
mod no_servers;
mod pages;
mod postgres;
mod probes;
mod record_sets;
mod resolver;
mod rules;
mod seed;

pub use alarm_reason::Datapoints;
pub use alarms::{Alarm, AlarmChange, AlarmState, Alarms, Shape};
pub use app_failover::AppFailover;
pub use aurora::{Aurora, AuroraSettings, Storage};
pub use clients::Clients;
pub use cloud::{Cloud, CloudSettings};
pub use deployed::Deployment;
pub use dns::{Dns, DnsClient};
pub use drill_emulator::{
    Ministack, Pair, Region,
    front::{self, Front},
};
pub use error::{CloudError, Source};
pub use functions::{Function, FunctionSpec, Invocation, Package};
pub use health::HealthCheckers;
pub use inbox::{Inbox, Mail};
pub use installation::Installation;
pub use lag::LagMetric;
pub use pages::Pages;
pub use postgres::PostgresStorage;
pub use probes::{PROBE_PERIOD_S, ProbeWatch, Seen, WatchSettings};
pub use rules::{Rule, Rules};
pub use seed::{Seed, SeedRecord};
