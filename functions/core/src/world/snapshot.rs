//! The snapshots of a cluster, and which of them holds what a failover lost.
//!
//! After a managed failover AWS tries to take a snapshot of the old writer's volume, once that Region is back and before it gives
//! the cluster a new volume. The snapshot is a system's: it goes with the backup retention of the old cluster. A copy does not.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::words::timestamp::Timestamp;

/// How the identifier of AWS's own snapshot begins; the cluster's and a time follow.
pub const OF_A_FAILOVER: &str = "rds:unplanned-global-failover-";
/// The tag of a copy, whose value is the identifier of what it was copied from.
pub const COPY_TAG: &str = "failover-responder:salvage-of";
/// The tag of a copy, whose value is the database's name.
pub const DATABASE_TAG: &str = "failover-responder:database";
/// How the identifier of a copy begins. The IAM policy of `drill` names it too.
const COPY: &str = "salvage-";
/// RDS's most characters of a cluster snapshot's identifier that somebody chose.
const COPY_MAX: usize = 63;
/// The hash that tells two shortened names apart, and its dash.
const HASH: usize = 9;

/// One snapshot of a cluster, as its Region lists it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Its identifier.
    pub identifier: String,
    /// Its ARN.
    pub arn: String,
    /// `creating`, `copying`, `available`, …, in AWS's words.
    pub status: String,
    /// When it was taken; none while RDS does not say.
    pub created: Option<Timestamp>,
    /// Its engine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub engine: Option<String>,
    /// The ARN of the snapshot that it is a copy of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub copy_of: Option<String>,
    /// Its tags.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
}

impl Snapshot {
    /// Whether AWS took it of an old writer in a failover.
    pub fn is_of_a_failover(&self) -> bool {
        self.identifier.to_ascii_lowercase().starts_with(OF_A_FAILOVER)
    }

    /// Whether it was taken at this moment or later. One without a time is being taken now.
    pub fn is_since(&self, since: Timestamp) -> bool {
        self.created.is_none_or(|created| created >= since)
    }

    /// What is later counts as newer; what has no time yet is the newest.
    pub fn age_key(&self) -> (Timestamp, &str) {
        (self.created.unwrap_or(Timestamp::from_ms(i64::MAX)), &self.identifier)
    }

    /// Whether it is a copy of that one, whoever made it.
    pub fn is_copy_of(&self, original: &Self) -> bool {
        let by_rds = self.copy_of.as_ref().is_some_and(|arn| arn.eq_ignore_ascii_case(&original.arn));
        by_rds || self.tags.get(COPY_TAG).is_some_and(|it| it.eq_ignore_ascii_case(&original.identifier))
    }

    /// Whether it can be restored.
    pub fn is_available(&self) -> bool {
        self.status == "available"
    }

    /// Whether it will never be.
    pub fn is_broken(&self) -> bool {
        ["failed", "incompatible", "inaccessible"].iter().any(|word| self.status.starts_with(word))
    }
}

/// A copy that is to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copy {
    /// The identifier of the original.
    pub original: String,
    /// The identifier of the copy.
    pub name: String,
    /// The tags of the copy.
    pub tags: BTreeMap<String, String>,
}

impl Copy {
    /// Of that one, for this database. Its name follows from the original's, so that whoever asks twice asks for the same.
    pub fn of(original: &Snapshot, database: &str) -> Self {
        let may_be_set = |name: &str| !["aws:", "rds:"].iter().any(|taken| name.starts_with(taken));
        let mut tags = original.tags.clone();
        tags.retain(|name, _| may_be_set(name));
        tags.insert(COPY_TAG.to_owned(), original.identifier.clone());
        tags.insert(DATABASE_TAG.to_owned(), database.to_owned());
        Self { original: original.identifier.clone(), name: copy_name(&original.identifier), tags }
    }
}

/// The name of an original's copy: 1 to 63 letters, digits and dashes, never two in a row, and none at the end.
pub fn copy_name(original: &str) -> String {
    let lower = original.to_ascii_lowercase();
    let rest = lower.strip_prefix(OF_A_FAILOVER).unwrap_or(&lower);
    let words = rest.split(|it: char| !it.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let plain = words.collect::<Vec<_>>().join("-");
    if plain == rest && !plain.is_empty() && COPY.len() + plain.len() <= COPY_MAX {
        return format!("{COPY}{plain}");
    }
    let cut: String = plain.chars().take(COPY_MAX - COPY.len() - HASH).collect();
    let whole = format!("{COPY}{}", cut.trim_end_matches('-'));
    format!("{}-{:08x}", whole.trim_end_matches('-'), hash(&lower))
}

/// FNV-1a: the same on every machine and in every version.
fn hash(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

/// How RDS took the wish for a copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Copied {
    /// The copy is being made.
    Started,
    /// There is a snapshot of that name.
    NameTaken,
    /// The account may keep no more of them; what RDS said.
    NoRoom(String),
    /// The key of the snapshot cannot be used: disabled, about to be deleted, or not allowed; what RDS said.
    KeyUnusable(String),
    /// The original cannot be copied now; what RDS said.
    NotNow(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copys_name_is_one_that_rds_takes_and_no_other_originals() {
        let name = |rest: &str| copy_name(&format!("{OF_A_FAILOVER}{rest}"));
        assert_eq!(name("todo-seoul-2026-11-27-10-05"), "salvage-todo-seoul-2026-11-27-10-05");
        let mut names = Vec::new();
        for rest in [
            "todo-seoul-2026-11-27-10-05".to_owned(),
            "Todo--Seoul-2026-11-27T10:05Z".to_owned(),
            "todo-seoul-2026-11-27t10-05z-".to_owned(),
            String::new(),
            "서울".to_owned(),
            "오사카".to_owned(),
            format!("{}-2026-11-27-10-05", "x".repeat(63)),
            format!("{}-2026-11-27-10-06", "x".repeat(63)),
            format!("{}-1", "x-".repeat(23)),
            "x".repeat(55),
            "x".repeat(56),
        ] {
            let name = name(&rest);
            let plain = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '-';
            assert!(name.len() <= 63 && name.chars().all(plain), "{name}");
            assert!(name.starts_with("salvage-") && !name.ends_with('-') && !name.contains("--"), "{name}");
            assert!(!names.contains(&name), "{name}");
            names.push(name);
        }
        assert_eq!(name("TODO-seoul-1"), name("todo-seoul-1"), "RDS keeps identifiers in lower case");
    }

    #[test]
    fn a_copy_carries_the_originals_tags_and_where_it_is_from() {
        let tags = [("team", "orders"), ("aws:x", "1"), ("rds:y", "2")];
        let original = Snapshot {
            identifier: format!("{OF_A_FAILOVER}todo-seoul-1"),
            tags: tags.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
            ..Snapshot::default()
        };
        let copy = Copy::of(&original, "todo");
        let tags: Vec<(&str, &str)> = copy.tags.iter().map(|(name, value)| (&**name, &**value)).collect();
        let expected = [
            ("failover-responder:database", "todo"),
            ("failover-responder:salvage-of", "rds:unplanned-global-failover-todo-seoul-1"),
            ("team", "orders"),
        ];
        assert_eq!((tags, copy.name.as_str()), (expected.to_vec(), "salvage-todo-seoul-1"));
        let made = Snapshot { tags: copy.tags, ..Snapshot::default() };
        assert!(made.is_copy_of(&original) && !original.is_copy_of(&original));
    }
}
