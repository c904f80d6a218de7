//! A report such as a local drill writes, with all its scenarios; invented figures, the same in every run.

mod builder;

use builder::{OSAKA, SEOUL, Transition, expectations, osaka, seoul, stream};
use drill_report::{
    Client, ClientMove, Environment, EventKind, Expectation, Interval, Lane, Leg, NamedValue, Report,
    Scenario, TimelineEvent, Writes,
};
use time::{Date, Month, Time};

/// The whole report; every scenario passes.
pub(crate) fn report() -> Report {
    let date = Date::from_calendar_date(2026, Month::November, 23).unwrap_or(Date::MIN);
    let time = Time::from_hms(6, 42, 7).unwrap_or(Time::MIDNIGHT);
    let details = [
        ("PostgreSQL", "15.18 (Debian, the system's)"),
        ("emulator", "ministack 1.5.33"),
        ("functions", "follow 0.1.0, release build"),
        ("schedule_seconds", "5"),
        ("settle_seconds", "2"),
        ("propagation_ms", "150"),
        ("record TTL", "1 s"),
    ];
    Report {
        emulated: true,
        started_at: date.with_time(time).assume_utc(),
        duration_ms: 184_320,
        environment: Environment {
            tls_exercised: true,
            details: details.map(|(name, value)| NamedValue::new(name, value)).to_vec(),
        },
        scenarios: vec![
            steady(),
            switchover(),
            failover(),
            failover_with_lag(),
            lost_event(),
            duplicate_events(),
            region_down(),
            route53_down(),
            split_brain(),
        ],
    }
}

/// One that follows, one that does not, and one that was not tried.
pub(crate) fn clients() -> Vec<Client> {
    let of = |leg: &str, write_outage_ms, stuck| ClientMove {
        leg: leg.into(),
        write_outage_ms,
        acknowledged_writes: 312,
        failed_writes: 9,
        lost_writes: 0,
        read_only_again: u64::from(stuck) * 4,
        stuck,
        ended: stuck && leg == "Osaka to Seoul",
    };
    let client = |stack: &str, as_documented, moves| Client {
        stack: stack.into(),
        led_by: "the record".into(),
        as_documented,
        needed: "a check before it is lent".into(),
        not_tried: None,
        moves,
    };
    let both = |outage_ms, stuck| {
        vec![of("Seoul to Osaka", outage_ms, stuck), of("Osaka to Seoul", outage_ms + 730, stuck)]
    };
    let not_tried = Some("no Go here".to_owned());
    vec![
        client("pool 1.0", true, both(2_120, false)),
        client("pool 1.0", false, both(33_000, true)),
        Client { not_tried, ..client("another driver", true, Vec::new()) },
    ]
}

fn steady() -> Scenario {
    let mut leg = Leg::new("Nothing happens", Interval { from_ms: 0, to_ms: 12_000 });
    leg.writes = Some(Writes { acknowledged: 2_870, ..Writes::default() });
    let passes = (0..2).flat_map(|index| {
        let at_ms = 4_980 + index * 5_000;
        [
            TimelineEvent::at(at_ms, Lane::Events, EventKind::Event, "schedule"),
            TimelineEvent::at(at_ms + 45, seoul(), EventKind::Decision, "unchanged"),
            TimelineEvent::at(at_ms + 48, osaka(), EventKind::Decision, "unchanged"),
        ]
    });
    let standing = [
        TimelineEvent::at(0, Lane::Database, EventKind::State, "writer in Seoul").until(12_000),
        TimelineEvent::at(0, Lane::Dns, EventKind::State, "answers Seoul").until(12_000),
    ];
    Scenario {
        name: "steady".into(),
        title: "Nothing happens".into(),
        story: "For a while nothing is done. The schedule wakes the functions, which must find nothing to do and write \
                nothing to AWS."
            .into(),
        duration_ms: 12_000,
        steady_state: builder::steady_state(),
        expectations: vec![
            Expectation::exactly("The functions make no write call to AWS", 0, Some(0)),
            Expectation::exactly("No write of a client fails", 0, Some(0)),
            Expectation::at_least("Passes were run", 2, Some(4)),
        ],
        legs: vec![leg],
        timeline: standing.into_iter().chain(passes).collect(),
        write_availability: Some(stream(12_000, &[])),
        ..Scenario::default()
    }
}

fn switchover() -> Scenario {
    let there = Transition {
        name: "Seoul to Osaka",
        from_ms: 0,
        to_ms: 11_000,
        asked_ms: 1_500,
        promoted_ms: 2_210,
        planned: true,
        quick: true,
    };
    let back = Transition {
        name: "Osaka to Seoul",
        from_ms: 11_000,
        to_ms: 22_000,
        asked_ms: 12_400,
        promoted_ms: 13_180,
        planned: true,
        quick: true,
    };
    let outages = [there.outage(), back.outage()];
    let mut timeline = there.events(SEOUL, OSAKA);
    timeline.extend(back.events(OSAKA, SEOUL));
    timeline.push(TimelineEvent::at(
        1_500,
        Lane::Database,
        EventKind::Action,
        "SwitchoverGlobalCluster to Osaka",
    ));
    timeline.push(TimelineEvent::at(
        12_400,
        Lane::Database,
        EventKind::Action,
        "SwitchoverGlobalCluster to Seoul",
    ));
    Scenario {
        name: "switchover".into(),
        title: "Planned switchover, there and back".into(),
        story: "An operator moves the writer from Seoul to Osaka and back while clients write. A planned move must not lose \
                a single acknowledged write."
            .into(),
        pace: None,
        duration_ms: 22_000,
        steady_state: builder::steady_state(),
        expectations: expectations(Some(0), 740, 96),
        legs: vec![there.leg(2_480, 0..0), back.leg(2_643, 0..0)],
        timeline,
        write_availability: Some(stream(22_000, &outages)),
        decisions: vec![builder::publish(8, OSAKA, "renounced"), builder::publish(9, SEOUL, "renounced")],
        checks: builder::checks(),
        notes: vec!["The hold switch stayed released throughout.".into()],
        unjudged: false,
        by_hand: None,
        clients: clients(),
    }
}

fn killed(name: &str, title: &str, story: &str, lost: std::ops::Range<u64>) -> Scenario {
    let only = Transition {
        name: "Seoul to Osaka",
        from_ms: 0,
        to_ms: 14_000,
        asked_ms: 2_000,
        promoted_ms: 4_460,
        planned: false,
        quick: true,
    };
    let mut timeline = only.events(SEOUL, OSAKA);
    timeline.push(TimelineEvent::at(2_000, Lane::Database, EventKind::Fault, "writer killed (-9)"));
    Scenario {
        name: name.into(),
        title: title.into(),
        story: story.into(),
        duration_ms: 14_000,
        steady_state: builder::steady_state(),
        expectations: expectations(None, 2_900, 96),
        legs: vec![only.leg(2_710, lost)],
        timeline,
        write_availability: Some(stream(14_000, &[only.outage()])),
        decisions: vec![builder::publish(
            10,
            OSAKA,
            "fresh claim by ap-northeast-3; ap-northeast-2 unreachable",
        )],
        checks: builder::checks(),
        ..Scenario::default()
    }
}

fn failover() -> Scenario {
    let story = "The writer in Seoul is killed and Osaka is promoted. Writes that were acknowledged but not replicated are \
                 lost; they are counted by looking every single one up.";
    killed("failover", "The writer is killed", story, 0..0)
}

fn failover_with_lag() -> Scenario {
    let story = "Replication is paused before the writer is killed, so acknowledged writes must be lost. This proves that the \
                 counter of the other scenarios can count.";
    let mut scenario =
        killed("failover-with-lag", "The writer is killed while replication lags", story, 4_812..5_025);
    scenario.expectations.push(Expectation::at_least("Lost writes are found", 1, Some(213)));
    scenario.timeline.push(TimelineEvent::at(900, Lane::Database, EventKind::Fault, "replication paused"));
    scenario
}

fn lost_event() -> Scenario {
    let late = Transition {
        name: "Seoul to Osaka",
        from_ms: 0,
        to_ms: 14_000,
        asked_ms: 1_200,
        promoted_ms: 1_900,
        planned: true,
        quick: false,
    };
    let mut timeline = late.events(SEOUL, OSAKA);
    timeline.push(TimelineEvent::at(
        1_200,
        Lane::Database,
        EventKind::Action,
        "SwitchoverGlobalCluster to Osaka",
    ));
    timeline
        .push(TimelineEvent::at(1_300, Lane::Events, EventKind::Fault, "all events dropped").until(9_000));
    Scenario {
        name: "lost-event".into(),
        title: "No event arrives".into(),
        story: "A switchover whose events are all lost. The schedule alone must find the new writer.".into(),
        duration_ms: 14_000,
        steady_state: builder::steady_state(),
        expectations: vec![
            Expectation::exactly("No acknowledged write is lost", 0, Some(0)),
            Expectation::within_ms("The schedule repairs it", 6_000, Some(5_190)),
        ],
        legs: vec![late.leg(1_920, 0..0)],
        timeline,
        write_availability: Some(stream(14_000, &[late.outage()])),
        ..Scenario::default()
    }
}

fn duplicate_events() -> Scenario {
    let only = Transition {
        name: "Seoul to Osaka",
        from_ms: 0,
        to_ms: 12_000,
        asked_ms: 1_200,
        promoted_ms: 1_905,
        planned: true,
        quick: true,
    };
    let mut timeline = only.events(SEOUL, OSAKA);
    timeline.push(TimelineEvent::at(
        1_200,
        Lane::Database,
        EventKind::Action,
        "SwitchoverGlobalCluster to Osaka",
    ));
    for (index, id) in ["0185", "0184", "0183", "0182", "0181"].iter().enumerate() {
        for repeat in 0..5_u64 {
            let at_ms = 2_300 + 260 * index as u64 + 11 * repeat;
            timeline.push(TimelineEvent::at(
                at_ms,
                Lane::Events,
                EventKind::Event,
                format!("RDS-EVENT-{id}"),
            ));
            timeline.push(TimelineEvent::at(at_ms + 40, osaka(), EventKind::Decision, "unchanged"));
        }
    }
    timeline.push(TimelineEvent::at(
        5_200,
        Lane::Events,
        EventKind::Event,
        "RDS-EVENT-0184 of the old primary",
    ));
    timeline.push(TimelineEvent::at(5_244, seoul(), EventKind::Hold, "hold: Settling"));
    Scenario {
        name: "duplicate-events".into(),
        title: "Every event five times, in the wrong order".into(),
        story: "Each event is delivered five times and in the wrong order; the old primary's own 0184 and 0185 come last. The \
                record must be moved once and stay."
            .into(),
        duration_ms: 12_000,
        steady_state: builder::steady_state(),
        expectations: vec![
            Expectation::exactly("Change batches sent", 1, Some(1)),
            Expectation::exactly("The record points at Osaka at the end", "Osaka", Some("Osaka")),
        ],
        legs: vec![only.leg(2_222, 0..0)],
        timeline,
        write_availability: Some(stream(12_000, &[only.outage()])),
        decisions: vec![builder::publish(8, OSAKA, "renounced"), builder::hold("Settling", "last published 1.9 s ago")],
        ..Scenario::default()
    }
}

fn region_down() -> Scenario {
    let mut scenario = killed(
        "region-down",
        "All of Seoul is unreachable, then returns",
        "Seoul is black-holed: RDS, SSM and the database. Osaka must follow its own promotion without Seoul's word, and \
         must not be moved back by Seoul's stale word when it returns.",
        3_001..3_004,
    );
    scenario.timeline.push(
        TimelineEvent::at(1_990, Lane::Other("region".into()), EventKind::Fault, "Seoul black-holed")
            .until(9_500),
    );
    scenario.timeline.push(TimelineEvent::at(
        9_540,
        seoul(),
        EventKind::Decision,
        "unchanged: epoch 10 is newer",
    ));
    scenario.expectations.push(Expectation::exactly(
        "The record stays after Seoul is back",
        "in Osaka",
        Some("in Osaka"),
    ));
    scenario.pace = Some("played at AWS's own pace".into());
    scenario
}

fn route53_down() -> Scenario {
    let mut scenario = killed(
        "route53-down",
        "Route 53's control plane is down",
        "Route 53 answers no call while the writer fails over. The parameters must follow at once, the record once Route 53 \
         is back.",
        0..0,
    );
    for leg in &mut scenario.legs {
        for phase in &mut leg.phases {
            if phase.name.as_str().starts_with("record") {
                phase.at_ms += 5_200;
            }
        }
    }
    scenario.timeline.push(
        TimelineEvent::at(1_500, Lane::Record, EventKind::Fault, "Route 53 answers nothing").until(9_600),
    );
    scenario.expectations = vec![
        Expectation::within_ms("Parameters follow the promotion", 3_000, Some(2_180)),
        Expectation::within_ms("The record follows once Route 53 is back", 6_000, Some(940)),
    ];
    scenario
}

fn split_brain() -> Scenario {
    let mut leg = Leg::new("Both claim", Interval { from_ms: 0, to_ms: 9_000 });
    leg.writes = Some(Writes { acknowledged: 2_140, stale_sessions: 3, ..Writes::default() });
    Scenario {
        name: "split-brain".into(),
        title: "Both Regions claim the writer".into(),
        story: "Osaka is detached and promoted while Seoul still writes. Nobody can know which is right, so the functions must \
                hold and say so loudly."
            .into(),
        duration_ms: 9_000,
        steady_state: builder::steady_state(),
        expectations: vec![
            Expectation::exactly("Decision", "hold: WriterConflict", Some("hold: WriterConflict")),
            Expectation::exactly("Change batches sent", 0, Some(0)),
            Expectation::at_least("WriterConflict metric", 1, Some(4)),
        ],
        legs: vec![leg],
        timeline: vec![
            TimelineEvent::at(0, Lane::Database, EventKind::State, "Seoul writes").until(9_000),
            TimelineEvent::at(2_000, Lane::Database, EventKind::Fault, "Osaka promoted behind the back"),
            TimelineEvent::at(2_120, Lane::Events, EventKind::Event, "RDS-EVENT-0228"),
            TimelineEvent::at(2_170, osaka(), EventKind::Hold, "hold: WriterConflict"),
            TimelineEvent::at(5_030, seoul(), EventKind::Hold, "hold: WriterConflict"),
            TimelineEvent::at(5_034, osaka(), EventKind::Hold, "hold: WriterConflict"),
        ],
        write_availability: Some(stream(9_000, &[])),
        decisions: vec![builder::hold("WriterConflict", "ap-northeast-2 and ap-northeast-3 both claim the writer")],
        ..Scenario::default()
    }
}
