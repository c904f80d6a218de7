//! Route 53 as far as records go: listings by name, change batches all or nothing, deletions that have to match, and
//! the documented limits of a batch.

use std::fmt::Write;
use std::ops::Bound;

use hyper::http::request::Parts;

use super::Reply;
use super::world::{World, plain, sortable};

/// Record values a batch; those of an UPSERT count twice.
const VALUES_MAX: usize = 1_000;
/// Characters in all values of a batch; those of an UPSERT count twice.
const CHARACTERS_MAX: usize = 32_000;
/// Entries a page at most.
const PAGE: usize = 300;

/// One change of a batch.
#[derive(Debug)]
pub(super) struct Change {
    action: String,
    name: String,
    kind: String,
    ttl: u32,
    values: Vec<String>,
}

/// The changes of a batch.
pub(super) fn changes(body: &str) -> Vec<Change> {
    let changes = body.split("<Change>").skip(1);
    let of_one = |text: &str| {
        let values = text.split("<Value>").skip(1).filter_map(|rest| rest.split_once("</Value>"));
        Some(Change {
            action: tag(text, "Action")?,
            name: tag(text, "Name")?,
            kind: tag(text, "Type")?,
            ttl: tag(text, "TTL")?.parse().ok()?,
            values: values.map(|(value, _)| unescape(value)).collect(),
        })
    };
    changes.filter_map(of_one).collect()
}

/// How many writer records a batch creates or overwrites.
pub(super) fn accepted(changes: &[Change]) -> usize {
    changes.iter().filter(|change| change.kind == "CNAME" && change.action != "DELETE").count()
}

pub(super) fn list(world: &World, parts: &Parts) -> Reply {
    let query = parts.uri.query().unwrap_or_default();
    let parameter = |name: &str| {
        form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value)
    };
    let start = parameter("name").map(|name| sortable(&name)).unwrap_or_default();
    let kind = parameter("type").unwrap_or_default().into_owned();
    let most = parameter("maxitems").and_then(|most| most.parse().ok()).unwrap_or(PAGE).min(PAGE);
    let mut items = String::new();
    let mut rest = world.records.range((Bound::Included((start, kind)), Bound::Unbounded));
    for ((name, kind), (ttl, value)) in rest.by_ref().take(most) {
        let (name, value) = (plain(name), escape(value));
        let _ = write!(
            items,
            "<ResourceRecordSet><Name>{name}.</Name><Type>{kind}</Type><TTL>{ttl}</TTL><ResourceRecords>\
             <ResourceRecord><Value>{value}</Value></ResourceRecord></ResourceRecords></ResourceRecordSet>"
        );
    }
    let next = rest.next().map(|((name, kind), _)| {
        format!("<NextRecordName>{}.</NextRecordName><NextRecordType>{kind}</NextRecordType>", plain(name))
    });
    Reply::xml(format!(
        "<ListResourceRecordSetsResponse xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\">\
         <ResourceRecordSets>{items}</ResourceRecordSets><IsTruncated>{}</IsTruncated>{}<MaxItems>{most}</MaxItems>\
         </ListResourceRecordSetsResponse>",
        next.is_some(),
        next.unwrap_or_default()
    ))
}

/// Performs a batch as a whole or not at all.
pub(super) fn change(world: &mut World, changes: &[Change]) -> Reply {
    let twice = |change: &Change| 1 + usize::from(change.action == "UPSERT");
    let values: usize = changes.iter().map(|change| change.values.len() * twice(change)).sum();
    let characters = |change: &Change| change.values.iter().map(|value| value.chars().count()).sum::<usize>();
    let characters: usize = changes.iter().map(|change| characters(change) * twice(change)).sum();
    if values > VALUES_MAX || characters > CHARACTERS_MAX {
        return Reply::xml_error("InvalidChangeBatch", "[Number of records limit exceeded.]");
    }
    let mut after = world.records.clone_touched(changes);
    for change in changes {
        if let Err(why) = perform(&mut after, change) {
            return Reply::xml_error("InvalidChangeBatch", &escape(&format!("[{why}]")));
        }
    }
    for (key, record) in after {
        match record {
            Some(record) => world.records.insert(key, record),
            None => world.records.remove(&key),
        };
    }
    Reply::xml(
        "<ChangeResourceRecordSetsResponse xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\"><ChangeInfo>\
         <Id>/change/C1</Id><Status>PENDING</Status><SubmittedAt>2026-01-01T00:00:00Z</SubmittedAt></ChangeInfo>\
         </ChangeResourceRecordSetsResponse>"
            .to_owned(),
    )
}

type Touched = std::collections::BTreeMap<super::world::RecordKey, Option<super::world::Record>>;

trait CloneTouched {
    fn clone_touched(&self, changes: &[Change]) -> Touched;
}

impl CloneTouched for std::collections::BTreeMap<super::world::RecordKey, super::world::Record> {
    /// What a batch touches, as it stands now.
    fn clone_touched(&self, changes: &[Change]) -> Touched {
        changes.iter().map(key).map(|key| (key.clone(), self.get(&key).cloned())).collect()
    }
}

fn key(change: &Change) -> super::world::RecordKey {
    (sortable(&change.name), change.kind.clone())
}

fn perform(after: &mut Touched, change: &Change) -> Result<(), String> {
    let Change { action, name, kind, ttl, values } = change;
    let wanted = (*ttl, values.first().cloned().unwrap_or_default());
    let stands = after.entry(key(change)).or_default();
    match (action.as_str(), stands.as_ref()) {
        ("DELETE", Some(record)) if *record == wanted => *stands = None,
        ("DELETE", Some(_)) => {
            return Err(format!(
                "Tried to delete resource record set [name='{name}', type='{kind}'] but the values provided do not match \
                 the current values"
            ));
        }
        ("DELETE", None) => {
            return Err(format!(
                "Tried to delete resource record set [name='{name}', type='{kind}'] but it was not found"
            ));
        }
        ("CREATE", Some(_)) => {
            return Err(format!(
                "Tried to create resource record set [name='{name}', type='{kind}'] but it already exists"
            ));
        }
        _ => *stands = Some(wanted),
    }
    Ok(())
}

fn tag(text: &str, name: &str) -> Option<String> {
    let (_, rest) = text.split_once(&format!("<{name}>"))?;
    Some(unescape(rest.split_once(&format!("</{name}>"))?.0))
}

fn unescape(text: &str) -> String {
    text.replace("&quot;", "\"")
        .replace("&#34;", "\"")
        .replace("&apos;", "'")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
