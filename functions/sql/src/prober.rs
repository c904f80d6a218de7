//! Everything that a probe looks at.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{join, join_all};
use responder_core::probe::answer::{DatabaseLook, Look, MemberLook, RecordLook};
use responder_core::probe::settings::{Settings, Watched};
use responder_core::probe::sight::{RecordSight, Sight};
use responder_core::probe::trouble::Trouble;
use responder_core::words::names::{DatabaseName, Region};
use responder_core::world::probe::{ProbeWord, Question};
use tokio::time::{Instant, timeout_at};

use crate::authorities::AuthorityError;
use crate::dns::Dns;
use crate::endpoint::Endpoint;
use crate::login::{Login, Place};

/// Whoever asks before a publication waits for a second, and Lambda takes some of it.
const WORD_BUDGET: Duration = Duration::from_millis(850);

/// A probe that cannot begin; one sentence.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The authorities.
    #[error(transparent)]
    Authorities(#[from] AuthorityError),
    /// The resolver.
    #[error("the system's nameserver is not known: {0}; name one by PROBE_NAMESERVER")]
    Nameserver(String),
}

/// The probe of one Region.
pub struct Prober {
    settings: Settings,
    dns: Dns,
    databases: BTreeMap<DatabaseName, Endpoints>,
}

struct Endpoints {
    members: BTreeMap<Region, Endpoint>,
    published: Vec<Endpoint>,
}

impl Prober {
    /// One that is told so much. Nothing is connected yet.
    pub fn new(settings: Settings) -> Result<Self, StartError> {
        let login = Arc::new(Login::new(&settings)?);
        let dns = Dns::new(settings.nameserver).map_err(|error| StartError::Nameserver(error.to_string()))?;
        let endpoints = |watched: &Watched| {
            let endpoint = |(region, host): (&Region, &String)| {
                let member = watched.members.get(region).unwrap_or(host).clone();
                let (port, database) = (watched.port, watched.dbname.clone());
                let place = Place { host: host.clone(), member, port, database, region: region.clone() };
                Endpoint::new(place, settings.region.clone(), Arc::clone(&login), dns.clone())
            };
            let member = |pair: (&Region, &String)| (pair.0.clone(), endpoint(pair));
            let members = watched.members.iter().map(member).collect();
            Endpoints { members, published: watched.endpoints.iter().map(endpoint).collect() }
        };
        let all = settings.databases.iter().map(|(name, watched)| (name.clone(), endpoints(watched)));
        let databases = all.collect();
        Ok(Self { settings, dns, databases })
    }

    /// What it was told.
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// One look at everything, all at once, for no longer than the pace allows.
    pub async fn look(&self) -> Look {
        let pairs = self.settings.databases.iter().zip(self.databases.values());
        let looks =
            pairs.map(async |((name, watched), all)| (name.clone(), self.database(watched, all).await));
        let databases = join_all(looks).await.into_iter().collect();
        Look { region: self.settings.region.clone(), databases }
    }

    async fn database(&self, watched: &Watched, all: &Endpoints) -> DatabaseLook {
        let budget = Duration::from_millis(self.settings.pace.budget_ms());
        let members = all.members.iter().map(async |(region, it)| (region, it.look(budget).await));
        let (record, sights) = join(self.record(watched, all, budget), join_all(members)).await;
        let sights: BTreeMap<&Region, Sight> = sights.into_iter().collect();
        let record = match record {
            Leads::Seen(record) => record,
            Leads::ToMember { host, region, took_ms } => {
                let sight = sights.get(&region).cloned();
                let sight = sight.unwrap_or(Sight::nothing(Trouble::Elsewhere(host.clone()), took_ms));
                RecordSight { leads_to: Some(host), region: Some(region), sight }
            }
        };
        let every_ms = self.settings.pace.every_ms;
        let member = |(region, sight): (&&Region, &Sight)| {
            let host = all.members.get(*region).map_or("", Endpoint::host);
            ((*region).clone(), MemberLook::of(host, sight, every_ms))
        };
        DatabaseLook {
            record: RecordLook::of(&watched.record, &record),
            members: sights.iter().map(member).collect(),
        }
    }

    /// Where the record leads now. A published name that is no member's own is looked at here.
    async fn record(&self, watched: &Watched, all: &Endpoints, budget: Duration) -> Leads {
        let begun = Instant::now();
        let took_ms = || u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        let nothing = |leads_to, trouble| {
            Leads::Seen(RecordSight { leads_to, region: None, sight: Sight::nothing(trouble, took_ms()) })
        };
        let host = match timeout_at(begun + budget, self.dns.alias(&watched.record)).await {
            Ok(Ok(host)) => host,
            Ok(Err(trouble)) => return nothing(None, trouble),
            Err(_) => return nothing(None, Trouble::NoRecord(watched.record.clone())),
        };
        let Some(region) = watched.region_of(&host).cloned() else {
            return nothing(Some(host.clone()), Trouble::Elsewhere(host));
        };
        match all.published.iter().find(|it| it.host() == host) {
            None => Leads::ToMember { host, region, took_ms: took_ms() },
            Some(endpoint) => {
                let left = budget.saturating_sub(begun.elapsed());
                let sight = endpoint.look(left).await;
                Leads::Seen(RecordSight { leads_to: Some(host), region: Some(region), sight })
            }
        }
    }

    /// Whether that endpoint takes writes, within less than a second.
    pub async fn word(&self, question: &Question) -> ProbeWord {
        let host = question.endpoint.trim_end_matches('.').to_ascii_lowercase();
        let pairs = self.settings.databases.values().zip(self.databases.values());
        let mut configured = pairs.filter(|(watched, _)| watched.port == question.port);
        let endpoint = configured
            .find_map(|(_, all)| all.members.values().chain(&all.published).find(|it| it.host() == host));
        match endpoint {
            Some(endpoint) => endpoint.look(WORD_BUDGET).await.word(),
            None => Sight::nothing(Trouble::NotConfigured(question.endpoint.clone()), 0).word(),
        }
    }
}

/// Where a record leads.
enum Leads {
    /// What was seen there already.
    Seen(RecordSight),
    /// To a member's own endpoint, which is looked at anyway.
    ToMember { host: String, region: Region, took_ms: u64 },
}
