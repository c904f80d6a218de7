//! The compare-and-swap of writer records, those of one zone together.

use std::cmp::Reverse;
use std::time::Duration;

use aws_sdk_route53::Client;
use aws_sdk_route53::operation::change_resource_record_sets::ChangeResourceRecordSetsError;
use responder_core::ports::Exchanged;
use responder_core::words::failure::FailureKind;
use tokio::time::Instant;

use super::batch::{self, Move};
use super::listing;
use crate::budget::{Patience, patiently};
use crate::coalesce::Asked;
use crate::failure::Failed;

pub(super) type Answer = Result<Exchanged, Failed>;
type Group = Vec<Asked<Move, Answer>>;

/// How a batch ended that was answered.
enum Sent {
    Accepted,
    /// Route 53 would not perform it as it is; its words.
    Invalid(String),
}

/// How long the batches of one round together may wait for the quota, or for a change of somebody else to be done.
pub(super) const QUOTA: Duration = Duration::from_secs(10);

/// Sends the moves of one zone in as few batches as they fit into, the most important first, one after the other: Route 53
/// takes no second change of a zone while it works on one. A batch that is refused for the sake of some of its moves is sent
/// again without them, so that no database's trouble is another's.
pub(super) async fn round(
    client: Client,
    zone: String,
    mut asked: Group,
    patience: Patience,
    quota: Instant,
) {
    let operation = format!("route53:ChangeResourceRecordSets in {zone}");
    asked.sort_by_key(|asked| Reverse(asked.question.priority));
    let mut groups = batch::groups(asked, |asked| &asked.question);
    groups.reverse();
    let mut deadline = patience.first;
    while let Some(group) = groups.pop() {
        let sent = patiently(deadline, &operation, || send(&client, &zone, &operation, &group)).await;
        deadline = patience.now();
        match sent {
            Ok(Sent::Accepted) => answer_all(group, &Ok(Exchanged::Accepted)),
            Ok(Sent::Invalid(why)) => {
                let invalid = Invalid { client: &client, zone: &zone, operation: &operation, why, patience };
                groups.extend(invalid.sort_out(group).await);
            }
            Err(failed) if concerns_one_move(&failed) && group.len() > 1 => {
                groups.extend(halves(group));
            }
            Err(failed) if failed.is_throttled() && Instant::now() < quota => groups.push(group),
            // Route 53 is down, or takes nothing now: the budget is lost once, not once a batch.
            Err(failed) if failed.kind().is_retryable() => {
                answer_all(group, &Err(failed.clone()));
                groups.drain(..).for_each(|group| answer_all(group, &Err(failed.clone())));
            }
            Err(failed) => answer_all(group, &Err(failed)),
        }
    }
}

/// Whether a refusal may be for the sake of one name only: a role may be allowed some and not others.
fn concerns_one_move(failed: &Failed) -> bool {
    failed.kind() == FailureKind::Refused && failed.code() != Some("NoSuchHostedZone")
}

fn answer_all(group: Group, answer: &Answer) {
    for asked in group {
        asked.answer(answer.clone());
    }
}

fn halves(mut group: Group) -> [Group; 2] {
    let second = group.split_off(group.len() / 2);
    [second, group]
}

async fn send(client: &Client, zone: &str, operation: &str, group: &Group) -> Result<Sent, Failed> {
    let moves = group.iter().map(|asked| &asked.question);
    let batch = batch::change_batch(moves).map_err(|error| Failed::refused(operation, error.to_string()))?;
    let call = client.change_resource_record_sets().hosted_zone_id(zone).change_batch(batch);
    match call.send().await {
        Ok(_) => Ok(Sent::Accepted),
        Err(error) => {
            let parsed = error.as_service_error().and_then(invalid_words);
            match parsed.or_else(|| unwrapped_words(error.raw_response()?.body().bytes()?)) {
                Some(why) => Ok(Sent::Invalid(why)),
                None => Err(Failed::of(operation, error)),
            }
        }
    }
}

/// What Route 53 says of a batch that it would not perform.
fn invalid_words(error: &ChangeResourceRecordSetsError) -> Option<String> {
    let ChangeResourceRecordSetsError::InvalidChangeBatch(invalid) = error else {
        return None;
    };
    let whole = invalid.message().into_iter();
    let each = invalid.messages().iter().map(String::as_str);
    Some(whole.chain(each).collect::<Vec<_>>().join("; "))
}

/// The same where the error is the document's root, without the usual `ErrorResponse` around it: so Route 53
/// documents it, and the SDK does not know it in this form.
fn unwrapped_words(body: &[u8]) -> Option<String> {
    let body = String::from_utf8_lossy(body);
    let (_, inside) = body.split_once("<InvalidChangeBatch")?;
    let messages = inside.split("<Message>").skip(1);
    let words = messages.filter_map(|message| Some(message.split_once("</Message>")?.0));
    Some(words.collect::<Vec<_>>().join("; "))
}

/// A batch that was refused, to be sorted out.
struct Invalid<'a> {
    client: &'a Client,
    zone: &'a str,
    operation: &'a str,
    why: String,
    patience: Patience,
}

impl Invalid<'_> {
    /// Answers the moves that are settled by what stands there now, and returns the others to be sent again.
    async fn sort_out(self, group: Group) -> Vec<Group> {
        let places = group.iter().map(|asked| asked.question.place.clone());
        let standing = listing::read(self.client, self.zone, places.collect(), self.patience.again()).await;
        let (size, mut open) = (group.len(), Group::new());
        for asked in group {
            let exchange = &asked.question.exchange;
            match standing.get(&asked.question.place) {
                // An earlier attempt of ours was performed, and its answer was lost.
                Some(Ok(records)) if *records == exchange.to => {
                    asked.answer(Ok(Exchanged::Accepted));
                }
                Some(Ok(records)) if *records != exchange.from => {
                    asked.answer(Ok(Exchanged::FenceLost));
                }
                Some(Ok(_)) if size == 1 && !blames_what_stands(&self.why) => {
                    asked.answer(Err(Failed::refused(self.operation, self.why.clone())));
                }
                _ if size == 1 => asked.answer(Ok(Exchanged::FenceLost)),
                _ => open.push(asked),
            }
        }
        match open.len() {
            0 => Vec::new(),
            left if left < size => vec![open],
            _ => halves(open).into(),
        }
    }
}

/// Whether Route 53 found something else than the batch expected; otherwise the batch itself is wrong,
/// such as a name outside the zone, and reading again would not help.
fn blames_what_stands(why: &str) -> bool {
    [
        "but it was not found",
        "but it already exists",
        "but the values provided do not match",
        "conflicts with other records",
    ]
    .iter()
    .any(|words| why.contains(words))
}
