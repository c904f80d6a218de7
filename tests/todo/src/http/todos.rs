//! The API of the todos.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::App;
use super::error::ApiError;
use super::input::{AddBody, ListQuery, TickBody, WritesQuery, check_id};
use crate::store::Added;

/// `GET /api/todos`: the newest todos.
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    query: Result<Query<ListQuery>, QueryRejection>,
) -> Result<Json<Value>, ApiError> {
    let Query(query) = query?;
    let todos = app.store.list(query.limit()?).await.map_err(ApiError::Read)?;
    Ok(Json(json!({ "todos": todos })))
}

/// `POST /api/todos`: 201 once the current writer has confirmed it.
pub(crate) async fn add(
    State(app): State<Arc<App>>,
    body: Result<Json<AddBody>, JsonRejection>,
) -> Result<(StatusCode, Json<Added>), ApiError> {
    let Json(body) = body?;
    let todo = body.check()?;
    let added = app.store.add(&todo).await.map_err(ApiError::Write)?;
    Ok((StatusCode::CREATED, Json(added)))
}

/// `PATCH /api/todos/{id}`: ticks or unticks.
pub(crate) async fn tick(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    body: Result<Json<TickBody>, JsonRejection>,
) -> Result<Json<Value>, ApiError> {
    let id = check_id(&id)?;
    let Json(TickBody { done }) = body?;
    app.store.tick(id, done).await.map_err(ApiError::Write)?;
    Ok(Json(json!({ "id": id.to_string(), "done": done })))
}

/// `DELETE /api/todos/{id}`.
pub(crate) async fn delete(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    let id = check_id(&id)?;
    app.store.delete(id).await.map_err(ApiError::Write)?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /api/writes?client=`: every number of the client that is there, in order. A todo that was deleted
/// takes its number along.
pub(crate) async fn writes(
    State(app): State<Arc<App>>,
    query: Result<Query<WritesQuery>, QueryRejection>,
) -> Result<Json<Value>, ApiError> {
    let Query(query) = query?;
    let client = query.client()?;
    let numbers = app.store.numbers(&client).await.map_err(ApiError::Read)?;
    Ok(Json(json!({ "client": client, "count": numbers.len(), "numbers": numbers })))
}
