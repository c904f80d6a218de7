//! The databases that are measured: their names, their configuration, and what is published of them at first.

use std::collections::BTreeMap;

use drill_emulator::memory::Store;
use drill_emulator::rds::model::{ACCOUNT, Database as Clusters, Names, Topology};
use drill_emulator::{Pair, Region};
use responder_core::config::Database;
use responder_core::config::owned::Owned;
use responder_core::words::names::Epoch;
use responder_core::words::timestamp::Timestamp;
use responder_core::world::publication::Published;
use responder_core::world::record::RecordSet;
use responder_core::world::state::{Memory, Notes, State};
use serde_json::{Value, json};

use crate::error::BenchError;

/// The Region that fails.
pub(crate) const SEOUL: Region = Region::Seoul;
/// The Region that takes over, and whose function is measured.
pub(crate) const OSAKA: Region = Region::Osaka;
/// Both.
pub(crate) const REGIONS: [Region; 2] = Region::ALL;
/// The installation's prefix.
pub(crate) const PREFIX: &str = "/failover-responder";
/// The table that the baseline looks clusters up in.
pub(crate) const TABLE: &str = "clusters";
/// The zone of all records.
pub(crate) const ZONE: &str = "db.bench.internal";
/// The variable part of the clusters' host names, as long as Aurora's are.
const HOST: &str = "c4x7k2m9q1zt";
/// The most characters in the values of one change call.
/// <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DNSLimitations.html#limits-api-requests-changeresourcerecordsets>
const CHARACTERS_MAX: usize = 32_000;
/// The epoch that is published at first.
const EPOCH: u64 = 7;

/// A fleet of databases, all of whose writers are in Seoul at first.
#[derive(Debug, Clone)]
pub(crate) struct Fleet {
    pub(crate) databases: Vec<Database>,
    pub(crate) zone_id: String,
}

/// The names of a database's member in that Region.
pub(crate) const fn names(database: &str, region: Region) -> Names<'_> {
    Names::new(database, region, HOST)
}

/// The event that Osaka's RDS sends of its own cluster, whichever way the writer moves: a function is woken by its own
/// Region's.
pub(crate) fn event(database: &str) -> String {
    let (arn, cluster) = (names(database, OSAKA).cluster_arn(), names(database, OSAKA).cluster());
    json!({
        "version": "0", "id": "00000000-0000-0000-0000-000000000000",
        "source": "aws.rds", "detail-type": "RDS DB Cluster Event", "account": ACCOUNT, "region": OSAKA.id(),
        "time": "2026-01-02T00:00:00Z", "resources": [arn],
        "detail": { "EventID": "RDS-EVENT-0238", "EventCategories": ["global-failover"], "SourceType": "CLUSTER",
            "SourceArn": arn, "SourceIdentifier": cluster, "Message": "completed" }
    })
    .to_string()
}

/// The schedule's event.
pub(crate) fn schedule() -> String {
    r#"{"version":"0","source":"aws.events","detail-type":"Scheduled Event","detail":{}}"#.to_owned()
}

impl Fleet {
    /// So many databases, in the zone of this id.
    pub(crate) fn new(size: usize, zone_id: &str, settle_seconds: u32) -> Result<Self, BenchError> {
        Self::of(size, zone_id, settle_seconds, false)
    }

    /// The same databases, with a probe in each Region.
    pub(crate) fn with_probes(&self) -> Result<Self, BenchError> {
        let own = OSAKA.id().parse().map_err(|error| BenchError::fleet(OSAKA.id(), &error))?;
        let databases = self.databases.iter().map(|database| {
            let name = database.name();
            let mut configuration: Value = serde_json::from_str(database.text())?;
            configuration["probe"] =
                REGIONS.map(|it| (it.id(), "failover-responder-probe")).into_iter().collect();
            Database::parse(PREFIX, name, &configuration.to_string(), &own)
                .map_err(|error| BenchError::fleet(name.as_str(), &error))
        });
        Ok(Self { databases: databases.collect::<Result<_, _>>()?, zone_id: self.zone_id.clone() })
    }

    /// The same, each with two health alarms and a failover that starts by itself.
    pub(crate) fn automatic(size: usize) -> Result<Self, BenchError> {
        Self::of(size, "Z0123456789", 0, true)
    }

    fn of(size: usize, zone_id: &str, settle_seconds: u32, is_automatic: bool) -> Result<Self, BenchError> {
        let own = OSAKA.id().parse().map_err(|error| BenchError::fleet(OSAKA.id(), &error))?;
        let databases = (0..size).map(|at| {
            let name = format!("db{at:04}");
            let parsed = name.parse().map_err(|error| BenchError::fleet(&name, &error))?;
            let configuration = configuration(&name, zone_id, settle_seconds, is_automatic);
            Database::parse(PREFIX, &parsed, &configuration, &own)
                .map_err(|error| BenchError::fleet(&name, &error))
        });
        Ok(Self { databases: databases.collect::<Result<_, _>>()?, zone_id: zone_id.to_owned() })
    }

    /// All parameters, by name; the same in each Region.
    pub(crate) fn parameters(&self) -> Vec<(String, String)> {
        let of_one = |database: &Database| {
            let writer = names(database.name().as_str(), SEOUL).endpoint();
            let mut state = State {
                epoch: Epoch(EPOCH),
                writer: SEOUL.id().parse().ok()?,
                endpoint: writer.clone(),
                at: at(),
                memory: None,
                owns: Some(Owned::of(database)),
                record_pending: false,
                notes: Notes::default(),
            };
            state.memory = Some(Memory { writer: state.writer.clone(), epoch: state.epoch });
            Some([
                (database.configuration_parameter(), database.text().to_owned()),
                (database.state_parameter(), state.to_json()),
                (database.parameter().to_owned(), writer),
            ])
        };
        self.databases.iter().filter_map(of_one).flatten().collect()
    }

    /// All records: name, type, time to live, value.
    pub(crate) fn records(&self) -> Vec<Record> {
        let of_one = |database: &Database| records_of(database, &published(database)?);
        self.databases.iter().filter_map(of_one).flatten().collect()
    }

    /// The rows of the baseline's table, by cluster. Their records and parameters are others than ours: it would overwrite
    /// them.
    pub(crate) fn rows(&self) -> Vec<(String, Value)> {
        let of_one = |database: &Database| {
            let name = database.name().as_str();
            let cluster = names(name, OSAKA).cluster();
            let row = json!({
                "cluster": { "S": cluster }, "zone": { "S": self.zone_id },
                "record": { "S": format!("baseline-{name}.{ZONE}") },
                "parameter": { "S": format!("/baseline/{name}/writer") },
            });
            (cluster, row)
        };
        self.databases.iter().map(of_one).collect()
    }

    /// All of it, to be played in memory.
    pub(crate) fn store(&self) -> Store {
        let clusters = |database: &Database| Clusters {
            name: database.name().to_string(),
            hosts: Pair { seoul: HOST, osaka: HOST },
            ports: Pair { seoul: 5432, osaka: 5432 },
            topology: Topology::with_writer(SEOUL),
        };
        let parameters = self.parameters().into_iter().collect::<BTreeMap<_, _>>();
        let mut store = Store {
            databases: self.databases.iter().map(clusters).collect(),
            parameters: Pair::each(|_| parameters.clone()),
            items: self.rows().into_iter().collect(),
            ..Store::default()
        };
        for (name, kind, ttl, value) in self.records() {
            store.records.put(&name, kind, ttl, value);
        }
        store
    }

    /// The fewest change calls that can move all records: a move deletes two values and creates two, and Route 53 takes
    /// 32,000 characters of values in one call. None of it is a move's to leave out: the old ownership text is the fence.
    pub(crate) fn least_changes(&self) -> u32 {
        let characters = |database: &Database| {
            let before = published(database)?;
            let writer = OSAKA.id().parse().ok()?;
            let endpoint = names(database.name().as_str(), OSAKA).endpoint();
            let after = Published { epoch: before.epoch.next(), writer, endpoint, at: before.at };
            let values = [records_of(database, &before)?, records_of(database, &after)?];
            Some(values.iter().flatten().map(|(.., value)| value.chars().count()).sum::<usize>())
        };
        // No move is split over two calls.
        let longest = self.databases.iter().filter_map(characters).max().unwrap_or(1);
        let moves = CHARACTERS_MAX / longest;
        u32::try_from(self.databases.len().div_ceil(moves)).unwrap_or(u32::MAX)
    }
}

/// A record: name, type, time to live, value.
type Record = (String, &'static str, u32, String);

/// What is published of a database at first, or after its move.
fn records_of(database: &Database, published: &Published) -> Option<[Record; 2]> {
    let records = RecordSet::of(database, published);
    let (cname, txt) = (records.cname?, records.txt?);
    Some([
        (database.record().name.clone(), "CNAME", cname.ttl_seconds, cname.values.first()?.clone()),
        (database.ownership_name(), "TXT", txt.ttl_seconds, txt.values.first()?.clone()),
    ])
}

/// The records of a database that somebody else has published meanwhile, at the next epoch.
pub(crate) fn overtaken(database: &Database) -> Option<[Record; 2]> {
    let before = published(database)?;
    let now = Published { epoch: before.epoch.next(), at: before.at.plus_ms(60_000), ..before };
    records_of(database, &now)
}

/// What is published of a database at first.
pub(crate) fn published(database: &Database) -> Option<Published> {
    let endpoint = names(database.name().as_str(), SEOUL).endpoint();
    Some(Published { epoch: Epoch(EPOCH), writer: SEOUL.id().parse().ok()?, endpoint, at: at() })
}

fn at() -> Timestamp {
    Timestamp::from_ms(1_767_225_600_000)
}

/// The health alarms of a database: in the Region that would take over, and in Tokyo, where no member is.
pub(crate) fn alarms(database: &str) -> [(&'static str, String); 2] {
    [(OSAKA.id(), format!("{database}-local")), ("ap-northeast-1", format!("{database}-witness"))]
}

fn configuration(name: &str, zone_id: &str, settle_seconds: u32, is_automatic: bool) -> String {
    let members: BTreeMap<&str, String> =
        REGIONS.into_iter().map(|region| (region.id(), names(name, region).cluster_arn())).collect();
    let mut configuration = json!({
        "global_cluster": name,
        "members": members,
        "record": { "zone_id": zone_id, "name": format!("{name}.{ZONE}"), "ttl_seconds": 5 },
        "parameter": format!("/{name}/database/writer"),
        "settle_seconds": settle_seconds,
    });
    if is_automatic {
        let arn = |(region, alarm)| format!("arn:aws:cloudwatch:{region}:{ACCOUNT}:alarm:{alarm}");
        let failover =
            json!({ "mode": "automatic", "health_alarms": alarms(name).map(arn), "max_lag_seconds": 5 });
        configuration.as_object_mut().map(|it| it.insert("failover".to_owned(), failover));
    }
    configuration.to_string()
}
