//! The page and the table.

use drill_report::{
    DISCLAIMER, DISCLAIMER_LINE, Expectation, Interval, Leg, Phase, PhaseName, Report, Scenario, Table,
};

#[path = "page/golden.rs"]
mod golden;
mod sample;

/// A report with one scenario that was missed and one that promised nothing.
fn failed() -> Report {
    let mut report = sample::report();
    report.scenarios.truncate(3);
    let promise = Expectation::within_ms(
        "The record is visible to every client of both Regions after the promotion, as a resolver of their own Region \
         answers it",
        200,
        Some(272),
    );
    if let Some(scenario) = report.scenarios.last_mut() {
        scenario.expectations.push(promise);
    }
    report
        .scenarios
        .push(Scenario { name: "a-scenario-with-a-very-long-name".into(), ..Scenario::default() });
    report
}

#[test]
fn the_table_is_as_it_should_be() {
    let table = Table { colour: false };
    insta::assert_snapshot!("passed", table.render(&sample::report()));
    insta::assert_snapshot!("failed", table.render(&failed()));
}

#[test]
fn the_table_fits_a_terminal_and_is_coloured_only_when_asked() {
    let plain = Table { colour: false }.render(&failed());
    assert!(plain.lines().all(|line| line.chars().count() <= 100), "{plain}");
    assert!(!plain.contains('\u{1b}'));
    assert!(plain.ends_with(&format!("{DISCLAIMER_LINE}\n")));
    assert!(Table { colour: true }.render(&failed()).contains("\u{1b}[1;31mFAIL   \u{1b}[0m"));
}

#[test]
fn a_real_drill_has_no_disclaimer() {
    let report = Report { emulated: false, ..sample::report() };
    assert!(!report.to_json().unwrap().contains("disclaimer"));
    assert!(!report.to_html().contains("emulated AWS"));
    assert!(!Table::default().render(&report).contains(DISCLAIMER_LINE));
}

#[test]
fn the_pace_stands_beside_the_time_that_a_scenario_took() {
    let page = sample::report().to_html();
    assert_eq!(page.matches("played at AWS's own pace</p>").count(), 1, "of one scenario, which has one");
}

#[test]
fn legs_beyond_a_dozen_are_listed_and_more_stands_behind_the_scenarios() {
    let mut report = sample::report();
    let leg = Leg::new("one of many", Interval { from_ms: 0, to_ms: 9 });
    report.scenarios.truncate(1);
    report.scenarios[0].legs = vec![leg.clone(); 12];
    let page = report.to_html();
    assert!(page.matches("<h3>one of many</h3>").count() == 12 && !page.contains("All 12 moves"));
    report.scenarios[0].legs = vec![leg; 13];
    let page = report.to_html_with(&maud::html! { p { "something more" } });
    assert!(!page.contains("<h3>one of many</h3>") && page.contains("All 13 moves"));
    assert_eq!(page.matches("<strong>one of many</strong>").count(), 13);
    let (more, end) = (page.find("<p>something more</p>").unwrap(), page.find("<footer>").unwrap());
    assert!(more > page.find("All 13 moves").unwrap() && more < end);
    assert!(!report.to_html().contains("something more"));
}

#[test]
fn the_numbers_of_rds_events_come_with_their_words() {
    let page = sample::report().to_html();
    assert!(page.contains("<code>0182</code>old primary shut down"), "the key under the drawing");
    assert!(
        page.contains("RDS-EVENT-0184 (new primary promoted) of the old primary"),
        "the list and the mark"
    );
}

#[test]
fn the_page_needs_nothing_from_elsewhere() {
    let page = sample::report().to_html();
    assert!(page.starts_with("<!DOCTYPE html>"));
    for foreign in ["<script", "<link", "<img", "@import", "url(", "http://", "https://", "src="] {
        assert!(!page.contains(foreign), "{foreign}");
    }
    assert!(page.contains("prefers-color-scheme: dark") && page.contains("@media print"));
}

#[test]
fn the_page_shows_every_scenario_phase_and_the_disclaimer() {
    let report = sample::report();
    let page = report.to_html();
    assert!(page.contains(DISCLAIMER));
    for scenario in &report.scenarios {
        assert!(page.contains(&scenario.title) && page.contains(&scenario.story), "{}", scenario.name);
        for phase in scenario.legs.iter().flat_map(|leg| &leg.phases) {
            let shown = format!(">{}</span><span class=\"at\">", phase.name.label());
            assert!(page.contains(&shown), "{}: {shown}", scenario.name);
        }
    }
}

#[test]
fn every_id_is_unique_and_every_link_leads_somewhere() {
    let page = sample::report().to_html();
    let after = |mark: &str| -> Vec<String> {
        page.split(mark).skip(1).filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect()
    };
    let ids = after(" id=\"");
    let mut unique = ids.clone();
    unique.sort();
    unique.dedup();
    assert_eq!(unique.len(), ids.len());
    assert!(after("href=\"#").iter().all(|target| ids.contains(target)));
    assert!(
        after("aria-labelledby=\"")
            .iter()
            .flat_map(|list| list.split(' '))
            .all(|id| ids.iter().any(|own| own == id))
    );
}

#[test]
fn whatever_is_reported_is_text() {
    let evil = "</title></style><script>alert('x')</script>\"&";
    let mut report = sample::report();
    let scenario = &mut report.scenarios[1];
    scenario.name = evil.into();
    scenario.title = evil.into();
    scenario.story = evil.into();
    scenario.notes = vec![evil.into()];
    scenario.expectations[0].name = evil.into();
    scenario.decisions = vec![serde_json::json!({ "decision": evil, "reason": evil })];
    scenario.timeline[0].text = evil.into();
    scenario.legs[0].name = evil.into();
    scenario.legs[0].phases[0] =
        Phase::new(PhaseName::Other(evil.into()), 1_500).with_note(evil).in_region(evil);
    report.environment.details[0].name = evil.into();
    let page = report.to_html();
    assert!(!page.contains("<script"), "markup got through");
    assert!(page.contains("&lt;script&gt;"));
}

#[test]
fn an_empty_or_absurd_report_is_still_drawn() {
    let mut report = sample::report();
    let mut leg = Leg::new("absurd", Interval { from_ms: 9, to_ms: 3 });
    leg.phases = vec![Phase::new(PhaseName::Promoted, u64::MAX), Phase::new(PhaseName::FirstWrite, 0)];
    let absurd =
        Scenario { legs: vec![leg], timeline: report.scenarios[1].timeline.clone(), ..Scenario::default() };
    report.scenarios = vec![Scenario::default(), absurd];
    let page = report.to_html();
    assert!(!page.contains("NaN") && !page.contains("inf "), "no coordinate is beyond numbers");
    report.scenarios.clear();
    assert!(report.to_html().contains("no scenario was played"));
    assert!(Table::default().render(&report).contains("FAIL  0 of 0 scenarios passed"));
}
