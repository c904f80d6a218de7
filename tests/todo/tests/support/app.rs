//! The app as its own process, and a client that counts its writes.

use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use super::eventually;

/// How long the tests wait for something that takes a moment.
pub const SOON: Duration = Duration::from_mins(1);

/// A running app.
pub struct App {
    /// Its address, such as `http://127.0.0.1:40123`.
    pub url: String,
    child: Child,
    log: PathBuf,
    client: reqwest::Client,
    _directory: tempfile::TempDir,
}

impl App {
    /// Starts the app on a free port and waits for its line.
    pub async fn start(options: &[String], variables: &[(&str, &str)]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let log = directory.path().join("log");
        let mut child = Command::new("setpriv")
            .args(["--pdeathsig", "KILL", "--", env!("CARGO_BIN_EXE_todo")])
            .args(["--listen", "127.0.0.1:0"])
            .args(options)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(&log).unwrap())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = lines.next_line().await.unwrap().unwrap_or_default();
        let Some(url) = line.strip_prefix("listening on ") else {
            panic!("no address in {line:?}; {}", std::fs::read_to_string(&log).unwrap());
        };
        let client = reqwest::Client::builder().timeout(Duration::from_secs(30)).build().unwrap();
        Self { url: url.to_owned(), child, log, client, _directory: directory }
    }

    /// The process.
    pub fn id(&self) -> u32 {
        self.child.id().unwrap()
    }

    /// What it has logged.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap()
    }

    /// Whether it is still the process that was started.
    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Asks it to end, and waits for its exit status.
    pub async fn terminate(&mut self) -> std::process::ExitStatus {
        let id = self.id().to_string();
        Command::new("kill").args(["-TERM", &id]).status().await.unwrap();
        tokio::time::timeout(SOON, self.child.wait()).await.unwrap().unwrap()
    }

    /// One request; the body is JSON, or null when there is none.
    pub async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> (StatusCode, Value) {
        let mut request = self.client.request(method, format!("{}{path}", self.url));
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.send().await.unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        (status, serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    /// GET.
    pub async fn get(&self, path: &str) -> (StatusCode, Value) {
        self.call(Method::GET, path, None).await
    }

    /// POST of a todo.
    pub async fn add(&self, todo: &Value) -> (StatusCode, Value) {
        self.call(Method::POST, "/api/todos", Some(todo)).await
    }

    /// Waits until the writer takes writes and the table is there.
    pub async fn ready(&self) {
        eventually("the app is ready", SOON, || async {
            let ready = self.get("/readyz").await.0 == StatusCode::OK;
            (ready && self.get("/api/todos").await.0 == StatusCode::OK).then_some(())
        })
        .await;
    }

    /// One counter.
    pub async fn metric(&self, name: &str) -> u64 {
        self.get("/metrics.json").await.1[name].as_u64().unwrap()
    }

    /// The text of a page.
    pub async fn text(&self, path: &str) -> String {
        let answer = self.client.get(format!("{}{path}", self.url)).send().await.unwrap();
        answer.text().await.unwrap()
    }

    /// The numbers of a client that are in the database.
    pub async fn numbers(&self, client: &str) -> Vec<u64> {
        let (status, body) = self.get(&format!("/api/writes?client={client}")).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        body["numbers"].as_array().unwrap().iter().map(|n| n.as_u64().unwrap()).collect()
    }
}

impl Drop for App {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("the app's log:\n{}", self.log());
        }
    }
}

/// One answered write of a stream.
#[derive(Debug, Clone)]
pub struct Write {
    /// Its number.
    pub number: u64,
    /// The answer's status.
    pub status: StatusCode,
    /// The answer.
    pub body: Value,
    /// How long it took.
    pub took: Duration,
}

/// A client that writes one todo after another, each with its number.
pub struct Stream {
    stop: Arc<AtomicBool>,
    task: tokio::task::JoinHandle<Vec<Write>>,
}

impl Stream {
    /// Starts to write.
    pub fn start(url: &str, name: &'static str) -> Self {
        let (stop, url) = (Arc::new(AtomicBool::new(false)), format!("{url}/api/todos"));
        let told = Arc::clone(&stop);
        let task = tokio::spawn(async move {
            let (client, mut writes) = (reqwest::Client::new(), Vec::new());
            for number in 0.. {
                if told.load(Ordering::Relaxed) {
                    break;
                }
                let todo = json!({ "title": "counted", "client": name, "number": number });
                let started = Instant::now();
                let answer = client.post(&url).json(&todo).send().await.unwrap();
                let status = answer.status();
                let body = answer.json().await.unwrap();
                writes.push(Write { number, status, body, took: started.elapsed() });
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            writes
        });
        Self { stop, task }
    }

    /// Stops, and gives all answers.
    pub async fn finish(self) -> Vec<Write> {
        self.stop.store(true, Ordering::Relaxed);
        self.task.await.unwrap()
    }
}
