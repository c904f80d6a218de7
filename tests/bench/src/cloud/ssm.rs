//! Parameter Store: by name, by path in pages of ten, and writes. And the baseline's table, which is one lookup.

use std::ops::Bound;

use serde_json::{Value, json};

use super::Reply;
use super::world::{World, is_table};

/// Parameters a page at most.
const PAGE: usize = 10;

pub(super) fn answer(world: &mut World, region: &str, operation: &str, body: &[u8]) -> Reply {
    let asked: Value = serde_json::from_slice(body).unwrap_or_default();
    let text = |key: &str| asked.get(key).and_then(Value::as_str).unwrap_or_default();
    let parameters = world.parameters.entry(region.to_owned()).or_default();
    match operation {
        "PutParameter" => {
            parameters.insert(text("Name").to_owned(), text("Value").to_owned());
            Reply::json(&json!({ "Version": 2, "Tier": "Standard" }))
        }
        "GetParameter" => match parameters.get_key_value(text("Name")) {
            Some(found) => Reply::json(&json!({ "Parameter": parameter(found) })),
            None => Reply::json_error("ParameterNotFound", ""),
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
        _ => Reply::json_error("InvalidAction", operation),
    }
}

fn parameter((name, value): (&String, &String)) -> Value {
    json!({ "Name": name, "Type": "String", "Value": value, "Version": 1 })
}

/// `GetItem` of the table of clusters.
pub(super) fn get_item(world: &World, body: &[u8]) -> Reply {
    let asked: Value = serde_json::from_slice(body).unwrap_or_default();
    let table = asked.get("TableName").and_then(Value::as_str).unwrap_or_default();
    let cluster = asked.pointer("/Key/cluster/S").and_then(Value::as_str).unwrap_or_default();
    match world.row(cluster).filter(|_| is_table(table)) {
        Some(row) => Reply::json(&json!({ "Item": row })),
        None => Reply::json(&json!({})),
    }
}
