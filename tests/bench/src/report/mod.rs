//! The report: the same figures as JSON, as tables for a terminal and as a page.

mod chart;
pub(crate) mod data;
pub(crate) mod figure;
pub(crate) mod page;
mod sheet;
mod sheets;
pub(crate) mod text;
