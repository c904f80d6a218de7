//! Who may sign in to the servers, and with which password.

use std::fmt;

use rand::distr::{Alphanumeric, SampleString as _};

/// Letters and digits of a generated password: more than 128 bits.
const GENERATED_LENGTH: usize = 24;

/// A password that neither `Debug` nor a log shows.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// Takes a given password.
    pub fn new(password: impl Into<String>) -> Self {
        Self(password.into())
    }

    /// Makes one up: letters and digits only.
    pub fn random() -> Self {
        Self(Alphanumeric.sample_string(&mut rand::rng(), GENERATED_LENGTH))
    }

    /// The password itself, for handing it on (in a file or an environment variable, never an argument).
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Password(…)")
    }
}

/// A role and its password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    /// The role's name.
    pub user: String,
    /// Its password.
    pub password: Password,
}

impl Credentials {
    /// A role with a generated password.
    pub fn random(user: impl Into<String>) -> Self {
        Self { user: user.into(), password: Password::random() }
    }
}

/// The roles and the database of a pair of servers; a standby has its primary's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// The application's database.
    pub database: String,
    /// Sets everything up.
    pub superuser: Credentials,
    /// A standby signs in to its primary with it.
    pub replication: Credentials,
    /// The application's role; it owns the database.
    pub application: Credentials,
    /// The probe's role, which whoever installs a probe makes.
    pub probe: Credentials,
}

impl Access {
    /// Roles `postgres`, `replicator` and one named like the database, each with a generated password.
    pub fn random(database: impl Into<String>) -> Self {
        let database = database.into();
        Self {
            superuser: Credentials::random("postgres"),
            replication: Credentials::random("replicator"),
            application: Credentials::random(database.clone()),
            probe: Credentials::random("failover_responder_probe"),
            database,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_never_printed() {
        let access = Access::random("todo");
        let printed = format!("{access:?}");
        assert!(!printed.contains(access.application.password.expose()));
        assert_ne!(access.superuser.password, access.application.password);
    }
}
