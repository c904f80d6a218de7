//! Transitions: what is asked before, what is shown meanwhile, and how they end.

use std::sync::{Condvar, Mutex};

use drill_report::Progress;
use serde_json::{Value, json};

use crate::answers::{OSAKA, SEOUL, declared, fine, report, run, statuses};
use crate::aws::{Asked, Reply};
use crate::{Terminal, held};

fn done(asked: &Asked) -> Reply {
    Reply::json(&match asked.field("action").as_str() {
        "status" => statuses(),
        "declare" => declared(),
        "failover" => report(Progress::Done, Some(130_000)),
        _ => report(Progress::Done, Some(61_230)),
    })
}

#[test]
fn a_person_confirms_what_moves_the_writer() {
    let terminal = Terminal::new(done);
    held(
        "confirmed",
        &terminal.all(&[
            ("failover todo --to ap-northeast-3", Some("todo\n")),
            ("failover todo --to ap-northeast-3", Some("yes\n")),
            ("failover todo --to ap-northeast-3 --yes", Some("todo\n")),
            ("failover todo --to ap-northeast-3 --json", Some("todo\n")),
            ("failover todo --to ap-northeast-3", None),
            ("switchover todo --to ap-northeast-3", Some("YES\n")),
            ("switchover todo --to ap-northeast-3", Some("todo\n")),
            ("switchover todo --to ap-northeast-3", Some("\n")),
            ("switchover todo --to ap-northeast-3", None),
            ("switchover todo --to ap-northeast-3 --yes --json", None),
            ("failback todo", Some("y\n")),
            ("failback todo", Some("n\n")),
            ("failback todo --yes", None),
        ]),
    );
}

#[test]
fn a_transition_that_does_not_end_well_is_told_with_what_was_seen() {
    let failed = |answer: &str| format!("RDS refused it. The whole answer: {answer}");
    let terminal = Terminal::new(move |asked: &Asked| {
        let is_look = asked.field("action") == "status";
        match asked.field("database").as_str() {
            "seen" if !is_look => {
                Reply::failed("Failed", &failed(&report(Progress::Failed, None).to_string()))
            }
            "unseen" if !is_look => Reply::failed("Failed", &failed("nothing")),
            "endless" if !is_look => Reply::json(&report(Progress::InProgress, None)),
            "odd" if !is_look => Reply::json(&json!({ "format": 1 })),
            // The Region that is asked first died.
            "moved" if asked.region == SEOUL => Reply::failed("Sandbox.Timedout", "Task timed out"),
            // It had started it before its time was over.
            "late" if !is_look => Reply::failed("Sandbox.Timedout", "Task timed out after 900.00 seconds"),
            "dead" => Reply::failed("Sandbox.Timedout", "Task timed out"),
            _ => done(asked),
        }
    });
    held(
        "ended",
        &terminal.all(&[
            ("switchover seen --to ap-northeast-3 --yes", None),
            ("switchover seen --to ap-northeast-3 --yes --json", None),
            ("switchover unseen --to ap-northeast-3 --yes", None),
            ("switchover endless --to ap-northeast-3 --yes", None),
            ("switchover odd --to ap-northeast-3 --yes", None),
            ("switchover moved --to ap-northeast-3 --yes", None),
            ("switchover dead --to ap-northeast-3 --yes", None),
            ("switchover late --to ap-northeast-3 --yes", None),
            ("declare moved --to ap-northeast-3", Some("moved\n")),
            ("declare late --to ap-northeast-3", Some("late\n")),
        ]),
    );
}

/// How often the status was looked at, and the transition asked for.
#[derive(Default)]
struct Watched {
    counts: Mutex<(usize, usize)>,
    looked: Condvar,
}

impl Watched {
    /// The first invocation ends before the transition, and not before three looks beside it were shown: one at a run that
    /// was over before, and two at this one. They go to the Region that is not at work.
    fn answer(&self, asked: &Asked) -> Value {
        let mut counts = self.counts.lock().unwrap();
        if asked.field("action") == "status" {
            counts.0 += 1;
            self.looked.notify_all();
            return json!({ "databases": [match counts.0 {
                _ if counts.0 > 1 && asked.region != OSAKA => return json!({ "databases": [] }),
                3 => fine(&run("todo-switchover-2", &["accepted", "under_way"], None)),
                4 => fine(&run("todo-switchover-2", &["accepted", "under_way", "record_accepted"], None)),
                _ => fine(&run("todo-switchover-1", &["verified"], Some("it was over before"))),
            }]});
        }
        counts.1 += 1;
        if counts.1 > 1 {
            return report(Progress::Done, Some(61_230));
        }
        drop(self.looked.wait_while(counts, |counts| counts.0 < 5).unwrap());
        report(Progress::InProgress, None)
    }
}

#[test]
fn phases_are_shown_as_they_come_by_the_region_that_is_not_busy() {
    let watched = Watched::default();
    let terminal = Terminal::new(move |asked| Reply::json(&watched.answer(asked)));
    let told = terminal.all(&[("switchover todo --to ap-northeast-3 --yes", None)]);
    held("watched", &told);
}
