//! Which run a request goes on with.

use serde_json::json;

use super::*;
use crate::config::Database;
use crate::config::installation::Installation;
use crate::operator::job::Place;
use crate::words::names::{Epoch, Region};
use crate::world::evidence::{Base, Evidence, Seen};
use crate::world::facts::{Facts, GlobalFacts};
use crate::world::run::{Caller, Ended, Kind};
use crate::world::topology::RegionView;

const SEOUL: &str = "ap-northeast-2";
const OSAKA: &str = "ap-northeast-3";
const NOW: Timestamp = Timestamp::from_ms(1_795_386_600_000);

fn arn(region: &str) -> String {
    format!("arn:aws:rds:{region}:123456789012:cluster:todo")
}

fn database() -> Database {
    let json = json!({
        "global_cluster": "todo",
        "members": { SEOUL: arn(SEOUL), OSAKA: arn(OSAKA) },
        "record": { "zone_id": "Z1", "name": "writer.db.todo.internal", "ttl_seconds": 5 },
        "parameter": "/todo/database/writer",
    });
    let own = SEOUL.parse().unwrap();
    Database::parse("/p", &"todo".parse().unwrap(), &json.to_string(), &own).unwrap()
}

/// A run to Osaka at epoch 7 that began so long ago, and what is published and claimed now.
fn resumed(age_ms: i64, published: Option<(&str, u64)>, claims: bool, change: impl FnOnce(&mut Run)) -> bool {
    let (database, own, osaka): (_, Region, Region) =
        (database(), SEOUL.parse().unwrap(), OSAKA.parse().unwrap());
    let mut evidence = Evidence::default();
    if let Some((writer, epoch)) = published {
        let (writer, endpoint) = (writer.parse().unwrap(), "e.example".to_owned());
        evidence.base = Base::Known(Published { epoch: Epoch(epoch), writer, endpoint, at: NOW });
    }
    let global =
        GlobalFacts { members: vec![(arn(SEOUL), !claims), (arn(OSAKA), claims)], ..GlobalFacts::default() };
    let view = RegionView::new(&database, &osaka, &Facts { global: Some(global), cluster: None });
    evidence.views.insert(osaka.clone(), Seen::Got(view));
    let sight = Overview { evidence, decision: None, failures: Vec::new() };
    let (installation, caller) = (Installation::default(), Caller::default());
    let place = Place { installation: &installation, own: &own, caller: &caller, deadline: NOW };
    let job = Job::new(place, &database, Kind::Switchover, osaka);
    let began = Published { epoch: Epoch(7), writer: own.clone(), endpoint: String::new(), at: NOW };
    let mut run = new_run(NOW.plus_ms(-age_ms), &job, &began, None);
    change(&mut run);
    is_to_be_resumed(&run, &job, &sight, NOW)
}

#[test]
fn a_run_is_gone_on_with_while_it_is_open_published_or_claimed() {
    let (young, old) = (599_999, 600_000);
    for (age_ms, published, claims, expected) in [
        (young, Some((SEOUL, 7)), false, true),
        (old, Some((SEOUL, 7)), false, false),
        (old, None, false, true),
        (young, Some((SEOUL, 8)), false, false),
        (old, Some((OSAKA, 8)), false, true),
        (old, Some((OSAKA, 7)), false, false),
        (old, Some((SEOUL, 7)), true, true),
    ] {
        assert_eq!(resumed(age_ms, published, claims, |_| ()), expected, "{age_ms} {published:?} {claims}");
    }
    let at_rest = Some((SEOUL, 7));
    assert!(!resumed(young, at_rest, true, |run| run.kind = Kind::Failover));
    assert!(!resumed(young, at_rest, true, |run| run.target = SEOUL.parse().unwrap()));
    let over = Ended { ms: 1, done: true, why: String::new() };
    assert!(!resumed(young, at_rest, true, |run| run.ended = Some(over)));
}
