//! The drill report: its JSON format, the page with the timeline drawn, and the table for a terminal.
//!
//! A drill fills a [`Report`] with what it saw. Everything that can be worked out from that (verdicts, totals, the
//! flat fields of a scenario) is worked out here, in one place, and never set by hand; a report that is read back
//! and claims something else than what follows from its own contents is refused.
//!
//! - JSON, format [`FORMAT`]: [`Report::to_json`], [`Report::parse`], [`Report::write_json`]. The schema is
//!   `schema/drill-report-1.schema.json` beside this crate's `src`.
//! - One self-contained HTML page: [`Report::to_html`], [`Report::write_html`].
//! - Text for a terminal: [`Table`].
//!
//! All times are whole milliseconds from the start of their scenario, unless a field says otherwise. There is no clock
//! in this crate: dates and times are arguments.

mod by_hand;
mod client;
mod course;
mod error;
mod expectation;
mod file;
mod format;
mod html;
mod live;
mod phase;
mod rds_event;
mod report;
mod scenario;
mod summary;
mod svg;
mod table;
mod timeline;
mod timestamp;
mod wire;
mod writes;

pub use by_hand::{ByHand, Difference, Override, Previous, Progress};
pub use client::{Client, ClientMove};
pub use error::{ReadError, WriteError};
pub use expectation::{Check, Expectation, Verdict};
pub use html::{STYLE, document};
pub use live::Live;
pub use phase::{Phase, PhaseName};
pub use report::{DISCLAIMER, DISCLAIMER_LINE, Environment, FORMAT, NamedValue, Report};
pub use scenario::{Leg, Scenario};
pub use summary::{Summary, WriteTotals};
pub use table::Table;
pub use timeline::{EventKind, Lane, TimelineEvent};
pub use writes::{Interval, LOST_NUMBERS_KEPT, WriteSeries, Writes};
