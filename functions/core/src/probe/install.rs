//! The SQL that an operator runs once on the writer: the role, the schema, the table, and no right beyond them.

use super::settings::is_role;

/// A role's name that is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a role's name of small letters, digits and '_'")]
pub struct NoRole(String);

const SQL: &str = include_str!("install.sql");
/// What stands for the role in the text.
const ROLE: &str = "failover_responder_probe";

/// The SQL for this role.
pub fn sql(user: &str) -> Result<String, NoRole> {
    if is_role(user) { Ok(SQL.replace(ROLE, user)) } else { Err(NoRole(user.to_owned())) }
}
