//! A timeline that goes on: a window of it, drawn as in a report.

use maud::Markup;

use crate::{Interval, Lane, TimelineEvent, WriteSeries, svg::View};

/// A window of a timeline that goes on.
#[derive(Debug, Clone, Copy)]
pub struct Live<'a> {
    /// What the drawing shows, for those who do not see it.
    pub title: &'a str,
    /// What is drawn of it.
    pub window: Interval,
    /// The rows, whether anything happened in them or not, so that the drawing keeps its height.
    pub lanes: &'a [Lane],
    /// What happened.
    pub timeline: &'a [TimelineEvent],
    /// The stretch without an acknowledged write.
    pub outage: Option<Interval>,
    /// The clients' writes.
    pub series: &'a WriteSeries,
}

impl Live<'_> {
    /// Draws it. The style sheet is [`STYLE`](crate::STYLE).
    pub fn draw(&self) -> Markup {
        let Self { title, window, lanes, timeline, outage, series } = *self;
        let (title, series) = (title.to_owned(), Some(series));
        View {
            id: "live".to_owned(),
            title,
            window,
            lanes,
            timeline,
            phases: &[],
            outage,
            series,
            magnified: None,
        }
        .draw()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::EventKind;

    #[test]
    fn a_row_keeps_its_place_whether_anything_happened_in_it_or_not() {
        let (lanes, series) = ([Lane::Database, Lane::Record], WriteSeries::of_buckets(500));
        let event = |at_ms| TimelineEvent::at(at_ms, Lane::Record, EventKind::Publish, "record to Osaka");
        let draw = |timeline: &[TimelineEvent]| {
            let window = Interval { from_ms: 3_600_000, to_ms: 3_720_000 };
            let live = Live { title: "now", window, lanes: &lanes, timeline, outage: None, series: &series };
            live.draw().into_string()
        };
        let height = |drawn: &str| drawn.split("viewBox=\"0 0 922 ").nth(1).map(|rest| rest[..5].to_owned());
        let (empty, full) = (draw(&[]), draw(&[event(3_660_000)]));
        assert!(!empty.contains("record to Osaka") && full.contains("record to Osaka"));
        assert!(height(&empty).is_some() && height(&empty) == height(&full));
        assert_eq!(draw(&[event(1_000)]), empty, "what is older than the window is not drawn");
    }
}
