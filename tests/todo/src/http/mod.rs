//! The HTTP side: the API, the page and what watches over the app.

mod error;
mod input;
mod page;
mod status;
mod todos;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderValue, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::middleware::map_response;
use axum::response::Response;
use axum::routing::{get, patch};

use crate::database::Database;
use crate::metrics::Metrics;
use crate::options::WriterOption;
use crate::store::TodoStore;

/// The most bytes that a request's body may have.
const BODY_LIMIT: usize = 16 * 1024;

/// What all handlers share.
pub(crate) struct App {
    /// The todos.
    pub(crate) store: TodoStore,
    /// Where they are kept.
    pub(crate) database: Arc<Database>,
    /// The counters.
    pub(crate) metrics: Arc<Metrics>,
    /// What is followed.
    pub(crate) follows: WriterOption,
    /// The Region that the app runs in, if it was told.
    pub(crate) region: Option<String>,
}

/// All routes.
pub(crate) fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/", get(page::page))
        .route("/fragment", get(page::fragment))
        .route("/app.css", get(page::style))
        .route("/app.js", get(page::script))
        .route("/api/todos", get(todos::list).post(todos::add))
        .route("/api/todos/{id}", patch(todos::tick).delete(todos::delete))
        .route("/api/writes", get(todos::writes))
        .route("/api/writer", get(status::writer))
        .route("/healthz", get(status::healthz))
        .route("/readyz", get(status::readyz))
        .route("/metrics.json", get(status::metrics))
        .fallback(error::no_such_route)
        .method_not_allowed_fallback(error::no_such_method)
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(map_response(careful))
        .with_state(app)
}

/// Nothing from elsewhere runs on the page, and no answer is kept by anybody.
async fn careful(mut response: Response) -> Response {
    let headers = response.headers_mut();
    let policy = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; \
                  img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
