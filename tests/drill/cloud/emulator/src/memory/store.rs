//! What stands there, and who answers for it.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use serde_json::Value;

use crate::{
    lock::lock,
    memory::{
        parameters::{self, Parameters, Versions},
        records::{self, Records},
    },
    rds::{form::Form, listing, model::Database},
    region::{Pair, Region},
    wire::{
        change::Change,
        reply::Reply,
        service::{Request, Service},
    },
};

const FAILOVER_TAKEN: &str = "<FailoverGlobalClusterResponse xmlns=\"http://rds.amazonaws.com/doc/2014-10-31/\">\
     <FailoverGlobalClusterResult/></FailoverGlobalClusterResponse>";

/// What stands in the AWS that is played in memory.
#[derive(Debug, Default)]
pub struct Store {
    /// The global databases, each as every Region sees it.
    pub databases: Vec<Database>,
    /// What a Region sees instead that learns late.
    pub behind: Pair<Option<Vec<Database>>>,
    /// The records of the one zone.
    pub records: Records,
    /// Each Region's parameters.
    pub parameters: Pair<Parameters>,
    /// How often each was written; one that never was is at its first version.
    pub versions: Pair<Versions>,
    /// The rows of the one table, by their key.
    pub items: BTreeMap<String, Value>,
}

/// AWS in memory. Clones are handles of the same one.
#[derive(Debug, Clone)]
pub struct Memory {
    store: Arc<Mutex<Store>>,
    plays: fn(&str) -> bool,
}

impl Memory {
    /// Answers every request from what stands in the store.
    pub fn of_everything(store: Store) -> Self {
        Self { store: Arc::new(Mutex::new(store)), plays: |_| true }
    }

    /// Answers every request but CloudWatch's, and leaves those to the emulator behind the front.
    pub fn beside_cloudwatch(store: Store) -> Self {
        Self { plays: |service| service != "monitoring", ..Self::of_everything(store) }
    }

    /// Answers for RDS, and leaves the rest to the emulator behind the front.
    pub fn of_rds(store: Store) -> Self {
        Self { plays: |service| service == "rds", ..Self::of_everything(store) }
    }

    /// Reads or changes what stands there.
    pub fn with<T>(&self, work: impl FnOnce(&mut Store) -> T) -> T {
        work(&mut lock(&self.store))
    }
}

impl Service for Memory {
    fn answer(&self, request: &Request<'_>) -> Option<Reply> {
        (self.plays)(&request.call.service).then(|| self.with(|store| store.answer(request)))
    }
}

impl Store {
    fn answer(&mut self, request: &Request<'_>) -> Reply {
        let (service, operation) = (request.call.service.as_str(), request.call.operation.as_str());
        match (service, operation, request.call.region, request.change) {
            // It is taken; whoever plays Aurora moves the writer.
            ("rds", "FailoverGlobalCluster", ..) => Reply::xml(FAILOVER_TAKEN.to_owned()),
            ("rds", _, Some(region), _) => self.listing(region, request.body),
            ("ssm", _, Some(region), _) => {
                let (parameters, versions) = (self.parameters.get_mut(region), self.versions.get_mut(region));
                parameters::answer(parameters, versions, operation, request.body)
            }
            // Every database takes writes, and its probe knows at once.
            ("lambda", "Invoke", ..) => Reply::json(&serde_json::json!({ "writable": true, "took_ms": 0 })),
            ("dynamodb", "GetItem", ..) => self.item(request.body),
            ("route53", "ListResourceRecordSets", ..) => records::list(&self.records, request.query),
            ("route53", _, _, Some(Change::Records(changes))) => records::change(&mut self.records, changes),
            _ => Reply::json_error(400, "InvalidAction", &format!("{service}:{operation}")),
        }
    }

    fn listing(&self, region: Region, body: &[u8]) -> Reply {
        let form = Form::parse(body);
        let databases = self.behind.get(region).as_ref().unwrap_or(&self.databases);
        let described = listing::describe(databases, region, &form);
        described.map_or_else(|| Reply::xml_error("", 400, "InvalidAction", ""), listing::reply)
    }

    /// A row by its key of one attribute.
    fn item(&self, body: &[u8]) -> Reply {
        let asked: Value = serde_json::from_slice(body).unwrap_or_default();
        let key = asked.get("Key").and_then(Value::as_object).and_then(|key| key.values().next());
        let key = key.and_then(|key| key.get("S")?.as_str()).unwrap_or_default();
        match self.items.get(key) {
            Some(row) => Reply::json(&serde_json::json!({ "Item": row })),
            None => Reply::json(&serde_json::json!({})),
        }
    }
}
