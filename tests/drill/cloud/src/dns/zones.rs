//! The names that the DNS server knows: the hosted zones' records and the clusters' endpoints.

use std::{collections::BTreeMap, net::IpAddr};

use hickory_proto::rr::{
    LowerName, Name, RData, Record, RecordType,
    rdata::{A, AAAA, SOA},
};

use crate::{
    dns::{
        record_set::{RecordSet, absolute},
        routing::FailoverGroup,
    },
    health::status::Statuses,
};

/// Aurora's own TTL on cluster endpoints, in seconds.
const ENDPOINT_TTL: u32 = 5;

/// How long a resolver may remember that a name is not there, in seconds. Short, so that a name which
/// was asked for too early does not decide a drill.
const NEGATIVE_TTL: u32 = 1;

/// More aliases in a row than anybody has; a loop ends here.
const LONGEST_CHAIN: usize = 8;

/// Names ending so are AWS's own.
const RDS_ZONE: &str = "rds.amazonaws.com.";

/// Records by name and type.
pub(super) type Records = BTreeMap<(LowerName, RecordType), RecordSet>;

/// Everything that can be answered at one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Zones {
    pub(super) origins: Vec<LowerName>,
    pub(super) records: Records,
    /// Names whose answer depends on health checks.
    pub(super) failover: BTreeMap<(LowerName, RecordType), FailoverGroup>,
}

/// What is answered to a question.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Answer {
    pub(super) records: Vec<Record>,
    /// The proof of absence, when nothing answers the question.
    pub(super) soa: Option<Record>,
    pub(super) exists: bool,
}

impl Zones {
    /// The clusters' endpoints, which lead to the database servers.
    pub(super) fn of_endpoints(endpoints: impl IntoIterator<Item = (String, IpAddr)>) -> Self {
        let records = endpoints.into_iter().filter_map(|(host, address)| {
            let name = absolute(&host)?;
            let value = match address {
                IpAddr::V4(address) => RData::A(A(address)),
                IpAddr::V6(address) => RData::AAAA(AAAA(address)),
            };
            let set = RecordSet { ttl: ENDPOINT_TTL, values: vec![value.clone()] };
            Some(((LowerName::new(&name), value.record_type()), set))
        });
        Self {
            origins: absolute(RDS_ZONE).iter().map(LowerName::new).collect(),
            records: records.collect(),
            ..Self::default()
        }
    }

    /// The same, with the failover groups' answers among the records, by the health checks' statuses.
    pub(super) fn routed(&self, statuses: &Statuses) -> Self {
        let mut routed = self.clone();
        let answers = self.failover.iter().filter_map(|(key, group)| {
            let set = group.answer(statuses)?;
            Some((key.clone(), set.clone()))
        });
        routed.records.extend(answers);
        routed
    }

    /// Both together.
    pub(super) fn with(mut self, other: &Self) -> Self {
        self.origins.extend(other.origins.iter().cloned());
        self.records.extend(other.records.clone());
        self
    }

    /// Answers like an authoritative server that is also asked for what its aliases lead to.
    pub(super) fn answer(&self, name: &LowerName, kind: RecordType) -> Answer {
        let mut records = Vec::new();
        let mut asked = name.clone();
        for _ in 0..LONGEST_CHAIN {
            if let Some(set) = self.records.get(&(asked.clone(), kind)) {
                records.extend(to_records(&asked, set));
                return Answer { records, soa: None, exists: true };
            }
            let Some(alias) = self.records.get(&(asked.clone(), RecordType::CNAME)) else {
                break;
            };
            records.extend(to_records(&asked, alias));
            let Some(RData::CNAME(target)) = alias.values.first() else {
                break;
            };
            asked = LowerName::new(&target.0);
        }
        Answer { records, soa: Some(self.soa(&asked)), exists: self.has(&asked) }
    }

    /// A name that only others hang below exists, too, with nothing of its own.
    fn has(&self, name: &LowerName) -> bool {
        self.records.keys().any(|(known, _)| name.zone_of(known))
    }

    /// The narrowest zone around the name; the root for names of nobody.
    fn soa(&self, name: &LowerName) -> Record {
        let around = self.origins.iter().filter(|origin| origin.zone_of(name));
        let origin = around.max_by_key(|origin| origin.num_labels()).map_or_else(Name::root, Name::from);
        let soa = SOA::new(origin.clone(), origin.clone(), 1, 7_200, 900, 1_209_600, NEGATIVE_TTL);
        Record::from_rdata(origin, NEGATIVE_TTL, RData::SOA(soa))
    }
}

fn to_records(name: &LowerName, set: &RecordSet) -> Vec<Record> {
    let owner = Name::from(name);
    let values = set.values.iter();
    values.map(|value| Record::from_rdata(owner.clone(), set.ttl, value.clone())).collect()
}

#[cfg(test)]
mod tests {
    use hickory_proto::rr::rdata::CNAME;

    use super::*;

    fn name(text: &str) -> LowerName {
        LowerName::new(&absolute(text).unwrap())
    }

    fn zones() -> Zones {
        let endpoints = Zones::of_endpoints([(
            "todo.cluster-x.ap-northeast-2.rds.amazonaws.com".to_owned(),
            "127.0.1.1".parse().unwrap(),
        )]);
        let target = absolute("todo.cluster-x.ap-northeast-2.rds.amazonaws.com").unwrap();
        let alias = |target: Name| RecordSet { ttl: 5, values: vec![RData::CNAME(CNAME(target))] };
        let hosted = Zones {
            origins: vec![name("todo.internal")],
            records: [
                ((name("writer.db.todo.internal"), RecordType::CNAME), alias(target)),
                (
                    (name("loop.todo.internal"), RecordType::CNAME),
                    alias(absolute("loop.todo.internal").unwrap()),
                ),
            ]
            .into(),
            ..Zones::default()
        };
        hosted.with(&endpoints)
    }

    #[test]
    fn a_record_is_chased_to_the_servers_address() {
        let answer = zones().answer(&name("writer.db.todo.internal"), RecordType::A);
        let types: Vec<_> = answer.records.iter().map(Record::record_type).collect();
        assert_eq!(types, [RecordType::CNAME, RecordType::A]);
        assert!(answer.exists && answer.soa.is_none());
    }

    #[test]
    fn what_is_not_there_is_denied_by_its_own_zone() {
        let answer = zones().answer(&name("other.todo.internal"), RecordType::A);
        assert!(!answer.exists);
        assert_eq!(answer.soa.unwrap().name, absolute("todo.internal").unwrap());
        assert_eq!(zones().answer(&name("example.com"), RecordType::A).soa.unwrap().name, Name::root());
    }

    #[test]
    fn a_name_between_others_exists_without_data() {
        let answer = zones().answer(&name("db.todo.internal"), RecordType::A);
        assert!(answer.exists && answer.records.is_empty() && answer.soa.is_some());
    }

    #[test]
    fn a_loop_ends() {
        let answer = zones().answer(&name("loop.todo.internal"), RecordType::A);
        assert_eq!(answer.records.len(), LONGEST_CHAIN);
    }
}
