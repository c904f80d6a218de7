//! Moves, and the change batches that carry them.
//!
//! A move deletes exactly what stood there and creates what is to stand there, in one batch, which Route 53
//! performs as a whole or not at all. So it is a compare-and-swap. Nothing is ever overwritten: there is no
//! other action here than DELETE and CREATE.

use aws_sdk_route53::error::BuildError;
use aws_sdk_route53::types::{
    Change, ChangeAction, ChangeBatch, ResourceRecord as SdkRecord, ResourceRecordSet, RrType,
};
use responder_core::world::record::{Exchange, ResourceRecord};

use super::names::Place;

/// Record values a batch, by Route 53's limits.
const VALUES_MAX: usize = 1_000;
/// Characters in all values of a batch, by Route 53's limits.
const CHARACTERS_MAX: usize = 32_000;

/// The move of one writer record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Move {
    pub(super) place: Place,
    pub(super) exchange: Exchange,
    /// The more important goes first.
    pub(super) priority: u32,
}

impl Move {
    pub(super) const fn new(place: Place, exchange: Exchange, priority: u32) -> Self {
        Self { place, exchange, priority }
    }

    /// Its changes in order: both deletions, then both creations.
    fn changes(&self) -> Vec<(ChangeAction, &str, RrType, &ResourceRecord)> {
        let both = |records| self.records(records);
        let delete =
            both(&self.exchange.from).map(|(name, kind, record)| (ChangeAction::Delete, name, kind, record));
        let create =
            both(&self.exchange.to).map(|(name, kind, record)| (ChangeAction::Create, name, kind, record));
        delete.chain(create).collect()
    }

    fn records<'a>(
        &'a self,
        records: &'a responder_core::world::record::RecordSet,
    ) -> impl Iterator<Item = (&'a str, RrType, &'a ResourceRecord)> {
        let cname = records.cname.as_ref();
        let txt = records.txt.as_ref();
        let cname = cname.map(|record| (self.place.name.as_str(), RrType::Cname, record));
        let txt = txt.map(|record| (self.place.ownership.as_str(), RrType::Txt, record));
        cname.into_iter().chain(txt)
    }

    /// How many values it has, and how many characters they have.
    fn size(&self) -> (usize, usize) {
        let values = || self.changes().into_iter().flat_map(|(.., record)| &record.values);
        (values().count(), values().map(|value| value.chars().count()).sum())
    }
}

/// The moves in as few groups as fit into a batch each, in their order.
pub(super) fn groups<T>(moves: Vec<T>, of: impl Fn(&T) -> &Move) -> Vec<Vec<T>> {
    let mut groups: Vec<Vec<T>> = Vec::new();
    let mut room = (0, 0);
    for one in moves {
        let (values, characters) = of(&one).size();
        match groups.last_mut() {
            Some(group) if values <= room.0 && characters <= room.1 => group.push(one),
            _ => {
                groups.push(vec![one]);
                room = (VALUES_MAX, CHARACTERS_MAX);
            }
        }
        room = (room.0.saturating_sub(values), room.1.saturating_sub(characters));
    }
    groups
}

/// The change batch of these moves.
pub(super) fn change_batch<'a>(moves: impl IntoIterator<Item = &'a Move>) -> Result<ChangeBatch, BuildError> {
    let changes = moves.into_iter().flat_map(Move::changes);
    let changes = changes
        .map(|(action, name, kind, record)| change(action, name, kind, record))
        .collect::<Result<_, _>>()?;
    ChangeBatch::builder().set_changes(Some(changes)).build()
}

fn change(
    action: ChangeAction,
    name: &str,
    kind: RrType,
    record: &ResourceRecord,
) -> Result<Change, BuildError> {
    let values = record
        .values
        .iter()
        .map(|value| SdkRecord::builder().value(value).build())
        .collect::<Result<_, _>>()?;
    let records = ResourceRecordSet::builder()
        .name(name)
        .r#type(kind)
        .ttl(record.ttl_seconds.into())
        .set_resource_records(Some(values))
        .build()?;
    Change::builder().action(action).resource_record_set(records).build()
}
