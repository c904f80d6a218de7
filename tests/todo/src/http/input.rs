//! What clients send, and when it is refused.

use serde::Deserialize;
use uuid::Uuid;

use super::error::ApiError;
use crate::store::{NewTodo, Origin};

/// The most characters of a title; the table says the same.
pub(crate) const TITLE_LIMIT: usize = 200;
const CLIENT_LIMIT: usize = 64;
const LIST_LIMIT: i64 = 500;
const LIST_DEFAULT: i64 = 50;

/// The body of `POST /api/todos`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AddBody {
    title: String,
    id: Option<String>,
    client: Option<String>,
    number: Option<i64>,
}

impl AddBody {
    /// The todo, with an id if the client chose none.
    pub(crate) fn check(self) -> Result<NewTodo, ApiError> {
        let title = check_title(&self.title)?;
        let origin = match (self.client, self.number) {
            (None, None) => None,
            (Some(client), Some(number)) => Some(Origin { client: check_client(client)?, number }),
            _ => return Err(input("client and number go together")),
        };
        if origin.as_ref().is_some_and(|origin| origin.number < 0) {
            return Err(input("number must not be negative"));
        }
        let id = self.id.as_deref().map_or_else(|| Ok(Uuid::new_v4()), check_id)?;
        Ok(NewTodo { id, title, origin })
    }
}

/// The body of `PATCH /api/todos/{id}`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TickBody {
    /// Whether the todo is done.
    pub(crate) done: bool,
}

/// The query of `GET /api/todos`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListQuery {
    limit: Option<i64>,
}

impl ListQuery {
    /// How many todos to list.
    pub(crate) fn limit(&self) -> Result<i64, ApiError> {
        let limit = self.limit.unwrap_or(LIST_DEFAULT);
        if (1..=LIST_LIMIT).contains(&limit) {
            Ok(limit)
        } else {
            Err(input(format!("limit must be between 1 and {LIST_LIMIT}")))
        }
    }
}

/// The query of `GET /api/writes`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WritesQuery {
    client: String,
}

impl WritesQuery {
    /// Whose numbers to list.
    pub(crate) fn client(self) -> Result<String, ApiError> {
        check_client(self.client)
    }
}

/// The id in a path.
pub(crate) fn check_id(text: &str) -> Result<Uuid, ApiError> {
    Uuid::try_parse(text).map_err(|_| input("the id must be a UUID"))
}

fn check_title(title: &str) -> Result<String, ApiError> {
    let title = title.trim();
    if title.is_empty() {
        return Err(input("title must not be empty"));
    }
    let length = title.chars().count();
    if length > TITLE_LIMIT {
        return Err(input(format!("title has {length} characters, at most {TITLE_LIMIT} are allowed")));
    }
    if title.chars().any(char::is_control) {
        return Err(input("title must not have control characters"));
    }
    Ok(title.to_owned())
}

fn check_client(client: String) -> Result<String, ApiError> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    if !client.is_empty() && client.len() <= CLIENT_LIMIT && client.bytes().all(plain) {
        return Ok(client);
    }
    Err(input(format!("client must have 1 to {CLIENT_LIMIT} letters, digits, '-', '_' or '.'")))
}

fn input(message: impl Into<String>) -> ApiError {
    ApiError::Input(message.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add(json: &str) -> Result<NewTodo, String> {
        let body: AddBody = serde_json::from_str(json).map_err(|error| error.to_string())?;
        body.check().map_err(|error| error.to_string())
    }

    #[test]
    fn a_todo_needs_only_a_title() {
        let todo = add(r#"{"title": "  buy milk "}"#).unwrap();
        assert_eq!(todo.title, "buy milk");
        assert_eq!(todo.origin, None);
        assert_ne!(todo.id, add(r#"{"title": "x"}"#).unwrap().id);
    }

    #[test]
    fn a_counting_client_gives_both_name_and_number() {
        let todo = add(r#"{"title": "x", "client": "seoul", "number": 17}"#).unwrap();
        assert_eq!(todo.origin, Some(Origin { client: "seoul".into(), number: 17 }));
        assert!(add(r#"{"title": "x", "client": "seoul"}"#).is_err());
        assert!(add(r#"{"title": "x", "number": 1}"#).is_err());
        assert!(add(r#"{"title": "x", "client": "a b", "number": 1}"#).is_err());
        assert!(add(r#"{"title": "x", "client": "seoul", "number": -1}"#).is_err());
    }

    #[test]
    fn bad_titles_and_unknown_fields_are_refused() {
        assert_eq!(add(r#"{"title": "  "}"#).unwrap_err(), "title must not be empty");
        let long = format!(r#"{{"title": "{}"}}"#, "é".repeat(201));
        assert!(add(&long).unwrap_err().contains("201 characters"));
        assert!(add(&long.replacen('é', "", 1)).is_ok());
        assert!(add("{\"title\": \"a\\u0000b\"}").is_err());
        assert!(add(r#"{"title": "x", "colour": 1}"#).unwrap_err().contains("unknown field"));
        assert!(check_id("17").is_err());
    }
}
