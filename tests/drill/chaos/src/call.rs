//! A call of a move: an operation of a service at a place, as the emulated AWS's journal names it.

use drill_cloud::Region;
use drill_cloud::front::{Change, Entry, Scope};
use drill_cloud::installation::{PARAMETER, STATE};

/// The journal of what `failover` tried.
pub(crate) const ATTEMPT: &str = "/failover-responder/attempt/todo";
/// The Region of the witness, where no member is.
pub(crate) const WITNESS_REGION: &str = "ap-northeast-1";

/// Where a call goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    /// The new writer's Region, which is the functions' own; in a switchover the other Region has functions, too.
    New,
    /// The old writer's.
    Old,
    /// That of an alarm from elsewhere.
    Witness,
    /// Route 53.
    Global,
}

impl Place {
    const ALL: [Self; 4] = [Self::New, Self::Old, Self::Witness, Self::Global];

    /// The Region that its calls are signed for.
    const fn region(self) -> &'static str {
        match self {
            Self::New => Region::Osaka.id(),
            Self::Old => Region::Seoul.id(),
            Self::Witness => WITNESS_REGION,
            Self::Global => "us-east-1",
        }
    }

    const fn suffix(self) -> &'static str {
        match self {
            Self::New => "@new",
            Self::Old => "@old",
            Self::Witness => "@witness",
            Self::Global => "",
        }
    }
}

/// One call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Call {
    /// The signing name.
    pub(crate) service: &'static str,
    pub(crate) operation: &'static str,
    /// Which parameter, where that makes a difference.
    pub(crate) parameter: Option<&'static str>,
    pub(crate) place: Place,
}

impl Call {
    pub(crate) const fn new(service: &'static str, operation: &'static str, place: Place) -> Self {
        Self { service, operation, parameter: None, place }
    }

    /// A write of that parameter.
    pub(crate) const fn put(parameter: &'static str, place: Place) -> Self {
        Self { service: "ssm", operation: "PutParameter", parameter: Some(parameter), place }
    }

    /// Its name, such as `ssm:PutParameter-state@new`.
    pub(crate) fn name(&self) -> String {
        let parameter = self.parameter.map(|name| format!("-{}", word(name))).unwrap_or_default();
        format!("{}:{}{parameter}{}", spoken(self.service), self.operation, self.place.suffix())
    }

    /// The same name, read from the journal.
    pub(crate) fn name_of(entry: &Entry) -> String {
        let call = &entry.call;
        let parameter = match &entry.change {
            Some(Change::Parameter { name, .. }) => format!("-{}", word(name)),
            _ => String::new(),
        };
        let place = Place::ALL.into_iter().find(|place| place.region() == call.signed_for);
        let suffix = place.map_or_else(|| format!("@{}", call.signed_for), |it| it.suffix().to_owned());
        format!("{}:{}{parameter}{suffix}", spoken(&call.service), call.operation)
    }

    /// The requests that are this call.
    pub(crate) fn scope(&self) -> Scope {
        let scope = Scope::elsewhere(self.place.region()).only(self.operation);
        let scope = Scope { service: Some(self.service.to_owned()), ..scope };
        match self.parameter {
            Some(name) => scope.about(&format!("\"{name}\"")),
            None => scope,
        }
    }
}

/// A service as people say it.
fn spoken(service: &str) -> &str {
    if service == "monitoring" { "cloudwatch" } else { service }
}

/// A parameter in a word; the whole name of one that nobody expects.
fn word(name: &str) -> &str {
    match name {
        PARAMETER => "writer",
        STATE => "state",
        ATTEMPT => "attempt",
        other => other,
    }
}
