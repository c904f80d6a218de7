//! The marks of events: a shape for each kind, so that colour is never the only difference.

use maud::{Markup, html};

use crate::EventKind;

/// The CSS class and the plain name of a kind.
pub(crate) fn naming(kind: &EventKind) -> (&'static str, &str) {
    match kind {
        EventKind::State => ("state", "state"),
        EventKind::Event => ("event", "event or trigger"),
        EventKind::Decision => ("decision", "decision: nothing to do"),
        EventKind::Hold => ("hold", "decision: hold"),
        EventKind::Publish => ("publish", "published or visible"),
        EventKind::Action => ("action", "asked for"),
        EventKind::Error => ("error", "failed"),
        EventKind::Fault => ("fault", "injected fault"),
        EventKind::Other(name) => ("other", name),
    }
}

/// The mark of a kind, centred at the given position.
pub(crate) fn mark(kind: &EventKind, x: f64, y: f64) -> Markup {
    let at = format!("translate({x:.1} {y:.1})");
    let class = format!("mark {}", naming(kind).0);
    html! {
        @match kind {
            EventKind::Fault => path class=(class) transform=(at) d="M-4.5-4.5 4.5 4.5M4.5-4.5-4.5 4.5" {},
            EventKind::Error => path class=(class) transform=(at) d="M0-5.5 5.5 4.5H-5.5Z" {},
            EventKind::Action => path class=(class) transform=(at) d="M-4-5.5 6 0-4 5.5Z" {},
            EventKind::Publish => circle class=(class) transform=(at) r="5" {},
            EventKind::Hold => path class=(class) transform=(at) d="M-4.5-5h3V5h-3ZM1.5-5h3V5h-3Z" {},
            EventKind::Decision => path class=(class) transform=(at) d="M0-6 6 0 0 6-6 0Z" {},
            EventKind::Event => circle class=(class) transform=(at) r="4" {},
            EventKind::State => path class=(class) transform=(at) d="M-1.5-6h3V6h-3Z" {},
            EventKind::Other(_) => path class=(class) transform=(at) d="M-4-4h8v8h-8Z" {},
        }
    }
}
