//! Asking a probe before a publication: who is worth a question, and the question itself.

use std::time::Duration;

use crate::config::Database;
use crate::pass::decide::{Verdict, by_the_table};
use crate::pass::hurry::within;
use crate::ports::{Clock, PortError, Probes};
use crate::words::failure::visible;
use crate::words::names::Region;
use crate::words::timestamp::Timestamp;
use crate::world::asked::{Answer, Asked};
use crate::world::claim::Claim;
use crate::world::evidence::Evidence;
use crate::world::probe::{ProbeWord, Question};
use crate::world::topology::RegionView;

/// How long an answer is waited for, of however many probes.
const ANSWER: Duration = Duration::from_secs(1);
/// How long the first probe is waited for, where another can be asked after it.
const FIRST_ANSWER: Duration = Duration::from_millis(600);
/// Most characters of a probe's words that are kept.
const WORDS_MAX: usize = 200;

/// The Region whose cluster is about to be published, and the question about it, where probes are configured for it. What
/// lacks still is taken for granted: one more look at its claim, the hold switch, and SQL's word.
pub(crate) fn prospect(
    database: &Database,
    own: &Region,
    evidence: &Evidence,
    now: Timestamp,
) -> Option<(Region, Question)> {
    let has_probe = |region: &&Region| !database.probes_about(region, own).is_empty();
    let claiming = |region: &&Region| evidence.view(region).is_some();
    let regions: Vec<&Region> = database.regions().filter(has_probe).filter(claiming).collect();
    if regions.is_empty() || evidence.hold().is_some() {
        return None;
    }
    let mut likely = evidence.clone();
    for region in regions.iter().copied() {
        let Some(view) = evidence.view(region) else { continue };
        if let Some(row) = likely.claims.get_mut(region) {
            *row = Claim::seen_again(Some(row), row.epoch, view.is_replica(), row.last);
        }
        let yes = Answer::Said { writable: true, by: own.clone(), words: String::new() };
        let asked = view.question().map(|question| Asked { question, at: now, answer: Some(yes) });
        likely.asked.extend(asked.map(|asked| (region.clone(), asked)));
    }
    let Verdict::Publish(published, _) = by_the_table(database, &likely, now) else { return None };
    let question = evidence.view(&published.writer).and_then(RegionView::question)?;
    regions.contains(&&published.writer).then_some((published.writer, question))
}

/// Asks the probe of `region`, and the own Region's one only where that says neither yes nor no; no longer than a second in
/// all.
pub(crate) async fn ask<P: Probes + Clock>(
    ports: &P,
    database: &Database,
    own: &Region,
    region: &Region,
    question: &Question,
) -> Answer {
    let began = ports.now();
    let probes = database.probes_about(region, own);
    let mut unknown = Vec::new();
    for (at, (by, function)) in probes.iter().enumerate() {
        let gone_ms = u64::try_from(ports.now().since_ms(began)).unwrap_or_default();
        let left = ANSWER.saturating_sub(Duration::from_millis(gone_ms));
        let time = if at + 1 < probes.len() { FIRST_ANSWER } else { left };
        let answer = within(ports, time, ports.probe(by, function, question)).await;
        match known(by, function, answer) {
            Ok(said) => return said,
            Err(why) => unknown.push(why),
        }
    }
    Answer::Unknown(unknown.join("; "))
}

/// The yes or no of a probe; a sentence where there is none.
fn known(
    by: &Region,
    function: &str,
    answer: Option<Result<ProbeWord, PortError>>,
) -> Result<Answer, String> {
    match answer {
        None => Err(format!("{function} in {by} does not answer in time")),
        Some(Err(error)) => Err(short(&error.to_string())),
        Some(Ok(ProbeWord { writable: None, said, .. })) => {
            Err(format!("{function} in {by} does not know: {}", short(&said)))
        }
        Some(Ok(ProbeWord { writable: Some(writable), said, .. })) => {
            Ok(Answer::Said { writable, by: by.clone(), words: short(&said) })
        }
    }
}

/// A text from outside, fit for an answer and a log.
fn short(text: &str) -> String {
    visible(text).chars().take(WORDS_MAX).collect()
}
