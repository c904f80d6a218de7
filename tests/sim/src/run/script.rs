//! What happens in a run, and when: drawn from the seed before it begins, and at each transition.

use responder_core::world::facts::takes_connections;
use responder_fakes::{ProbeMood, Unkind, World};

use crate::run::terms::Config;
use crate::stage::{Happening, Stage};
use crate::weather::Buckets;
use crate::whims::{Hears, Stuck};

/// How long a database may take no writes that RDS says is available, in milliseconds.
const READ_ONLY_MS_MAX: i64 = 30_000;
/// The settle time of a spaced run, in milliseconds.
const SETTLE_MS: i64 = 60_000;

/// Puts a run's happenings into the queue.
pub(super) fn write(stage: &Stage, config: Config) {
    let end_ms = transitions(stage, config);
    let hears = hears(stage, config);
    if hears != Some(Hears::Everybody) {
        weather(stage, config, end_ms);
    }
    wakes(stage, config, end_ms);
    if stage.percent(15) {
        hold(stage, end_ms);
    }
    if let Some(hears) = hears {
        stuck_node(stage, config, hears, end_ms);
    }
    if config.has(Unkind::Statuses) {
        failovers_within(stage, config, end_ms);
    }
}

/// What is so from the beginning.
pub(super) fn begin(stage: &Stage, world: &World, config: Config) {
    if config.has(Unkind::Stale) {
        world.keep_past();
        stage.whims.borrow_mut().stale_percent = 30;
    }
    stage.whims.borrow_mut().nodes_percent = if config.has(Unkind::Nodes) { 20 } else { 0 };
    stage.whims.borrow_mut().pages_percent = if config.has(Unkind::Pages) { 15 } else { 0 };
    stage.weather.borrow_mut().buckets = config.has(Unkind::Buckets).then(Buckets::default);
    if let Some(copy) = config.copy() {
        world.site_at(copy).detach();
    }
    if config.has(Unkind::Clocks) {
        clocks(stage, world, config);
    }
    if config.has_probes {
        probes(stage, world, config);
    }
}

/// Some probes are not what they should be, from the beginning to the end.
fn probes(stage: &Stage, world: &World, config: Config) {
    for place in 0..config.regions {
        world.site_at(place).probe = match stage.between(0, 100) {
            0..15 => ProbeMood::Null,
            15..30 => ProbeMood::Silent,
            30..40 => ProbeMood::Slow(stage.between(100, 3_000)),
            _ => ProbeMood::Answers,
        };
    }
}

/// Clocks a few seconds apart. Of two Regions one may be wrong by minutes; with three the settle time has to be longer than a
/// view lags, by whatever clock.
fn clocks(stage: &Stage, world: &World, config: Config) {
    for place in 0..config.regions {
        world.site_at(place).clock_ms = stage.between(-3_000, 3_001);
    }
    if config.regions == 2 && stage.percent(40) {
        world.site_at(place(stage, config)).clock_ms = stage.between(-600_000, 600_001);
    }
}

/// Somebody holds everything for a while, in which Parameter Store may refuse to be read.
fn hold(stage: &Stage, end_ms: i64) {
    let from_ms = stage.between(0, end_ms);
    let until_ms = from_ms + stage.between(10_000, 400_000);
    stage.after(from_ms, Happening::Hold(true));
    stage.after(until_ms, Happening::Hold(false));
    if stage.percent(70) {
        stage.after(stage.between(from_ms, until_ms), Happening::RefuseParameters(true));
        stage.after(until_ms, Happening::RefuseParameters(false));
    }
}

/// The cluster and its instances say this of themselves.
pub(super) fn set_status(stage: &Stage, world: &World, place: usize, cluster: &str, instance: &str) {
    let mut site = world.site_at(place);
    cluster.clone_into(&mut site.cluster_status);
    instance.clone_into(&mut site.instance_status);
    let is_ready = takes_connections(cluster) && takes_connections(instance);
    stage.audit.borrow_mut().is_ready(&site.region, is_ready, stage.now());
}

/// Statuses of AWS's tables in which a cluster, or its writer instance, takes no connections.
const UNREADY: [(&str, &str); 8] = [
    ("failing-over", "available"),
    ("promoting", "rebooting"),
    ("modifying", "available"),
    ("available", "rebooting"),
    ("available", "modifying"),
    ("upgrading", "upgrading"),
    ("available", "starting"),
    ("maintenance", "maintenance"),
];
/// Some in which it does.
const READY: [(&str, &str); 4] = [
    ("available", "available"),
    ("backing-up", "available"),
    ("available", "storage-optimization"),
    ("available", "configuring-enhanced-monitoring"),
];

/// From now on the cluster at this place goes through some statuses, until it takes connections again.
fn through_statuses(stage: &Stage, place: usize, first_ms: i64, ms_max: i64) {
    let mut at_ms = first_ms;
    for _ in 0..stage.between(1, 5) {
        let (cluster, instance) = UNREADY[stage.dice.borrow_mut().place(UNREADY.len())];
        stage.after(at_ms, Happening::Status(place, cluster, instance));
        at_ms += stage.between(100, ms_max / 4);
    }
    let (cluster, instance) = READY[stage.dice.borrow_mut().place(READY.len())];
    stage.after(at_ms, Happening::Status(place, cluster, instance));
}

/// Clusters fail over within their Region.
fn failovers_within(stage: &Stage, config: Config, end_ms: i64) {
    for _ in 0..stage.between(0, 4) {
        through_statuses(stage, place(stage, config), stage.between(0, end_ms), 60_000);
    }
}

/// Up to six transitions; returns when the run is about to end, in milliseconds.
fn transitions(stage: &Stage, config: Config) -> i64 {
    let mut at_ms = 0;
    for _ in 0..stage.between(0, 7) {
        at_ms += match (config.is_spaced, stage.percent(50)) {
            (true, _) => SETTLE_MS + stage.between(0, 90_000),
            (false, true) => stage.between(0, 2_000),
            (false, false) => stage.between(0, 30_000),
        };
        stage.after(at_ms, Happening::Transition);
    }
    at_ms + stage.between(5_000, 40_000)
}

/// Half of the runs have fair weather.
fn weather(stage: &Stage, config: Config, end_ms: i64) {
    {
        let mut weather = stage.weather.borrow_mut();
        weather.slow_percent = [0, 5, 15][stage.dice.borrow_mut().place(3)];
        weather.slow_ms = [500, 3_000, 20_000][stage.dice.borrow_mut().place(3)];
        weather.faults_percent = [0, 0, 2, 10, 30][stage.dice.borrow_mut().place(5)];
    }
    for _ in 0..stage.between(0, 5).max(2) - 2 {
        let (from, to) = (place(stage, config), place(stage, config));
        let at_ms = stage.between(0, end_ms);
        stage.after(at_ms, Happening::Cut(from, to));
        stage.after(at_ms + stage.between(100, 60_000), Happening::Mend(from, to));
    }
    if stage.percent(25) {
        let at_ms = stage.between(0, end_ms);
        let back_ms = at_ms + stage.between(100, 60_000);
        let alone = stage.percent(30).then(|| place(stage, config));
        for place in (0..config.regions).filter(|place| alone.is_none_or(|alone| alone == *place)) {
            stage.after(at_ms, Happening::Route53Down(place));
            stage.after(back_ms, Happening::Route53Back(place));
        }
    }
}

/// A node of one Region that gets stuck again and again, a term ago or two. Of two Regions whose news ran backwards in one
/// pass, one could renounce and the other claim, and the rule believes them.
///
/// What everybody hears lasts no longer than the rule asks a Region that is contradicted, and only while all Regions answer;
/// where another node still says of the cluster that it replicates, nearly as long as the rule waits for that to end.
fn stuck_node(stage: &Stage, config: Config, hears: Hears, end_ms: i64) {
    let place = place(stage, config);
    let (ms_max, apart_ms) = match hears {
        Hears::Kept => (60_000, 0),
        Hears::Everybody => (4_000, 20_000),
        Hears::OfTheGlobal => (50_000, 80_000),
    };
    let mut last_ms = 0;
    for _ in 0..stage.between(1, 6) {
        let at_ms = if apart_ms > 0 { last_ms + apart_ms } else { 0 } + stage.between(0, end_ms);
        let terms = 1 + stage.dice.borrow_mut().place(2);
        stage.after(at_ms, Happening::Stick(Stuck { place, terms, hears }));
        last_ms = at_ms + stage.between(100, ms_max);
        stage.after(last_ms, Happening::Loosen);
    }
}

/// Who hears the node that is stuck, where one is.
fn hears(stage: &Stage, config: Config) -> Option<Hears> {
    match (config.has(Unkind::Backwards), config.has(Unkind::Nodes)) {
        (false, false) => None,
        (false, true) => Some(Hears::OfTheGlobal),
        (true, true) if stage.percent(50) => Some(Hears::OfTheGlobal),
        (true, _) if !config.has(Unkind::Buckets) && stage.percent(40) => Some(Hears::Everybody),
        (true, _) => Some(Hears::Kept),
    }
}

/// The schedule, and events of which nobody knows where they come from.
fn wakes(stage: &Stage, config: Config, end_ms: i64) {
    for _ in 0..stage.between(2, 7) {
        stage.after(stage.between(0, end_ms), Happening::Wake(place(stage, config)));
    }
    for _ in 0..stage.between(0, 3) {
        stage.after(stage.between(0, end_ms), Happening::Twice(place(stage, config)));
    }
}

/// What a transition brings: views that catch up, readiness, events that are late, lost or doubled.
pub(super) fn follow_transition(stage: &Stage, world: &World, config: Config, writer: usize) {
    for place in 0..world.regions().len() {
        let lag_ms = if place == writer || stage.percent(40) {
            stage.between(0, 3_000)
        } else {
            stage.between(0, 50_000)
        };
        stage.after(lag_ms, Happening::CatchUp(place));
        if stage.percent(20) {
            world.site_at(place).failover_status = Some("switching-over".to_owned());
            stage.after(stage.between(0, 20_000), Happening::OperationEnds(place));
        }
        for _ in 0..stage.between(0, 3) {
            stage.after(stage.between(0, 15_000), Happening::Wake(place));
        }
    }
    if config.has(Unkind::ReadOnly) && stage.percent(60) {
        let until_ms = stage.now().as_ms() + stage.between(0, READ_ONLY_MS_MAX);
        world.site_at(writer).read_only_until_ms = until_ms;
    }
    if config.has(Unkind::Statuses) && stage.percent(60) {
        through_statuses(stage, writer, 0, 150_000);
    } else if stage.percent(30) {
        set_status(stage, world, writer, "available", "rebooting");
        stage.after(stage.between(0, 8_000), Happening::Ready(writer));
    }
}

fn place(stage: &Stage, config: Config) -> usize {
    stage.dice.borrow_mut().place(config.regions)
}
