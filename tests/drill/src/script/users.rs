//! The words of the scripts in which users write by way of the application's name, with its own failover before the apps.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use drill_cloud::app_failover::{FAILURE_THRESHOLD, HOST, alarm, region_host};
use drill_cloud::aurora::Names;
use drill_cloud::{AlarmChange, AlarmState, Region, Shape};
use serde_json::Value;

use super::play::Play;
use super::progress::Progress;
use crate::cast::users::USERS;
use crate::cast::workload::Workload;
use crate::stage::Stage;
use crate::stage::delivery::Invoked;
use crate::stage::error::DrillError;
use crate::stage::front_door::FrontDoor;
use crate::stage::pace::Pace;

/// How long the first answer for the application's name may take.
const FIRST_ANSWER: Duration = Duration::from_secs(10);

/// Opens the application's front door and lets the users in. The clock starts when every one of them writes.
pub(crate) async fn enter(stage: Stage, progress: &Progress) -> Result<(Play, FrontDoor), DrillError> {
    let port = stage.app_settings.listen.seoul.port();
    let door = Box::pin(FrontDoor::open(&stage.cloud, port, stage.pace)).await?;
    // The answer for the name has to be there before the first user asks.
    let led = first_answer(&door).await?;
    let users = Workload::of_users(stage.cloud.dns.address(), port, stage.pace)?;
    let mut play = Play::begin(stage, users, &[led], progress).await?;
    let (address, since) = (play.address(Region::Seoul).to_string(), play.started);
    let all = |play: &Play| play.workload.served(Region::Seoul, since, &address).len() == USERS;
    play.wait("every user's first write", |play| all(play).then_some(())).await?;
    if play.stage.pace == Pace::Real {
        // From now on, when all that was seeded is visible and everybody writes.
        play.stage.cloud.dns.set_propagation(play.stage.pace.propagation());
        play.delivery.set_schedule(Some(play.stage.pace.schedule()));
    }
    play.started = Instant::now();
    Ok((play, door))
}

/// The Region that the application's name leads to, as soon as it leads anywhere.
async fn first_answer(door: &FrontDoor) -> Result<Region, DrillError> {
    let began = Instant::now();
    loop {
        match door.answer().await {
            Ok(Some(region)) => return Ok(region),
            Err(error) if began.elapsed() > FIRST_ANSWER => return Err(error),
            Ok(None) | Err(_) if began.elapsed() > FIRST_ANSWER => {
                let what = "an address for the application's name".to_owned();
                return Err(DrillError::Waited { what, within: FIRST_ANSWER });
            }
            Ok(None) | Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

/// Waits until Route 53 calls the app of `region` healthy, or not; marks it in the leg.
pub(crate) async fn called(
    play: &mut Play,
    door: &FrontDoor,
    region: Region,
    healthy: bool,
    since: Instant,
) -> Result<Instant, DrillError> {
    let word = if healthy { "healthy" } else { "unhealthy" };
    let what = format!("Route 53 to call {}'s app {word}", region.city());
    let at = play.wait(&what, |_| door.called(region, healthy, since)).await?;
    play.phase(word, at, region);
    play.progress.step(&format!("Route 53 calls {}'s app {word}", region.city()));
    Ok(at)
}

/// Waits until the application's name leads to `region`; marks it in the leg.
pub(crate) async fn led_to(play: &mut Play, region: Region, since: Instant) -> Result<(), DrillError> {
    let host = region_host(region);
    let what = format!("DNS to lead users to {}", region.city());
    let at = play
        .wait(&what, |play| {
            let changes = play.name_changes();
            let mut changes = changes.iter().filter(|it| it.name == HOST);
            changes.find(|it| it.at >= since && it.values.contains(&host)).map(|change| change.at)
        })
        .await?;
    play.phase("rerouted", at, region);
    Ok(())
}

/// Waits until every user was acknowledged a write by way of the app of `app` and by the database of `database`.
pub(crate) async fn served(
    play: &mut Play,
    app: Region,
    database: Region,
    since: Instant,
) -> Result<(), DrillError> {
    let address = play.address(database).to_string();
    let what = format!("every user to write by {}'s app to {}'s database", app.city(), database.city());
    let users = |play: &Play| play.workload.served(app, since, &address);
    let served = play.wait(&what, |play| Some(users(play)).filter(|users| users.len() == USERS)).await?;
    if let Some(first) = served.into_values().min() {
        play.phase("served", first, app);
    }
    Ok(())
}

/// The alarm on the health check of `region` changes to `state` when CloudWatch would; its event goes to both Regions.
pub(crate) async fn alarm_changes(
    play: &mut Play,
    door: &FrontDoor,
    region: Region,
    state: AlarmState,
) -> Result<(AlarmChange, Vec<Invoked>), DrillError> {
    let what = format!("the alarm of {}'s health check to be {}", region.city(), state.as_str());
    play.wait(&what, |_| (door.alarm_state(region) == state).then_some(())).await?;
    let change = play.set_alarm_by(alarm(region), state, door.datapoints()).await?;
    let answers = play.delivery.alarm(&change, &[Shape::EventBridge]).await;
    Ok((change, answers))
}

/// Both alarms go off, and with them Osaka's function starts the failover. They usually do so at the end of the same period,
/// and then nobody waits for what comes of the first event; else that event comes twice.
pub(crate) async fn both_alarms_go_off(play: &mut Play, door: &FrontDoor) -> Result<(), DrillError> {
    let (first, second) = (Region::Seoul, Region::Osaka);
    let what = "the alarm of a health check to be ALARM";
    let is_on = |region: Region| door.alarm_state(region) == AlarmState::Alarm;
    play.wait(what, |_| is_on(first).then_some(())).await?;
    let told = play.set_alarm_by(alarm(first), AlarmState::Alarm, door.datapoints()).await?;
    if !is_on(second) {
        play.delivery.alarm(&told, &[Shape::EventBridge]).await;
    }
    play.wait(what, |_| is_on(second).then_some(())).await?;
    let by = door.datapoints();
    let both = [told, play.set_alarm_by(alarm(second), AlarmState::Alarm, by).await?];
    play.alarmed();
    let deliveries = both.iter().map(|change| play.delivery.alarm(change, &[Shape::EventBridge]));
    futures_util::future::join_all(deliveries).await;
    Ok(())
}

/// One alarm alone is that Region's trouble, and the database is well: Osaka's function starts nothing, for these reasons
/// and no other.
pub(crate) fn expect_one_alarm_is_not_enough(play: &mut Play, answers: &[Invoked]) {
    let osaka: Vec<Invoked> = answers.iter().filter(|it| it.region == Region::Osaka).cloned().collect();
    let what = "While one alarm alone is in ALARM, Osaka's function";
    play.expect_refused(what, &osaka, &["alarms_in_alarm", "writer_down"]);
}

/// Both alarms are over.
pub(crate) async fn both_alarms_are_over(play: &mut Play, door: &FrontDoor) -> Result<(), DrillError> {
    for region in Region::ALL {
        alarm_changes(play, door, region, AlarmState::Ok).await?;
    }
    Ok(())
}

/// How many checks in a row it took a location to change its mind: the threshold that the health check has, everywhere.
pub(crate) fn expect_threshold(
    play: &mut Play,
    door: &FrontDoor,
    region: Region,
    passed: bool,
    since: Instant,
) {
    let mut taken: BTreeMap<String, (u32, bool)> = BTreeMap::new();
    for probe in door.probes(region, since) {
        let (count, over) = taken.entry(probe.location).or_default();
        if *over || probe.problem.is_none() != passed {
            continue;
        }
        *count += 1;
        *over = probe.verdict == Some(passed);
    }
    let counts: BTreeSet<u32> = taken.values().filter(|(_, over)| *over).map(|(count, _)| *count).collect();
    let found = counts.iter().map(u32::to_string).collect::<Vec<_>>().join(" and ");
    let (end, health) = if passed { ("succeed", "healthy") } else { ("fail", "unhealthy") };
    let what = format!("Checks of {}'s app that {end} before a location calls it {health}", region.city());
    let pass = counts == BTreeSet::from([FAILURE_THRESHOLD]);
    play.expect_that(what, FAILURE_THRESHOLD.to_string(), found, pass);
}

/// While both are unhealthy the primary is answered.
pub(crate) async fn expect_primary(play: &mut Play, door: &FrontDoor) -> Result<(), DrillError> {
    let answer = door.answer().await?;
    let both = Region::ALL.iter().all(|region| !door.is_healthy(*region));
    let health = if both { "both unhealthy" } else { "not both unhealthy" };
    let found = format!("{}, {health}", answer.map_or("nowhere", Region::city));
    let pass = both && answer == Some(Region::Seoul);
    let what = "While both apps are unhealthy, DNS leads users to";
    play.expect_that(what, "Seoul, both unhealthy", found, pass);
    Ok(())
}

/// The record, and the parameter and the state of each of these Regions, say that the writer is in `writer`, at that epoch.
pub(crate) async fn expect_published(
    play: &mut Play,
    when: &str,
    writer: Region,
    epoch: u64,
    regions: &[Region],
) -> Result<(), DrillError> {
    let (seed, installation) = (play.stage.cloud.seed(), &play.stage.installation);
    let endpoint = Names::of(writer).endpoint();
    let named = |value: String| if value == endpoint { writer.city().to_owned() } else { value };
    let records = seed.read_records(&installation.zone).await?.into_iter();
    let record = records.filter(|it| it.kind == "CNAME" && it.name == installation.record).map(|it| it.value);
    let mut found = vec![named(record.collect())];
    for region in regions {
        let parameter = seed.read_parameter(*region, &installation.parameter).await?.unwrap_or_default();
        let state = seed.read_parameter(*region, &installation.own_parameter("state")).await?;
        let state: Value = serde_json::from_str(&state.unwrap_or_default()).unwrap_or_default();
        let at = state.get("epoch").and_then(Value::as_u64).unwrap_or_default();
        found.push(format!("{} at epoch {at}", named(parameter)));
    }
    let mut wanted = vec![format!("{} at epoch {epoch}", writer.city()); regions.len()];
    wanted.insert(0, writer.city().to_owned());
    let pass = found == wanted;
    let cities: Vec<&str> = regions.iter().map(|region| region.city()).collect();
    let what = format!("{when}: the record, and the parameter and the epoch in {}", cities.join(" and "));
    play.expect_that(what, wanted.join(", "), found.join(", "), pass);
    Ok(())
}

/// The writer goes back to Seoul, planned; the users stay where they are.
pub(crate) async fn writer_goes_back(play: &mut Play, app: Region) -> Result<(), DrillError> {
    play.begin_leg("The writer goes back to Seoul, planned", Some(Region::Seoul));
    // The alarms took longer to be over than the settle time.
    play.rest(1).await;
    let since = play.switch_over(Region::Seoul, "switchover to Seoul").await?;
    served(play, app, Region::Seoul, since).await?;
    play.wait_for_functions().await?;
    play.rest(1).await;
    play.end_leg();
    Ok(())
}
