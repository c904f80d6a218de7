//! The app follows the writer parameter, with the server's name verified.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failure here is a failed test")]

mod support;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use serde_json::{Value, json};
use support::app::{App, SOON};
use support::dns::{OSAKA_HOST, RECORD, SEOUL_HOST};
use support::eventually;
use support::pair::Pair;

const PARAMETER: &str = "/todo/database/writer";

/// A parameter store of one parameter, which can be out of order.
#[derive(Clone)]
struct Store(Arc<Mutex<Option<&'static str>>>);

impl Store {
    async fn start(value: &'static str) -> (Self, String) {
        let store = Self(Arc::new(Mutex::new(Some(value))));
        let router = Router::new().route("/", post(get_parameter)).with_state(store.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (store, url)
    }

    fn set(&self, value: Option<&'static str>) {
        *self.0.lock().unwrap() = value;
    }
}

async fn get_parameter(State(store): State<Store>, headers: HeaderMap, body: String) -> (StatusCode, String) {
    let value = *store.0.lock().unwrap();
    let asked: Value = serde_json::from_str(&body).unwrap();
    let known = headers["x-amz-target"] == "AmazonSSM.GetParameter" && asked["Name"] == PARAMETER;
    let answer = match value.filter(|_| known) {
        Some(value) => json!({ "Parameter": { "Name": PARAMETER, "Type": "String", "Value": value } }),
        None => return (StatusCode::INTERNAL_SERVER_ERROR, "{}".to_owned()),
    };
    (StatusCode::OK, answer.to_string())
}

async fn started(pair: &Pair, url: &str) -> App {
    let mut options = pair.parameter_options(PARAMETER);
    options.extend(["--refresh-seconds".to_owned(), "1".to_owned()]);
    App::start(&options, &[("AWS_REGION", "ap-northeast-2"), ("AWS_ENDPOINT_URL", url)]).await
}

async fn writes_on(app: &App, server: &str) {
    eventually("a write is confirmed by the writer", SOON, || async {
        let (status, body) = app.add(&json!({ "title": "x" })).await;
        (status == StatusCode::CREATED && body["server"] == server).then_some(())
    })
    .await;
}

#[tokio::test]
async fn the_parameter_moves_the_app_and_its_last_value_outlives_the_store() {
    let pair = Pair::start(21, 5).await;
    let (store, url) = Store::start(SEOUL_HOST).await;
    let app = started(&pair, &url).await;
    app.ready().await;
    let writer = app.get("/api/writer").await.1;
    assert_eq!((&writer["mode"], &writer["host"]), (&json!("parameter"), &json!(SEOUL_HOST)));
    assert_eq!(writer["tls"]["verified"], pair.ca.is_some());
    assert!(writer["region"] == "ap-northeast-2" && writer["connected"] == true, "{writer}");

    pair.seoul.stop_fast().await.unwrap();
    pair.osaka.promote().await.unwrap();
    store.set(Some(OSAKA_HOST));
    writes_on(&app, "127.21.2.1").await;

    // Without the parameter store, even connections that break are made again to the last known writer.
    store.set(None);
    eventually("the store's failure is noticed", SOON, || async {
        (app.metric("parameter_failures").await > 2).then_some(())
    })
    .await;
    pair.osaka
        .execute_batch(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'todo'",
        )
        .await
        .unwrap();
    writes_on(&app, "127.21.2.1").await;
    let complaints = app.log().matches("going on with the last known value").count();
    assert_eq!(complaints, 1, "{}", app.log());
}

#[tokio::test]
async fn a_server_of_another_name_is_refused() {
    let pair = Pair::start(22, 5).await;
    if pair.ca.is_none() {
        println!("skipped: this PostgreSQL has no TLS; `apt-get install postgresql` has one that does");
        return;
    }
    // The record's name leads to the right server, which has no certificate of that name.
    let (store, url) = Store::start(RECORD).await;
    let app = started(&pair, &url).await;
    let reason = eventually("the connection is refused", SOON, || async {
        let (_, body) = app.get("/readyz").await;
        let reason = body["reason"].as_str().unwrap_or_default().to_owned();
        reason.contains("certificate").then_some(reason)
    })
    .await;
    assert!(reason.contains("not valid for name"), "{reason}");
    let (status, body) = app.add(&json!({ "title": "x" })).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(body["outcome"], "not_applied");
    store.set(Some(SEOUL_HOST));
    tokio::time::sleep(Duration::from_millis(10)).await;
    app.ready().await;
}
