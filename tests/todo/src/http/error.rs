//! Errors as HTTP answers: always JSON, always with a word on what happened to a write.

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use writer_follower::Chain;

use crate::database::word;
use crate::store::StoreError;

/// Why a request was not answered with success.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ApiError {
    /// What was sent is not acceptable.
    #[error("{0}")]
    Input(String),
    /// What was sent is too long to be read.
    #[error("the body is too long")]
    TooLong,
    /// The body is not said to be JSON.
    #[error("the content type must be application/json")]
    NotJson,
    /// A write failed.
    #[error(transparent)]
    Write(StoreError),
    /// A read failed.
    #[error(transparent)]
    Read(StoreError),
}

impl From<JsonRejection> for ApiError {
    fn from(rejection: JsonRejection) -> Self {
        match rejection {
            JsonRejection::MissingJsonContentType(_) => Self::NotJson,
            JsonRejection::BytesRejection(_) => Self::TooLong,
            other => Self::Input(other.body_text()),
        }
    }
}

impl From<QueryRejection> for ApiError {
    fn from(rejection: QueryRejection) -> Self {
        Self::Input(rejection.body_text())
    }
}

impl ApiError {
    fn status(&self) -> StatusCode {
        match self {
            Self::Input(_) => StatusCode::BAD_REQUEST,
            Self::TooLong => StatusCode::PAYLOAD_TOO_LARGE,
            Self::NotJson => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Write(error) | Self::Read(error) => status_of(error),
        }
    }

    fn body(&self) -> Value {
        let error = Chain(self).to_string();
        match self {
            Self::Write(failure) => json!({ "error": error, "outcome": word(failure.outcome()) }),
            _ => json!({ "error": error }),
        }
    }
}

fn status_of(error: &StoreError) -> StatusCode {
    match error {
        StoreError::NotFound => StatusCode::NOT_FOUND,
        StoreError::Taken => StatusCode::CONFLICT,
        StoreError::Contended | StoreError::ReadOnly => StatusCode::SERVICE_UNAVAILABLE,
        StoreError::Database(error) if error.given_up.passing => StatusCode::SERVICE_UNAVAILABLE,
        StoreError::Database(_) | StoreError::Shape { .. } => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        (self.status(), Json(self.body())).into_response()
    }
}

/// The answer for a path that is none.
pub(crate) async fn no_such_route() -> Response {
    (StatusCode::NOT_FOUND, Json(json!({ "error": "there is nothing at this path" }))).into_response()
}

/// The answer for a method that the path does not know.
pub(crate) async fn no_such_method() -> Response {
    let body = Json(json!({ "error": "this path does not know this method" }));
    (StatusCode::METHOD_NOT_ALLOWED, body).into_response()
}
