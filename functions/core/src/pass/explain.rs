//! Every check behind a decision, with its value and its verdict, for the person who reads the answer.

use crate::answer::result::Check;
use crate::answer::result::CheckVerdict;
use crate::config::Database;
use crate::pass::decide::{Decision, Verdict};
use crate::pass::hold::Hold;
use crate::pass::why::Why;
use crate::words::names::{Epoch, Region};
use crate::words::timestamp::Timestamp;
use crate::world::asked::Answer;
use crate::world::evidence::{Base, Evidence, Seen};
use crate::world::publication::settling_ms;
use crate::world::record::Standing;
use crate::world::topology::{Readiness, RegionView};

/// The checks, in the order in which the rule asks.
pub(crate) fn checks(
    database: &Database,
    evidence: &Evidence,
    decision: &Decision,
    now: Timestamp,
) -> Vec<Check> {
    let mut checks = vec![hold_switch(evidence, now), record_ours(database, evidence), published(evidence)];
    checks.extend(database.regions().map(|region| region_word(evidence, region)));
    let subject = subject(database, evidence, decision);
    let Some(subject) = &subject else { return checks };
    let moves = evidence.published().is_some_and(|published| published.writer != *subject);
    if moves {
        checks.push(claim(evidence, decision, subject));
        checks.extend(corroborated(evidence, decision, subject, now));
        checks.push(settled(database, evidence, now));
    }
    checks.push(writer_ready(evidence, subject));
    checks.extend(writable(evidence, subject));
    checks
}

/// The Region that the readiness is about: the one that is to be published, or claims to be.
fn subject(database: &Database, evidence: &Evidence, decision: &Decision) -> Option<Region> {
    match &decision.verdict {
        Verdict::Publish(published, _) | Verdict::Unchanged(published) => Some(published.writer.clone()),
        Verdict::Hold(_) | Verdict::Misconfigured(_) => {
            let incumbent = evidence.published().map(|published| &published.writer);
            let claims = |region: &&Region| evidence.view(region).is_some_and(|view| view.claims(region));
            let other = database.regions().filter(claims).find(|region| Some(*region) != incumbent);
            other.or(incumbent).cloned()
        }
    }
}

fn check(name: impl Into<String>, value: impl Into<String>, pass: bool) -> Check {
    graded(name, value, if pass { CheckVerdict::Pass } else { CheckVerdict::Fail })
}

fn graded(name: impl Into<String>, value: impl Into<String>, verdict: CheckVerdict) -> Check {
    Check::new(name, value, None::<String>, verdict)
}

fn hold_switch(evidence: &Evidence, now: Timestamp) -> Check {
    match evidence.hold() {
        Some(reason) => check("hold_switch", format!("set: {reason}"), false),
        None if evidence.is_hold_absent(now) => check("hold_switch", "not set", true),
        None => graded("hold_switch", "not read within a minute", CheckVerdict::Unknown),
    }
}

fn record_ours(database: &Database, evidence: &Evidence) -> Check {
    let (value, pass) = match (&evidence.record, evidence.standing(database)) {
        (Seen::NotYet, _) => ("not read in this pass; the fence checks it".to_owned(), true),
        (Seen::Unreachable(why), _) => (why.to_string(), false),
        (_, Some(Standing::Owned(published))) => {
            (format!("ours, epoch {}, {}", published.epoch, published.endpoint), true)
        }
        (_, Some(Standing::Absent)) => ("does not exist".to_owned(), true),
        (_, Some(Standing::Drifted(owned))) => {
            (format!("ours by epoch {}, but the CNAME was changed", owned.epoch), true)
        }
        (_, Some(Standing::Unowned(value))) => {
            (format!("no ownership record; points to {value}"), database.adopt())
        }
        (_, Some(Standing::Unrecognized(published))) => {
            (format!("{} is no known member's endpoint", published.endpoint), database.adopt())
        }
        (_, Some(Standing::Foreign(why))) => (why, false),
        (Seen::Got(_), None) => ("unreadable".to_owned(), false),
    };
    check("record_ours", value, pass)
}

fn published(evidence: &Evidence) -> Check {
    match &evidence.base {
        Base::Known(published) if published.epoch == Epoch(0) => {
            check("published", format!("nothing of ours; the record points to {}", published.writer), true)
        }
        Base::Known(published) => check(
            "published",
            format!("{} at epoch {}, {}", published.writer, published.epoch, published.at),
            true,
        ),
        Base::Nothing => check("published", "nothing yet", true),
        Base::Unknown => check("published", "no channel answers", false),
    }
}

fn region_word(evidence: &Evidence, region: &Region) -> Check {
    let name = format!("word_of_{region}");
    let (value, pass) = match evidence.views.get(region) {
        Some(Seen::Got(view)) => (said(region, view), true),
        Some(Seen::Unreachable(why)) => (format!("unreachable: {why}"), false),
        Some(Seen::NotYet) => ("not waited for: it cannot change the decision".to_owned(), true),
        None => ("not asked".to_owned(), true),
    };
    check(name, value, pass)
}

fn said(region: &Region, view: &RegionView) -> String {
    let word = view.word().said_by(region);
    match view.failover_status() {
        Some(status) => format!("{word} ({status})"),
        None => word,
    }
}

/// What the claim rests on: the incumbent's own word, an operator's, or that it is newer than the publication.
fn claim(evidence: &Evidence, decision: &Decision, subject: &Region) -> Check {
    if let Verdict::Publish(_, why @ (Why::Renounced { .. } | Why::Declared(_))) = &decision.verdict {
        return check("claim_good", why.to_string(), true);
    }
    let memory = evidence.memories.get(subject);
    let value = match memory {
        Some(memory) => format!("{subject} last named {} at epoch {}", memory.writer, memory.epoch),
        None => format!("{subject} remembers nothing"),
    };
    let epoch = evidence.published().map(|published| published.epoch);
    let fresh = memory.zip(epoch).is_some_and(|(memory, epoch)| memory.makes_fresh(subject, epoch));
    check("claim_fresh", value, fresh)
}

/// How often a claim was seen, where that is what it rests on.
fn corroborated(evidence: &Evidence, decision: &Decision, subject: &Region, now: Timestamp) -> Option<Check> {
    let pass = match &decision.verdict {
        Verdict::Publish(_, Why::FreshClaim { .. }) => true,
        Verdict::Hold(Hold::Corroborating { .. }) => false,
        _ => return None,
    };
    let value = match evidence.claim(subject) {
        Some(row) => format!("{subject} said so in {} looks, first {} ago", row.looks, now.age_of(row.since)),
        None => format!("{subject} was not asked twice"),
    };
    Some(check("claim_corroborated", value, pass))
}

fn settled(database: &Database, evidence: &Evidence, now: Timestamp) -> Check {
    let limit_s = database.settle_ms() / 1000;
    let Some(published) = evidence.published() else {
        return check("settled", "nothing published yet", true);
    };
    let age = now.age_of(published.at);
    let pass = settling_ms(database, published, now).is_none();
    check("settled", format!("published {age} ago, settle time {limit_s} s"), pass)
}

fn writer_ready(evidence: &Evidence, subject: &Region) -> Check {
    match evidence.view(subject).map(RegionView::readiness) {
        Some(Readiness::Ready { instances: 1 }) => check("writer_ready", "available, 1 instance", true),
        Some(Readiness::Ready { instances }) => {
            check("writer_ready", format!("available, {instances} instances"), true)
        }
        Some(Readiness::NotReady(why)) => check("writer_ready", why.to_string(), false),
        None => check("writer_ready", format!("unknown: {subject} does not answer"), false),
    }
}

/// What SQL says of it, where a probe was asked.
fn writable(evidence: &Evidence, subject: &Region) -> Option<Check> {
    let (value, verdict) = match &evidence.asked.get(subject)?.answer {
        Some(Answer::Said { writable: true, by, words }) => {
            (format!("the probe in {by} says that it takes writes: {words}"), CheckVerdict::Pass)
        }
        Some(Answer::Said { writable: false, by, words }) => {
            (format!("the probe in {by} says that it takes no writes: {words}"), CheckVerdict::Fail)
        }
        Some(Answer::Unknown(why)) => (format!("unknown: {why}"), CheckVerdict::Unknown),
        None => ("not waited for: it cannot change the decision".to_owned(), CheckVerdict::Unknown),
    };
    Some(graded("writable", value, verdict))
}
