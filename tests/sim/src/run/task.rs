//! A pass of a run.

use futures_util::future::LocalBoxFuture;
use responder_core::pass::outcome::Outcome;
use responder_core::world::known::Known;

/// A pass under way.
pub(super) struct Task {
    pub(super) place: usize,
    pub(super) future: LocalBoxFuture<'static, (Outcome, Known)>,
}
