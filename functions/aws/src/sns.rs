//! The topics that people listen to.

use std::sync::Arc;

use responder_core::config::topic_region;
use responder_core::words::notice::Notice;
use tokio::time::Instant;

use crate::budget::patiently;
use crate::clients::Clients;
use crate::failure::Failed;

/// The topics.
#[derive(Debug)]
pub(crate) struct Sns {
    clients: Arc<Clients>,
}

impl Sns {
    pub(crate) const fn new(clients: Arc<Clients>) -> Self {
        Self { clients }
    }

    /// Publishes to the topic in the topic's own Region.
    pub(crate) async fn publish(&self, topic_arn: &str, notice: &Notice) -> Result<(), Failed> {
        let operation = format!("sns:Publish to {topic_arn}");
        let region = topic_region(topic_arn)
            .ok_or_else(|| Failed::refused(&operation, "is not the ARN of a topic".to_owned()))?;
        let deadline = Instant::now() + self.clients.budgets().notice;
        let client = self.clients.sns(&region);
        let call = || async {
            let call =
                client.publish().topic_arn(topic_arn).subject(notice.subject()).message(notice.message());
            call.send().await.map(drop).map_err(|error| Failed::of(&operation, error))
        };
        patiently(deadline, &operation, call).await
    }
}
