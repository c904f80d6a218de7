//! HTTP on loopback: the page, what feeds it, and what it asks for.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use drill_emulator::http::{self, Body, HungUp, full};
use drill_report::STYLE;
use http_body_util::BodyExt;
use hyper::body::{Frame, Incoming};
use hyper::header::{self, HeaderValue};
use hyper::{HeaderMap, Method, Request, Response, StatusCode};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio::time::interval;

use super::act::Act;
use super::denied::Denied;
use super::guard::{Asker, TOKEN};
use super::shared::Room;
use super::{perform, snapshot};
use crate::stage::lock::lock;

const PAGE: &str = include_str!("page/page.html");
const PAGE_STYLE: &str = include_str!("page/page.css");
const PAGE_SCRIPT: &str = include_str!("page/page.js");
/// How often a page that is told nothing new is told that the drill is there.
const STILL_HERE: Duration = Duration::from_secs(5);
/// What waits for a page that reads slowly: then it gets the newest alone.
const WAITING: usize = 4;

/// What a request is about.
#[derive(Debug, PartialEq, Eq)]
enum Route {
    Page,
    Events,
    Snapshot,
    /// A file of the saved report.
    Saved(&'static str),
    Act(Act),
}

/// Which it is, or why it is none.
fn route(method: &Method, path: &str) -> Result<Route, Denied> {
    let asked = match path {
        "/" => Route::Page,
        "/events" => Route::Events,
        "/snapshot" => Route::Snapshot,
        "/report.html" => Route::Saved("report.html"),
        "/report.json" => Route::Saved("report.json"),
        _ => match path.strip_prefix("/act/") {
            Some(id) => Route::Act(Act::of_id(id).ok_or_else(|| {
                Denied::new(404, format!("Nothing here is called {id:?}: /snapshot names what there is."))
            })?),
            None => return Err(Denied::new(404, "There is no such page here.")),
        },
    };
    let wanted = if matches!(asked, Route::Act(_)) { Method::POST } else { Method::GET };
    if *method == wanted {
        return Ok(asked);
    }
    Err(Denied::new(405, format!("This is asked for by {wanted} alone.")))
}

/// Serves until the task ends.
pub(crate) async fn serve(listener: TcpListener, room: Arc<Room>) {
    http::serve(listener, room, answer).await;
}

async fn answer(room: Arc<Room>, request: Request<Incoming>) -> Result<Response<Body>, HungUp> {
    let answered = respond(&room, &request).await;
    Ok(answered.unwrap_or_else(|denied| sentence(denied.status, "error", &denied.sentence)))
}

async fn respond(room: &Arc<Room>, request: &Request<Incoming>) -> Result<Response<Body>, Denied> {
    let asker = asker(request.headers());
    room.guard.may_look(asker)?;
    match route(request.method(), request.uri().path())? {
        Route::Page => Ok(page(room)),
        Route::Events => Ok(events(room)),
        Route::Snapshot => Ok(typed("application/json", snapshot::now(room).await.to_string())),
        Route::Saved(name) => saved(room, name),
        Route::Act(act) => {
            room.guard.may_change(asker)?;
            let done = perform::perform(room, act).await?;
            Ok(sentence(200, "said", &done))
        }
    }
}

fn asker(headers: &HeaderMap) -> Asker<'_> {
    // A value that is no text is nobody's.
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    Asker { host: text("host"), origin: text("origin"), site: text("sec-fetch-site"), token: text(TOKEN) }
}

fn sentence(status: u16, key: &str, text: &str) -> Response<Body> {
    let mut response = typed("application/json", json!({ key: text }).to_string());
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response
}

fn typed(kind: &'static str, body: impl Into<Bytes>) -> Response<Body> {
    of_kind(kind, full(body))
}

fn of_kind(kind: &'static str, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    let set = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "DENY"),
    ];
    for (name, value) in set {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

fn page(room: &Room) -> Response<Body> {
    let nonce = &room.guard.token;
    let page = PAGE
        .replace("{{style}}", &format!("{STYLE}\n{PAGE_STYLE}"))
        .replace("{{script}}", PAGE_SCRIPT)
        .replace("{{nonce}}", nonce)
        .replace("{{token}}", &room.guard.token);
    let mut response = typed("text/html; charset=utf-8", page);
    let policy = format!(
        "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'unsafe-inline'; connect-src 'self'; img-src data:; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'"
    );
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// A file of the report that was saved here.
fn saved(room: &Room, name: &str) -> Result<Response<Body>, Denied> {
    let none = || Denied::new(404, "No report was saved yet: \"Save report\" writes one.");
    lock(&room.saved).as_ref().ok_or_else(none)?;
    let text = std::fs::read(room.props.out.join(name)).map_err(|_| none())?;
    let html = name.rsplit('.').next() == Some("html");
    Ok(typed(if html { "text/html; charset=utf-8" } else { "application/json" }, text))
}

/// What is sent as it happens, for as long as somebody listens.
fn events(room: &Room) -> Response<Body> {
    let (sender, receiver) = mpsc::channel(WAITING);
    tokio::spawn(feed(sender, room.snapshot.subscribe(), room.strip.subscribe()));
    of_kind("text/event-stream", BodyExt::boxed(Events(receiver)))
}

async fn feed(
    sender: mpsc::Sender<Bytes>,
    mut snapshot: watch::Receiver<Arc<str>>,
    mut strip: watch::Receiver<Arc<str>>,
) {
    let mut ticks = interval(STILL_HERE);
    snapshot.mark_changed();
    strip.mark_changed();
    loop {
        let event = tokio::select! {
            changed = snapshot.changed() => changed.map(|()| event("snapshot", &snapshot.borrow_and_update())),
            changed = strip.changed() => changed.map(|()| event("strip", &strip.borrow_and_update())),
            _ = ticks.tick() => Ok(Bytes::from_static(b": still here\n\n")),
        };
        let Ok(event) = event else { return };
        // Whoever listened has gone.
        if sender.send(event).await.is_err() {
            return;
        }
    }
}

/// JSON has no line breaks of its own.
fn event(name: &str, data: &str) -> Bytes {
    Bytes::from(format!("event: {name}\ndata: {data}\n\n"))
}

/// A body that goes on as long as somebody sends.
struct Events(mpsc::Receiver<Bytes>);

impl hyper::body::Body for Events {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        self.0.poll_recv(context).map(|bytes| bytes.map(|bytes| Ok(Frame::data(bytes))))
    }
}

#[cfg(test)]
mod tests {
    use drill_cloud::Region;

    use super::*;

    fn status(method: &Method, path: &str) -> u16 {
        route(method, path).err().map_or(200, |denied| denied.status)
    }

    #[test]
    fn only_a_post_changes_anything() {
        for act in Act::all() {
            let path = format!("/act/{}", act.id());
            assert_eq!(route(&Method::POST, &path), Ok(Route::Act(act)));
            assert_eq!(status(&Method::GET, &path), 405, "{path}");
            assert_eq!(status(&Method::OPTIONS, &path), 405, "no other origin is let in beforehand");
        }
        assert_eq!(
            route(&Method::POST, "/act/kill-database.seoul"),
            Ok(Route::Act(Act::Kill(Region::Seoul)))
        );
        assert_eq!((status(&Method::GET, "/"), status(&Method::POST, "/")), (200, 405));
    }

    #[test]
    fn what_nobody_knows_is_told_in_a_sentence() {
        let unknown = route(&Method::POST, "/act/explode").unwrap_err();
        assert_eq!((unknown.status, unknown.sentence.contains("explode")), (404, true));
        for path in
            ["/act/", "/act/kill-database", "/act/../report.json", "/favicon.ico", "/report.html/..", "//"]
        {
            assert_eq!(status(&Method::GET, path), 404, "{path}");
        }
    }

    #[test]
    fn the_page_is_one_document_that_loads_nothing() {
        let page = PAGE.replace("{{style}}", PAGE_STYLE).replace("{{script}}", PAGE_SCRIPT);
        for outside in ["http://", "https://", "src=", "@import", "innerHTML = s", "eval("] {
            let allowed = page.matches("http://www.w3.org/").count();
            let found = page.matches(outside).count() - if outside == "http://" { allowed } else { 0 };
            assert_eq!(found, 0, "{outside}");
        }
    }
}
