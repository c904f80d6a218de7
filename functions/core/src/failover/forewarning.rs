//! What people are told of a look ahead: what stands in the way and since when, or that it is over.

use std::fmt::Write;

use crate::answer::readiness::ReadinessKind;
use crate::answer::result::CheckVerdict;
use crate::config::FailoverMode;
use crate::pass::context::Pass;
use crate::words::names::Region;
use crate::words::notice::Notice;
use crate::words::timestamp::Timestamp;
use crate::world::readiness::Readiness;

/// The message of a change. `before` is what was found the time before.
pub(super) fn notice<P>(
    pass: Pass<'_, P>,
    writer: Option<&Region>,
    now: &Readiness,
    before: Option<&Readiness>,
) -> Notice {
    let (name, own) = (pass.database.name(), pass.own);
    let from = writer.map(|writer| format!(" from {writer}")).unwrap_or_default();
    let names: Vec<&str> = now.obstacles.iter().map(|it| it.check.as_str()).collect();
    let names = names.join(", ");
    let subject = match now.verdict {
        ReadinessKind::Ready => format!("{name}: ready again to fail over to {own}"),
        ReadinessKind::Unknown => format!("{name}: unknown if ready to fail over to {own}: {names}"),
        _ => format!("{name}: NOT ready to fail over to {own}: {names}"),
    };
    let mut text =
        String::from("Nothing burns now. This is the look ahead that is taken every half hour.\n\n");
    if now.verdict == ReadinessKind::Ready {
        let since = before.map(|it| format!(", which was not so since {}", it.since)).unwrap_or_default();
        let _ = writeln!(
            text,
            "Were the alarms of {name} to fire now, a failover to {own}{from} would {} by every check{since}.",
            does(pass.database.failover().mode)
        );
        over(&mut text, before, now.at);
    } else {
        let _ = writeln!(
            text,
            "Were the alarms of {name} to fire now, a failover to {own}{from} would not {}. In the way:",
            does(pass.database.failover().mode)
        );
        for it in &now.obstacles {
            let word = if it.verdict == CheckVerdict::Fail { "FAIL   " } else { "UNKNOWN" };
            let _ = writeln!(text, "  {word}  {}: {}  (since {})", it.check, it.value, it.since);
        }
        text.push_str("\nAnother message follows when that changes.\n");
    }
    let _ = writeln!(text, "\nTo look at it now:\n\n  failoverctl --region {own} status {name}");
    Notice::new(&subject, text)
}

fn does(mode: FailoverMode) -> &'static str {
    if mode == FailoverMode::Automatic { "start by itself" } else { "be advised" }
}

/// What stood in the way, and for how long.
fn over(text: &mut String, before: Option<&Readiness>, now: Timestamp) {
    for it in before.into_iter().flat_map(|it| &it.obstacles) {
        let _ = writeln!(text, "  over     {}, after {}", it.check, now.age_of(it.since));
    }
}
