//! Processor time of the pure decision: what grows with the number of databases and never waits.

use std::hint::black_box;
use std::time::Instant;

use responder_core::config::Database;
use responder_core::config::owned::Owned;
use responder_core::pass::decide::decide;
use responder_core::pass::plan::plan;
use responder_core::words::names::Region;
use responder_core::words::timestamp::Timestamp;
use responder_core::world::evidence::RegionParameters;
use responder_core::world::evidence::{Base, Evidence, Seen};
use responder_core::world::facts::{ClusterFacts, Facts, GlobalFacts, InstanceFacts};
use responder_core::world::record::RecordSet;
use responder_core::world::state::Memory;
use responder_core::world::state::State;
use responder_core::world::topology::RegionView;

use crate::error::BenchError;
use crate::fleet::{Fleet, OSAKA, SEOUL, names, published};
use crate::report::data::Decision;

const TIMES: u32 = 200_000;

/// Decides and plans the move of one database, many times.
pub(crate) fn measure() -> Result<Decision, BenchError> {
    let fleet = Fleet::new(1, "Z0123456789", 60)?;
    let found = fleet.databases.first().and_then(|it| Some((it, evidence(it)?)));
    let (database, evidence) =
        found.ok_or_else(|| BenchError::fleet("the decision", &"nothing to decide on"))?;
    let now = Timestamp::from_ms(1_790_000_000_000);
    let began = Instant::now();
    for _ in 0..TIMES {
        black_box(decide(black_box(database), black_box(&evidence), now));
    }
    let decide_ns = began.elapsed().as_secs_f64() * 1e9 / f64::from(TIMES);
    let decision = decide(database, &evidence, now);
    let own = &OSAKA.id().parse().map_err(|error| BenchError::fleet(OSAKA.id(), &error))?;
    let began = Instant::now();
    for _ in 0..TIMES {
        black_box(plan(black_box(database), own, black_box(&evidence), &decision, now));
    }
    Ok(Decision { decide_ns, plan_ns: began.elapsed().as_secs_f64() * 1e9 / f64::from(TIMES) })
}

/// Both Regions say that the writer has moved to Osaka.
fn evidence(database: &Database) -> Option<Evidence> {
    let now = published(database)?;
    let regions: Vec<Region> = database.regions().cloned().collect();
    let memory = Memory { writer: now.writer.clone(), epoch: now.epoch };
    let state = State {
        epoch: now.epoch,
        writer: now.writer.clone(),
        endpoint: now.endpoint.clone(),
        at: now.at,
        memory: Some(memory.clone()),
        owns: Some(Owned::of(database)),
        record_pending: false,
        notes: responder_core::world::state::Notes::default(),
    };
    let parameters = RegionParameters {
        state: Some(state),
        writer: Some(now.endpoint.clone()),
        ..RegionParameters::default()
    };
    Some(Evidence {
        base: Base::Known(now.clone()),
        record: Seen::Got(RecordSet::of(database, &now)),
        parameters: regions.iter().map(|it| (it.clone(), Seen::Got(parameters.clone()))).collect(),
        views: regions.iter().map(|it| (it.clone(), Seen::Got(view(database, it)))).collect(),
        memories: regions.iter().map(|it| (it.clone(), memory.clone())).collect(),
        ..Evidence::default()
    })
}

fn view(database: &Database, region: &Region) -> RegionView {
    let name = database.name().as_str();
    let here = if region.as_str() == OSAKA.id() { OSAKA } else { SEOUL };
    let is_writer = here == OSAKA;
    let instance = InstanceFacts {
        identifier: format!("{name}-1"),
        is_writer,
        status: "available".to_owned(),
        ..InstanceFacts::default()
    };
    let facts = Facts {
        global: Some(GlobalFacts {
            members: [SEOUL, OSAKA].map(|it| (names(name, it).cluster_arn(), it == OSAKA)).to_vec(),
            ..GlobalFacts::default()
        }),
        cluster: Some(ClusterFacts {
            status: "available".to_owned(),
            endpoint: Some(names(name, here).endpoint()),
            is_replica: !is_writer,
            engine_version: None,
            instances: vec![instance],
            ..ClusterFacts::default()
        }),
    };
    RegionView::new(database, region, &facts)
}
