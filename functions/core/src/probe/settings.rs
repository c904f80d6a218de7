//! What a probe is told by its environment, as types; a mistake is one sentence that names the variable.

use core::net::SocketAddr;
use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::pace::Pace;
use super::secret::Secret;
use crate::config::MEMBERS_MAX;
use crate::words::failure::visible;
use crate::words::names::{DatabaseName, Region, is_host_name};

/// The role that a probe signs in as where nothing else is said.
pub const USER_DEFAULT: &str = "failover_responder_probe";
const DATABASES: &str = "PROBE_DATABASES";
const PORT_DEFAULT: u16 = 5432;
const EVERY_SECONDS_DEFAULT: u64 = 5;
const EVERY_SECONDS_MAX: u64 = 60;
const FOR_SECONDS_DEFAULT: u64 = 75;
/// Lambda ends an invocation after fifteen minutes.
const FOR_SECONDS_MAX: u64 = 900;
/// PostgreSQL cuts longer names off.
const NAME_MAX: usize = 63;

/// All of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Where the probe stands.
    pub region: Region,
    /// What it looks at.
    pub databases: BTreeMap<DatabaseName, Watched>,
    /// The role that it signs in as.
    pub user: String,
    /// Its password; with none an IAM token is made for each connection.
    pub password: Option<Secret>,
    /// How often it looks, and for how long.
    pub pace: Pace,
    /// The authorities to trust instead of Amazon's.
    pub ca_file: Option<String>,
    /// Whether a connection is encrypted and its server verified. Off is for this machine only.
    pub tls: bool,
    /// The nameserver to ask instead of the system's.
    pub nameserver: Option<SocketAddr>,
}

/// One database to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watched {
    /// The writer record's name.
    pub record: String,
    /// Each member's own endpoint, in lower case.
    pub members: BTreeMap<Region, String>,
    /// What is published for each Region, where that is not the member's own endpoint; in lower case.
    pub endpoints: BTreeMap<Region, String>,
    /// The port of all of them.
    pub port: u16,
    /// The database's name in PostgreSQL.
    pub dbname: String,
}

impl Watched {
    /// The Region of an endpoint that is configured, whether it is a member's own or a published one.
    pub fn region_of(&self, host: &str) -> Option<&Region> {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        let mut all = self.members.iter().chain(&self.endpoints);
        all.find(|(_, name)| **name == host).map(|(region, _)| region)
    }
}

/// An environment with which nothing can be done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// A variable that has no default is not set.
    #[error("{name} is not set: {why}")]
    Missing {
        /// The variable.
        name: &'static str,
        /// What it is for.
        why: &'static str,
    },
    /// A variable's value is of no use.
    #[error("{name}: {problem}")]
    Bad {
        /// The variable.
        name: &'static str,
        /// What is wrong with it.
        problem: String,
    },
}

fn bad(name: &'static str, problem: impl AsRef<str>) -> SettingsError {
    SettingsError::Bad { name, problem: visible(problem.as_ref()) }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    record: String,
    members: BTreeMap<Region, String>,
    #[serde(default)]
    endpoints: BTreeMap<Region, String>,
    port: Option<u16>,
    dbname: Option<String>,
}

impl Settings {
    /// Reads them. What is empty counts as not set, but for the Region.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, SettingsError> {
        let given = |name: &str| variable(name).filter(|value| !value.is_empty());
        let why = "a function has to know its own Region";
        let region = variable("AWS_REGION").ok_or(SettingsError::Missing { name: "AWS_REGION", why })?;
        let region = region.parse().map_err(|error| bad("AWS_REGION", format!("{error}")))?;
        let why = "a probe has to know what to look at";
        let databases = given(DATABASES).ok_or(SettingsError::Missing { name: DATABASES, why })?;
        let every = seconds(&given, "PROBE_EVERY_SECONDS", EVERY_SECONDS_DEFAULT, EVERY_SECONDS_MAX)?;
        let for_ = seconds(&given, "PROBE_FOR_SECONDS", FOR_SECONDS_DEFAULT, FOR_SECONDS_MAX)?;
        Ok(Self {
            region,
            databases: self::databases(&databases)?,
            user: user(given("PROBE_USER"))?,
            password: given("PROBE_PASSWORD").map(Secret::new),
            pace: Pace { every_ms: every * 1000, for_ms: for_ * 1000 },
            ca_file: given("PROBE_CA_FILE"),
            tls: tls(given("PROBE_TLS"))?,
            nameserver: given("PROBE_NAMESERVER").map(|text| nameserver(&text)).transpose()?,
        })
    }
}

fn seconds(
    given: &impl Fn(&str) -> Option<String>,
    name: &'static str,
    default: u64,
    most: u64,
) -> Result<u64, SettingsError> {
    let Some(text) = given(name) else { return Ok(default) };
    let fits = text.parse().ok().filter(|seconds| (1..=most).contains(seconds));
    fits.ok_or_else(|| bad(name, format!("{text:?} is not a number of seconds from 1 to {most}")))
}

fn user(given: Option<String>) -> Result<String, SettingsError> {
    let user = given.unwrap_or_else(|| USER_DEFAULT.to_owned());
    if is_role(&user) {
        return Ok(user);
    }
    Err(bad("PROBE_USER", format!("{user:?} is not a role's name of small letters, digits and '_'")))
}

/// Whether PostgreSQL, a signed URL and an IAM policy take this as a role's name as it is.
pub fn is_role(name: &str) -> bool {
    let plain = |it: u8| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'_';
    let starts = name.bytes().next().is_some_and(|first| !first.is_ascii_digit());
    starts && name.len() <= NAME_MAX && name.bytes().all(plain)
}

fn tls(given: Option<String>) -> Result<bool, SettingsError> {
    match given.as_deref() {
        None | Some("verify-full") => Ok(true),
        Some("off") => Ok(false),
        Some(other) => Err(bad("PROBE_TLS", format!("{other:?} is neither verify-full nor off"))),
    }
}

fn nameserver(text: &str) -> Result<SocketAddr, SettingsError> {
    let problem =
        || bad("PROBE_NAMESERVER", format!("{text:?} is not an address and a port such as 10.0.0.2:53"));
    text.parse().map_err(|_| problem())
}

fn databases(text: &str) -> Result<BTreeMap<DatabaseName, Watched>, SettingsError> {
    let mut json = serde_json::Deserializer::from_str(text);
    let read: Result<BTreeMap<DatabaseName, Raw>, _> = serde_path_to_error::deserialize(&mut json);
    let raw = read.map_err(|error| bad(DATABASES, format!("{}: {}", error.path(), error.inner())))?;
    json.end().map_err(|error| bad(DATABASES, error.to_string()))?;
    if raw.is_empty() {
        return Err(bad(DATABASES, "names no database"));
    }
    raw.into_iter().map(|(name, raw)| Ok((name.clone(), watched(&name, raw)?))).collect()
}

fn watched(name: &DatabaseName, raw: Raw) -> Result<Watched, SettingsError> {
    let bad = |problem: String| bad(DATABASES, format!("{name}.{problem}"));
    if !(1..=MEMBERS_MAX).contains(&raw.members.len()) {
        return Err(bad(format!("members: a global database has 1 to {MEMBERS_MAX} of them here")));
    }
    if !raw.endpoints.is_empty() && !raw.endpoints.keys().eq(raw.members.keys()) {
        return Err(bad("endpoints: has to name every member's Region, and no other".to_owned()));
    }
    let of = |field: &'static str| move |(region, host)| (format!("{field}.{region}"), host);
    let hosts = raw.members.iter().map(of("members")).chain(raw.endpoints.iter().map(of("endpoints")));
    let hosts = hosts.chain([("record".to_owned(), &raw.record)]);
    if let Some((field, host)) = { hosts }.find(|(_, host)| !is_host_name(host)) {
        return Err(bad(format!("{field}: {host:?} is not a DNS name")));
    }
    let lower = |names: BTreeMap<Region, String>| -> BTreeMap<Region, String> {
        names.into_iter().map(|(region, host)| (region, host.to_ascii_lowercase())).collect()
    };
    let (members, mut endpoints) = (lower(raw.members), lower(raw.endpoints));
    endpoints.retain(|region, host| members.get(region) != Some(host));
    let all: BTreeSet<&String> = members.values().chain(endpoints.values()).collect();
    if all.len() < members.len() + endpoints.len() {
        return Err(bad("members: two names are the same: nobody could tell them apart".to_owned()));
    }
    let dbname = raw.dbname.unwrap_or_else(|| name.as_str().to_owned());
    if dbname.is_empty() || dbname.contains('\0') {
        return Err(bad("dbname: is no database's name".to_owned()));
    }
    let port = raw.port.unwrap_or(PORT_DEFAULT);
    if port == 0 {
        return Err(bad("port: is 0".to_owned()));
    }
    Ok(Watched { record: raw.record.to_ascii_lowercase(), members, endpoints, port, dbname })
}
