//! The rounds, drawn: one line chart for each thing that may not grow, and the outages.

use std::fmt::Write;

use drill_cloud::Region;
use maud::{Markup, html};

use super::plan::Kind;
use super::round::Seen;
use super::verdict::longest;
use crate::stage::job::Job;
use crate::stage::processes::Usage;

/// The drawing's size and the room for its axes, in user units.
const WIDTH: f64 = 560.0;
const HEIGHT: f64 = 190.0;
const LEFT: f64 = 48.0;
const BOTTOM: f64 = 26.0;
const TOP: f64 = 10.0;
/// The colours of the lines, by the page's own names.
const COLOURS: [&str; 4] = ["--accent", "--warm", "--pass", "--fail"];

/// One line: its name and its points, each a round with its value.
struct Line {
    name: String,
    points: Vec<(f64, f64)>,
}

/// All charts.
pub(super) fn charts(rounds: &[Seen]) -> Markup {
    let of = |kind: Kind, value: fn(&Seen) -> u64| Line {
        name: kind.to_string(),
        points: points(rounds, value, |it| it.plan.kind == kind),
    };
    let both = |value: fn(&Seen) -> u64| vec![of(Kind::Switchover, value), of(Kind::Failover, value)];
    let outage = |it: &Seen| it.leg.writes.as_ref().map_or(0, drill_report::Writes::outage_ms);
    let one = |name: &str, value: fn(&Seen) -> u64| Line {
        name: name.to_owned(),
        points: points(rounds, value, |_| true),
    };
    let drawn = [
        ("Writes out, ms, by round", both(outage)),
        ("Memory of a process, kB, by rounds of its life", lives(rounds, |it| it.memory_kb)),
        ("File descriptors of a process", lives(rounds, |it| it.files)),
        ("Connections of a process", lives(rounds, |it| it.connections)),
        (
            "Connections in all, by round",
            vec![
                one("to the emulated AWS", |it| it.to_aws),
                one("sessions of the writer", |it| it.to_postgres),
            ],
        ),
        ("Versions of parameters, all in both Regions, by round", both(|it| it.versions.values().sum())),
    ];
    html! {
        section class="scenario" {
            h2 { "Round by round" }
            p class="under" { "On an emulated AWS. A process is the one of its function that lived longest: in each half of the rounds two functions are spared." }
            div style="display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,26rem),1fr));gap:8px 28px" {
                @for (title, lines) in &drawn { div { h3 { (title) } (chart(title, lines)) (legend(lines)) } }
            }
        }
    }
}

fn points(rounds: &[Seen], value: impl Fn(&Seen) -> u64, shown: impl Fn(&Seen) -> bool) -> Vec<(f64, f64)> {
    rounds.iter().filter(|it| shown(it)).map(|it| (exact(it.plan.number as u64), exact(value(it)))).collect()
}

fn lives(rounds: &[Seen], value: fn(&Usage) -> u64) -> Vec<Line> {
    let functions =
        [Job::Follow, Job::Failover].into_iter().flat_map(|job| Region::ALL.map(|region| (job, region)));
    functions
        .map(|(job, region)| Line {
            name: format!("{} in {}", job.as_str(), region.city()),
            points: (1..)
                .zip(longest(rounds, job, region))
                .map(|(age, usage)| (f64::from(age), exact(value(&usage))))
                .collect(),
        })
        .collect()
}

/// From zero to a little more than the most, so that a slope is as steep as it is.
fn chart(title: &str, lines: &[Line]) -> Markup {
    let all = || lines.iter().flat_map(|line| &line.points);
    let most = |of: fn(&(f64, f64)) -> f64| all().map(of).fold(1.0, f64::max);
    let (right, top) = (most(|it| it.0), most(|it| it.1) * 1.08);
    let x = |round: f64| LEFT + (round - 1.0) / (right - 1.0).max(1.0) * (WIDTH - LEFT - 8.0);
    let y = |value: f64| HEIGHT - BOTTOM - value / top * (HEIGHT - BOTTOM - TOP);
    let path = |line: &Line| {
        let mut path = String::new();
        for (index, (round, value)) in line.points.iter().enumerate() {
            // Writing to a string cannot fail.
            let _ = write!(path, "{}{:.1} {:.1}", if index == 0 { "M" } else { "L" }, x(*round), y(*value));
        }
        path
    };
    html! {
        svg viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) role="img" aria-label=(title) style="display:block;width:100%;height:auto" {
            @for share in [0.0, 0.5, 1.0] {
                @let value = most(|it| it.1) * share;
                line class="grid" x1=(LEFT) x2=(WIDTH - 8.0) y1=(y(value)) y2=(y(value)) {}
                text class="unit" x=(LEFT - 6.0) y=(y(value) + 4.0) text-anchor="end" { (format!("{value:.0}")) }
            }
            @for share in [0.0, 0.5, 1.0] {
                @let round = (1.0 + (right - 1.0) * share).round();
                text class="tick" x=(x(round)) y=(HEIGHT - 8.0) { (round) }
            }
            @for (line, colour) in lines.iter().zip(COLOURS) {
                path d=(path(line)) fill="none" stroke-width="1.75" stroke-linejoin="round" style=(format!("stroke:var({colour})")) {}
            }
        }
    }
}

fn legend(lines: &[Line]) -> Markup {
    html! {
        ul class="legend" {
            @for (line, colour) in lines.iter().zip(COLOURS) {
                li { span aria-hidden="true" style=(format!("color:var({colour});font-weight:700")) { "\u{2014}" } (line.name) }
            }
        }
    }
}

/// No figure here comes near what a float cannot hold.
fn exact(value: u64) -> f64 {
    f64::from(u32::try_from(value).unwrap_or(u32::MAX))
}
