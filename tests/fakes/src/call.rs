//! A call through a port, and what can go wrong with it.

use std::fmt;

use responder_core::ports::PortError;
use responder_core::words::failure::FailureKind;
use responder_core::words::names::Region;
use responder_core::words::timestamp::Timestamp;

/// What is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Operation {
    /// A Region's own RDS endpoint is asked.
    View,
    /// The writer record is read.
    ReadRecord,
    /// The writer record is exchanged.
    Exchange,
    /// A Region's parameters are read.
    ReadParameters,
    /// A writer parameter is written.
    PutWriter,
    /// A state parameter is written.
    PutState,
    /// A Region's health and writer alarms are read.
    Alarms,
    /// A Region's mute rules are read.
    MuteRules,
    /// A Region's CloudWatch is asked whether it answers.
    CloudWatch,
    /// The replication lag is read.
    Lag,
    /// The journal of a Region's `failover` function is read.
    ReadJournal,
    /// It is written.
    PutJournal,
    /// What a Region's `failover` function found when it last looked ahead is read.
    ReadReadiness,
    /// It is written.
    PutReadiness,
    /// A Region's probe is asked.
    Probe,
    /// A failover is started.
    StartFailover,
    /// People are told.
    Publish,
    /// The page about a move is kept.
    KeepPage,
    /// A switchover is started.
    StartSwitchover,
    /// A hold switch is set.
    PutHold,
    /// A hold switch is taken away.
    DeleteHold,
    /// A promotion is declared.
    PutDeclared,
    /// What a Region's `drill` function remembers is read.
    ReadRun,
    /// It is written.
    PutRun,
    /// A Region's snapshots are listed.
    Snapshots,
    /// One is copied.
    CopySnapshot,
}

impl Operation {
    /// The name of the AWS operation that this stands for.
    pub const fn aws_name(self) -> &'static str {
        match self {
            Self::View => "rds:DescribeGlobalClusters",
            Self::ReadRecord => "route53:ListResourceRecordSets",
            Self::Exchange => "route53:ChangeResourceRecordSets",
            Self::ReadParameters => "ssm:GetParameters",
            Self::PutWriter
            | Self::PutState
            | Self::PutJournal
            | Self::PutReadiness
            | Self::PutHold
            | Self::PutDeclared
            | Self::PutRun => "ssm:PutParameter",
            Self::DeleteHold => "ssm:DeleteParameter",
            Self::StartSwitchover => "rds:SwitchoverGlobalCluster",
            Self::Alarms | Self::CloudWatch => "cloudwatch:DescribeAlarms",
            Self::MuteRules => "cloudwatch:ListAlarmMuteRules",
            Self::Lag => "cloudwatch:GetMetricData",
            Self::Probe => "lambda:Invoke",
            Self::ReadJournal | Self::ReadReadiness | Self::ReadRun => "ssm:GetParameter",
            Self::StartFailover => "rds:FailoverGlobalCluster",
            Self::Publish => "sns:Publish",
            Self::KeepPage => "s3:PutObject",
            Self::Snapshots => "rds:DescribeDBClusterSnapshots",
            Self::CopySnapshot => "rds:CopyDBClusterSnapshot",
        }
    }

    /// Whether it changes something.
    pub const fn is_write(self) -> bool {
        matches!(
            self,
            Self::Exchange
                | Self::PutWriter
                | Self::PutState
                | Self::PutJournal
                | Self::PutReadiness
                | Self::StartFailover
                | Self::Publish
                | Self::KeepPage
                | Self::StartSwitchover
                | Self::PutHold
                | Self::DeleteHold
                | Self::PutDeclared
                | Self::PutRun
                | Self::CopySnapshot
        )
    }
}

/// One call through a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The function that calls, by its number.
    pub actor: u32,
    /// The Region that it calls from.
    pub own: Region,
    /// What is called.
    pub operation: Operation,
    /// The Region that is called, for what a Region has.
    pub region: Option<Region>,
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.operation.aws_name())?;
        match &self.region {
            Some(region) => write!(f, " in {region}"),
            None => Ok(()),
        }
    }
}

/// What goes wrong with a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It never arrives; the caller gives up after its budget.
    Unreachable,
    /// It is answered by an error of the service, and nothing was done.
    Fails,
    /// It is one too many just now, and nothing was done.
    Throttled,
    /// It is refused, and nothing was done.
    Refused,
    /// It is done, and the answer is lost.
    LostAnswer,
    /// It takes this much longer, in milliseconds.
    Delay(i64),
    /// It must not be made at all: whoever makes it fails the test.
    Forbidden,
}

impl Fault {
    /// The error that the caller gets; none for a delay.
    pub(crate) fn error(self, call: &Call) -> Option<PortError> {
        let kind = match self {
            Self::Unreachable | Self::LostAnswer => FailureKind::Unreachable,
            Self::Fails => FailureKind::Busy,
            Self::Throttled => FailureKind::Throttled,
            Self::Refused => FailureKind::Refused,
            Self::Forbidden => panic!("{call} must never be called here"),
            Self::Delay(_) => return None,
        };
        Some(PortError::new(call.to_string(), kind))
    }

    /// Whether the call takes effect all the same.
    pub(crate) const fn takes_effect(self) -> bool {
        matches!(self, Self::LostAnswer | Self::Delay(_))
    }
}

/// Which calls go wrong, and how; what is `None` matches everything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaultRule {
    /// The Region that calls.
    pub from: Option<Region>,
    /// What is called.
    pub operation: Option<Operation>,
    /// The Region that is called.
    pub region: Option<Region>,
    /// What goes wrong.
    pub fault: Fault,
    /// How many calls are left to go wrong.
    pub times: Option<u32>,
    /// Until when they go wrong.
    pub until: Option<Timestamp>,
}

impl FaultRule {
    /// Every call to `region`, from anywhere.
    pub(crate) fn of_region(region: &Region, fault: Fault) -> Self {
        Self { from: None, operation: None, region: Some(region.clone()), fault, times: None, until: None }
    }

    /// Every call of this operation.
    pub fn of_operation(operation: Operation, fault: Fault) -> Self {
        Self { from: None, operation: Some(operation), region: None, fault, times: None, until: None }
    }

    /// Takes this rule's fault for `call`, if it matches.
    pub(crate) fn strike(&mut self, call: &Call, now: Timestamp) -> Option<Fault> {
        let matches = self.from.as_ref().is_none_or(|from| *from == call.own)
            && self.operation.is_none_or(|operation| operation == call.operation)
            && (self.region.is_none() || self.region == call.region)
            && self.until.is_none_or(|until| now < until)
            && self.times != Some(0);
        if !matches {
            return None;
        }
        if let Some(times) = &mut self.times {
            *times -= 1;
        }
        Some(self.fault)
    }
}
