//! An AWS on this machine that answers as a test says, and remembers what it was asked.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::Value;

/// One request.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// By its signature.
    pub(crate) region: String,
    /// The operation; of Lambda with the function's name.
    pub(crate) operation: String,
    /// As text; empty where it is CBOR, whose times change.
    pub(crate) body: String,
    /// The whole body, whatever it is.
    pub(crate) raw: String,
}

impl Asked {
    /// A field of a body that is JSON.
    pub(crate) fn field(&self, name: &str) -> String {
        let body: Value = serde_json::from_str(&self.body).unwrap_or_default();
        body.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    /// The values of a form's list.
    pub(crate) fn members(&self, name: &str) -> Vec<&str> {
        let start = format!("{name}.member.");
        let lines = self.body.lines().filter(|line| line.starts_with(&start));
        lines.filter_map(|line| line.split_once('=')).map(|(_, value)| value).collect()
    }
}

/// One answer.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: &'static str,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn json(value: &Value) -> Self {
        Self { status: 200, headers: "", body: value.to_string().into_bytes() }
    }

    /// What Lambda answers where the function failed.
    pub(crate) fn failed(kind: &str, message: &str) -> Self {
        let value = serde_json::json!({ "errorType": kind, "errorMessage": message });
        Self { headers: "X-Amz-Function-Error: Unhandled\r\n", ..Self::json(&value) }
    }

    /// What a service answers that refuses.
    pub(crate) fn refused(code: &str) -> Self {
        let value = serde_json::json!({ "__type": code, "message": "No." });
        Self { status: 400, ..Self::json(&value) }
    }

    /// What Lambda answers where the account, or the function, has no free concurrency.
    pub(crate) fn throttled() -> Self {
        let value = serde_json::json!({ "Reason": "ReservedFunctionConcurrentInvocationLimitExceeded", "message": "Rate Exceeded." });
        let headers = "X-Amzn-ErrorType: TooManyRequestsException\r\n";
        Self { status: 429, headers, ..Self::json(&value) }
    }

    /// As IAM answers.
    pub(crate) fn xml(status: u16, document: &str) -> Self {
        Self { status, headers: "Content-Type: text/xml\r\n", body: document.as_bytes().to_vec() }
    }

    /// As CloudWatch answers.
    pub(crate) fn cbor(value: &Value) -> Self {
        let headers = "Content-Type: application/cbor\r\nSmithy-Protocol: rpc-v2-cbor\r\n";
        Self { status: 200, headers, body: cbor("", value) }
    }
}

fn cbor(name: &str, value: &Value) -> Vec<u8> {
    let text = |text: &str| {
        let length = u16::try_from(text.len()).unwrap().to_be_bytes();
        [&[0x79][..], &length, text.as_bytes()].concat()
    };
    match value {
        Value::Object(fields) => {
            let fields = fields.iter().map(|(name, value)| [text(name), cbor(name, value)].concat());
            [vec![0xbf], fields.collect::<Vec<_>>().concat(), vec![0xff]].concat()
        }
        Value::Array(values) => {
            let values: Vec<_> = values.iter().map(|value| cbor(name, value)).collect();
            [vec![0x9f], values.concat(), vec![0xff]].concat()
        }
        Value::String(value) => text(value),
        Value::Bool(value) => vec![if *value { 0xf5 } else { 0xf4 }],
        Value::Number(number) if number.is_u64() && !name.ends_with("Timestamp") => {
            let number = u32::try_from(number.as_u64().unwrap()).unwrap();
            [&[0x1a][..], &number.to_be_bytes()].concat()
        }
        Value::Number(number) => {
            let tag: &[u8] = if name.ends_with("Timestamp") { &[0xc1] } else { &[] };
            [tag, &[0xfb], &number.as_f64().unwrap().to_be_bytes()].concat()
        }
        Value::Null => vec![0xf6],
    }
}

/// The server.
#[derive(Debug)]
pub(crate) struct Aws {
    /// Where it listens.
    pub(crate) address: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Aws {
    pub(crate) fn start(answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let (answer, noted) = (Arc::new(answer), Arc::clone(&asked));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (answer, noted) = (Arc::clone(&answer), Arc::clone(&noted));
                thread::spawn(move || {
                    let Some(request) = request(&stream) else { return };
                    noted.lock().unwrap().push(request.clone());
                    reply(&stream, &answer(&request));
                });
            }
        });
        Self { address, asked }
    }

    /// What was asked since the last time, in order.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }
}

fn reply(mut stream: &TcpStream, reply: &Reply) {
    let Reply { status, headers, body } = reply;
    let head = format!(
        "HTTP/1.1 {status} x\r\nConnection: close\r\n{headers}Content-Length: {}\r\n\r\n",
        body.len()
    );
    // Whoever hung up does not want it.
    let _ = stream.write_all(&[head.as_bytes(), body].concat());
}

fn request(stream: &TcpStream) -> Option<Asked> {
    let mut reader = BufReader::new(stream);
    let mut first = String::new();
    reader.read_line(&mut first).ok().filter(|read| *read > 0)?;
    let (mut length, mut region, mut target) = (0, String::new(), String::new());
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim().split_once(':') else { break };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.trim().parse().ok()?,
            "x-amz-target" => value.rsplit('.').next()?.clone_into(&mut target),
            // AWS4-HMAC-SHA256 Credential=<key>/<day>/<region>/<service>/aws4_request, …
            "authorization" => value.split('/').nth(2)?.clone_into(&mut region),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let raw = String::from_utf8_lossy(&body).into_owned();
    let path = first.split(' ').nth(1)?;
    let form = raw.strip_prefix("Action=").and_then(|form| form.split('&').next());
    let operation = match form {
        _ if !target.is_empty() => target,
        Some(action) => action.to_owned(),
        None => operation(path),
    };
    let body = if form.is_some() { decoded(&raw) } else { String::from_utf8(body).unwrap_or_default() };
    let body = if path.starts_with("/service/") { String::new() } else { body };
    Some(Asked { region, operation, body, raw })
}

/// The operation by its path: `/2015-03-31/functions/<name>/<what>`, or `/service/<service>/operation/<operation>`.
fn operation(path: &str) -> String {
    let path = path.split('?').next().unwrap_or(path);
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    match parts.as_slice() {
        [_, "functions", name, what] => format!("{what} of {name}"),
        [.., last] => (*last).to_owned(),
        [] => String::new(),
    }
}

/// A form, one field a line.
fn decoded(form: &str) -> String {
    let mut text = Vec::new();
    let mut bytes = form.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'&' => text.push(b'\n'),
            b'+' => text.push(b' '),
            b'%' => {
                let digits = [bytes.next().unwrap(), bytes.next().unwrap()];
                text.push(u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap());
            }
            other => text.push(other),
        }
    }
    String::from_utf8(text).unwrap()
}
