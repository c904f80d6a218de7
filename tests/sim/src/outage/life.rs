//! What one life is about, drawn from its seed before it begins.

use std::cell::Cell;

use responder_core::words::timestamp::Timestamp;
use responder_fakes::{ALARM, Call, Fault, LagCourse, Operation, Unkind, Unkindness};

use super::terms::{Lie, Spoil};
use crate::weather::Dice;

/// Every alarm that a life may configure, with the place of its Region: Seoul, Osaka, a third one.
pub(super) const ALARMS: [(&str, usize); 5] = [
    (ALARM, 1),
    ("arn:aws:cloudwatch:ap-northeast-1:123456789012:alarm:todo-witness", 2),
    ("arn:aws:cloudwatch:ap-northeast-2:123456789012:alarm:todo-seoul-app", 0),
    ("arn:aws:cloudwatch:ap-northeast-1:123456789012:alarm:todo-database", 2),
    ("arn:aws:cloudwatch:ap-northeast-2:123456789012:alarm:todo-seoul-database", 0),
];

/// What happens to the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Story {
    /// Outages, alarms that flap and lie, faults of every kind: only what must never happen is looked for.
    Wild,
    /// The writer's Region dies.
    Region,
    /// The writer's cluster fails, and its Region goes on.
    Cluster,
    /// Both applications are broken and the database is well.
    Release,
    /// The writer's Region dies, and one of the alarms never says so.
    Partial,
}

/// The one thing that is lost in a life that is not wild.
#[derive(Debug)]
pub(super) enum Lost {
    Nothing,
    /// This call after the outage, of these.
    Call(LostCall),
    /// Every event of this alarm.
    Event(usize),
    /// This tick of the schedule after the outage, in Osaka.
    Tick(i64),
}

/// The call of this number, counted from the outage on.
#[derive(Debug)]
pub(super) struct LostCall {
    operation: Option<Operation>,
    fault: Fault,
    left: Cell<i64>,
    struck: Cell<Option<Operation>>,
}

/// A life.
#[derive(Debug)]
pub(super) struct Life {
    pub(super) story: Story,
    /// The health alarms, by their places in [`ALARMS`].
    pub(super) health: &'static [usize],
    /// The writer alarms.
    pub(super) writer: &'static [usize],
    /// What is spoilt from the beginning to the end, in a life that is not wild.
    pub(super) spoilt: Option<Spoil>,
    pub(super) lost: Lost,
    /// Whether its alarms fire quickly; else at AWS's pace.
    pub(super) is_quick: bool,
    /// Whether all its alarms come in one moment, and so do their first events.
    pub(super) is_at_once: bool,
    /// Whether only one `failover` runs at a time in each Region.
    pub(super) is_reserved: bool,
    /// How the lag goes on in an outage.
    pub(super) course: LagCourse,
    /// In what AWS is unkind.
    pub(super) unkind: Unkindness,
    /// How late a sample of it comes, in milliseconds after the end of its minute.
    pub(super) late_ms: i64,
}

impl Life {
    pub(super) fn draw(dice: &mut Dice, lie: Option<Lie>) -> Self {
        let stories = [Story::Region, Story::Region, Story::Cluster, Story::Release, Story::Partial];
        let story = if dice.percent(40) { Story::Wild } else { stories[dice.place(5)] };
        let writer: &[usize] = [&[][..], &[], &[3], &[3, 4]][dice.place(4)];
        let writer = if lie == Some(Lie::WriterDown) { &[3] } else { writer };
        let spoilt = dice.percent(15).then(|| Spoil::ALL[dice.place(Spoil::ALL.len())]);
        Self {
            story,
            health: if dice.percent(50) { &[0, 1] } else { &[0, 1, 2] },
            writer,
            spoilt,
            lost: lost(dice),
            is_quick: story == Story::Wild || dice.percent(50),
            is_at_once: dice.percent(30),
            is_reserved: dice.percent(50),
            course: if dice.percent(50) { LagCourse::Grows } else { LagCourse::Stops },
            unkind: unkind(dice, story),
            late_ms: dice.between(60_000, 180_001),
        }
    }

    pub(super) fn has(&self, unkind: Unkind) -> bool {
        self.unkind.has(unkind)
    }

    /// All its alarms.
    pub(super) fn alarms(&self) -> impl Iterator<Item = usize> {
        self.health.iter().chain(self.writer).copied()
    }

    /// The longest from an outage to an alarm of it, in milliseconds.
    pub(super) fn alarms_ms(&self) -> i64 {
        if self.is_quick { 30_000 } else { 200_000 }
    }

    pub(super) fn is_wild(&self) -> bool {
        self.story == Story::Wild
    }

    /// Whether one failover has to be started, and not only may be.
    pub(super) fn has_to_start(&self) -> bool {
        matches!(self.story, Story::Region | Story::Cluster) && self.spoilt.is_none()
    }

    /// Whether the call that starts a failover is the one that is lost, before RDS took it.
    pub(super) fn lost_the_start(&self) -> bool {
        match &self.lost {
            Lost::Call(lost) => {
                lost.struck.get() == Some(Operation::StartFailover) && lost.fault != Fault::LostAnswer
            }
            _ => false,
        }
    }

    pub(super) const fn loses_nothing(&self) -> bool {
        matches!(self.lost, Lost::Nothing)
    }

    /// Whether the call that is lost is one by which people hear, or by which it is remembered that they did.
    pub(super) fn lost_a_word(&self) -> bool {
        let words = [Operation::Publish, Operation::ReadJournal, Operation::PutJournal];
        matches!(&self.lost, Lost::Call(lost) if lost.struck.get().is_some_and(|it| words.contains(&it)))
    }

    /// The fault of this call, where it is the one that is lost.
    pub(super) fn strike(&self, call: &Call) -> Option<Fault> {
        let Lost::Call(lost) = &self.lost else { return None };
        if self.is_wild() || lost.operation.is_some_and(|operation| operation != call.operation) {
            return None;
        }
        lost.left.set(lost.left.get() - 1);
        (lost.left.get() == -1).then(|| {
            lost.struck.set(Some(call.operation));
            lost.fault
        })
    }

    /// The status of an alarm that says since `now` what began at `began`.
    pub(super) fn breaching(dice: &mut Dice, began: Timestamp) -> Option<(Timestamp, i64)> {
        let period_ms = [0, 10_000, 60_000][dice.place(3)];
        (period_ms > 0).then(|| {
            let start = began.as_ms() - began.as_ms().rem_euclid(period_ms);
            (Timestamp::from_ms(start), period_ms)
        })
    }
}

/// Clocks apart and slow promotions are no loss; what may lose a call or a write is for the wild lives.
fn unkind(dice: &mut Dice, story: Story) -> Unkindness {
    const NO_LOSS: &[Unkind] = &[Unkind::Clocks, Unkind::Statuses];
    const WILD: &[Unkind] = &[Unkind::Stale, Unkind::Late, Unkind::Buckets, Unkind::Retries];
    let wild = if story == Story::Wild { WILD } else { &[] };
    let drawn = NO_LOSS.iter().chain(wild).copied().filter(|_| dice.percent(40));
    Unkindness::of(&drawn.collect::<Vec<_>>())
}

fn lost(dice: &mut Dice) -> Lost {
    const OPERATIONS: [Operation; 14] = [
        Operation::View,
        Operation::ReadRecord,
        Operation::Exchange,
        Operation::ReadParameters,
        Operation::PutWriter,
        Operation::PutState,
        Operation::Alarms,
        Operation::MuteRules,
        Operation::CloudWatch,
        Operation::Lag,
        Operation::ReadJournal,
        Operation::PutJournal,
        Operation::StartFailover,
        Operation::Publish,
    ];
    const FAULTS: [Fault; 5] =
        [Fault::Unreachable, Fault::Fails, Fault::Throttled, Fault::Refused, Fault::LostAnswer];
    match dice.place(10) {
        0 => Lost::Nothing,
        1 => Lost::Event(dice.place(ALARMS.len())),
        2 => Lost::Tick(dice.between(0, 6)),
        drawn => {
            let operation = (drawn < 7).then(|| OPERATIONS[dice.place(OPERATIONS.len())]);
            let last = if operation.is_some() { 12 } else { 150 };
            Lost::Call(LostCall {
                operation,
                fault: FAULTS[dice.place(FAULTS.len())],
                left: Cell::new(dice.between(0, last)),
                struck: Cell::new(None),
            })
        }
    }
}
