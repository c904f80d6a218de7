//! Route 53 as far as records go: listings by name, change batches all or nothing, deletions that have to match, and
//! the documented limits of a batch.

use std::{collections::BTreeMap, fmt::Write, ops::Bound};

use quick_xml::escape::escape;

use crate::wire::{
    change::RecordChange,
    reply::{ROUTE53, Reply},
};

/// Record values a batch; those of an UPSERT count twice.
const VALUES_MAX: usize = 1_000;
/// Characters in all values of a batch; those of an UPSERT count twice.
const CHARACTERS_MAX: usize = 32_000;
/// Entries a page at most.
const PAGE: usize = 300;

type Key = (String, String);
type Record = (u32, String);

/// A zone's records in the order in which Route 53 lists them; each has one value.
#[derive(Debug, Clone, Default)]
pub struct Records(BTreeMap<Key, Record>);

impl Records {
    /// Puts a record, whatever stood there.
    pub fn put(&mut self, name: &str, kind: &str, ttl_seconds: u32, value: String) {
        self.0.insert((sortable(name), kind.to_owned()), (ttl_seconds, value));
    }
}

pub(super) fn list(records: &Records, query: &str) -> Reply {
    let parameter = |name: &str| {
        form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value)
    };
    let start = parameter("name").map(|name| sortable(&name)).unwrap_or_default();
    let kind = parameter("type").unwrap_or_default().into_owned();
    let most = parameter("maxitems").and_then(|most| most.parse().ok()).unwrap_or(PAGE).min(PAGE);
    let mut items = String::new();
    let mut rest = records.0.range((Bound::Included((start, kind)), Bound::Unbounded));
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
        "<ListResourceRecordSetsResponse xmlns=\"{ROUTE53}\">\
         <ResourceRecordSets>{items}</ResourceRecordSets><IsTruncated>{}</IsTruncated>{}<MaxItems>{most}</MaxItems>\
         </ListResourceRecordSetsResponse>",
        next.is_some(),
        next.unwrap_or_default()
    ))
}

/// Performs a batch as a whole or not at all.
pub(super) fn change(records: &mut Records, changes: &[RecordChange]) -> Reply {
    let twice = |change: &RecordChange| 1 + usize::from(change.action == "UPSERT");
    let values: usize = changes.iter().map(|change| change.values.len() * twice(change)).sum();
    let characters =
        |change: &RecordChange| change.values.iter().map(|value| value.chars().count()).sum::<usize>();
    let characters: usize = changes.iter().map(|change| characters(change) * twice(change)).sum();
    if values > VALUES_MAX || characters > CHARACTERS_MAX {
        return refused("Number of records limit exceeded.");
    }
    let mut after: Touched =
        changes.iter().map(key).map(|key| (key.clone(), records.0.get(&key).cloned())).collect();
    for change in changes {
        if let Err(why) = perform(&mut after, change) {
            return refused(&why);
        }
    }
    for (key, record) in after {
        match record {
            Some(record) => records.0.insert(key, record),
            None => records.0.remove(&key),
        };
    }
    Reply::xml(format!(
        "<ChangeResourceRecordSetsResponse xmlns=\"{ROUTE53}\"><ChangeInfo><Id>/change/C1</Id><Status>PENDING</Status>\
         <SubmittedAt>2026-01-01T00:00:00Z</SubmittedAt></ChangeInfo></ChangeResourceRecordSetsResponse>"
    ))
}

fn refused(why: &str) -> Reply {
    Reply::xml_error(ROUTE53, 400, "InvalidChangeBatch", &format!("[{why}]"))
}

/// What a batch touches, as it stands.
type Touched = BTreeMap<Key, Option<Record>>;

fn key(change: &RecordChange) -> Key {
    (sortable(&change.name), change.kind.clone())
}

fn perform(after: &mut Touched, change: &RecordChange) -> Result<(), String> {
    let RecordChange { action, name, kind, .. } = change;
    let value = change.values.first().cloned().unwrap_or_default();
    let wanted = (change.ttl_seconds.unwrap_or_default(), value);
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

/// The labels of a name from right to left, each closed: the order in which a zone is listed.
fn sortable(name: &str) -> String {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    name.rsplit('.').fold(String::new(), |sorted, label| sorted + label + "!")
}

/// The name again.
fn plain(sortable: &str) -> String {
    let labels: Vec<&str> = sortable.trim_end_matches('!').rsplit('!').collect();
    labels.join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(action: &str, value: &str) -> RecordChange {
        RecordChange {
            action: action.to_owned(),
            name: "w.db.internal".to_owned(),
            kind: "CNAME".to_owned(),
            ttl_seconds: Some(5),
            values: vec![value.to_owned()],
        }
    }

    #[test]
    fn a_stale_delete_takes_the_whole_batch_back() {
        let mut records = Records::default();
        records.put("w.db.internal", "CNAME", 5, "a".to_owned());
        let swap = |old: &str, new: &str| [change("DELETE", old), change("CREATE", new)];
        assert_eq!(super::change(&mut records, &swap("a", "b")).status, 200);
        let lost = super::change(&mut records, &swap("a", "c"));
        assert_eq!(lost.error.as_deref(), Some("InvalidChangeBatch"));
        assert!(lost.body.contains("do not match"), "{}", lost.body);
        let listed = list(&records, "name=w.db.internal.&type=CNAME&maxitems=1");
        assert!(listed.body.contains("<Value>b</Value>"), "{}", listed.body);
    }

    #[test]
    fn a_batch_of_too_many_characters_is_refused() {
        let long = change("CREATE", &"x".repeat(CHARACTERS_MAX + 1));
        assert_eq!(super::change(&mut Records::default(), &[long]).status, 400);
    }

    #[test]
    fn names_are_listed_by_their_labels_from_the_right() {
        let mut records = Records::default();
        for name in ["b.internal", "a.b.internal", "a.internal"] {
            records.put(name, "CNAME", 5, "x".to_owned());
        }
        let listed = list(&records, "").body;
        let names: Vec<&str> =
            listed.split("<Name>").skip(1).filter_map(|it| it.split_once('<')).map(|it| it.0).collect();
        assert_eq!(names, ["a.internal.", "b.internal.", "a.b.internal."]);
        assert!(list(&records, "maxitems=2").body.contains("<NextRecordName>a.b.internal.</NextRecordName>"));
    }
}
