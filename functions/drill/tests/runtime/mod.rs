//! A function's binary, and Lambda's runtime API for one event.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use serde_json::Value;

/// The longest that a function may take.
const PATIENCE: Duration = Duration::from_mins(1);

/// How a process ended.
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stderr: String,
}

/// The binary in the environment that Lambda makes, these variables put over it.
fn command(binary: &str, api: &str, variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(binary);
    let plain = [
        ("AWS_LAMBDA_RUNTIME_API", api),
        ("AWS_REGION", "ap-northeast-2"),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:9"),
    ];
    command.env_clear().envs(plain).envs(variables.iter().copied());
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    command
}

/// How it ends by itself.
pub(crate) fn ended(binary: &str, variables: &[(&str, &str)]) -> Ended {
    end(command(binary, "127.0.0.1:9", variables))
}

/// How it ends by itself where that variable is not set.
pub(crate) fn ended_without(binary: &str, name: &str) -> Ended {
    let mut command = command(binary, "127.0.0.1:9", &[]);
    command.env_remove(name);
    end(command)
}

fn end(mut command: Command) -> Ended {
    let output = command.output().unwrap();
    Ended { code: output.status.code(), stderr: String::from_utf8_lossy(&output.stderr).into_owned() }
}

/// What the function answers to this event with that client context; it goes on to ask for the next one.
pub(crate) fn answer(binary: &str, variables: &[(&str, &str)], event: &str, context: Option<&[u8]>) -> Value {
    let api = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = api.local_addr().unwrap().to_string();
    let mut next =
        b"Lambda-Runtime-Aws-Request-Id: r-1\r\nLambda-Runtime-Deadline-Ms: 4102444800000\r\n".to_vec();
    if let Some(context) = context {
        next.extend([b"Lambda-Runtime-Client-Context: ", context, b"\r\n"].concat());
    }
    let (answered, answer) = mpsc::channel();
    let event = event.as_bytes().to_vec();
    thread::spawn(move || serve(&api, &next, &event, &answered));
    let mut function = command(binary, &address, variables).spawn().unwrap();
    let body = answer.recv_timeout(PATIENCE);
    // The second request for an event came after the answer: it is alive, and waits.
    let lives = answer.recv_timeout(PATIENCE).is_ok() && function.try_wait().unwrap().is_none();
    function.kill().unwrap();
    let mut stderr = String::new();
    function.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
    function.wait().unwrap();
    assert!(lives, "the process ended: {stderr}");
    serde_json::from_slice(&body.unwrap()).unwrap()
}

/// Hands out the event once. Tells each answer, and then, with nothing in it, that the next event was asked for.
fn serve(api: &TcpListener, next: &[u8], event: &[u8], answered: &mpsc::Sender<Vec<u8>>) {
    let mut waiting = Vec::new();
    for stream in api.incoming() {
        let mut stream = stream.unwrap();
        let Some((line, body)) = request(&stream) else { continue };
        if line.starts_with("POST ") {
            answered.send(body).unwrap();
            reply(&mut stream, "202 Accepted", &[], b"{}");
        } else if waiting.is_empty() {
            reply(&mut stream, "200 OK", next, event);
            waiting.push(stream);
        } else {
            drop(answered.send(Vec::new()));
            waiting.push(stream);
        }
    }
}

fn reply(stream: &mut TcpStream, status: &str, headers: &[u8], body: &[u8]) {
    let head = format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {}\r\n", body.len());
    stream.write_all(&[head.as_bytes(), headers, b"\r\n", body].concat()).unwrap();
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
