//! Lambda: RDS events and the schedule; publishes the current writer. Cannot fail a database over:
//! the ports that it is handed have no such call, and neither has its role.

mod handler;
mod logs;

use lambda_runtime::{LambdaEvent, run, service_fn};
use responder_aws::AwsPorts;
use serde_json::Value;
use tokio::sync::Mutex;

use crate::handler::{Follow, FollowError};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    logs::start();
    let ports = AwsPorts::from_environment().await?;
    let own = ports.own_region().clone();
    let follow = Mutex::new(Follow::new(ports, own));
    run(service_fn(|event: LambdaEvent<Value>| async {
        let mut follow = follow.lock().await;
        let answer = follow.handle(event).await;
        answer.inspect_err(|error: &FollowError| logs::failure(error))
    }))
    .await
}
