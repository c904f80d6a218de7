//! The result: what each cell came to, as JSON.

use std::collections::{BTreeMap, BTreeSet};

use drill_report::DISCLAIMER;
use serde::Serialize;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::cell::Cell;
use crate::error::ChaosError;
use crate::judge::judge;
use crate::matrix::listed;
use crate::repeats::{Repeat, messages, repeats};
use crate::seen::Seen;

/// The version of the JSON format.
const FORMAT: u64 = 1;

/// What one cell came to.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Played {
    /// Its name, by which it can be played again.
    pub(crate) name: String,
    /// Whether it ended as it has to.
    pub(crate) pass: bool,
    /// How many requests met the fault.
    pub(crate) met: u32,
    /// From the event or the alarm until it was published.
    pub(crate) published_ms: Option<u64>,
    /// Which tick of the schedule did it; 0 is the event or the alarm itself.
    pub(crate) tick: Option<u32>,
    /// The messages that came, and how often.
    pub(crate) messages: BTreeMap<String, usize>,
    /// How often it was played again, because this machine was too slow for a verdict.
    pub(crate) again: u32,
    /// Whether it still was.
    #[serde(skip)]
    pub(crate) too_slow: bool,
    /// What was done more than once.
    pub(crate) repeated: Vec<Repeat>,
    /// What is wrong, a sentence each.
    pub(crate) wrong: Vec<String>,
    /// Every call that was made.
    #[serde(skip)]
    pub(crate) calls: BTreeSet<String>,
}

impl Played {
    /// Judges what was seen. A cell that could not be played is a failed one.
    pub(crate) fn of(cell: &Cell, seen: Result<Seen, ChaosError>) -> Self {
        let seen = match seen {
            Ok(seen) => seen,
            Err(error) => return Self::unplayed(cell, &error.to_string()),
        };
        let wrong = judge(&seen);
        Self {
            name: cell.name(),
            pass: wrong.is_empty(),
            met: seen.met,
            published_ms: seen
                .published
                .map(|(after, _)| u64::try_from(after.as_millis()).unwrap_or(u64::MAX)),
            tick: seen.published.map(|(_, tick)| tick),
            messages: messages(&seen),
            again: 0,
            too_slow: seen.is_too_slow(),
            repeated: repeats(&seen),
            wrong,
            calls: seen.calls,
        }
    }

    /// It could not be played to its end.
    pub(crate) fn unplayed(cell: &Cell, why: &str) -> Self {
        Self {
            name: cell.name(),
            pass: false,
            met: 0,
            published_ms: None,
            tick: None,
            messages: BTreeMap::new(),
            again: 0,
            too_slow: true,
            repeated: Vec::new(),
            wrong: vec![format!("could not be played to its end: {why}")],
            calls: BTreeSet::new(),
        }
    }
}

/// All of it.
pub(crate) struct Report {
    pub(crate) started_at: OffsetDateTime,
    pub(crate) duration_ms: u64,
    /// What was played, in a few words: all, a fifth, or single cells.
    pub(crate) what: String,
    pub(crate) played: Vec<Played>,
    /// Calls that were made and are in no row of their move.
    pub(crate) unlisted: Vec<String>,
}

impl Report {
    /// Whether every cell ended as it has to, and no call was forgotten.
    pub(crate) fn pass(&self) -> bool {
        self.unlisted.is_empty() && !self.played.is_empty() && self.played.iter().all(|cell| cell.pass)
    }

    /// In one line.
    pub(crate) fn headline(&self) -> String {
        let failed = self.played.iter().filter(|cell| !cell.pass).count();
        let count = self.played.len();
        match (failed, self.unlisted.len()) {
            (0, 0) => format!("all {count} cells ended as they have to"),
            (0, _) => format!("calls that are in no row: {}", self.unlisted.join(", ")),
            _ => format!("{failed} of {count} cells failed"),
        }
    }

    pub(crate) fn json(&self) -> Value {
        json!({
            "format": FORMAT,
            "emulated": true,
            "disclaimer": DISCLAIMER,
            "started_at": self.started_at.format(&Rfc3339).unwrap_or_default(),
            "duration_ms": self.duration_ms,
            "what": self.what,
            "verdict": if self.pass() { "pass" } else { "fail" },
            "unlisted_calls": self.unlisted,
            "cells": self.played,
        })
    }
}

/// The calls of the undisturbed moves that are in no row. A disturbed one may make others: a tick reads the configuration again.
pub(crate) fn unlisted(played: &[(Cell, Played)]) -> Vec<String> {
    let mut found = BTreeSet::new();
    for (cell, played) in played.iter().filter(|(cell, _)| cell.disturbed.is_none()) {
        found.extend(
            played.calls.difference(&listed(cell.scene)).map(|call| format!("{}: {call}", cell.scene.name())),
        );
    }
    found.into_iter().collect()
}
