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
    Published { epoch: Epoch(7), writer: region(SEOUL), endpoint: endpoint(SEOUL), at: NOW.plus_ms(-age_ms).whole_seconds() }
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

type Happening = fn(&mut Evidence);

#[allow(clippy::too_many_lines, reason = "a table")]
fn happenings() -> Vec<(&'static str, Happening)> {
    vec![
        ("all is well", |_| ()),
        ("a hold is set", |it| {
            it.switches.insert(region(OSAKA), Switch { reason: Some("an upgrade".to_owned()), read_at: NOW });
        }),
        ("nobody knows of the hold", |it| it.switches.clear()),
        ("nobody knows of the hold, and the writer moved", |it| {
            it.switches.clear();
            for of in [SEOUL, OSAKA] {
                sees(it, of, view(of, Some(OSAKA), |_| ()));
            }
        }),
        ("the writer moved", |it| {
            for of in [SEOUL, OSAKA] {
                sees(it, of, view(of, Some(OSAKA), |_| ()));
            }
            claim(it, 1_000, 2);
        }),
        ("the writer moved, seen once", |it| {
            for of in [SEOUL, OSAKA] {
                sees(it, of, view(of, Some(OSAKA), |_| ()));
            }
        }),
        ("the writer moved a moment after the last publication", |it| {
            for of in [SEOUL, OSAKA] {
                sees(it, of, view(of, Some(OSAKA), |_| ()));
            }
            based(it, |base| base.at = NOW.plus_ms(-59_999));
        }),
        ("the writer moved, and the new one is not ready", |it| {
            sees(it, SEOUL, view(SEOUL, Some(OSAKA), |_| ()));
            sees(it, OSAKA, view(OSAKA, Some(OSAKA), |facts| {
                facts.cluster.as_mut().unwrap().instances[0].status = "rebooting".to_owned();
            }));
            claim(it, 1_000, 2);
        }),
        ("the writer moved, and the new one still replicates", |it| {
            sees(it, SEOUL, view(SEOUL, Some(OSAKA), |_| ()));
            sees(it, OSAKA, view(OSAKA, Some(OSAKA), |facts| facts.cluster.as_mut().unwrap().is_replica = true));
            claim(it, 59_999, 9);
        }),
        ("the writer moved, and the new one still replicates after a minute", |it| {
            sees(it, SEOUL, view(SEOUL, Some(OSAKA), |_| ()));
            sees(it, OSAKA, view(OSAKA, Some(OSAKA), |facts| facts.cluster.as_mut().unwrap().is_replica = true));
            claim(it, 60_000, 9);
        }),
        ("both claim, a first look", |it| {
            sees(it, OSAKA, view(OSAKA, Some(OSAKA), |_| ()));
            claim(it, 0, 1);
        }),
        ("both claim, for five seconds", |it| {
            sees(it, OSAKA, view(OSAKA, Some(OSAKA), |_| ()));
            claim(it, 5_000, 5);
        }),
        ("both claim, and it is an old claim", |it| {
            sees(it, OSAKA, view(OSAKA, Some(OSAKA), |_| ()));
            it.memories.insert(region(OSAKA), Memory { writer: region(OSAKA), epoch: Epoch(7) });
        }),
        ("an old claim, and the incumbent is silent", |it| {
            sees(it, OSAKA, view(OSAKA, Some(OSAKA), |_| ()));
            sees(it, SEOUL, Seen::silent("no answer"));
            it.memories.clear();
        }),
        ("a fresh claim, and the incumbent is silent", |it| {
            sees(it, OSAKA, view(OSAKA, Some(OSAKA), |_| ()));
            sees(it, SEOUL, Seen::silent("no answer"));
            claim(it, 10, 2);
        }),
        ("a fresh claim without a row, and the incumbent is silent", |it| {
            sees(it, OSAKA, view(OSAKA, Some(OSAKA), |_| ()));
            sees(it, SEOUL, Seen::silent("no answer"));
        }),
        ("a fresh claim, and the incumbent is unclear", |it| {
            sees(it, OSAKA, view(OSAKA, Some(OSAKA), |_| ()));
            sees(it, SEOUL, view(SEOUL, None, |_| ()));
            claim(it, 10, 2);
        }),
        ("nobody claims", |it| {
            for of in [SEOUL, OSAKA] {
                sees(it, of, view(of, None, |_| ()));
            }
        }),
        ("both name the other", |it| {
            sees(it, SEOUL, view(SEOUL, Some(OSAKA), |_| ()));
        }),
        ("the writer's Region is silent", |it| sees(it, SEOUL, Seen::silent("no answer"))),
        ("the other Region is silent", |it| sees(it, OSAKA, Seen::silent("no answer"))),
        ("the writer names the other, which is silent", |it| {
            sees(it, SEOUL, view(SEOUL, Some(OSAKA), |_| ()));
            sees(it, OSAKA, Seen::silent("no answer"));
        }),
        ("both are silent", |it| {
            for of in [SEOUL, OSAKA] {
                sees(it, of, Seen::silent("no answer"));
            }
        }),
        ("nobody was asked", |it| it.views.clear()),
        ("nobody was waited for", |it| {
            for of in [SEOUL, OSAKA] {
                sees(it, of, Seen::NotYet);
            }
        }),
        ("an operation is under way", |it| {
            sees(it, SEOUL, view(SEOUL, Some(SEOUL), |facts| {
                facts.global.as_mut().unwrap().failover_status = Some("switching-over".to_owned());
            }));
        }),
        ("the other was detached", |it| sees(it, OSAKA, view(OSAKA, Some(SEOUL), |facts| {
            facts.global = None;
            facts.cluster.as_mut().unwrap().is_replica = false;
        }))),
        ("the other was detached, and the writer's Region is silent", |it| {
            sees(it, SEOUL, Seen::silent("no answer"));
            sees(it, OSAKA, view(OSAKA, Some(SEOUL), |facts| {
                facts.global = None;
                facts.cluster.as_mut().unwrap().is_replica = false;
            }));
        }),
        ("the other was detached and is declared", |it| {
            sees(it, OSAKA, view(OSAKA, Some(SEOUL), |facts| {
                facts.global = None;
                facts.cluster.as_mut().unwrap().is_replica = false;
            }));
            it.declared = Some(Declaration { region: region(OSAKA), epoch: Epoch(7) });
        }),
        ("the other is declared, and only follows", |it| {
            it.declared = Some(Declaration { region: region(OSAKA), epoch: Epoch(7) });
        }),
        ("a declaration of an earlier epoch", |it| {
            sees(it, OSAKA, view(OSAKA, Some(OSAKA), |_| ()));
            it.memories.clear();
            it.declared = Some(Declaration { region: region(OSAKA), epoch: Epoch(6) });
        }),
        ("the writer is declared", |it| {
            it.declared = Some(Declaration { region: region(SEOUL), epoch: Epoch(7) });
        }),
        ("a stranger is the writer", |it| {
            for of in [SEOUL, OSAKA] {
                sees(it, of, view(of, None, |facts| {
                    facts.global.as_mut().unwrap().members.push((arn("ap-northeast-1"), true));
                }));
            }
        }),
        ("no Region knows the global cluster", |it| {
            for of in [SEOUL, OSAKA] {
                sees(it, of, view(of, None, |facts| facts.global = None));
            }
        }),
        ("no Region knows the global cluster or a member", |it| {
            for of in [SEOUL, OSAKA] {
                sees(it, of, view(of, None, |facts| *facts = Facts::default()));
            }
        }),
        ("one knows nothing, and one is silent", |it| {
            sees(it, SEOUL, view(SEOUL, None, |facts| *facts = Facts::default()));
            sees(it, OSAKA, Seen::silent("no answer"));
        }),
        ("one knows nothing", |it| sees(it, OSAKA, view(OSAKA, None, |facts| *facts = Facts::default()))),
        ("the endpoint has a new name", |it| {
            sees(it, SEOUL, view(SEOUL, Some(SEOUL), |facts| {
                facts.cluster.as_mut().unwrap().endpoint = Some("new.example".to_owned());
            }));
        }),
        ("the endpoint has a new name a moment after the publication", |it| {
            based(it, |base| base.at = NOW.plus_ms(-59_999));
            sees(it, SEOUL, view(SEOUL, Some(SEOUL), |facts| {
                facts.cluster.as_mut().unwrap().endpoint = Some("new.example".to_owned());
            }));
        }),
        ("two instances", |it| {
            sees(it, SEOUL, view(SEOUL, Some(SEOUL), |facts| {
                let instances = &mut facts.cluster.as_mut().unwrap().instances;
                instances.push(InstanceFacts { is_writer: false, ..instances[0].clone() });
            }));
        }),
        ("the record was not read", |it| it.record = Seen::NotYet),
        ("Route 53 is silent", |it| it.record = Seen::silent("no answer")),
        ("the record is gone", |it| it.record = Seen::Got(RecordSet::default())),
        ("the record points to the other", |it| {
            let elsewhere = Published { endpoint: endpoint(OSAKA), ..published(3_600_000) };
            let own = RecordSet::of(&database(false), &published(3_600_000));
            it.record = Seen::Got(RecordSet { txt: own.txt, ..RecordSet::of(&database(false), &elsewhere) });
        }),
        ("the record points to a stranger", |it| {
            let elsewhere = Published { endpoint: "x.example".to_owned(), ..published(3_600_000) };
            it.record = Seen::Got(RecordSet::of(&database(false), &elsewhere));
        }),
        ("the record has no owner", |it| {
            let own = RecordSet::of(&database(false), &published(3_600_000));
            it.record = Seen::Got(RecordSet { txt: None, ..own });
        }),
        ("the record is of another kind", |it| {
            it.record = Seen::Got(RecordSet { other: Some("A".to_owned()), ..RecordSet::default() });
        }),
        ("the record is of another kind, and the writer moved", |it| {
            it.record = Seen::Got(RecordSet { other: Some("A".to_owned()), ..RecordSet::default() });
            for of in [SEOUL, OSAKA] {
                sees(it, of, view(of, Some(OSAKA), |_| ()));
            }
        }),
        ("a parameter drifted", |it| {
            let Some(Seen::Got(parameters)) = it.parameters.get_mut(&region(OSAKA)) else { panic!() };
            parameters.writer = Some("x.example".to_owned());
        }),
        ("a state is lost", |it| {
            it.parameters.insert(region(OSAKA), Seen::Got(RegionParameters::default()));
        }),
        ("a Parameter Store is silent", |it| {
            it.parameters.insert(region(OSAKA), Seen::silent("no answer"));
        }),
        ("the record is pending", |it| {
            it.record = Seen::silent("no answer");
            let Some(Seen::Got(parameters)) = it.parameters.get_mut(&region(OSAKA)) else { panic!() };
            parameters.state.as_mut().unwrap().record_pending = true;
        }),
        ("nothing is published", |it| it.base = Base::Nothing),
        ("nothing is published, and one is silent", |it| {
            it.base = Base::Nothing;
            sees(it, OSAKA, Seen::silent("no answer"));
        }),
        ("nothing is published, and nobody claims", |it| {
            it.base = Base::Nothing;
            for of in [SEOUL, OSAKA] {
                sees(it, of, view(of, None, |_| ()));
            }
        }),
        ("nothing is published, and both claim", |it| {
            it.base = Base::Nothing;
            sees(it, OSAKA, view(OSAKA, Some(OSAKA), |_| ()));
        }),
        ("nothing is published, and no Region knows a member", |it| {
            it.base = Base::Nothing;
            for of in [SEOUL, OSAKA] {
                sees(it, of, view(of, None, |facts| *facts = Facts::default()));
            }
        }),
        ("nothing is known to be published", |it| it.base = Base::Unknown),
        ("nobody has adopted it yet", |it| based(it, |base| base.epoch = Epoch(0))),
        ("nobody has adopted it yet, and the writer is silent", |it| {
            based(it, |base| base.epoch = Epoch(0));
            sees(it, SEOUL, Seen::silent("no answer"));
        }),
        ("nobody knows the endpoint", |it| based(it, |base| base.endpoint.clear())),
    ]
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
            let _ = writeln!(text, "=== {name}{}", if adopt { ", and a record without an owner is adopted" } else { "" });
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
    let fresh = |incumbent_says| Why::FreshClaim { by: osaka.clone(), incumbent: seoul.clone(), incumbent_says };
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
    let corroborating = |opposed_by, missing_ms| Hold::Corroborating { claimant: osaka.clone(), opposed_by, missing_ms };
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
