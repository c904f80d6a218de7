//! What can be done in the control room, and what each of it is called.

use drill_cloud::Region;

/// What can be cut by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Service {
    /// RDS's API in that Region.
    Rds(Region),
    /// Parameter Store in that Region.
    Ssm(Region),
    /// Route 53's control plane, which is in no Region.
    Route53,
}

impl Service {
    /// All of them.
    pub(crate) fn all() -> Vec<Self> {
        let of_region = Region::ALL.into_iter().flat_map(|region| [Self::Rds(region), Self::Ssm(region)]);
        of_region.chain([Self::Route53]).collect()
    }

    /// The Region that it is of.
    pub(crate) const fn region(self) -> Option<Region> {
        match self {
            Self::Rds(region) | Self::Ssm(region) => Some(region),
            Self::Route53 => None,
        }
    }

    /// What people call it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Rds(_) => "RDS",
            Self::Ssm(_) => "Parameter Store",
            Self::Route53 => "Route 53",
        }
    }

    /// The name that its requests are signed for.
    pub(crate) const fn signing_name(self) -> &'static str {
        match self {
            Self::Rds(_) => "rds",
            Self::Ssm(_) => "ssm",
            Self::Route53 => "route53",
        }
    }
}

/// Something that can be done. Where two undo one another, one of them is possible at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Act {
    Kill(Region),
    Stop(Region),
    Start(Region),
    KillApp(Region),
    BreakApp(Region),
    MendApp(Region),
    Cut(Region),
    Back(Region),
    Blind(Region),
    Learn(Region),
    Ring(Region),
    Calm(Region),
    AsSeen(Region),
    CutService(Service),
    MendService(Service),
    Pause,
    Resume,
    CutNetwork,
    MendNetwork,
    LoseEvents,
    KeepEvents,
    DeliverEvents,
    Automatic,
    Advise,
    Status,
    Plan,
    Switchover,
    Failover,
    Failback,
    Hold,
    Release,
    Declare,
    ConsoleSwitchover,
    ConsoleFailover,
    Detach,
    Save,
    Reset,
}

/// Those of each Region.
const OF_REGION: [fn(Region) -> Act; 13] = [
    Act::Kill,
    Act::Stop,
    Act::Start,
    Act::KillApp,
    Act::BreakApp,
    Act::MendApp,
    Act::Cut,
    Act::Back,
    Act::Blind,
    Act::Learn,
    Act::Ring,
    Act::Calm,
    Act::AsSeen,
];

/// Those of no Region.
const OF_NONE: [Act; 22] = [
    Act::Pause,
    Act::Resume,
    Act::CutNetwork,
    Act::MendNetwork,
    Act::LoseEvents,
    Act::KeepEvents,
    Act::DeliverEvents,
    Act::Automatic,
    Act::Advise,
    Act::Status,
    Act::Plan,
    Act::Switchover,
    Act::Failover,
    Act::Failback,
    Act::Hold,
    Act::Release,
    Act::Declare,
    Act::ConsoleSwitchover,
    Act::ConsoleFailover,
    Act::Detach,
    Act::Save,
    Act::Reset,
];

impl Act {
    /// All, in the order in which they are shown.
    pub(crate) fn all() -> Vec<Self> {
        let of_regions = Region::ALL.into_iter().flat_map(|region| OF_REGION.map(|act| act(region)));
        let of_services =
            Service::all().into_iter().flat_map(|it| [Self::CutService(it), Self::MendService(it)]);
        of_regions.chain(of_services).chain(OF_NONE).collect()
    }

    /// The one of that id.
    pub(crate) fn of_id(id: &str) -> Option<Self> {
        Self::all().into_iter().find(|act| act.id() == id)
    }

    /// Such as `kill-database.seoul`.
    pub(crate) fn id(self) -> String {
        let region = self.region().map(|region| format!(".{}", region.city().to_lowercase()));
        format!("{}{}", self.word(), region.unwrap_or_default())
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Kill(_) => "kill-database",
            Self::Stop(_) => "stop-database",
            Self::Start(_) => "start-database",
            Self::KillApp(_) => "kill-app",
            Self::BreakApp(_) => "break-app",
            Self::MendApp(_) => "mend-app",
            Self::Cut(_) => "cut-region",
            Self::Back(_) => "mend-region",
            Self::Blind(_) => "freeze-view",
            Self::Learn(_) => "thaw-view",
            Self::Ring(_) => "alarm-on",
            Self::Calm(_) => "alarm-off",
            Self::AsSeen(_) => "alarm-as-seen",
            Self::CutService(Service::Rds(_)) => "cut-rds",
            Self::CutService(Service::Ssm(_)) => "cut-ssm",
            Self::CutService(Service::Route53) => "cut-route53",
            Self::MendService(Service::Rds(_)) => "mend-rds",
            Self::MendService(Service::Ssm(_)) => "mend-ssm",
            Self::MendService(Service::Route53) => "mend-route53",
            Self::Pause => "pause-replication",
            Self::Resume => "resume-replication",
            Self::CutNetwork => "cut-network",
            Self::MendNetwork => "mend-network",
            Self::LoseEvents => "lose-events",
            Self::KeepEvents => "keep-events",
            Self::DeliverEvents => "deliver-events",
            Self::Automatic => "mode-automatic",
            Self::Advise => "mode-advise",
            Self::Status => "status",
            Self::Plan => "plan",
            Self::Switchover => "switchover",
            Self::Failover => "failover",
            Self::Failback => "failback",
            Self::Hold => "hold",
            Self::Release => "release",
            Self::Declare => "declare",
            Self::ConsoleSwitchover => "console-switchover",
            Self::ConsoleFailover => "console-failover",
            Self::Detach => "console-detach",
            Self::Save => "save",
            Self::Reset => "reset",
        }
    }

    /// The Region that it is done in.
    pub(crate) const fn region(self) -> Option<Region> {
        match self {
            Self::Kill(region)
            | Self::Stop(region)
            | Self::Start(region)
            | Self::KillApp(region)
            | Self::BreakApp(region)
            | Self::MendApp(region)
            | Self::Cut(region)
            | Self::Back(region)
            | Self::Blind(region)
            | Self::Learn(region)
            | Self::Ring(region)
            | Self::Calm(region)
            | Self::AsSeen(region) => Some(region),
            Self::CutService(service) | Self::MendService(service) => service.region(),
            _ => None,
        }
    }

    /// Whether a person types it at a terminal: these take their turns among themselves, and faults go on meanwhile.
    pub(crate) const fn is_command(self) -> bool {
        matches!(
            self,
            Self::Status
                | Self::Plan
                | Self::Switchover
                | Self::Failover
                | Self::Failback
                | Self::Hold
                | Self::Release
                | Self::Declare
        )
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_act_has_an_id_of_its_own_and_is_found_by_it() {
        let all = Act::all();
        let ids: BTreeSet<String> = all.iter().map(|act| act.id()).collect();
        assert_eq!((ids.len(), all.len()), (58, 58));
        assert!(all.iter().all(|act| Act::of_id(&act.id()) == Some(*act)));
        assert!(
            ids.contains("kill-database.seoul")
                && ids.contains("cut-ssm.osaka")
                && ids.contains("cut-route53")
        );
        assert_eq!(Act::of_id("kill-database"), None);
        assert_eq!(Act::of_id(""), None);
    }
}
