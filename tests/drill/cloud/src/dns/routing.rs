//! Failover routing: which of two record sets is answered, by the health of both.
//!
//! The rule is the API reference's, of the element `Failover` of a `ResourceRecordSet`
//! (<https://docs.aws.amazon.com/Route53/latest/APIReference/API_ResourceRecordSet.html>):
//!
//! | primary | secondary | answered |
//! | --- | --- | --- |
//! | healthy | any | primary |
//! | unhealthy | healthy | secondary |
//! | unhealthy | unhealthy | primary |
//!
//! A record set without a health check is always healthy ("How Amazon Route 53 chooses records when health checking is
//! configured", in the developer guide).

use crate::{dns::record_set::RecordSet, health::status::Statuses};

/// One of the two record sets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Member {
    pub(super) set: RecordSet,
    /// The id of its health check.
    pub(super) health_check: Option<String>,
}

impl Member {
    fn is_healthy(&self, statuses: &Statuses) -> bool {
        self.health_check.as_deref().is_none_or(|id| statuses.is_healthy(id))
    }
}

/// The two record sets of one name and type.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct FailoverGroup {
    pub(super) primary: Option<Member>,
    pub(super) secondary: Option<Member>,
}

impl FailoverGroup {
    /// What is answered now; of half a group, the half that is there.
    pub(super) fn answer(&self, statuses: &Statuses) -> Option<&RecordSet> {
        let answered = match (&self.primary, &self.secondary) {
            (Some(primary), Some(secondary)) => {
                let over = !primary.is_healthy(statuses) && secondary.is_healthy(statuses);
                if over { secondary } else { primary }
            }
            (Some(only), None) | (None, Some(only)) => only,
            (None, None) => return None,
        };
        Some(&answered.set)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(ttl: u32, health_check: Option<&str>) -> Member {
        let set = RecordSet { ttl, values: Vec::new() };
        Member { set, health_check: health_check.map(str::to_owned) }
    }

    /// The time to live tells which set it is.
    const PRIMARY: u32 = 1;
    const SECONDARY: u32 = 2;

    fn group(secondary_check: Option<&str>) -> FailoverGroup {
        FailoverGroup {
            primary: Some(member(PRIMARY, Some("p"))),
            secondary: Some(member(SECONDARY, secondary_check)),
        }
    }

    fn answered(group: &FailoverGroup, primary: bool, secondary: bool) -> u32 {
        let statuses = Statuses::of([("p", primary), ("s", secondary)]);
        group.answer(&statuses).unwrap().ttl
    }

    #[test]
    fn the_documented_table_holds() {
        let group = group(Some("s"));
        assert_eq!(answered(&group, true, true), PRIMARY);
        assert_eq!(answered(&group, true, false), PRIMARY);
        assert_eq!(answered(&group, false, true), SECONDARY);
        assert_eq!(answered(&group, false, false), PRIMARY, "both unhealthy");
    }

    #[test]
    fn a_secondary_without_a_health_check_is_always_healthy() {
        assert_eq!(answered(&group(None), false, false), SECONDARY);
    }

    #[test]
    fn a_check_that_nothing_is_known_of_is_healthy() {
        assert_eq!(group(Some("s")).answer(&Statuses::default()).unwrap().ttl, PRIMARY);
    }

    #[test]
    fn half_a_group_answers_what_it_has() {
        let statuses = Statuses::of([("p", false)]);
        let half = FailoverGroup { primary: Some(member(PRIMARY, Some("p"))), secondary: None };
        assert_eq!(half.answer(&statuses).unwrap().ttl, PRIMARY);
        assert_eq!(FailoverGroup::default().answer(&statuses), None);
    }
}
