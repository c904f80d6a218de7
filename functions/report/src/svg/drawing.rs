//! One drawing: phases over lanes over the strip of writes over the axis, all on the same scale.
//!
//! It is made of two pictures of the same height: the names of the rows, which stay in sight on a narrow screen, and the
//! plot, which scrolls.

use maud::{Markup, html};

use super::{
    label::{Placed, place, text_width},
    lane::{LANE_HEIGHT, px, row},
    scale::{Scale, tick_label},
    strip,
};
use crate::{
    Interval, Lane, Phase, PhaseName, TimelineEvent, WriteSeries,
    format::{duration, moment},
};

const NAMES_WIDTH: f64 = 150.0;
const PLOT_WIDTH: f64 = 922.0;
const LABEL_ROW: f64 = 19.0;
const LABEL_SIZE: f64 = 12.0;
const LABEL_GAP: f64 = 6.0;
const TICKS_APART: f64 = 78.0;

/// What is to be drawn.
pub(crate) struct View<'a> {
    /// Unique on the page; the text alternative hangs on it.
    pub(crate) id: String,
    /// What the drawing shows, for those who do not see it.
    pub(crate) title: String,
    /// The stretch of the scenario that is drawn.
    pub(crate) window: Interval,
    /// The rows.
    pub(crate) lanes: &'a [Lane],
    /// What happened in them.
    pub(crate) timeline: &'a [TimelineEvent],
    /// The phases to mark.
    pub(crate) phases: &'a [Phase],
    /// The stretch without an acknowledged write.
    pub(crate) outage: Option<Interval>,
    /// The clients' writes.
    pub(crate) series: Option<&'a WriteSeries>,
    /// A stretch that another drawing shows magnified: its phases are named there, and here only marked.
    pub(crate) magnified: Option<Interval>,
}

/// Where everything is, from top to bottom, in user units.
struct Layout {
    scale: Scale,
    phases: Vec<(Phase, Placed)>,
    lanes_top: f64,
    /// The line between acknowledged and failed writes.
    strip_base: f64,
    /// Where the lines of the phases end: above the outage's dimension, whose text they would cross.
    lines_bottom: f64,
    /// The middle of the outage's dimension.
    outage_middle: f64,
    axis: f64,
    height: f64,
}

impl View<'_> {
    /// Draws it.
    pub(crate) fn draw(&self) -> Markup {
        let layout = self.layout();
        html! {
            p class="scrolls" { "Wider than this screen: scroll it sideways \u{2194}" }
            div class="drawing" tabindex="0" role="group" aria-label=(self.title) {
                div class="sheet" {
                    (self.names(&layout))
                    (self.plot(&layout))
                }
            }
        }
    }

    fn layout(&self) -> Layout {
        let scale = Scale::new(self.window, PLOT_WIDTH);
        let phases = self.placed_phases(&scale);
        let rows = phases
            .iter()
            .map(|(_, placed)| placed.row + 1)
            .max()
            .unwrap_or(u32::from(self.magnified.is_some()));
        let lanes_top = f64::from(rows) * LABEL_ROW + 9.0;
        let lanes_bottom = self.lanes.iter().fold(lanes_top, |bottom, _| bottom + LANE_HEIGHT);
        let (up, down) = self.series.map_or((0.0, 0.0), |_| (strip::UP + 8.0, strip::DOWN + 4.0));
        let strip_base = lanes_bottom + up;
        let strip_bottom = strip_base + down;
        let dimension = self.shown_outage(&scale).map_or(4.0, |_| 26.0);
        let axis = strip_bottom + dimension;
        Layout {
            scale,
            phases,
            lanes_top,
            strip_base,
            lines_bottom: strip_bottom,
            outage_middle: strip_bottom + 12.0,
            axis,
            height: axis + 24.0,
        }
    }

    fn placed_phases(&self, scale: &Scale) -> Vec<(Phase, Placed)> {
        let mut phases: Vec<Phase> = self
            .phases
            .iter()
            .filter(|phase| scale.shows(phase.at_ms) && !self.is_magnified(phase))
            .cloned()
            .collect();
        phases.sort_by_key(|phase| phase.at_ms);
        let sizes: Vec<_> = phases
            .iter()
            .map(|phase| {
                let width = text_width(&self.phase_label(phase), LABEL_SIZE)
                    + text_width(&moment(phase.at_ms), LABEL_SIZE);
                // The names are a little bold.
                (scale.x(phase.at_ms), width * 1.1 + 8.0)
            })
            .collect();
        let placed = place(&sizes, LABEL_GAP, scale.width()).into_iter();
        // The first row is the magnifier's, when there is one.
        let first_row = u32::from(self.magnified.is_some());
        phases.into_iter().zip(placed.map(|at| Placed { row: at.row + first_row, ..at })).collect()
    }

    /// Whether another drawing names the phase.
    fn is_magnified(&self, phase: &Phase) -> bool {
        self.magnified.is_some_and(|part| (part.from_ms..=part.to_ms).contains(&phase.at_ms))
    }

    /// The phase's name, with its Region when the same name stands there for another Region too.
    fn phase_label(&self, phase: &Phase) -> String {
        let several = self.phases.iter().filter(|other| other.name == phase.name).count() > 1;
        match &phase.region {
            Some(region) if several => format!("{}, {region}", phase.name.label()),
            _ => phase.name.label(),
        }
    }

    fn shown_outage(&self, scale: &Scale) -> Option<Interval> {
        self.outage.filter(|outage| scale.overlaps(outage.from_ms, outage.to_ms))
    }

    fn names(&self, layout: &Layout) -> Markup {
        let view_box = format!("0 0 {NAMES_WIDTH} {:.1}", layout.height);
        html! {
            svg class="names" viewBox=(view_box) aria-hidden="true" {
                (self.stripes(layout, NAMES_WIDTH))
                @for (lane, y) in self.lanes.iter().zip(centres(layout)) {
                    text class="lane" x="10" y=(px(y + 4.0)) { (String::from(lane.clone())) }
                }
                @if let Some(series) = self.series {
                    text class="lane" x="10" y=(px(layout.strip_base - 20.0)) { "writes acknowledged" }
                    text class="unit" x="10" y=(px(layout.strip_base - 6.0)) { "per " (series.bucket_ms()) " ms" }
                    text class="lane" x="10" y=(px(layout.strip_base + 15.0)) { "writes failed" }
                }
                @if self.shown_outage(&layout.scale).is_some() {
                    text class="lane outage-name" x="10" y=(px(layout.outage_middle + 4.0)) { "longest outage" }
                }
                text class="unit" x="10" y=(px(layout.axis + 17.0)) { "since the start" }
            }
        }
    }

    fn plot(&self, layout: &Layout) -> Markup {
        let view_box = format!("0 0 {PLOT_WIDTH} {:.1}", layout.height);
        let (title_id, text_id) = (format!("{}-title", self.id), format!("{}-text", self.id));
        html! {
            svg class="plot" viewBox=(view_box) role="img" aria-labelledby=(format!("{title_id} {text_id}")) {
                title id=(title_id) { (self.title) }
                desc id=(text_id) { (self.in_words(layout)) }
                (self.stripes(layout, PLOT_WIDTH))
                (axis(layout))
                (self.outage_area(layout))
                (self.magnifier(layout))
                @if let Some(series) = self.series { (strip::bars(series, &layout.scale, layout.strip_base)) }
                (self.phase_lines(layout))
                @for (lane, y) in self.lanes.iter().zip(centres(layout)) { (row(lane, self.timeline, &layout.scale, y)) }
                (self.phase_labels(layout))
            }
        }
    }

    fn stripes(&self, layout: &Layout, width: f64) -> Markup {
        html! {
            @for (_, y) in self.lanes.iter().zip(centres(layout)).step_by(2) {
                rect class="stripe" x="0" y=(px(y - LANE_HEIGHT / 2.0)) width=(px(width)) height=(px(LANE_HEIGHT)) {}
            }
        }
    }

    fn outage_area(&self, layout: &Layout) -> Markup {
        html! {
            @if let Some(outage) = self.shown_outage(&layout.scale) {
                @let x = layout.scale.x(outage.from_ms);
                @let width = (layout.scale.x(outage.to_ms) - x).max(1.0);
                rect class="outage" x=(px(x)) y=(px(layout.lanes_top)) width=(px(width))
                    height=(px(layout.outage_middle - layout.lanes_top)) {
                    title { (outage_in_words(outage)) }
                }
                (strip::dimension(outage, &layout.scale, layout.outage_middle))
            }
        }
    }

    fn magnifier(&self, layout: &Layout) -> Markup {
        let text = "magnified below";
        html! {
            @if let Some(part) = self.magnified {
                @let (from, to) = (layout.scale.x(part.from_ms), layout.scale.x(part.to_ms));
                rect class="magnified" x=(px(from)) y="4" width=(px(to - from)) height=(px(layout.axis - 4.0)) rx="5" {}
                @if to + LABEL_GAP + text_width(text, LABEL_SIZE) <= layout.scale.width() {
                    text class="hint" x=(px(to + LABEL_GAP)) y="18" { (text) }
                } @else {
                    text class="hint end" x=(px(from - LABEL_GAP)) y="18" { (text) }
                }
            }
        }
    }

    fn phase_lines(&self, layout: &Layout) -> Markup {
        let unnamed = self.phases.iter().filter(|phase| self.is_magnified(phase));
        html! {
            @for phase in unnamed {
                @let x = px(layout.scale.x(phase.at_ms));
                line class=(format!("{} unnamed", line_class(&phase.name))) x1=(x) x2=(x) y1=(px(layout.lanes_top)) y2=(px(layout.lines_bottom)) {
                    title { (phase.name.label()) " " (moment(phase.at_ms)) }
                }
            }
            @for (phase, placed) in &layout.phases {
                @let x = px(layout.scale.x(phase.at_ms));
                line class=(line_class(&phase.name)) x1=(x) x2=(x) y1=(px(row_top(*placed) + 3.0)) y2=(px(layout.lines_bottom)) {}
            }
        }
    }

    fn phase_labels(&self, layout: &Layout) -> Markup {
        html! {
            @for (phase, placed) in &layout.phases {
                text class="phase" x=(px(placed.left)) y=(px(row_top(*placed) + 13.5)) {
                    (self.phase_label(phase)) " " tspan class="at" { (moment(phase.at_ms)) }
                    title { (tooltip(phase)) }
                }
            }
        }
    }

    fn in_words(&self, layout: &Layout) -> String {
        let mut words: Vec<String> = self
            .phases
            .iter()
            .map(|phase| format!("{} at {}.", self.phase_label(phase), moment(phase.at_ms)))
            .collect();
        if let Some(outage) = self.shown_outage(&layout.scale) {
            words.push(outage_in_words(outage));
        }
        words.extend(self.series.map(|series| strip::in_words(series, &layout.scale)));
        words.join(" ")
    }
}

fn centres(layout: &Layout) -> impl Iterator<Item = f64> {
    let first = layout.lanes_top + LANE_HEIGHT / 2.0;
    std::iter::successors(Some(first), |y| Some(y + LANE_HEIGHT))
}

fn axis(layout: &Layout) -> Markup {
    let ticks = layout.scale.ticks(TICKS_APART);
    let step =
        ticks.iter().zip(ticks.iter().skip(1)).map(|(first, second)| second - first).next().unwrap_or(1);
    html! {
        @for tick in &ticks {
            @let x = layout.scale.x(*tick);
            line class="grid" x1=(px(x)) x2=(px(x)) y1=(px(layout.lanes_top)) y2=(px(layout.axis + 4.0)) {}
            @if x < 16.0 { text class="tick start" x="0" y=(px(layout.axis + 17.0)) { (tick_label(*tick, step)) } }
            @else if x > PLOT_WIDTH - 16.0 {
                text class="tick end" x=(px(PLOT_WIDTH)) y=(px(layout.axis + 17.0)) { (tick_label(*tick, step)) }
            }
            @else { text class="tick" x=(px(x)) y=(px(layout.axis + 17.0)) { (tick_label(*tick, step)) } }
        }
        line class="base" x1="0" x2=(px(PLOT_WIDTH)) y1=(px(layout.axis)) y2=(px(layout.axis)) {}
    }
}

/// The outage is one client's, the worst: the others' writes may be acknowledged meanwhile.
fn outage_in_words(outage: Interval) -> String {
    format!("The worst client had no write acknowledged for {}.", duration(outage.length_ms()))
}

fn row_top(placed: Placed) -> f64 {
    f64::from(placed.row) * LABEL_ROW + 2.0
}

fn line_class(name: &PhaseName) -> &'static str {
    match name {
        PhaseName::Injected => "phase-line injected",
        PhaseName::FirstWrite => "phase-line recovered",
        _ => "phase-line",
    }
}

fn tooltip(phase: &Phase) -> String {
    let region = phase.region.as_deref().map(|region| format!(" in {region}")).unwrap_or_default();
    let note = phase.note.as_deref().map(|note| format!(": {note}")).unwrap_or_default();
    format!("{} at {} ms{region}{note}", phase.name.label(), phase.at_ms)
}
