//! The page: rendered here, kept fresh by a little script that asks for the same markup again.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{Html, IntoResponse};
use maud::{DOCTYPE, Markup, html};
use writer_follower::Chain;

use super::App;
use super::input::TITLE_LIMIT;
use super::status::WriterStatus;
use crate::store::{Count, StoreError, Todo};

/// How many todos the page shows.
const SHOWN: i64 = 50;

/// What the page shows of the store: all of it, or why not.
struct View {
    writer: WriterStatus,
    todos: Result<(Vec<Todo>, Count), StoreError>,
}

/// `GET /`: the whole page.
pub(crate) async fn page(State(app): State<Arc<App>>) -> Html<String> {
    Html(whole(&View::of(&app).await).into_string())
}

fn whole(view: &View) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { "Todo" @if let Some(region) = &view.writer.region { " · " (region) } }
                link rel="icon" href="data:,";
                link rel="stylesheet" href="/app.css";
                script src="/app.js" defer {}
            }
            body {
                main {
                    header {
                        h1 { "Todo" }
                        @if let Some(region) = &view.writer.region {
                            span.region title="The Region that this app runs in" { (region) }
                        }
                    }
                    (status(view))
                    form #add autocomplete="off" {
                        label.hidden for="title" { "New todo" }
                        input #title name="title" placeholder="What is to be done?" required
                            maxlength=(TITLE_LIMIT);
                        button type="submit" { "Add" }
                    }
                    p #message role="status" aria-live="polite" {}
                    (list(view))
                }
            }
        }
    }
}

/// `GET /fragment`: the parts of the page that change.
pub(crate) async fn fragment(State(app): State<Arc<App>>) -> Html<String> {
    let view = View::of(&app).await;
    Html(html! { (status(&view)) (list(&view)) }.into_string())
}

/// `GET /app.css`.
pub(crate) async fn style() -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("page.css"))
}

/// `GET /app.js`.
pub(crate) async fn script() -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/javascript; charset=utf-8")], include_str!("page.js"))
}

impl View {
    async fn of(app: &App) -> Self {
        let todos = async {
            let todos = app.store.list(SHOWN).await?;
            Ok((todos, app.store.count().await?))
        };
        let todos = todos.await;
        Self { writer: WriterStatus::of(app), todos }
    }
}

/// Where the writer is.
fn status(view: &View) -> Markup {
    let writer = &view.writer;
    let well = view.todos.is_ok();
    html! {
        section #status .well[well] .ill[!well] aria-label="The database's writer" {
            p.state {
                span.dot aria-hidden="true" {}
                @if well { strong { "Connected to the writer" } }
                @else { strong { "Looking for the writer" } }
                span.badge title=(tls_title(writer)) { (tls_badge(writer)) }
            }
            @if let Err(error) = &view.todos {
                p.reason { (Chain(error)) }
            }
            (whereabouts(writer))
        }
    }
}

/// What is followed, and where it leads.
fn whereabouts(writer: &WriterStatus) -> Markup {
    let host = writer.canonical.as_ref().or(writer.host.as_ref());
    html! {
        dl {
            dt { "Follows" }
            dd { "the writer " (writer.mode) " " code { (writer.follows) } }
            @if let Some(host) = host.filter(|host| **host != writer.follows) {
                dt { "Which is" }
                dd { code { (host) } }
            }
            @if let Some(address) = &writer.address {
                dt { "Server" }
                dd {
                    code { (address) }
                    @if let Some(since) = &writer.since { " since " time datetime=(since) { (since) } }
                    @if let Some(timeline) = writer.timeline { ", timeline " (timeline) }
                }
            }
        }
    }
}

fn tls_badge(writer: &WriterStatus) -> &'static str {
    match (writer.tls.on, writer.tls.verified) {
        (false, _) => "not encrypted",
        (true, false) => "TLS",
        (true, true) => "TLS, verified",
    }
}

fn tls_title(writer: &WriterStatus) -> &'static str {
    match (writer.tls.on, writer.tls.verified) {
        (false, _) => "Connections to the database are not encrypted",
        (true, false) => "Encrypted; through a record the server's name cannot be verified",
        (true, true) => "Encrypted, and the server's name is verified",
    }
}

/// The todos; nothing when they could not be read, so that the script leaves the former ones.
fn list(view: &View) -> Markup {
    let Ok((todos, written)) = &view.todos else {
        return html! {};
    };
    html! {
        section #list aria-label="Todos" {
            p.count {
                (written.total - written.done) " open, " (written.done) " done"
                @if i64::try_from(todos.len()).is_ok_and(|shown| shown < written.total) {
                    " · the newest " (todos.len()) " are shown"
                }
            }
            @if todos.is_empty() { p.empty { "Nothing to do. Add something above." } }
            ul { @for todo in todos { (item(todo)) } }
        }
    }
}

fn item(todo: &Todo) -> Markup {
    html! {
        li .done[todo.done] data-id=(todo.id) {
            label {
                input type="checkbox" id=(format!("tick-{}", todo.id)) checked[todo.done];
                span.title { (todo.title) }
            }
            @if let (Some(client), Some(number)) = (&todo.client, todo.number) {
                span.origin title="Count by a counting client" { (client) " #" (number) }
            }
            button.delete type="button" aria-label=(format!("Delete “{}”", todo.title)) title="Delete" { "×" }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::status::TlsStatus;

    fn view(title: &str) -> View {
        let writer = WriterStatus {
            mode: "record",
            follows: "w.example".into(),
            region: None,
            host: Some("<host>".into()),
            canonical: None,
            address: Some("127.0.0.1:5432".into()),
            since: None,
            connected: true,
            generation: Some(1),
            timeline: None,
            tls: TlsStatus { on: true, verified: false },
        };
        let todo = Todo {
            id: "7".into(),
            title: title.into(),
            done: true,
            client: None,
            number: None,
            created_at: String::new(),
        };
        View { writer, todos: Ok((vec![todo], Count { total: 3, done: 1 })) }
    }

    #[test]
    fn whatever_people_write_is_escaped() {
        let view = view("<script>alert('\"&')</script>");
        let markup = html! { (status(&view)) (list(&view)) }.into_string();
        assert!(!markup.contains("<script>"), "{markup}");
        assert!(markup.contains("&lt;script&gt;") && markup.contains("&lt;host&gt;"));
        assert!(markup.contains("2 open, 1 done") && markup.contains("the newest 1 are shown"));
    }

    #[test]
    fn a_failure_shows_its_reason_and_leaves_the_list_alone() {
        let mut view = view("x");
        view.todos = Err(StoreError::ReadOnly);
        assert!(status(&view).into_string().contains("the server takes no writes"));
        assert_eq!(list(&view).into_string(), "");
    }
}
