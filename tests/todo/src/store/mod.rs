//! What is kept: todos, and the numbers of the writes that made them.

mod schema;
mod todos;

pub(crate) use schema::keep_schema;
pub(crate) use todos::{Added, Count, NewTodo, Origin, StoreError, Todo, TodoStore};
