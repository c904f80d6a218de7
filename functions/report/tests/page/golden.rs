//! Whole pages, tag by tag: whatever is drawn elsewhere, otherwise or not at all shows in the difference.

use drill_report::{
    ByHand, Check, Difference, EventKind, Expectation, Interval, Lane, Leg, NamedValue, Override, Phase,
    PhaseName, Previous, Progress, Report, Scenario, TimelineEvent, WriteSeries, Writes,
};
use serde_json::json;

use crate::sample;

/// The page, one tag a line, without the style sheet.
fn tags(report: &Report) -> String {
    let page = report.to_html();
    let (head, rest) = page.split_once("<style>").unwrap_or_default();
    let (_, body) = rest.split_once("</style>").unwrap_or_default();
    format!("{head}{body}").replace("><", ">\n<")
}

/// The sample's frame around these scenarios.
fn report(emulated: bool, scenarios: Vec<Scenario>) -> Report {
    Report { emulated, scenarios, ..sample::report() }
}

/// Writes of one leg, each counter another number.
fn writes(outage: Option<Interval>, lost: std::ops::Range<u64>) -> Writes {
    let mut writes = Writes {
        outage,
        acknowledged: 12_345,
        rejected: 1,
        indeterminate: 3,
        stale_sessions: 2,
        ..Writes::default()
    };
    writes.set_lost(lost);
    writes
}

/// A write every few milliseconds, in changing numbers; refused in the outages.
fn series(to_ms: u64, outages: &[Interval]) -> WriteSeries {
    let mut series = WriteSeries::new();
    for at_ms in (0..to_ms).step_by(7) {
        let is_out = outages.iter().any(|outage| (outage.from_ms..outage.to_ms).contains(&at_ms));
        match at_ms % 11 {
            0..=6 if !is_out => series.add_acknowledged(at_ms),
            0 | 8 if at_ms / 1_000 % 3 < 2 => series.add_failed(at_ms),
            _ => {}
        }
    }
    // Beside so many in one bar the others are next to nothing.
    for _ in 0..200 {
        series.add_failed(61_500);
    }
    series
}

/// What is long and full: bars that are drawn together, a close-up, labels in several rows, marks under one another.
fn long(over: Interval, outage: Interval) -> Leg {
    let mut leg = Leg::new("A long wait", over);
    leg.phases = vec![
        Phase::new(PhaseName::Injected, 1_500),
        Phase::new(PhaseName::Detected, 30_160).in_region("ap-northeast-3"),
        Phase::new(PhaseName::Detected, 30_100).in_region("ap-northeast-2"),
        Phase::new(PhaseName::Promoted, 30_150).with_note("pg_is_in_recovery() is false"),
        Phase::new(PhaseName::RecordAccepted, 30_260),
        Phase::new(PhaseName::Other("cache_flushed".into()), 30_480),
        Phase::new(PhaseName::FirstWrite, 30_700),
    ];
    leg.writes = Some(writes(Some(outage), 400..403));
    leg
}

/// What is short: its outage's text stands beside it, at the left or at the right.
fn short(name: &str, over: Interval, outage: Interval, phases: &[(PhaseName, u64)]) -> Leg {
    let mut leg = Leg::new(name, over);
    leg.phases = phases.iter().map(|(name, at_ms)| Phase::new(name.clone(), *at_ms)).collect();
    leg.writes = Some(writes(Some(outage), 0..0));
    leg
}

fn timeline() -> Vec<TimelineEvent> {
    let (seoul, osaka) = (|| Lane::Follow("ap-northeast-2".into()), || Lane::Follow("ap-northeast-3".into()));
    let mut events = vec![
        TimelineEvent::at(0, Lane::Database, EventKind::State, "writer in Seoul").until(1_500),
        TimelineEvent::at(1_500, Lane::Database, EventKind::Fault, "writer killed (-9)"),
        TimelineEvent::at(30_150, Lane::Database, EventKind::State, "writer in Osaka").until(68_000),
        TimelineEvent::at(2_000, Lane::Health("ap-northeast-2".into()), EventKind::Error, "unhealthy"),
        TimelineEvent::at(9_000, Lane::Alarms, EventKind::Event, "ALARM"),
        TimelineEvent::at(
            30_040,
            Lane::Failover("ap-northeast-3".into()),
            EventKind::Action,
            "FailoverGlobalCluster",
        ),
        TimelineEvent::at(30_100, seoul(), EventKind::Hold, "hold: WriterConflict"),
        TimelineEvent::at(30_160, osaka(), EventKind::Decision, "unchanged"),
        TimelineEvent::at(30_200, osaka(), EventKind::Publish, "publish Osaka"),
        TimelineEvent::at(
            30_260,
            Lane::Record,
            EventKind::Publish,
            "DELETE + CREATE: a text that has no room here at all",
        ),
        TimelineEvent::at(31_900, Lane::Record, EventKind::Publish, "again"),
        TimelineEvent::at(30_300, Lane::Parameter, EventKind::Publish, "Osaka").until(30_310),
        TimelineEvent::at(30_000, Lane::Dns, EventKind::State, "answers Osaka").until(61_000),
        TimelineEvent::at(
            31_000,
            Lane::Users("ap-northeast-3".into()),
            EventKind::Other("page".into()),
            "served",
        ),
        TimelineEvent::at(40_000, Lane::Messages, EventKind::Event, "a message"),
        TimelineEvent::at(60_300, Lane::Clients, EventKind::Error, "25006: read-only transaction"),
        TimelineEvent::at(67_700, Lane::Other("region".into()), EventKind::Fault, "black-holed")
            .until(90_000),
    ];
    for at_ms in [30_020, 30_110, 30_250] {
        events.push(TimelineEvent::at(at_ms, Lane::Events, EventKind::Event, "RDS-EVENT-0184"));
    }
    for (at_ms, text) in [(50_000, "RDS-EVENT-0182"), (50_600, "schedule")] {
        events.push(TimelineEvent::at(at_ms, Lane::Events, EventKind::Event, text));
    }
    events
}

fn drawn() -> Scenario {
    let of = |from_ms, to_ms| Interval { from_ms, to_ms };
    let outages = [of(1_900, 30_700), of(60_200, 60_500), of(67_500, 67_900)];
    let right =
        [(PhaseName::Promoted, 67_600), (PhaseName::RecordAccepted, 67_550), (PhaseName::FirstWrite, 67_900)];
    Scenario {
        name: "Everything/at once".into(),
        title: "Everything at once".into(),
        story: "Whatever the page can draw.".into(),
        pace: Some("played at AWS's own pace".into()),
        duration_ms: 68_000,
        steady_state: vec![
            NamedValue::new("writer", "ap-northeast-2"),
            NamedValue::new("epoch", "7 in both"),
        ],
        expectations: vec![
            Expectation::within_ms("Clients write again", 5_000, Some(28_800)),
            Expectation::at_least("Lost writes are found", 1, Some(3)),
            Expectation::exactly("Decision", "hold", None::<&str>),
        ],
        legs: vec![
            long(of(0, 60_000), outages[0]),
            short("Early", of(60_000, 64_000), outages[1], &[]),
            short("Late", of(64_000, 68_000), outages[2], &right),
            Leg::new("Just before a round second", of(29_980, 38_000)),
            Leg::new("Nothing", of(68_000, 68_000)),
        ],
        timeline: timeline(),
        write_availability: Some(series(68_000, &outages)),
        decisions: vec![
            json!({"results": [{"decision": "hold", "hold": "WriterConflict", "reason": "both claim"}]}),
            json!({"decision": "error", "error": "the configuration"}),
            json!({"elapsed_ms": 7}),
        ],
        checks: vec![check("claim", true), check("settled", false)],
        notes: vec!["The hold switch stayed released.".into(), "And so on.".into()],
        unjudged: false,
        by_hand: None,
        clients: sample::clients(),
    }
}

fn check(name: &str, pass: bool) -> Check {
    Check { name: name.into(), value: format!("the value of {name}"), pass }
}

/// A transition that a person asked for.
fn by_hand(progress: Progress, said: Option<&str>) -> ByHand {
    let difference = |name: &str, before_ms, now_ms| Difference { name: name.into(), before_ms, now_ms };
    let previous = Previous {
        run: "todo-switchover-20261025T143104.000".into(),
        title: "Switchover to ap-northeast-3, done".into(),
        differences: vec![
            difference("record_accepted", Some(64_000), Some(71_500)),
            difference("promoted", Some(64_000), Some(61_000)),
            difference("verified", None, Some(72_000)),
            difference("first_write", Some(900), None),
        ],
    };
    ByHand {
        run: "todo-failover-20261125T143104.000".into(),
        action: "failover".into(),
        database: "todo".into(),
        from: "ap-northeast-2".into(),
        target: "ap-northeast-3".into(),
        progress,
        who: said.map(str::to_owned),
        why: said.map(|_| "the drill of this month".to_owned()),
        request_id: "4a1e4d9e-7a0f-4f43-8c4f-0d2f5a0f6f11".into(),
        by_itself: false,
        page: None,
        overrides: said.iter().map(|_| over("replication_lag", "unknown", "allow_data_loss")).collect(),
        previous: said.map(|_| previous),
    }
}

fn over(check: &str, value: &str, by: &str) -> Override {
    Override { check: check.into(), value: value.into(), by: by.into() }
}

#[test]
fn a_page_of_everything_that_can_be_drawn() {
    let bare = Scenario { name: "bare".into(), ..Scenario::default() };
    let each = Interval { from_ms: 0, to_ms: 9_000 };
    let outage = Interval { from_ms: 100, to_ms: 850 };
    let phases = [(PhaseName::Promoted, 100), (PhaseName::RecordAccepted, 260), (PhaseName::FirstWrite, 850)];
    let mut legs = vec![short("One of many", each, outage, &phases); 13];
    for leg in legs.iter_mut().skip(1) {
        leg.writes = None;
    }
    legs[1].writes = Some(writes(Some(outage), 0..50));
    let many = Scenario {
        name: "many".into(),
        expectations: vec![Expectation::exactly("Moves", 13, Some(13))],
        legs,
        ..Scenario::default()
    };
    insta::assert_snapshot!("everything", tags(&report(true, vec![drawn(), bare, many])));
}

#[test]
fn a_page_of_transitions_by_hand() {
    let scenario = |it, measured| {
        let mut leg = Leg::new("ap-northeast-2 to ap-northeast-3", Interval { from_ms: 0, to_ms: 72_000 });
        leg.phases =
            vec![Phase::new(PhaseName::Promoted, 61_000), Phase::new(PhaseName::RecordAccepted, 61_230)];
        Scenario {
            name: "todo".into(),
            title: "Failover to ap-northeast-3".into(),
            expectations: vec![Expectation::within_ms("The record is accepted", 120_000, measured)],
            checks: vec![check("target_available", true)],
            legs: vec![leg],
            by_hand: Some(it),
            ..Scenario::default()
        }
    };
    let asked = scenario(by_hand(Progress::Done, Some("operator")), Some(61_230));
    insta::assert_snapshot!("by_hand", tags(&report(false, vec![asked])));
    let unsaid = scenario(by_hand(Progress::Failed, None), None);
    let mut measured = scenario(by_hand(Progress::InProgress, None), Some(119_000));
    measured.legs[0].writes = Some(writes(None, 0..1));
    insta::assert_snapshot!("by_hand_unsaid", tags(&report(true, vec![unsaid, measured])));
    let by_itself = ByHand { by_itself: true, ..by_hand(Progress::InProgress, None) };
    insta::assert_snapshot!("by_itself", tags(&report(false, vec![scenario(by_itself, None)])));
}
