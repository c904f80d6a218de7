//! Lambda's runtime API for a function that is invoked several times, and a watch over whom it connects to.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, SystemTime};

use serde_json::Value;

/// The longest that an invocation may take.
const PATIENCE: Duration = Duration::from_mins(1);
/// No address.
pub(crate) const NOBODY: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0);

/// How a process ended.
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stderr: String,
}

/// A function that runs.
pub(crate) struct Lambda {
    child: Child,
    api: SocketAddr,
    events: Sender<(String, u64)>,
    answers: Receiver<Value>,
    remotes: Arc<Mutex<BTreeSet<SocketAddr>>>,
}

fn command(binary: &str, api: &str, variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(binary);
    let plain = [
        ("AWS_LAMBDA_RUNTIME_API", api),
        ("AWS_REGION", "ap-northeast-2"),
        ("AWS_ACCESS_KEY_ID", "AKIDTEST"),
        ("AWS_SECRET_ACCESS_KEY", "secret-of-the-role"),
    ];
    command.env_clear().envs(plain).envs(variables.iter().copied());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// How it ends by itself.
pub(crate) fn ended(binary: &str, variables: &[(&str, &str)]) -> Ended {
    let output = command(binary, "127.0.0.1:9", variables).output().unwrap();
    Ended { code: output.status.code(), stderr: String::from_utf8_lossy(&output.stderr).into_owned() }
}

impl Lambda {
    pub(crate) fn start(binary: &str, variables: &[(&str, &str)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let api = listener.local_addr().unwrap();
        let (events, waiting) = mpsc::channel();
        let (answered, answers) = mpsc::channel();
        thread::spawn(move || serve(&listener, &waiting, &answered));
        let child = command(binary, &api.to_string(), variables).spawn().unwrap();
        let remotes = Arc::<Mutex<BTreeSet<SocketAddr>>>::default();
        let (seen, process) = (Arc::clone(&remotes), child.id());
        thread::spawn(move || {
            while let Some(connected) = connected(process) {
                seen.lock().unwrap().extend(connected);
                thread::sleep(Duration::from_millis(2));
            }
        });
        Self { child, api, events, answers, remotes }
    }

    /// What it answers, where it may take so long.
    pub(crate) fn invoke(&self, event: &str, within_ms: u64) -> Value {
        self.events.send((event.to_owned(), within_ms)).unwrap();
        self.answers.recv_timeout(PATIENCE).unwrap()
    }

    /// Everybody to whom it was seen connected, the runtime API left out.
    pub(crate) fn remotes(&self) -> BTreeSet<SocketAddr> {
        let all = self.remotes.lock().unwrap();
        all.iter().filter(|it| **it != self.api).copied().collect()
    }

    /// Ends it; what it printed.
    pub(crate) fn end(&mut self) -> (String, String) {
        self.child.kill().unwrap();
        let (mut stdout, mut stderr) = (String::new(), String::new());
        self.child.stdout.take().unwrap().read_to_string(&mut stdout).unwrap();
        self.child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        self.child.wait().unwrap();
        (stdout, stderr)
    }
}

/// The remote ends of a process's sockets; none when it is gone.
fn connected(process: u32) -> Option<Vec<SocketAddr>> {
    let links = fs::read_dir(format!("/proc/{process}/fd")).ok()?;
    let links = links.flatten().filter_map(|link| fs::read_link(link.path()).ok());
    let inodes: BTreeSet<String> = links
        .filter_map(|link| Some(link.to_str()?.strip_prefix("socket:[")?.trim_end_matches(']').to_owned()))
        .collect();
    let tables = ["tcp", "udp"].map(|name| fs::read_to_string(format!("/proc/{process}/net/{name}")));
    let lines: Vec<String> = tables
        .into_iter()
        .flatten()
        .flat_map(|table| table.lines().map(str::to_owned).collect::<Vec<_>>())
        .collect();
    let remote = |line: &String| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let address = inodes.contains(*fields.get(9)?).then(|| fields[2].split_once(':')).flatten()?;
        let ip = u32::from_str_radix(address.0, 16).ok()?.to_le_bytes();
        Some(SocketAddr::from((ip, u16::from_str_radix(address.1, 16).ok()?)))
    };
    Some(lines.iter().filter_map(remote).filter(|it| *it != NOBODY).collect())
}

/// Hands out each event, and tells each answer.
fn serve(api: &TcpListener, events: &Receiver<(String, u64)>, answered: &Sender<Value>) {
    for stream in api.incoming() {
        let mut stream = stream.unwrap();
        let Some((line, body)) = request(&stream) else { continue };
        if line.starts_with("POST ") {
            reply(&mut stream, "202 Accepted", "", b"{}");
            drop(answered.send(serde_json::from_slice(&body).unwrap()));
        } else {
            let Ok((event, within_ms)) = events.recv() else { return };
            let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
            let deadline = u64::try_from(now.as_millis()).unwrap() + within_ms;
            let headers =
                format!("Lambda-Runtime-Aws-Request-Id: r-1\r\nLambda-Runtime-Deadline-Ms: {deadline}\r\n");
            reply(&mut stream, "200 OK", &headers, event.as_bytes());
        }
    }
}

fn reply(stream: &mut TcpStream, status: &str, headers: &str, body: &[u8]) {
    let head =
        format!("HTTP/1.1 {status}\r\nConnection: close\r\n{headers}Content-Length: {}\r\n\r\n", body.len());
    let _ = stream.write_all(&[head.as_bytes(), body].concat());
}

/// A request's first line and its body.
fn request(stream: &TcpStream) -> Option<(String, Vec<u8>)> {
    let mut reader = BufReader::new(stream);
    let (mut first, mut length) = (String::new(), 0);
    reader.read_line(&mut first).ok().filter(|read| *read > 0)?;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        if line.trim().is_empty() {
            break;
        }
        if let Some(("content-length", value)) = line.to_ascii_lowercase().split_once(':') {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((first, body))
}
