//! How a pass looks, and what comes of it.

use std::collections::BTreeSet;

use crate::pass::decide::Decision;
use crate::ports::PortError;
use crate::words::names::Region;
use crate::world::evidence::Evidence;

/// What a pass takes as published when it asks for the views.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Basis {
    /// What is known from the last pass: no reading first.
    Known,
    /// The record itself, and the own Region's parameters.
    Record,
    /// Every channel, each of which answers or fails first.
    AllChannels,
}

/// How a pass looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Look<'a> {
    /// What it takes as published.
    pub(crate) basis: Basis,
    /// Read the record and every Region's parameters too, to find drift; a watch does without.
    pub(crate) all_channels: bool,
    /// Regions that did not answer just now: not asked again.
    pub(crate) silent: &'a BTreeSet<Region>,
}

/// How an observation ended.
#[derive(Debug)]
pub(crate) enum Seeing {
    /// The decision is certain.
    Decided(Decision),
    /// A channel holds a newer publication than the one that the views were asked after.
    Superseded,
    /// The configuration was changed since it was read.
    Reconfigured,
}

/// One pass's observation.
#[derive(Debug)]
pub(crate) struct Sight {
    pub(crate) evidence: Evidence,
    pub(crate) seeing: Seeing,
    pub(crate) failures: Vec<PortError>,
    pub(crate) silent: BTreeSet<Region>,
}
