//! Whether a Region's CloudWatch answers at all: the cheapest question that there is, once for all who ask now.

use aws_sdk_cloudwatch::Client;
use responder_core::words::names::Region;

use super::CloudWatch;
use crate::budget::patiently;
use crate::failure::Failed;

impl CloudWatch {
    /// Whether CloudWatch in `region` answers.
    pub(crate) async fn answers(&self, region: &Region) -> Result<(), Failed> {
        let operation = format!("cloudwatch:DescribeAlarms in {region}");
        let client = self.clients.cloudwatch(region);
        let named = operation.clone();
        let answer = self.answers.ask(region, (), async move |asked, deadline| {
            let answer = patiently(deadline, &named, || ask(&client, &named)).await;
            for asked in asked {
                asked.answer(answer.clone());
            }
        });
        answer.await.unwrap_or_else(|| Err(Failed::out_of_time(&operation)))
    }
}

async fn ask(client: &Client, operation: &str) -> Result<(), Failed> {
    let call = client.describe_alarms().max_records(1);
    call.send().await.map(drop).map_err(|error| Failed::of(operation, error))
}
