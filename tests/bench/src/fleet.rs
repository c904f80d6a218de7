//! The databases that are measured: their names, their configuration, and what is published of them at first.

use crate::error::BenchError;
use responder_core::config::Database;
use responder_core::words::names::{Epoch, Region};
use responder_core::words::timestamp::Timestamp;
use responder_core::world::publication::Published;
use responder_core::world::record::RecordSet;
use responder_core::world::state::Memory;
use responder_core::world::state::State;

/// The Region that fails.
pub(crate) const SEOUL: &str = "ap-northeast-2";
/// The Region that takes over, and whose function is measured.
pub(crate) const OSAKA: &str = "ap-northeast-3";
/// Both.
pub(crate) const REGIONS: [&str; 2] = [SEOUL, OSAKA];
/// The installation's prefix.
pub(crate) const PREFIX: &str = "/failover-responder";
/// The account of everything.
pub(crate) const ACCOUNT: &str = "123456789012";
/// The table that the baseline looks clusters up in.
pub(crate) const TABLE: &str = "clusters";
/// The zone of all records.
pub(crate) const ZONE: &str = "db.bench.internal";
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

/// A city's name in the names of clusters.
pub(crate) fn city(region: &str) -> &'static str {
    if region == SEOUL { "seoul" } else { "osaka" }
}

/// A cluster's identifier.
pub(crate) fn cluster(database: &str, region: &str) -> String {
    format!("{database}-{}", city(region))
}

/// A cluster's ARN.
pub(crate) fn arn(database: &str, region: &str) -> String {
    format!("arn:aws:rds:{region}:{ACCOUNT}:cluster:{}", cluster(database, region))
}

/// A cluster's writer endpoint, as long as Aurora's are.
pub(crate) fn endpoint(database: &str, region: &str) -> String {
    format!("{}.cluster-c4x7k2m9q1zt.{region}.rds.amazonaws.com", cluster(database, region))
}

/// The event that the new writer's Region sends.
pub(crate) fn event(database: &str, region: &str) -> String {
    let arn = arn(database, region);
    serde_json::json!({
        "version": "0", "id": "00000000-0000-0000-0000-000000000000",
        "source": "aws.rds", "detail-type": "RDS DB Cluster Event", "account": ACCOUNT, "region": region,
        "time": "2026-01-02T00:00:00Z", "resources": [arn],
        "detail": { "EventID": "RDS-EVENT-0238", "EventCategories": ["global-failover"], "SourceType": "CLUSTER",
            "SourceArn": arn, "SourceIdentifier": cluster(database, region), "Message": "completed" }
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
        let own: Region = OSAKA.parse().map_err(|error| BenchError::fleet(OSAKA, &error))?;
        let databases = (0..size).map(|at| {
            let name = format!("db{at:04}");
            let parsed = name.parse().map_err(|error| BenchError::fleet(&name, &error))?;
            let configuration = configuration(&name, zone_id, settle_seconds);
            Database::parse(PREFIX, &parsed, &configuration, &own)
                .map_err(|error| BenchError::fleet(&name, &error))
        });
        Ok(Self { databases: databases.collect::<Result<_, _>>()?, zone_id: zone_id.to_owned() })
    }

    /// All parameters, by name; the same in each Region.
    pub(crate) fn parameters(&self) -> Vec<(String, String)> {
        let of_one = |database: &Database| {
            let writer = endpoint(database.name().as_str(), SEOUL);
            let mut state = State {
                epoch: Epoch(EPOCH),
                writer: SEOUL.parse().ok()?,
                endpoint: writer.clone(),
                at: at(),
                memory: None,
                record_pending: false,
                notes: responder_core::world::state::Notes::default(),
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
    pub(crate) fn records(&self) -> Vec<(String, &'static str, u32, String)> {
        let of_one = |database: &Database| records_of(database, &published(database)?);
        self.databases.iter().filter_map(of_one).flatten().collect()
    }

    /// The fewest change calls that can move all records: a move deletes two values and creates two, and Route 53 takes
    /// 32,000 characters of values in one call. None of it is a move's to leave out: the old ownership text is the fence.
    pub(crate) fn least_changes(&self) -> u32 {
        let characters = |database: &Database| {
            let before = published(database)?;
            let writer = OSAKA.parse().ok()?;
            let endpoint = endpoint(database.name().as_str(), OSAKA);
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

/// What is published of a database at first, or after its move.
fn records_of(
    database: &Database,
    published: &Published,
) -> Option<[(String, &'static str, u32, String); 2]> {
    let records = RecordSet::of(database, published);
    let (cname, txt) = (records.cname?, records.txt?);
    Some([
        (database.record().name.clone(), "CNAME", cname.ttl_seconds, cname.values.first()?.clone()),
        (database.ownership_name(), "TXT", txt.ttl_seconds, txt.values.first()?.clone()),
    ])
}

/// What is published of a database at first.
pub(crate) fn published(database: &Database) -> Option<Published> {
    let endpoint = endpoint(database.name().as_str(), SEOUL);
    Some(Published { epoch: Epoch(EPOCH), writer: SEOUL.parse().ok()?, endpoint, at: at() })
}

fn at() -> Timestamp {
    Timestamp::from_ms(1_767_225_600_000)
}

fn configuration(name: &str, zone_id: &str, settle_seconds: u32) -> String {
    let members: serde_json::Map<String, serde_json::Value> =
        REGIONS.iter().map(|region| ((*region).to_owned(), arn(name, region).into())).collect();
    serde_json::json!({
        "global_cluster": name,
        "members": members,
        "record": { "zone_id": zone_id, "name": format!("{name}.{ZONE}"), "ttl_seconds": 5 },
        "parameter": format!("/{name}/database/writer"),
        "settle_seconds": settle_seconds,
    })
    .to_string()
}
