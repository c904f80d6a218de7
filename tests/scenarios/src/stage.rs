//! Plays a script.

use responder_lambda::events::rds;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use responder_core::config::owned::Owned;
use responder_core::words::names::Epoch;
use responder_core::world::alarm::AlarmState;
use responder_core::world::evidence::Declaration;
use responder_core::world::known::Known;
use responder_core::world::record::{RecordSet, ResourceRecord};
use responder_core::world::trigger::Trigger;
use responder_fakes::{ALARM, Fault, FaultRule, OSAKA, Operation, SEOUL, Settings, TOKYO, World, region};

use crate::command::{Command, RecordCommand, RegionCommand};
use crate::show;

/// How long an invocation of a script may take, in milliseconds.
const INVOCATION_MS: i64 = 20_000;

/// Plays `script` and tells what there was to see.
///
/// # Panics
///
/// When a line of it is no command.
pub fn play(script: &str) -> String {
    let mut stage = Stage::new();
    for line in script.lines() {
        stage.out.push_str(line);
        stage.out.push('\n');
        let command = line.split('#').next().unwrap_or_default().trim();
        if !command.is_empty() {
            let command = command.parse().unwrap_or_else(|error| panic!("{error}"));
            stage.perform(command);
        }
    }
    // Long and always the same: written out only where a state says something else.
    let owned = serde_json::to_string(&Owned::of(stage.world.database())).unwrap();
    stage.out.replace(&owned, "…")
}

struct Stage {
    regions: usize,
    settings: Settings,
    world: World,
    warm: BTreeMap<String, Known>,
    trigger: Trigger,
    out: String,
}

impl Stage {
    fn new() -> Self {
        Self {
            regions: 2,
            settings: Settings::default(),
            world: World::two_regions(),
            warm: BTreeMap::new(),
            trigger: Trigger::default(),
            out: String::new(),
        }
    }

    fn configure(&mut self) {
        let names = [SEOUL, OSAKA, TOKYO];
        self.world = World::with(&names[..self.regions], self.settings);
    }

    fn perform(&mut self, command: Command) {
        match command {
            Command::Regions(count) => {
                self.regions = count;
                self.configure();
            }
            Command::Settle(seconds) => {
                self.settings.settle_seconds = seconds;
                self.configure();
            }
            Command::Adopt => {
                // Adopting is a change that an operator makes later on, too.
                self.settings.adopt = true;
                self.world = self.world.clone().with_settings(self.settings);
            }
            Command::Alarms => {
                self.settings.health_alarms = &[ALARM];
                self.configure();
            }
            Command::Probes => {
                self.settings.probes = &[SEOUL, OSAKA];
                self.configure();
            }
            Command::Published(writer, epoch) => {
                if self.world.writer().as_str() != writer {
                    self.world.transition_to(&writer);
                }
                self.world = self.world.clone().published(&writer, epoch);
            }
            Command::Writer(region, true) => self.world.transition_to(&region),
            Command::Writer(region, false) => self.world.begin_term(&region),
            Command::Region(name, command) => self.region(&name, command),
            Command::Route53(true) => self.world.bring_route53_back(),
            Command::Route53(false) => self.world.take_route53_down(),
            Command::Fail(operation, times) => self.fail(&operation, times),
            Command::Record(command) => self.record(command),
            Command::HealthAlarms(alarm) => {
                self.world.set_alarms(if alarm { &AlarmState::Alarm } else { &AlarmState::Ok });
            }
            Command::Declare(name, epoch) => self.declare(&name, epoch),
            Command::Wait(seconds) => self.world.advance_ms(seconds * 1000),
            Command::Meanwhile(name) => self.world.interrupt(Operation::Exchange, move |world| {
                world.actor(&name).reconcile_cold();
            }),
            Command::Event(id, cluster) => self.event(&id, &cluster),
            Command::Pass(name, warm) => self.pass(&name, warm),
            Command::Show => show::world(&self.world, &mut self.out),
        }
    }

    fn region(&self, name: &str, command: RegionCommand) {
        match command {
            RegionCommand::Unreachable => self.world.make_unreachable(name),
            RegionCommand::Reachable => self.world.make_reachable(name),
            RegionCommand::Notices => self.world.catch_up(name),
            RegionCommand::Forgets => self.forget(name),
            other => self.change_site(name, other),
        }
    }

    fn change_site(&self, name: &str, command: RegionCommand) {
        let now_ms = self.world.now().as_ms();
        let mut site = self.world.site(name);
        match command {
            RegionCommand::Rebooting => "rebooting".clone_into(&mut site.instance_status),
            RegionCommand::Available => "available".clone_into(&mut site.instance_status),
            RegionCommand::Headless => site.instances = 0,
            RegionCommand::Detached => site.detach(),
            RegionCommand::NoWriter => site.name_nobody(),
            RegionCommand::Operation(status) => site.failover_status = (status != "over").then_some(status),
            RegionCommand::Hold(reason) => site.hold = Some(reason),
            RegionCommand::Release => site.hold = None,
            RegionCommand::LosesState => site.state = None,
            RegionCommand::Endpoint(host) => site.endpoint = Some(host),
            RegionCommand::WriterParameter(value) => site.writer = Some(value),
            RegionCommand::ReadOnly(seconds) => site.read_only_until_ms = now_ms + seconds * 1000,
            RegionCommand::Probe(mood) => site.probe = mood,
            _ => {}
        }
    }

    /// The state keeps its publication, and loses the Region's memory.
    fn forget(&self, name: &str) {
        let state = self.world.state(&region(name));
        let forgetful =
            state.map(|state| responder_core::world::state::State { memory: None, ..state }.to_json());
        self.world.site(name).state = forgetful;
    }

    fn fail(&self, operation: &str, times: Option<u32>) {
        let operation = match operation {
            "exchange" => Operation::Exchange,
            "put-writer" => Operation::PutWriter,
            "put-state" => Operation::PutState,
            "read-record" => Operation::ReadRecord,
            other => panic!("{other} is no operation"),
        };
        let rule = FaultRule::of_operation(operation, Fault::Refused);
        self.world.break_by(FaultRule { times, ..rule });
    }

    fn record(&self, command: RecordCommand) {
        let mut zone = self.world.zone();
        let records = &mut zone.records;
        let record = |value: String| Some(ResourceRecord { ttl_seconds: 5, values: vec![value] });
        match command {
            RecordCommand::Deleted => *records = RecordSet::default(),
            RecordCommand::Unowned => records.txt = None,
            RecordCommand::Cname(host) => records.cname = record(host),
            RecordCommand::Txt(text) => records.txt = record(format!("\"{text}\"")),
        }
    }

    fn declare(&self, name: &str, epoch: u64) {
        let declaration = Declaration { region: region(name), epoch: Epoch(epoch) };
        let json = serde_json::to_string(&declaration).unwrap_or_default();
        for region in self.world.regions() {
            self.world.site(region.as_str()).declared = Some(json.clone());
        }
    }

    fn event(&mut self, id: &str, cluster: &str) {
        let event = serde_json::json!({
            "source": "aws.rds",
            "detail-type": "RDS DB Cluster Event",
            "time": self.world.now().to_string(),
            "detail": { "EventID": id, "SourceIdentifier": cluster },
        });
        self.trigger = rds::trigger(&event, self.world.now());
    }

    fn pass(&mut self, name: &str, is_warm: bool) {
        let mut known = if is_warm { self.warm.remove(name).unwrap_or_default() } else { Known::default() };
        self.world.take_writes();
        self.world.take_log();
        let began = self.world.now();
        let deadline = began.plus_ms(INVOCATION_MS);
        let trigger = std::mem::take(&mut self.trigger);
        let outcome = self.world.actor(name).watch(&mut known, &trigger, deadline);
        self.warm.insert(name.to_owned(), known);
        show::outcome(&outcome, &mut self.out);
        for (at, line) in self.world.take_log() {
            let _ = writeln!(self.out, "  > {:>5} ms {line}", at.since_ms(began));
        }
        if self.world.take_writes().calls() == 0 {
            self.out.push_str("  > no write call\n");
        }
        self.out.push('\n');
    }
}
