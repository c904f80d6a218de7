//! What the world's facts come to, as tables: each row of each match, and each bound on both of its sides.

use serde_json::{Value, json};

use crate::config::Database;
use crate::words::names::{Epoch, Region};
use crate::words::timestamp::Timestamp;
use crate::world::facts::{ClusterFacts, Facts, GlobalFacts, InstanceFacts};
use crate::world::publication::Published;
use crate::world::topology::RegionView;

mod alarms;
mod evidence;
mod runs;
mod views;

const SEOUL: &str = "ap-northeast-2";
const OSAKA: &str = "ap-northeast-3";
const NOW: Timestamp = Timestamp::from_ms(1_795_386_600_123);

fn region(name: &str) -> Region {
    name.parse().unwrap()
}

fn arn(region: &str) -> String {
    format!("arn:aws:rds:{region}:123456789012:cluster:todo-{region}")
}

fn database_with(change: impl FnOnce(&mut Value)) -> Database {
    let mut json = json!({
        "global_cluster": "todo",
        "members": { SEOUL: arn(SEOUL), OSAKA: arn(OSAKA) },
        "record": { "zone_id": "Z1", "name": "writer.db.todo.internal", "ttl_seconds": 5 },
        "parameter": "/todo/database/writer",
    });
    change(&mut json);
    Database::parse("/p", &"todo".parse().unwrap(), &json.to_string(), &region(SEOUL)).unwrap()
}

fn database() -> Database {
    database_with(|_| ())
}

fn published(writer: &str, epoch: u64) -> Published {
    let endpoint = format!("todo-{writer}.cluster-abc.{writer}.rds.amazonaws.com");
    Published { epoch: Epoch(epoch), writer: region(writer), endpoint, at: NOW.whole_seconds() }
}

fn instance(is_writer: bool, status: &str) -> InstanceFacts {
    InstanceFacts {
        identifier: "todo-1".to_owned(),
        is_writer,
        status: status.to_owned(),
        class: "db.r6g.large".to_owned(),
    }
}

fn cluster(is_replica: bool, instances: Vec<InstanceFacts>) -> ClusterFacts {
    ClusterFacts {
        status: "available".to_owned(),
        endpoint: Some("e.example".to_owned()),
        is_replica,
        instances,
        ..ClusterFacts::default()
    }
}

/// What both Regions list while this one has the writer.
fn global(writer: &str) -> GlobalFacts {
    let members = [SEOUL, OSAKA].map(|it| (arn(it), it == writer)).to_vec();
    GlobalFacts { members, ..GlobalFacts::default() }
}

fn view(of: &str, global: Option<GlobalFacts>, cluster: Option<ClusterFacts>) -> RegionView {
    RegionView::new(&database(), &region(of), &Facts { global, cluster })
}
