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
