//! RDS events in the shape in which EventBridge delivers them.
//!
//! No captured payload of a global transition is public, so these are synthetic: the envelope is the
//! documented one of RDS events, the identifiers and categories are those of the RDS event lists.

use drill_emulator::{
    Region,
    rds::model::{ACCOUNT, Names},
};
use serde_json::{Value, json};

use crate::clock::{now, rfc3339};

/// An event and the Region whose EventBridge would deliver it. Whether, how often and when it is
/// delivered is up to the drill.
#[derive(Debug, Clone, PartialEq)]
pub struct RdsEvent {
    /// Where it happened.
    pub region: Region,
    /// Such as `RDS-EVENT-0181`.
    pub id: &'static str,
    /// The EventBridge document.
    pub event: Value,
}

/// The RDS events that a global database's life produces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Happening {
    SwitchoverStarted,
    OldPrimaryStopped,
    WaitingForSynchronization,
    NewPrimaryPromoted,
    SwitchoverFinished,
    SwitchoverFailed,
    Detached,
    FailoverCompleted,
    FailoverFailed,
    ResynchronizationStarted,
    ResynchronizationFinished,
    WriteBlockSucceeded,
    WriteBlockTimedOut,
    PasswordReset,
}

impl Happening {
    const fn id(self) -> &'static str {
        match self {
            Self::SwitchoverStarted => "RDS-EVENT-0181",
            Self::OldPrimaryStopped => "RDS-EVENT-0182",
            Self::WaitingForSynchronization => "RDS-EVENT-0183",
            Self::NewPrimaryPromoted => "RDS-EVENT-0184",
            Self::SwitchoverFinished => "RDS-EVENT-0185",
            Self::SwitchoverFailed => "RDS-EVENT-0187",
            Self::Detached => "RDS-EVENT-0228",
            Self::FailoverCompleted => "RDS-EVENT-0238",
            Self::FailoverFailed => "RDS-EVENT-0239",
            Self::ResynchronizationStarted => "RDS-EVENT-0240",
            Self::ResynchronizationFinished => "RDS-EVENT-0241",
            Self::WriteBlockSucceeded => "RDS-EVENT-0390",
            Self::WriteBlockTimedOut => "RDS-EVENT-0391",
            Self::PasswordReset => "RDS-EVENT-0016",
        }
    }

    /// The wire says `global-failover` where the documentation prints "global failover".
    const fn category(self) -> &'static str {
        match self {
            Self::Detached | Self::PasswordReset => "configuration change",
            Self::WriteBlockSucceeded | Self::WriteBlockTimedOut => "notification",
            _ => "global-failover",
        }
    }

    const fn message(self) -> &'static str {
        match self {
            Self::SwitchoverStarted => "Global switchover started.",
            Self::OldPrimaryStopped => "The old primary DB cluster was shut down.",
            Self::WaitingForSynchronization => "Waiting for data synchronization.",
            Self::NewPrimaryPromoted => "The new primary DB cluster was promoted.",
            Self::SwitchoverFinished => "Global switchover finished.",
            Self::SwitchoverFailed => "Global switchover failed.",
            Self::Detached => "The DB cluster was removed from its global database.",
            Self::FailoverCompleted => "Global failover completed.",
            Self::FailoverFailed => "Global failover failed.",
            Self::ResynchronizationStarted => "Resynchronization started.",
            Self::ResynchronizationFinished => "Resynchronization finished.",
            Self::WriteBlockSucceeded => "Writes on the old primary were blocked.",
            Self::WriteBlockTimedOut => "Blocking writes on the old primary timed out.",
            Self::PasswordReset => "Reset master credentials.",
        }
    }

    const fn is_of_instance(self) -> bool {
        matches!(self, Self::WriteBlockSucceeded | Self::WriteBlockTimedOut)
    }
}

/// The event that this happening gives in that Region, as the `number`th of the run.
pub(super) fn event(happening: Happening, region: Region, number: u64) -> RdsEvent {
    let names = Names::of(region);
    let (kind, source, name, arn) = if happening.is_of_instance() {
        let arn = names.instance_arn();
        ("RDS DB Instance Event", "DB_INSTANCE", names.instance(), arn)
    } else {
        let arn = names.cluster_arn();
        ("RDS DB Cluster Event", "CLUSTER", names.cluster(), arn)
    };
    let now = now();
    RdsEvent {
        region,
        id: happening.id(),
        event: json!({
            "version": "0",
            "id": format!("00000000-0000-4000-8000-{number:012x}"),
            "detail-type": kind,
            "source": "aws.rds",
            "account": ACCOUNT,
            "time": rfc3339(now.replace_nanosecond(0).unwrap_or(now)),
            "region": region.id(),
            "resources": [arn],
            "detail": {
                "EventCategories": [happening.category()],
                "SourceType": source,
                "SourceArn": arn,
                "Date": rfc3339(now),
                "Message": happening.message(),
                "SourceIdentifier": name,
                "EventID": happening.id(),
            },
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cluster_event_has_the_documented_envelope() {
        let given = event(Happening::NewPrimaryPromoted, Region::Osaka, 7);
        assert_eq!(given.event["detail-type"], "RDS DB Cluster Event");
        assert_eq!(given.event["detail"]["EventID"], "RDS-EVENT-0184");
        assert_eq!(given.event["resources"][0], "arn:aws:rds:ap-northeast-3:123456789012:cluster:todo-osaka");
        assert!(given.event["time"].as_str().unwrap().ends_with('Z'));
    }

    #[test]
    fn a_write_block_is_the_instances_event() {
        let given = event(Happening::WriteBlockTimedOut, Region::Seoul, 1);
        assert_eq!(given.event["detail-type"], "RDS DB Instance Event");
        assert_eq!(given.event["detail"]["SourceIdentifier"], "todo-seoul-1");
    }
}
