//! The value that a change publishes, read from its body; never a secret.

use serde::Deserialize;

use crate::wire::call::Call;

/// What a change is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A Route 53 change batch, in its own order.
    Records(Vec<RecordChange>),
    /// An SSM parameter that is put or deleted.
    Parameter {
        /// Its name.
        name: String,
        /// The new value; `None` when it is deleted, or secret.
        value: Option<String>,
    },
    /// A message to a topic, by its subject.
    Message {
        /// The topic's ARN.
        topic: String,
        /// The subject.
        subject: String,
    },
}

/// One change of a Route 53 batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordChange {
    /// `CREATE`, `DELETE` or `UPSERT`.
    pub action: String,
    /// The record's name, as it was sent.
    pub name: String,
    /// Its type, such as `CNAME`.
    pub kind: String,
    /// Its time to live in seconds.
    pub ttl_seconds: Option<u32>,
    /// Its values.
    pub values: Vec<String>,
}

impl Change {
    /// The values that the batch creates for that name and type; none for other changes.
    pub fn created(&self, name: &str, kind: &str) -> Vec<&str> {
        let Self::Records(changes) = self else {
            return Vec::new();
        };
        let wanted = name.trim_end_matches('.');
        changes
            .iter()
            .filter(|it| it.action != "DELETE" && it.kind == kind)
            .filter(|it| it.name.trim_end_matches('.').eq_ignore_ascii_case(wanted))
            .flat_map(|it| it.values.iter().map(String::as_str))
            .collect()
    }

    pub(crate) fn read(call: &Call, body: &[u8]) -> Option<Self> {
        match (call.service.as_str(), call.operation.as_str()) {
            ("route53", "ChangeResourceRecordSets") => records(body),
            ("ssm", "PutParameter" | "DeleteParameter") => parameter(body),
            ("sns", "Publish") => message(body),
            _ => None,
        }
    }
}

fn records(body: &[u8]) -> Option<Change> {
    let request: ChangeRequest = quick_xml::de::from_reader(body).ok()?;
    let changes = request.batch.changes.items.into_iter().map(|item| RecordChange {
        action: item.action,
        name: item.set.name,
        kind: item.set.kind,
        ttl_seconds: item.set.ttl,
        values: item
            .set
            .records
            .map(|records| records.items.into_iter().map(|it| it.value).collect())
            .unwrap_or_default(),
    });
    Some(Change::Records(changes.collect()))
}

fn parameter(body: &[u8]) -> Option<Change> {
    let put: PutParameter = serde_json::from_slice(body).ok()?;
    let secret = put.kind.as_deref() == Some("SecureString");
    Some(Change::Parameter { name: put.name, value: put.value.filter(|_| !secret) })
}

fn message(body: &[u8]) -> Option<Change> {
    let field = |wanted: &str| {
        let found = form_urlencoded::parse(body).find(|(name, _)| name == wanted);
        found.map(|(_, value)| value.into_owned())
    };
    Some(Change::Message { topic: field("TopicArn")?, subject: field("Subject").unwrap_or_default() })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PutParameter {
    name: String,
    value: Option<String>,
    #[serde(rename = "Type")]
    kind: Option<String>,
}

#[derive(Deserialize)]
struct ChangeRequest {
    #[serde(rename = "ChangeBatch")]
    batch: ChangeBatch,
}

#[derive(Deserialize)]
struct ChangeBatch {
    #[serde(rename = "Changes")]
    changes: ChangeList,
}

#[derive(Deserialize)]
struct ChangeList {
    #[serde(rename = "Change", default)]
    items: Vec<ChangeItem>,
}

#[derive(Deserialize)]
struct ChangeItem {
    #[serde(rename = "Action")]
    action: String,
    #[serde(rename = "ResourceRecordSet")]
    set: RecordSet,
}

#[derive(Deserialize)]
struct RecordSet {
    #[serde(rename = "Name")]
    name: String,
    #[serde(rename = "Type")]
    kind: String,
    #[serde(rename = "TTL")]
    ttl: Option<u32>,
    #[serde(rename = "ResourceRecords")]
    records: Option<Records>,
}

#[derive(Deserialize)]
struct Records {
    #[serde(rename = "ResourceRecord", default)]
    items: Vec<Record>,
}

#[derive(Deserialize)]
struct Record {
    #[serde(rename = "Value")]
    value: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(service: &str, operation: &str) -> Call {
        let signed_for = "us-east-1".to_owned();
        Call {
            region: None,
            signed_for,
            service: service.to_owned(),
            operation: operation.to_owned(),
            write: true,
        }
    }

    #[test]
    fn a_batch_tells_what_it_creates() {
        let body = br#"<ChangeResourceRecordSetsRequest xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><ChangeBatch><Changes>
            <Change><Action>DELETE</Action><ResourceRecordSet><Name>w.db.internal</Name><Type>CNAME</Type><TTL>5</TTL><ResourceRecords><ResourceRecord><Value>a</Value></ResourceRecord></ResourceRecords></ResourceRecordSet></Change>
            <Change><Action>CREATE</Action><ResourceRecordSet><Name>w.db.internal</Name><Type>CNAME</Type><TTL>5</TTL><ResourceRecords><ResourceRecord><Value>b</Value></ResourceRecord></ResourceRecords></ResourceRecordSet></Change>
            </Changes></ChangeBatch></ChangeResourceRecordSetsRequest>"#;
        let change = Change::read(&call("route53", "ChangeResourceRecordSets"), body).unwrap();
        assert_eq!(change.created("W.db.internal.", "CNAME"), ["b"]);
    }

    #[test]
    fn a_message_tells_its_topic_and_subject() {
        let body = b"Action=Publish&TopicArn=arn%3Aaws%3Asns&Subject=todo%3A+look&Message=m";
        let change = Change::read(&call("sns", "Publish"), body).unwrap();
        assert_eq!(change, Change::Message { topic: "arn:aws:sns".into(), subject: "todo: look".into() });
    }

    #[test]
    fn a_secret_parameter_keeps_its_value_to_itself() {
        let put = call("ssm", "PutParameter");
        let read = |body: &[u8]| Change::read(&put, body).unwrap();
        let value = |change| match change {
            Change::Parameter { value, .. } => value,
            Change::Records(_) | Change::Message { .. } => None,
        };
        assert_eq!(value(read(br#"{"Name":"/a","Value":"x","Type":"String"}"#)), Some("x".into()));
        assert_eq!(value(read(br#"{"Name":"/a","Value":"x","Type":"SecureString"}"#)), None);
    }
}
