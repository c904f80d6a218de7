//! Parameter Store: by name, by path in pages of ten, and writes.

use std::{collections::BTreeMap, ops::Bound};

use serde_json::{Value, json};

use crate::wire::reply::Reply;

/// One Region's parameters: name and value.
pub type Parameters = BTreeMap<String, String>;
/// The version of each parameter that was written, by its name.
pub type Versions = BTreeMap<String, u64>;

/// Parameters a page at most.
const PAGE: usize = 10;

pub(super) fn answer(
    parameters: &mut Parameters,
    versions: &mut Versions,
    operation: &str,
    body: &[u8],
) -> Reply {
    let asked: Value = serde_json::from_slice(body).unwrap_or_default();
    let text = |key: &str| asked.get(key).and_then(Value::as_str).unwrap_or_default();
    if operation == "PutParameter" {
        return put(parameters, versions, text("Name"), text("Value"));
    }
    let parameter = |found: (&String, &String)| parameter(found, versions);
    match operation {
        "GetParameter" => match parameters.get_key_value(text("Name")) {
            Some(found) => Reply::json(&json!({ "Parameter": parameter(found) })),
            None => Reply::json_error(400, "ParameterNotFound", ""),
        },
        "GetParameters" => {
            let names = asked.get("Names").and_then(Value::as_array).into_iter().flatten();
            let (mut found, mut invalid) = (Vec::new(), Vec::new());
            for name in names.filter_map(Value::as_str) {
                match parameters.get_key_value(name) {
                    Some(one) => found.push(parameter(one)),
                    None => invalid.push(name),
                }
            }
            Reply::json(&json!({ "Parameters": found, "InvalidParameters": invalid }))
        }
        "GetParametersByPath" => {
            let path = format!("{}/", text("Path").trim_end_matches('/'));
            let from = text("NextToken");
            let start = if from.is_empty() { path.clone() } else { from.to_owned() };
            let mut rest = parameters
                .range::<String, _>((Bound::Included(start), Bound::Unbounded))
                .take_while(|(name, _)| name.starts_with(&path));
            let page: Vec<Value> = rest.by_ref().take(PAGE).map(parameter).collect();
            let next = rest.next().map(|(name, _)| name.clone());
            Reply::json(&json!({ "Parameters": page, "NextToken": next }))
        }
        _ => Reply::json_error(400, "InvalidAction", operation),
    }
}

fn put(parameters: &mut Parameters, versions: &mut Versions, name: &str, value: &str) -> Reply {
    let is_new = parameters.insert(name.to_owned(), value.to_owned()).is_none();
    let version = versions.entry(name.to_owned()).or_insert(u64::from(!is_new));
    *version += 1;
    Reply::json(&json!({ "Version": version, "Tier": "Standard" }))
}

fn parameter((name, value): (&String, &String), versions: &Versions) -> Value {
    let version = versions.get(name).copied().unwrap_or(1);
    json!({ "Name": name, "Type": "String", "Value": value, "Version": version })
}
