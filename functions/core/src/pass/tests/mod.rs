//! What is decided, why, what is planned and how it is explained, of every kind of evidence, word for word.

use std::fmt::Write;

use serde_json::json;

use crate::config::Database;
use crate::pass::decide::{Decision, Verdict, decide};
use crate::pass::explain::checks;
use crate::pass::hold::Hold;
use crate::pass::plan::{Plan, plan};
use crate::pass::why::{Incumbent, Why};
use crate::words::names::{Epoch, Region};
use crate::words::timestamp::Timestamp;
use crate::world::claim::{Claim, Plain};
use crate::world::evidence::{Base, Declaration, Evidence, RegionParameters, Seen, Switch};
use crate::world::facts::{ClusterFacts, Facts, GlobalFacts, InstanceFacts};
use crate::world::publication::Published;
use crate::world::record::RecordSet;
use crate::world::state::{Memory, Notes, State};
use crate::world::topology::{NotReady, RegionView};

mod happenings;

use happenings::happenings;

const SEOUL: &str = "ap-northeast-2";
const OSAKA: &str = "ap-northeast-3";
const NOW: Timestamp = Timestamp::from_ms(1_795_386_600_123);

fn region(name: &str) -> Region {
    name.parse().unwrap()
}

fn arn(region: &str) -> String {
    format!("arn:aws:rds:{region}:123456789012:cluster:todo")
}

fn database(adopt: bool) -> Database {
    let json = json!({
        "global_cluster": "todo",
        "members": { SEOUL: arn(SEOUL), OSAKA: arn(OSAKA) },
        "record": { "zone_id": "Z1", "name": "writer.db.todo.internal", "ttl_seconds": 5 },
        "parameter": "/todo/database/writer",
        "adopt": adopt,
    });
    Database::parse("/p", &"todo".parse().unwrap(), &json.to_string(), &region(SEOUL)).unwrap()
}

fn endpoint(name: &str) -> String {
    format!("{name}.example")
}

fn published(age_ms: i64) -> Published {
    Published {
        epoch: Epoch(7),
        writer: region(SEOUL),
        endpoint: endpoint(SEOUL),
        at: NOW.plus_ms(-age_ms).whole_seconds(),
    }
}

/// A view that names this writer, or nobody.
fn view(of: &str, writer: Option<&str>, change: impl FnOnce(&mut Facts)) -> Seen<RegionView> {
    let claims = writer == Some(of);
    let instance = InstanceFacts {
        identifier: format!("todo-{of}-1"),
        is_writer: true,
        status: "available".to_owned(),
        class: "db.r6g.large".to_owned(),
    };
    let mut facts = Facts {
        global: Some(GlobalFacts {
            members: [SEOUL, OSAKA].map(|it| (arn(it), Some(it) == writer)).to_vec(),
            ..GlobalFacts::default()
        }),
        cluster: Some(ClusterFacts {
            status: "available".to_owned(),
            endpoint: Some(endpoint(of)),
            is_replica: !claims,
            instances: vec![instance],
            ..ClusterFacts::default()
        }),
    };
    change(&mut facts);
    Seen::Got(RegionView::new(&database(false), &region(of), &facts))
}

fn state(published: &Published) -> State {
    State {
        epoch: published.epoch,
        writer: published.writer.clone(),
        endpoint: published.endpoint.clone(),
        at: published.at,
        memory: Some(Memory { writer: region(SEOUL), epoch: Epoch(7) }),
        owns: None,
        record_pending: false,
        notes: Notes::default(),
    }
}

/// Published an hour ago, and both Regions name the writer.
fn well() -> Evidence {
    let base = published(3_600_000);
    let parameters = |of: &str| {
        let known = RegionParameters {
            state: Some(state(&base)),
            writer: Some(base.endpoint.clone()),
            ..RegionParameters::default()
        };
        (region(of), Seen::Got(known))
    };
    let memory = |of: &str| (region(of), Memory { writer: region(SEOUL), epoch: Epoch(7) });
    Evidence {
        record: Seen::Got(RecordSet::of(&database(false), &base)),
        parameters: [SEOUL, OSAKA].map(parameters).into(),
        views: [SEOUL, OSAKA].map(|it| (region(it), view(it, Some(SEOUL), |_| ()))).into(),
        memories: [SEOUL, OSAKA].map(memory).into(),
        switches: [(region(SEOUL), Switch { reason: None, read_at: NOW })].into(),
        base: Base::Known(base),
        ..Evidence::default()
    }
}

fn sees(it: &mut Evidence, of: &str, seen: Seen<RegionView>) {
    it.views.insert(region(of), seen);
}

fn claim(it: &mut Evidence, since_ms: i64, looks: u32) {
    let since = NOW.plus_ms(-since_ms);
    let plain = Plain { since, looks };
    it.claims.insert(region(OSAKA), Claim { epoch: Epoch(7), since, last: NOW, looks, plain });
}

fn based(it: &mut Evidence, change: impl FnOnce(&mut Published)) {
    if let Base::Known(base) = &mut it.base {
        change(base);
    }
}

fn planned(plan: &Plan, lines: &mut Vec<String>) {
    let value = |record: Option<&crate::world::record::ResourceRecord>| {
        record.map_or_else(|| "nothing".to_owned(), |record| record.values.join(" "))
    };
    if let Some(exchange) = &plan.exchange {
        for (what, records) in [("from", &exchange.from), ("to", &exchange.to)] {
            lines.push(format!("{what} {}, {}", value(records.cname.as_ref()), value(records.txt.as_ref())));
        }
    }
    for (region, it) in &plan.regions {
        let state = it.state.as_ref().map(State::to_json);
        lines.push(format!("{region}: writer {:?}, unread {}, state {state:?}", it.writer, it.is_unread));
    }
    lines.push(format!("empty {}, touches channels {}", plan.is_empty(), plan.touches_channels()));
}

fn told(adopt: bool, evidence: &Evidence) -> Vec<String> {
    let database = database(adopt);
    let decision = decide(&database, evidence, NOW);
    let Decision { verdict, watch } = &decision;
    let hold = verdict.hold().map(Hold::kind);
    let mut lines = vec![format!("{:?} {hold:?}, watched {watch}: {}", verdict.kind(), verdict.reason())];
    if let Verdict::Publish(published, _) = verdict {
        lines.push(format!("{published:?}"));
    }
    for check in checks(&database, evidence, &decision, NOW) {
        lines.push(format!("{} {:?}: {}", check.name, check.verdict(), check.value));
    }
    for own in [SEOUL, OSAKA] {
        lines.push(format!("planned in {own}"));
        planned(&plan(&database, &region(own), evidence, &decision, NOW), &mut lines);
    }
    lines
}

#[test]
fn every_evidence_is_decided_explained_and_planned_word_for_word() {
    let mut text = String::new();
    for adopt in [false, true] {
        let well_said = told(adopt, &well());
        for (at, (name, happens)) in happenings().into_iter().enumerate() {
            let mut evidence = well();
            happens(&mut evidence);
            let lines = told(adopt, &evidence);
            // Where adopting changes nothing, one telling is enough.
            if adopt && lines == told(false, &evidence) {
                continue;
            }
            let _ = writeln!(
                text,
                "=== {name}{}",
                if adopt { ", and a record without an owner is adopted" } else { "" }
            );
            for line in lines.iter().filter(|line| at == 0 || !well_said.contains(line)) {
                let _ = writeln!(text, "{line}");
            }
        }
    }
    insta::assert_snapshot!("every_evidence", text);
}

#[test]
fn every_reason_and_every_hold_in_words() {
    let (seoul, osaka) = (region(SEOUL), region(OSAKA));
    let mut text = String::new();
    let fresh =
        |incumbent_says| Why::FreshClaim { by: osaka.clone(), incumbent: seoul.clone(), incumbent_says };
    for why in [
        Why::Renounced { by: osaka.clone(), incumbent: seoul.clone() },
        fresh(Incumbent::Claims),
        fresh(Incumbent::Unreachable),
        fresh(Incumbent::Unclear),
        Why::Declared(osaka.clone()),
        Why::First(osaka.clone()),
        Why::EndpointChanged(osaka.clone()),
        Why::Adopted(osaka.clone()),
    ] {
        let _ = writeln!(text, "{why}");
    }
    let conflict = |claimants: &[&Region]| Hold::WriterConflict {
        claimants: claimants.iter().map(|it| (*it).clone()).collect(),
    };
    let corroborating =
        |opposed_by, missing_ms| Hold::Corroborating { claimant: osaka.clone(), opposed_by, missing_ms };
    for hold in [
        Hold::Held("an upgrade".to_owned()),
        Hold::StaleClaim { claimant: osaka.clone(), incumbent: seoul.clone(), epoch: Epoch(7) },
        conflict(&[]),
        conflict(&[&seoul]),
        conflict(&[&seoul, &osaka]),
        conflict(&[&seoul, &osaka, &seoul]),
        Hold::NoWriter,
        Hold::WriterUnreachable { writer: seoul.clone() },
        Hold::WriterNotReady { claimant: osaka.clone(), why: NotReady::Replica },
        corroborating(None, 0),
        corroborating(Some(seoul.clone()), 4_999),
        corroborating(Some(seoul.clone()), 5_000),
        Hold::Settling { claimant: osaka.clone(), remaining_ms: 999 },
        Hold::Settling { claimant: osaka.clone(), remaining_ms: 1_000 },
        Hold::Blind { why: "nobody answers".to_owned() },
        Hold::ForeignRecord { why: "another's".to_owned() },
        Hold::UndeclaredPromotion { promoted: osaka.clone() },
    ] {
        let (kind, watched, repaired) = (hold.kind(), hold.is_watched(), hold.allows_repair());
        let _ = writeln!(text, "{kind}, watched {watched}, repaired {repaired}: {hold}");
    }
    insta::assert_snapshot!("reasons_and_holds", text);
}
