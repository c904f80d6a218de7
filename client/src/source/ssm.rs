//! The writer parameter, in SSM Parameter Store of the application's own Region.

use aws_sdk_ssm::Client;

use super::writer_source::{BoxFuture, SourceError, WriterSource};
use crate::writer::{Reading, Writer};

/// The writer by a parameter that holds the cluster's own host name, so that `verify-full` and IAM tokens work.
#[derive(Debug, Clone)]
pub struct Parameter {
    client: Client,
    name: String,
}

impl Parameter {
    /// The parameter of that name. The client is the caller's: its Region, credentials, TLS and timeouts count. One that
    /// does not try again by itself, and gives up after two seconds, fits best: the next read comes anyway.
    pub fn new(client: Client, name: impl Into<String>) -> Self {
        Self { client, name: name.into() }
    }
}

impl WriterSource for Parameter {
    fn read(&self) -> BoxFuture<'_, Result<Reading, SourceError>> {
        Box::pin(async move {
            let read = self.client.get_parameter().name(&self.name).with_decryption(true).send().await;
            let value = read.map_err(SourceError::new)?.parameter.and_then(|parameter| parameter.value);
            let value = value.ok_or_else(|| SourceError::new("GetParameter answered without a value"))?;
            Writer::named(&value).map(Reading::from).map_err(SourceError::new)
        })
    }

    fn describe(&self) -> String {
        format!("parameter {}", self.name)
    }
}
