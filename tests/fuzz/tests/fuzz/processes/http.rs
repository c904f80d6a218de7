//! As much of HTTP as Lambda's runtime API and an AWS need that says always the same.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// A server on this machine that answers everything so; its address.
pub(super) fn serve(status: u16, answer: Arc<Mutex<Vec<u8>>>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let answer = answer.lock().unwrap().clone();
            let failed = answer.windows(9).any(|word| word == b"errorType");
            let headers: &[u8] = if failed { b"X-Amz-Function-Error: Unhandled\r\n" } else { b"" };
            thread::spawn(move || {
                if request(&stream).is_some() {
                    reply(&stream, status, headers, &answer);
                }
            });
        }
    });
    address
}

/// Lambda's runtime API.
pub(super) struct Api(TcpListener);

impl Api {
    pub(super) fn bind() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        Self(listener)
    }

    pub(super) fn address(&self) -> String {
        self.0.local_addr().unwrap().to_string()
    }

    /// Hands out an event, and takes the answer, for as long as `goes_on`.
    pub(super) fn exchange(
        &self,
        context: &[u8],
        event: &[u8],
        mut goes_on: impl FnMut() -> bool,
    ) -> Option<Vec<u8>> {
        let next = [
            &b"Lambda-Runtime-Aws-Request-Id: r-1\r\nLambda-Runtime-Deadline-Ms: 4102444800000\r\nLambda-Runtime-Client-Context: "[..],
            context,
            b"\r\n",
        ]
        .concat();
        loop {
            let Ok((stream, _)) = self.0.accept() else {
                if !goes_on() {
                    return None;
                }
                thread::sleep(Duration::from_millis(1));
                continue;
            };
            stream.set_nonblocking(false).unwrap();
            match request(&stream) {
                Some((line, _)) if line.starts_with("GET ") => reply(&stream, 200, &next, event),
                Some((_, body)) => {
                    reply(&stream, 202, b"", b"{}");
                    return Some(body);
                }
                None => {}
            }
        }
    }
}

fn reply(mut stream: &TcpStream, status: u16, headers: &[u8], body: &[u8]) {
    let head = format!("HTTP/1.1 {status} x\r\nConnection: close\r\nContent-Length: {}\r\n", body.len());
    // Whoever hung up does not want it.
    let _ = stream.write_all(&[head.as_bytes(), headers, b"\r\n", body].concat());
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
