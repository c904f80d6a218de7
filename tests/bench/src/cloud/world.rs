//! What stands in the AWS that is measured against.

use std::collections::{BTreeMap, HashMap};

use responder_core::config::Database;
use responder_core::world::record::RecordSet;
use responder_core::world::state::State;

use crate::fleet::{Fleet, OSAKA, REGIONS, SEOUL, TABLE, endpoint, published};

/// One database's clusters.
#[derive(Debug)]
pub(super) struct Clusters {
    pub(super) name: String,
    pub(super) writer: &'static str,
}

/// A record: time to live and value.
pub(super) type Record = (u32, String);
/// Where it stands in the zone's order, and its type.
pub(super) type RecordKey = (String, String);

#[derive(Debug, Default)]
pub(super) struct World {
    pub(super) clusters: Vec<Clusters>,
    pub(super) by_name: HashMap<String, usize>,
    pub(super) records: BTreeMap<RecordKey, Record>,
    pub(super) parameters: BTreeMap<String, BTreeMap<String, String>>,
    pub(super) zone_id: String,
}

impl World {
    pub(super) fn of(fleet: &Fleet) -> Self {
        let names = || fleet.databases.iter().map(|database| database.name().to_string());
        let records = fleet.records().into_iter();
        Self {
            clusters: names().map(|name| Clusters { name, writer: SEOUL }).collect(),
            by_name: names().enumerate().map(|(at, name)| (name, at)).collect(),
            records: records
                .map(|(name, kind, ttl, value)| ((sortable(&name), kind.to_owned()), (ttl, value)))
                .collect(),
            parameters: REGIONS
                .iter()
                .map(|region| ((*region).to_owned(), fleet.parameters().into_iter().collect()))
                .collect(),
            zone_id: fleet.zone_id.clone(),
        }
    }

    /// The row of the baseline's table for a cluster.
    pub(super) fn row(&self, cluster: &str) -> Option<serde_json::Value> {
        let name = cluster.rsplit_once('-')?.0;
        self.by_name.get(name)?;
        Some(row(name, &self.zone_id, cluster))
    }

    pub(super) fn transition(&mut self, region: &str) {
        let region = REGIONS.into_iter().find(|known| *known == region).unwrap_or(OSAKA);
        self.clusters.iter_mut().for_each(|cluster| cluster.writer = region);
    }

    pub(super) fn overtake(&mut self, database: &Database) {
        let Some(mut now) = published(database) else { return };
        now.epoch = now.epoch.next();
        now.at = now.at.plus_ms(60_000);
        let records = RecordSet::of(database, &now);
        let (cname, txt) = (records.cname, records.txt);
        let names =
            [(database.record().name.clone(), "CNAME", cname), (database.ownership_name(), "TXT", txt)];
        for (name, kind, record) in names {
            let value =
                record.and_then(|record| Some((record.ttl_seconds, record.values.into_iter().next()?)));
            self.records.extend(value.map(|value| ((sortable(&name), kind.to_owned()), value)));
        }
    }

    pub(super) fn published_in(&self, region: &str) -> (usize, usize) {
        let Some(parameters) = self.parameters.get(region) else { return (0, 0) };
        let is_writer =
            |name: &str| parameters.get(&format!("/{name}/database/writer")) == Some(&endpoint(name, region));
        let is_state = |name: &str| {
            let json = parameters.get(&format!("{}/state/{name}", crate::fleet::PREFIX));
            let state = json.and_then(|json| serde_json::from_str::<State>(json).ok());
            state.is_some_and(|state| {
                state.writer.as_str() == region
                    && state.memory.is_some_and(|memory| memory.writer.as_str() == region)
            })
        };
        let count = |is: &dyn Fn(&str) -> bool| self.clusters.iter().filter(|it| is(&it.name)).count();
        (count(&is_writer), count(&is_state))
    }
}

/// What the baseline's table says of a cluster. Its record and parameter are others than ours: it would overwrite them.
pub(crate) fn row(name: &str, zone_id: &str, cluster: &str) -> serde_json::Value {
    serde_json::json!({
        "cluster": { "S": cluster }, "zone": { "S": zone_id },
        "record": { "S": format!("baseline-{name}.{}", crate::fleet::ZONE) },
        "parameter": { "S": format!("/baseline/{name}/writer") },
    })
}

/// The table's name, which only the baseline knows.
pub(super) fn is_table(name: &str) -> bool {
    name == TABLE
}

/// The labels of a name from right to left, each closed: the order in which a zone is listed.
pub(super) fn sortable(name: &str) -> String {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    name.rsplit('.').fold(String::new(), |sorted, label| sorted + label + "!")
}

/// The name again.
pub(super) fn plain(sortable: &str) -> String {
    let labels: Vec<&str> = sortable.trim_end_matches('!').rsplit('!').collect();
    labels.join(".")
}
