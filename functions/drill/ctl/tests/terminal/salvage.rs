//! Keeping what a failover lost: what is shown, what is asked, and how waiting ends.

use std::sync::atomic::{AtomicU32, Ordering};

use crate::answers::{SEOUL, salvage};
use crate::aws::{Asked, Reply};
use crate::{Terminal, held};

fn is_dry(asked: &Asked) -> bool {
    asked.body.contains(r#""dry_run":true"#)
}

#[test]
fn a_copy_is_shown_and_asked_about_before_it_is_made() {
    let terminal = Terminal::new(|asked| match (asked.field("database").as_str(), is_dry(asked)) {
        ("kept", dry) => Reply::json(&salvage("kept", "kept", dry)),
        ("early", dry) => Reply::json(&salvage("not_yet", "wait", dry)),
        ("full" | "todo", true) => Reply::json(&salvage("would_copy", "would_copy", true)),
        ("full", false) => Reply::json(&salvage("no_room", "blocked", false)),
        ("old", _) => Reply::failed("BadRequest", "\"salvage\" is no action: it is one of status, plan"),
        _ => Reply::json(&salvage("asked", "wait", false)),
    });
    held(
        "salvage",
        &terminal.all(&[
            ("salvage todo --dry-run", None),
            ("salvage todo --dry-run --json --since 2026-11-25T14:00:00Z", None),
            ("salvage todo", Some("y\n")),
            ("salvage todo", Some("n\n")),
            ("salvage todo", None),
            ("salvage todo --yes", None),
            ("salvage kept", None),
            ("salvage kept --yes --json", None),
            ("salvage early", None),
            ("salvage early --wait", Some("n\n")),
            ("salvage full --yes", None),
            ("salvage old", None),
            ("salvage", None),
        ]),
    );
}

/// Seoul's function dies, then AWS takes its time; the same sentence is said once.
#[test]
fn waiting_ends_when_it_is_kept_or_somebody_has_to_mend_something() {
    let looks = AtomicU32::new(0);
    let terminal = Terminal::new(move |asked| {
        if is_dry(asked) {
            return Reply::json(&salvage("not_yet", "wait", true));
        }
        match (looks.fetch_add(1, Ordering::SeqCst), asked.region == SEOUL) {
            (0, _) | (1, false) => Reply::failed("Sandbox.Timedout", "Task timed out"),
            (2 | 3, _) => Reply::json(&salvage("creating", "wait", false)),
            (4 | 8, _) => Reply::json(&salvage("kept", "kept", false)),
            (5, _) => Reply::json(&salvage("copying", "wait", false)),
            _ => Reply::json(&salvage("key_unusable", "blocked", false)),
        }
    });
    held(
        "salvage_waits",
        &terminal.all(&[
            ("salvage todo --wait --every 1", Some("y\n")),
            ("salvage todo --wait --every 1 --yes", None),
            ("salvage todo --wait --every 0", None),
        ]),
    );
}
