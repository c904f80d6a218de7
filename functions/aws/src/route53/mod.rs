//! The writer record in Route 53.

mod batch;
mod exchange;
mod listing;
mod names;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_route53::Client;
use responder_core::config::Database;
use responder_core::ports::{Exchanged, PortError};
use responder_core::words::failure::FailureKind;
use responder_core::world::record::{Exchange, RecordSet};
use tokio::time::Instant;

use crate::budget::Patience;
use crate::clients::Clients;
use crate::coalesce::{Asked, Coalescer};
use crate::lock::lock;
use batch::Move;
use names::Place;

/// Route 53, zone by zone.
#[derive(Debug)]
pub(crate) struct Route53 {
    client: Client,
    /// Of one call.
    budget: Duration,
    reads: Coalescer<String, Place, listing::Answer>,
    exchanges: Coalescer<String, Move, exchange::Answer>,
    /// Until when an exchange may wait for the quota: the invocation ends soon after.
    end: Mutex<Option<Instant>>,
}

impl Route53 {
    pub(crate) fn new(clients: &Arc<Clients>) -> Self {
        let budget = clients.budgets().record;
        Self {
            client: clients.route53(),
            budget,
            reads: Coalescer::new(budget),
            exchanges: Coalescer::new(budget),
            end: Mutex::default(),
        }
    }

    /// Until when exchanges wait for the quota.
    pub(crate) fn end_at(&self, end: Instant) {
        *lock(&self.end) = Some(end);
    }

    /// All that stands at the record's two names.
    pub(crate) async fn read(&self, database: &Database) -> Result<RecordSet, PortError> {
        let zone = database.record().zone_id.clone();
        let (client, id) = (self.client.clone(), zone.clone());
        let page = self.budget;
        let run = move |asked, first| read_round(client, id, asked, Patience { first, page });
        let answer = self.reads.ask(&zone, Place::of(database), run).await;
        let lost = || no_answer("ListResourceRecordSets", &zone);
        Ok(answer.ok_or_else(lost)??)
    }

    /// Replaces exactly `exchange.from` by `exchange.to`.
    pub(crate) async fn exchange(
        &self,
        database: &Database,
        exchange: &Exchange,
    ) -> Result<Exchanged, PortError> {
        let zone = database.record().zone_id.clone();
        let wanted = Move::new(Place::of(database), exchange.clone(), database.priority());
        let (client, id) = (self.client.clone(), zone.clone());
        let page = self.budget;
        let quota = Instant::now() + exchange::QUOTA;
        let quota = lock(&self.end).map_or(quota, |end| quota.min(end));
        let run = move |asked, first| exchange::round(client, id, asked, Patience { first, page }, quota);
        let answer = self.exchanges.ask(&zone, wanted, run).await;
        let lost = || no_answer("ChangeResourceRecordSets", &zone);
        Ok(answer.ok_or_else(lost)??)
    }
}

async fn read_round(
    client: Client,
    zone: String,
    asked: Vec<Asked<Place, listing::Answer>>,
    patience: Patience,
) {
    let places = asked.iter().map(|asked| asked.question.clone()).collect();
    let answers = listing::read(&client, &zone, places, patience).await;
    for asked in asked {
        if let Some(answer) = answers.get(&asked.question).cloned() {
            asked.answer(answer);
        }
    }
}

fn no_answer(operation: &str, zone: &str) -> PortError {
    PortError::new(format!("route53:{operation} in {zone}"), FailureKind::Unreachable)
}
