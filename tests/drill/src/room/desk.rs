//! The buttons: what each is called, which command or call it stands for, and why it cannot be pressed now.

use drill_cloud::aurora::{GLOBAL_CLUSTER, Names, Role};
use drill_cloud::{AlarmState, Region, app_failover};
use serde_json::{Value, json};

use super::act::{Act, Service};
use super::facts::{AppState, Facts};
use crate::stage::delivery::Mode;

/// The reason that a hold is set with.
pub(crate) const HOLD_REASON: &str = "held in the control room";

/// The words that are typed after `failoverctl`, and what is typed when it asks; none for what is no command.
pub(crate) fn typed(act: Act, facts: &Facts) -> Option<(Vec<&'static str>, &'static str)> {
    let target = facts.target().id();
    let promoted = facts.detached().unwrap_or_else(|| facts.target()).id();
    let words = match act {
        Act::Status => vec!["status", "todo"],
        Act::Plan => vec!["plan", "todo", "--to", target],
        Act::Switchover => vec!["switchover", "todo", "--to", target, "--yes"],
        Act::Failover => vec!["failover", "todo", "--to", target],
        Act::Failback => vec!["failback", "todo", "--yes"],
        Act::Hold => vec!["hold", "todo", "--reason", HOLD_REASON],
        Act::Release => vec!["release", "todo"],
        Act::Declare => vec!["declare", "todo", "--to", promoted],
        _ => return None,
    };
    let asks = matches!(act, Act::Failover | Act::Declare);
    Some((words, if asks { "todo\n" } else { "" }))
}

/// The command or call that it stands for.
pub(crate) fn stands_for(act: Act, facts: &Facts) -> String {
    if let Some((words, answer)) = typed(act, facts) {
        let quoted = |word: &&str| if word.contains(' ') { format!("'{word}'") } else { (*word).to_owned() };
        let words: Vec<String> = words.iter().map(quoted).collect();
        let typed = if answer.is_empty() { "" } else { "echo todo | " };
        return format!("{typed}failoverctl {}", words.join(" "));
    }
    let rds = |operation: &str, target: Region, more: &str| {
        let arn = Names::of(target).cluster_arn();
        format!("aws rds {operation} --global-cluster-identifier {GLOBAL_CLUSTER} {more} {arn}")
    };
    let move_to = "--target-db-cluster-identifier";
    match act {
        Act::ConsoleSwitchover => rds("switchover-global-cluster", facts.target(), move_to),
        Act::ConsoleFailover => rds("failover-global-cluster --allow-data-loss", facts.target(), move_to),
        Act::Detach => rds("remove-from-global-cluster", facts.target(), "--db-cluster-identifier"),
        Act::Ring(region) => set_alarm(region, AlarmState::Alarm),
        Act::Calm(region) => set_alarm(region, AlarmState::Ok),
        Act::CutService(it) | Act::MendService(it) => host(it),
        _ => in_words(act, facts).to_owned(),
    }
}

fn set_alarm(region: Region, state: AlarmState) -> String {
    let alarm = app_failover::alarm(region);
    let (place, name, state) = (alarm.region, alarm.name, state.as_str());
    format!(
        "aws cloudwatch set-alarm-state --region {place} --alarm-name {name} --state-value {state} --state-reason drill"
    )
}

fn host(service: Service) -> String {
    match service {
        Service::Rds(region) | Service::Ssm(region) => {
            format!("no packet reaches {}.{region}.amazonaws.com", service.signing_name())
        }
        Service::Route53 => {
            "no packet reaches route53.amazonaws.com (us-east-1); DNS goes on answering".to_owned()
        }
    }
}

/// What happens, where no command does the same.
fn in_words(act: Act, facts: &Facts) -> &'static str {
    match act {
        Act::Kill(_) => "kill -9 of its processes; in Aurora: SELECT aurora_inject_crash('instance')",
        Act::Stop(_) => "pg_ctl stop -m fast: sessions end, the standby gets everything",
        Act::Start(region) if *facts.roles.get(region) == Role::Reader => {
            "pg_rewind and pg_ctl start: Aurora does so by itself when the Region is well"
        }
        Act::Start(_) => "pg_ctl start: it recovers and takes writes again",
        Act::KillApp(_) => "kill -9 of the app; kubectl delete pod, with nobody to start it again",
        Act::BreakApp(_) => "a release with a wrong password: it runs and is not ready",
        Act::MendApp(_) => "kubectl rollout undo: the app as it was",
        Act::Cut(_) => {
            "no packet reaches RDS, Parameter Store, Lambda, the app or the database of this Region"
        }
        Act::Back(_) => {
            "its services answer with what they knew; five seconds later RDS learns what happened"
        }
        Act::Blind(_) => "RDS here does not hear what happens elsewhere, and cannot be fenced",
        Act::Learn(_) => "RDS here hears what happened",
        Act::AsSeen(_) => "CloudWatch goes by the health check's datapoints again",
        Act::Pause => "the standby's primary_conninfo is emptied: it receives no more log",
        Act::Resume => "the standby's primary_conninfo is put back",
        Act::CutNetwork => {
            "the peering between the Regions loses every packet from Osaka to Seoul's database"
        }
        Act::MendNetwork => "the peering carries packets again",
        Act::LoseEvents => "EventBridge delivers RDS events at best effort: here, none",
        Act::KeepEvents => "EventBridge keeps every RDS event back",
        Act::DeliverEvents if facts.switches.events == Mode::KeptBack => {
            "each event that was kept comes five times, the newest first, the old writer's own last"
        }
        Act::DeliverEvents => "EventBridge delivers RDS events again; the lost ones stay lost",
        Act::Automatic => {
            "\"mode\": \"automatic\" in /failover-responder/databases/todo: alarms may start a failover"
        }
        Act::Advise => {
            "\"mode\": \"advise\" in /failover-responder/databases/todo: people are told, and decide"
        }
        Act::Save => "writes report.html and report.json, as a scenario does",
        Act::Reset => "everything is stopped and set up anew, where it was",
        _ => "",
    }
}

/// What is on the button.
pub(crate) fn label(act: Act, facts: &Facts) -> String {
    let target = facts.target().city();
    let text = match act {
        Act::Kill(_) => "Kill database",
        Act::Stop(_) => "Stop database",
        Act::Start(region) if *facts.roles.get(region) == Role::Reader => "Take back as reader",
        Act::Start(_) => "Start database",
        Act::KillApp(_) => "Kill app",
        Act::BreakApp(_) => "Break app",
        Act::MendApp(_) => "Mend app",
        Act::Cut(_) => "Cut Region off",
        Act::Back(_) => "Bring Region back",
        Act::Blind(_) => "Freeze its view",
        Act::Learn(_) => "Let it learn",
        Act::Ring(_) => "Alarm on",
        Act::Calm(_) => "Alarm off",
        Act::AsSeen(_) => "Alarm as seen",
        Act::CutService(service) => return format!("Cut {}", service.name()),
        Act::MendService(service) => return format!("Mend {}", service.name()),
        Act::Pause => "Pause replication",
        Act::Resume => "Resume replication",
        Act::CutNetwork => "Cut Osaka \u{2192} Seoul",
        Act::MendNetwork => "Mend Osaka \u{2192} Seoul",
        Act::LoseEvents => "Lose events",
        Act::KeepEvents => "Keep events back",
        Act::DeliverEvents if facts.switches.events == Mode::KeptBack => "Deliver them five times",
        Act::DeliverEvents => "Deliver events",
        Act::Automatic => "Mode automatic",
        Act::Advise => "Mode advise",
        Act::Status => "Status",
        Act::Plan => "Plan",
        Act::Switchover | Act::ConsoleSwitchover => return format!("Switch over to {target}"),
        Act::Failover | Act::ConsoleFailover => return format!("Fail over to {target}"),
        Act::Failback => "Fail back",
        Act::Hold => "Hold",
        Act::Release => "Release",
        Act::Declare => {
            return format!("Declare {}", facts.detached().unwrap_or_else(|| facts.target()).city());
        }
        Act::Detach => return format!("Detach {target}"),
        Act::Save => "Save report",
        Act::Reset => "Reset",
    };
    text.to_owned()
}

/// Why it cannot be done now; none when it can be tried. What a tool would refuse by itself is left to it.
pub(crate) fn blocked(act: Act, facts: &Facts) -> Option<String> {
    let switches = &facts.switches;
    if let Some(region) = act.region() {
        let alarm = matches!(act, Act::Ring(_) | Act::Calm(_) | Act::AsSeen(_));
        if *switches.dark.get(region) && !alarm && act != Act::Back(region) {
            return Some(format!("{} is cut off: bring it back first.", region.city()));
        }
    }
    let reason = |wrong: bool, why: String| wrong.then_some(why);
    match act {
        Act::Stop(region) if *switches.frozen.get(region) => {
            Some(format!("{}'s database is frozen and would not hear it.", region.city()))
        }
        Act::Resume => resume(facts),
        Act::Kill(region) | Act::Stop(region) => {
            reason(!facts.running.get(region), format!("{}'s database does not run.", region.city()))
        }
        Act::Start(region) => start(region, facts),
        Act::KillApp(region) | Act::BreakApp(region) => {
            let runs = *switches.apps.get(region) == AppState::Runs;
            reason(!runs, format!("{}'s app is down already: mend it first.", region.city()))
        }
        Act::MendApp(region) => {
            let runs = *switches.apps.get(region) == AppState::Runs;
            reason(runs, format!("{}'s app runs as it was released.", region.city()))
        }
        Act::Pause => pause(facts),
        _ => reason(is_undone(act, facts), "That is so already.".to_owned()),
    }
}

fn start(region: Region, facts: &Facts) -> Option<String> {
    let city = region.city();
    let follows = *facts.synchronized.get(region) && !facts.switches.frozen.get(region);
    if *facts.running.get(region) && follows {
        return Some(format!("{city}'s database runs."));
    }
    if facts.moving {
        return Some("A transition is under way: wait for its end.".to_owned());
    }
    let peer = region.peer();
    let needs_peer = *facts.roles.get(region) == Role::Reader;
    let why = format!("{city}'s database follows {}'s, which does not run.", peer.city());
    (needs_peer && (!facts.running.get(peer) || *facts.switches.dark.get(peer))).then_some(why)
}

fn pause(facts: &Facts) -> Option<String> {
    let standby = facts.target();
    let city = standby.city();
    if facts.switches.paused.is_some() {
        return Some("Replication is paused already.".to_owned());
    }
    let follows = *facts.roles.get(standby) == Role::Reader && *facts.synchronized.get(standby);
    let answers = *facts.running.get(standby) && !*facts.switches.dark.get(standby);
    (!follows || !answers || facts.moving)
        .then(|| format!("{city}'s database does not follow now: there is nothing to pause."))
}

fn resume(facts: &Facts) -> Option<String> {
    let Some(standby) = facts.switches.paused else { return Some("That is so already.".to_owned()) };
    let writer = standby.peer();
    let answers = |region: Region| *facts.running.get(region) && !facts.switches.frozen.get(region);
    let follows = *facts.roles.get(standby) == Role::Reader && answers(standby);
    let why = format!("{}'s database does not run: there is nothing to follow.", writer.city());
    (follows && !answers(writer)).then_some(why)
}

/// Whether what would be undone is not there, or what would be done is done already.
pub(crate) fn is_undone(act: Act, facts: &Facts) -> bool {
    let switches = &facts.switches;
    match act {
        Act::Cut(region) => *switches.dark.get(region),
        Act::Back(region) => !*switches.dark.get(region),
        Act::Blind(region) => *switches.blind.get(region),
        Act::Learn(region) => !*switches.blind.get(region),
        Act::Ring(region) => *switches.forced.get(region) == Some(AlarmState::Alarm),
        Act::Calm(region) => *switches.forced.get(region) == Some(AlarmState::Ok),
        Act::AsSeen(region) => switches.forced.get(region).is_none(),
        Act::CutService(service) => switches.services.contains_key(&service),
        Act::MendService(service) => !switches.services.contains_key(&service),
        Act::Resume => switches.paused.is_none(),
        Act::CutNetwork => switches.network_cut,
        Act::MendNetwork => !switches.network_cut,
        Act::LoseEvents => switches.events == Mode::Lost,
        Act::KeepEvents => switches.events == Mode::KeptBack,
        Act::DeliverEvents => switches.events == Mode::Normal,
        Act::Automatic => switches.automatic,
        Act::Advise => !switches.automatic,
        _ => false,
    }
}

/// Whether its place is taken by what undoes it.
fn is_hidden(act: Act, facts: &Facts) -> bool {
    let switches = &facts.switches;
    match act {
        Act::Kill(region) | Act::Stop(region) => {
            !facts.running.get(region) || !facts.synchronized.get(region)
        }
        Act::Start(region) => {
            let runs = *facts.running.get(region) && !switches.frozen.get(region);
            runs && *facts.synchronized.get(region)
        }
        Act::KillApp(region) | Act::BreakApp(region) => *switches.apps.get(region) != AppState::Runs,
        Act::MendApp(region) => *switches.apps.get(region) == AppState::Runs,
        Act::Pause => switches.paused.is_some(),
        Act::Blind(region) | Act::Learn(region) if *switches.dark.get(region) => act == Act::Learn(region),
        _ => is_undone(act, facts),
    }
}

/// Where it stands: in a Region's card, or in a group.
const fn place(act: Act) -> &'static str {
    match (act, act.region()) {
        (_, Some(Region::Seoul)) => "seoul",
        (_, Some(Region::Osaka)) => "osaka",
        (Act::ConsoleSwitchover | Act::ConsoleFailover | Act::Detach, None) => "console",
        (Act::Save | Act::Reset, None) => "room",
        (act, None) if act.is_command() => "command",
        _ => "between",
    }
}

/// Whether it harms, mends, or asks.
const fn tone(act: Act) -> &'static str {
    match act {
        Act::Start(_)
        | Act::MendApp(_)
        | Act::Back(_)
        | Act::Learn(_)
        | Act::AsSeen(_)
        | Act::MendService(_)
        | Act::Resume
        | Act::MendNetwork
        | Act::DeliverEvents => "mend",
        Act::ConsoleSwitchover
        | Act::ConsoleFailover
        | Act::Detach
        | Act::Automatic
        | Act::Advise
        | Act::Save
        | Act::Reset => "ask",
        _ if act.is_command() => "ask",
        _ => "harm",
    }
}

/// All buttons, as the page has them.
pub(crate) fn buttons(facts: &Facts) -> Value {
    let button = |act: &Act| {
        json!({
            "id": act.id(), "place": place(*act), "tone": tone(*act), "label": label(*act, facts),
            "does": stands_for(*act, facts), "blocked": blocked(*act, facts), "hidden": is_hidden(*act, facts),
        })
    };
    Act::all().iter().map(button).collect()
}

#[cfg(test)]
mod tests;
