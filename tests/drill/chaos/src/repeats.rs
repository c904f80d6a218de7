//! What was done more than once, and why that is allowed.

use std::collections::BTreeMap;

use drill_cloud::Region;
use drill_cloud::installation::PARAMETER;
use serde::Serialize;

use crate::seen::Seen;

/// Something that was done more than once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Repeat {
    /// What, and how often.
    pub(crate) what: String,
    /// Why nothing is wrong with that.
    pub(crate) why: &'static str,
}

/// All of them. Whether more was repeated than may be is judged elsewhere.
pub(crate) fn repeats(seen: &Seen) -> Vec<Repeat> {
    let mut found = Vec::new();
    let mut add = |what: String, why| found.push(Repeat { what, why });
    let batches = seen.of("ChangeResourceRecordSets").count();
    if batches > 1 {
        add(
            format!("the record's batch was sent {batches} times"),
            "it deletes exactly what it replaces: Route 53 takes it once",
        );
    }
    let starts = seen.of("FailoverGlobalCluster").count();
    if starts > 1 {
        add(
            format!("FailoverGlobalCluster was called {starts} times"),
            "again only after an answer that nothing was started, or a minute in which the target's Region showed no operation",
        );
    }
    for region in Region::ALL {
        let puts = seen.puts(region, PARAMETER).len();
        if puts > 1 {
            let what = format!("{}'s writer parameter was put {puts} times", region.city());
            add(what, "the same value: a lost answer is no answer, and two functions may write the same");
        }
    }
    let tries = seen.of("PutParameter").filter(|entry| !entry.applied()).count();
    if tries > 0 && seen.disturbs("PutParameter").is_some() {
        add(
            format!("a parameter's write was asked for {tries} times in vain"),
            "nothing was written by these",
        );
    }
    for (subject, count) in messages(seen) {
        if count > 1 {
            add(
                format!("\u{201c}{subject}\u{201d} came {count} times"),
                if subject.contains("standby") {
                    "two invocations of follow found it at once, or its answer was lost"
                } else {
                    "its answer was lost: told twice is better than never"
                },
            );
        }
    }
    found
}

/// How often each message came; how long a failover took makes no other one of it.
pub(crate) fn messages(seen: &Seen) -> BTreeMap<String, usize> {
    let mut counted = BTreeMap::new();
    for subject in &seen.mail {
        let subject = match subject.split_once(": failed over to ") {
            Some((database, rest)) => {
                format!("{database}: failed over to {}", rest.split(' ').next().unwrap_or_default())
            }
            None => subject.clone(),
        };
        *counted.entry(subject).or_default() += 1;
    }
    counted
}
