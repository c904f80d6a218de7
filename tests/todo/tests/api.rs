//! The API and the page, on one server.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failure here is a failed test")]

mod support;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use support::app::App;
use support::pair::Pair;

#[tokio::test]
async fn the_api_and_the_page() {
    let pair = Pair::start(31, 5).await;
    let mut app = App::start(&pair.record_options(), &[("AWS_REGION", "ap-northeast-2")]).await;
    app.ready().await;
    adding_is_idempotent(&app).await;
    ticking_and_deleting(&app).await;
    bad_input_is_refused(&app).await;
    the_page_escapes(&app).await;
    assert!(app.terminate().await.success());
}

async fn adding_is_idempotent(app: &App) {
    let todo = json!({ "title": "once", "client": "seoul", "number": 17 });
    let (status, first) = app.add(&todo).await;
    assert_eq!(status, StatusCode::CREATED, "{first}");
    assert_eq!((&first["number"], &first["server"]), (&json!(17), &json!("127.31.1.1")));
    let (status, again) = app.add(&todo).await;
    assert_eq!((status, &again["id"]), (StatusCode::CREATED, &first["id"]));
    assert_eq!(app.numbers("seoul").await, [17]);
    let other = json!({ "title": "another", "client": "seoul", "number": 17 });
    let (status, body) = app.add(&other).await;
    assert_eq!((status, &body["outcome"]), (StatusCode::CONFLICT, &json!("not_applied")), "{body}");
    assert_eq!(app.numbers("osaka").await, Vec::<u64>::new());
    // Many at once are one, too.
    let todo = json!({ "title": "at once", "client": "seoul", "number": 18 });
    let (a, b, c) = tokio::join!(app.add(&todo), app.add(&todo), app.add(&todo));
    for (status, body) in [&a, &b, &c] {
        assert_eq!((*status, &body["id"]), (StatusCode::CREATED, &a.1["id"]), "{body}");
    }
}

async fn ticking_and_deleting(app: &App) {
    let (_, added) = app.add(&json!({ "title": "buy milk" })).await;
    let path = format!("/api/todos/{}", added["id"].as_str().unwrap());
    let (status, body) = app.call(Method::PATCH, &path, Some(&json!({ "done": true }))).await;
    assert_eq!((status, &body["done"]), (StatusCode::OK, &json!(true)), "{body}");
    let (_, body) = app.get("/api/todos?limit=1").await;
    let todos = body["todos"].as_array().unwrap();
    assert_eq!((todos.len(), &todos[0]["title"], &todos[0]["done"]), (1, &json!("buy milk"), &json!(true)));
    assert!(todos[0]["created_at"].as_str().unwrap().ends_with('Z'));
    assert_eq!(app.call(Method::DELETE, &path, None).await.0, StatusCode::NO_CONTENT);
    let (status, body) = app.call(Method::DELETE, &path, None).await;
    assert_eq!((status, &body["outcome"]), (StatusCode::NOT_FOUND, &json!("not_applied")));
    let (status, _) = app.call(Method::PATCH, &path, Some(&json!({ "done": true }))).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}

async fn bad_input_is_refused(app: &App) {
    let cases: [(Value, &str); 8] = [
        (json!({ "title": "" }), "must not be empty"),
        (json!({ "title": "x".repeat(201) }), "201 characters"),
        (json!({ "title": "x", "done": true }), "unknown field"),
        (json!({ "title": 7 }), "invalid type"),
        (json!({ "title": "x", "number": 7 }), "go together"),
        (json!({ "title": "x", "id": "7" }), "UUID"),
        (json!({}), "missing field"),
        (json!([]), "invalid"),
    ];
    for (todo, complaint) in cases {
        let (status, body) = app.add(&todo).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{todo}");
        assert!(body["error"].as_str().unwrap().contains(complaint), "{todo}: {body}");
    }
    let (status, _) = app.add(&json!({ "title": "x".repeat(20_000) })).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    for path in ["/api/todos?limit=0", "/api/todos?limit=x", "/api/todos?page=1", "/api/writes"] {
        let (status, body) = app.get(path).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{path}");
        assert!(body["error"].is_string(), "{path}: {body}");
    }
    assert_eq!(app.get("/nowhere").await.0, StatusCode::NOT_FOUND);
    assert_eq!(app.call(Method::PUT, "/api/todos", None).await.0, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(app.call(Method::POST, "/api/todos", None).await.0, StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

async fn the_page_escapes(app: &App) {
    app.add(&json!({ "title": "<img src=x onerror=alert(1)>" })).await;
    for path in ["/", "/fragment"] {
        let text = app.text(path).await;
        assert!(text.contains("&lt;img src=x"), "{text}");
        assert!(!text.contains("<img"), "{text}");
    }
    let page = app.text("/").await;
    assert!(page.contains("ap-northeast-2") && page.contains("Connected to the writer"));
    assert!(app.text("/app.js").await.contains("use strict"));
    assert!(app.text("/app.css").await.contains("prefers-color-scheme"));
}
