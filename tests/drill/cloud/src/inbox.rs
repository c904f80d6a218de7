//! A topic that somebody listens to: an HTTP endpoint of the drill's own, subscribed to a topic of the emulated SNS. What
//! it holds has really been published, accepted and delivered.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use bytes::Bytes;
use drill_emulator::{
    Region,
    http::{self, Body, HungUp, full},
    lock::lock,
};
use http_body_util::{BodyExt, Limited};
use hyper::{Request, Response, StatusCode, body::Incoming};
use serde::Deserialize;
use tokio::{net::TcpListener, sync::watch, time::timeout};
use tokio_util::task::AbortOnDropHandle;

use crate::{clients::Clients, error::CloudError};

/// How long SNS may take to ask whether the subscription is wanted.
const CONFIRMATION_TIMEOUT: Duration = Duration::from_secs(10);
/// SNS delivers at most 256 KiB, and its envelope is not much more.
const BODY_LIMIT: usize = 1 << 20;

/// A message that came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// When it came.
    pub at: Instant,
    /// Its subject.
    pub subject: String,
    /// Its text.
    pub message: String,
}

/// A subscriber; dropping it closes its endpoint.
#[derive(Debug)]
pub struct Inbox {
    topic_arn: String,
    mail: Arc<Mutex<Vec<Mail>>>,
    _server: AbortOnDropHandle<()>,
}

#[derive(Debug)]
struct Door {
    mail: Arc<Mutex<Vec<Mail>>>,
    token: watch::Sender<Option<String>>,
}

/// What SNS posts to an HTTP endpoint.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Envelope {
    token: Option<String>,
    #[serde(default)]
    subject: Option<String>,
    message: Option<String>,
}

impl Inbox {
    /// Creates the topic in that Region and subscribes to it, past the front.
    pub async fn open(emulator: &Clients, region: Region, topic: &str) -> Result<Self, CloudError> {
        let operation = || format!("CreateTopic {topic}");
        let created = emulator.sns(region).create_topic().name(topic).send().await;
        let created = created.map_err(CloudError::aws(operation()))?;
        let arn = created
            .topic_arn()
            .ok_or_else(|| CloudError::Incomplete { operation: operation(), field: "TopicArn" })?;
        Self::listen(emulator, region, arn).await
    }

    /// Subscribes to a topic that is there, past the front.
    pub async fn listen(emulator: &Clients, region: Region, topic_arn: &str) -> Result<Self, CloudError> {
        let listener =
            TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(CloudError::io("bind an inbox"))?;
        let address = listener.local_addr().map_err(CloudError::io("read the inbox's address"))?;
        let mail = Arc::<Mutex<Vec<Mail>>>::default();
        let (token, confirmation) = watch::channel(None);
        let door = Arc::new(Door { mail: Arc::clone(&mail), token });
        let server = AbortOnDropHandle::new(tokio::spawn(http::serve(listener, door, take)));
        subscribe(&emulator.sns(region), topic_arn, address, confirmation).await?;
        Ok(Self { topic_arn: topic_arn.to_owned(), mail, _server: server })
    }

    /// The topic's ARN.
    pub fn topic_arn(&self) -> &str {
        &self.topic_arn
    }

    /// All that came so far, in the order in which it came.
    pub fn mail(&self) -> Vec<Mail> {
        lock(&self.mail).clone()
    }
}

async fn subscribe(
    sns: &aws_sdk_sns::Client,
    arn: &str,
    address: SocketAddr,
    mut confirmation: watch::Receiver<Option<String>>,
) -> Result<(), CloudError> {
    let operation = |name: &str| format!("{name} {arn}");
    let incomplete = |name: &str, field| CloudError::Incomplete { operation: operation(name), field };
    let endpoint = format!("http://{address}/");
    let wanted = sns.subscribe().topic_arn(arn).protocol("http").endpoint(endpoint).send();
    wanted.await.map_err(CloudError::aws(operation("Subscribe")))?;
    let asked = timeout(CONFIRMATION_TIMEOUT, confirmation.wait_for(Option::is_some)).await;
    let token = asked.ok().and_then(Result::ok).and_then(|token| token.clone());
    let token = token.ok_or_else(|| incomplete("SubscriptionConfirmation", "Token"))?;
    let confirmed = sns.confirm_subscription().topic_arn(arn).token(token).send().await;
    confirmed.map(|_| ()).map_err(CloudError::aws(operation("ConfirmSubscription")))
}

async fn take(door: Arc<Door>, request: Request<Incoming>) -> Result<Response<Body>, HungUp> {
    let at = Instant::now();
    let body = Limited::new(request.into_body(), BODY_LIMIT).collect().await;
    let envelope = body.ok().and_then(|body| serde_json::from_slice::<Envelope>(&body.to_bytes()).ok());
    let mut response = Response::new(full(Bytes::new()));
    match envelope {
        Some(Envelope { token: Some(token), .. }) => {
            door.token.send_replace(Some(token));
        }
        Some(Envelope { subject, message: Some(message), .. }) => {
            lock(&door.mail).push(Mail { at, subject: subject.unwrap_or_default(), message });
        }
        _ => *response.status_mut() = StatusCode::BAD_REQUEST,
    }
    Ok(response)
}
