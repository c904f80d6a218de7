//! One installation's configuration: everything below `<prefix>/databases/`, each database on its own.

use crate::config::{ConfigError, Database, Fault};
use crate::words::failure::visible;
use crate::words::names::{DatabaseName, Region};

/// The databases of an installation, the bad ones beside the good ones.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Installation {
    /// The databases whose configuration is valid, by name.
    pub databases: Vec<Database>,
    /// The others: the database's name as it stands in the parameter's name, and what is wrong.
    pub refused: Vec<(String, ConfigError)>,
}

impl Installation {
    /// From the parameters below the prefix, as (name, value); those of other kinds are passed over.
    pub fn from_parameters<'a>(
        prefix: &str,
        own: &Region,
        parameters: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Self {
        let below = format!("{prefix}/databases/");
        let mut installation = Self::default();
        for (parameter, json) in parameters {
            let Some(name) = parameter.strip_prefix(&below) else {
                continue;
            };
            match parse(prefix, own, parameter, name, json) {
                Ok(database) => installation.databases.push(database),
                Err(error) => installation.refused.push((name.to_owned(), error)),
            }
        }
        installation.databases.sort_by(|a, b| a.name().cmp(b.name()));
        installation.refused.sort_by(|a, b| a.0.cmp(&b.0));
        installation
    }
}

fn parse(
    prefix: &str,
    own: &Region,
    parameter: &str,
    name: &str,
    json: &str,
) -> Result<Database, ConfigError> {
    let name: DatabaseName = name.parse().map_err(|error: crate::words::names::NameError| ConfigError {
        parameter: visible(parameter),
        faults: vec![Fault::new("the parameter's name", error.to_string())],
    })?;
    Database::parse(prefix, &name, json, own)
}
