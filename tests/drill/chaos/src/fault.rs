//! The ways in which a call fails.

use std::time::Duration;

use drill_cloud::front::{Fault, FaultId, Front};

use crate::call::Call;

/// How long what passes by itself lasts, from the first call that it meets.
const A_SECOND: Duration = Duration::from_secs(1);

/// A way in which a call fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Chaos {
    Throttled,
    Unavailable,
    Hang,
    Reset,
    Lost,
    Cut,
    Stale,
}

impl Chaos {
    pub(crate) const ALL: [Self; 7] =
        [Self::Throttled, Self::Unavailable, Self::Hang, Self::Reset, Self::Lost, Self::Cut, Self::Stale];

    /// Its name in a cell's.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Throttled => "throttled",
            Self::Unavailable => "503",
            Self::Hang => "hang",
            Self::Reset => "reset",
            Self::Lost => "lost",
            Self::Cut => "cut",
            Self::Stale => "stale",
        }
    }

    /// What happens, in the words of a column.
    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::Throttled => "Throttled for 1 s",
            Self::Unavailable => "503 for 1 s",
            Self::Hang => "No answer",
            Self::Reset => "Reset for 1 s",
            Self::Lost => "Answer lost",
            Self::Cut => "Answer cut off",
            Self::Stale => "Stale for 1 s",
        }
    }

    /// The same, in a sentence.
    pub(crate) const fn story(self) -> &'static str {
        match self {
            Self::Throttled => {
                "for a second from the first call on, the service says that there are too many; nothing is applied"
            }
            Self::Unavailable => "for a second the service says 503; nothing is applied",
            Self::Hang => {
                "nothing is answered for as long as the function's own budget for that call; then what still waits is hung up on"
            }
            Self::Reset => "for a second the connection is closed without an answer; nothing is applied",
            Self::Lost => "once, the call is applied and the connection is closed without an answer",
            Self::Cut => "once, the call is applied and the connection is closed in the middle of the answer",
            Self::Stale => {
                "for a second, from when it makes a difference, the answer is as it was before the move"
            }
        }
    }

    /// Switches it on for that call; `budget` is how long the function waits for it.
    pub(crate) fn inject(self, front: &Front, call: &Call, budget: Duration) -> FaultId {
        let scope = call.scope();
        let code = |status, code: &str| Fault::Fail { status, code: code.to_owned() };
        match self {
            Self::Throttled => {
                let (status, word) = throttling(call.service);
                front.inject_for(scope, code(status, word), A_SECOND)
            }
            Self::Unavailable => front.inject_for(scope, code(503, "ServiceUnavailable"), A_SECOND),
            Self::Hang => front.inject_for(scope, Fault::BlackHole, budget),
            Self::Reset => front.inject_for(scope, Fault::Refuse, A_SECOND),
            Self::Lost => front.inject_times(scope, Fault::LostAnswer, 1),
            Self::Cut => front.inject_times(scope, Fault::CutOff, 1),
            Self::Stale => front.inject_for(scope, Fault::Stale, A_SECOND),
        }
    }
}

/// The service's own word for too many calls.
fn throttling(service: &str) -> (u16, &'static str) {
    match service {
        "ssm" => (400, "ThrottlingException"),
        "lambda" => (429, "TooManyRequestsException"),
        _ => (400, "Throttling"),
    }
}
