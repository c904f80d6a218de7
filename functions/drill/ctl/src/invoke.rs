//! Reaching the function: the first Region that answers, each tried with patience for the whole of a transition.

use std::io::Write;
use std::time::{Duration, SystemTime};

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_sdk_lambda::Client;
use aws_sdk_lambda::error::SdkError;
use aws_sdk_lambda::operation::invoke::InvokeError;
use aws_sdk_lambda::primitives::Blob;
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use responder_aws::{check_process, without_empty_endpoints};
use responder_core::operator::request::EXPIRES_AT;
use responder_core::words::failure::sentence;
use responder_core::words::timestamp::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::args::{Args, Place};
use crate::credentials;
use crate::error::CtlError;

/// A Lambda lives 15 minutes at most; its answer travels a little longer.
const PATIENCE: Duration = Duration::from_secs(930);
/// Setting up a connection.
const CONNECT: Duration = Duration::from_secs(5);
/// How long a request may be under way that may change something. AWS takes none whose clock is off by five minutes, so that a
/// clock here that is wrong by less makes no request old.
const FRESH: Duration = Duration::from_mins(10);
/// For how long Lambda is asked again where it has no slot for an invocation, and after which first pause.
const BUSY: Duration = Duration::from_secs(32);
const BUSY_PAUSE: Duration = Duration::from_secs(1);
/// What stands between the sentence of a failed invocation and what else was seen.
const ANSWER: &str = ". The whole answer: ";

/// The functions of an installation, in the order in which they are asked.
#[derive(Debug, Clone)]
pub(crate) struct Functions {
    clients: Vec<(String, Client)>,
    name: String,
    /// Who asks and why.
    words: Map<String, Value>,
    /// How long a Region may take to answer anything but a transition.
    patience: Duration,
}

/// The SDK's configuration for a place, with the Regions to ask.
pub(crate) async fn configuration(place: &Place) -> Result<(SdkConfig, Vec<String>), CtlError> {
    check_process()?;
    let profile = credentials::profile(place.profile.as_deref()).await?;
    let http = Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
    let timeouts = TimeoutConfig::builder().connect_timeout(CONNECT).read_timeout(PATIENCE).build();
    let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
        .http_client(http)
        .timeout_config(timeouts)
        // An invocation is not repeated by itself: the request says again what is wanted.
        .retry_config(RetryConfig::disabled());
    if let Some(profile) = &profile {
        loader = loader.profile_name(profile);
    }
    if let Some(region) = &place.region {
        loader = loader.region(aws_config::Region::new(region.clone()));
    }
    let config = without_empty_endpoints(&loader.load().await);
    let first = config.region().map(|region| region.as_ref().to_owned()).ok_or(CtlError::NoRegion)?;
    credentials::check(&config, profile.as_deref()).await?;
    let peers = place.peers.iter().filter(|peer| **peer != first).cloned();
    let regions = std::iter::once(first.clone()).chain(peers).collect();
    Ok((config, regions))
}

/// The same configuration in another Region.
pub(crate) fn in_region(config: &SdkConfig, region: &str) -> SdkConfig {
    config.to_builder().region(aws_config::Region::new(region.to_owned())).build()
}

/// One function's answer, or why there is none.
pub(crate) async fn ask(
    config: &SdkConfig,
    region: &str,
    name: &str,
    request: &Value,
    patience: Duration,
) -> Result<Value, String> {
    let call = Client::new(&in_region(config, region)).invoke().function_name(name);
    let call = call.payload(Blob::new(request.to_string().into_bytes())).send();
    let late = |_| format!("no answer within {} s", patience.as_secs());
    let answer = tokio::time::timeout(patience, call).await.map_err(late)?;
    let answer = answer.map_err(|error| if is_busy(&error) { busy(&error) } else { unreached(&error) })?;
    let bytes = answer.payload().map_or(&[][..], |blob| blob.as_ref());
    let value: Value = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    if answer.function_error().is_none() {
        return Ok(value);
    }
    let message = value.get("errorMessage").and_then(Value::as_str);
    Err(message.map_or_else(|| value.to_string(), str::to_owned))
}

impl Functions {
    pub(crate) async fn of(args: &Args) -> Result<Self, CtlError> {
        let (config, regions) = configuration(&args.place).await?;
        let client = |region: String| {
            let client = Client::new(&in_region(&config, &region));
            (region, client)
        };
        let clients = regions.into_iter().map(client).collect();
        let patience = Duration::from_secs(args.place.patience);
        Ok(Self { clients, name: args.place.function_name.clone(), words: words(args), patience })
    }

    /// Invokes the function of the first Region that answers soon.
    pub(crate) async fn invoke(&self, request: &Value) -> Result<Value, CtlError> {
        self.first(request, self.patience).await.map(|(answer, _)| answer)
    }

    /// Invokes the function of the Region that answered before, for what may take as long as a transition. Where no answer
    /// comes back it may have been done all the same.
    pub(crate) async fn invoke_patiently(&self, request: &Value) -> Result<Value, CtlError> {
        match self.first(request, PATIENCE).await {
            Ok((answer, _)) => Ok(answer),
            Err(CtlError::NoAnswer(silent)) => Err(CtlError::Unknown(silent.join("; "))),
            Err(error) => Err(error),
        }
    }

    /// Only the function that answers this request first: a dead Region may swallow a request for as long as a transition
    /// may take, so it is found out before.
    pub(crate) async fn that_answer(self, request: &Value) -> Result<Self, CtlError> {
        let (_, region) = self.first(request, self.patience).await?;
        let clients = self.clients.into_iter().filter(|(it, _)| *it == region).collect();
        Ok(Self { clients, ..self })
    }

    /// The functions of the other Regions; this one where there is no other. One drill function runs at a time, so while
    /// this one is at work a look goes to another.
    pub(crate) fn besides(self, busy: &Self) -> Self {
        let is_busy = |region: &str| busy.clients.iter().any(|(it, _)| it == region);
        let others: Vec<_> = self.clients.iter().filter(|(region, _)| !is_busy(region)).cloned().collect();
        let clients = if others.is_empty() { self.clients } else { others };
        Self { clients, ..self }
    }

    /// A look that may fail without a word: the invocation that it watches tells how it ended.
    pub(crate) async fn look(&self, request: &Value) -> Option<Value> {
        for (_, client) in &self.clients {
            let answer = tokio::time::timeout(self.patience, self.invoke_in(client, request)).await;
            if let Ok(Ok(answer)) = answer {
                return Some(answer);
            }
        }
        None
    }

    async fn first(&self, request: &Value, patience: Duration) -> Result<(Value, String), CtlError> {
        let (mut unanswered, mut all_busy) = (Vec::new(), true);
        for ((region, client), left) in self.clients.iter().zip((0..self.clients.len()).rev()) {
            let why = match self.when_free(client, region, request, patience).await {
                Ok(answer) => return Ok((answer, region.clone())),
                Err(Trouble::Said(error)) => return Err(error),
                Err(Trouble::Busy(why)) => why,
                Err(Trouble::Silent(why)) => {
                    all_busy = false;
                    why
                }
            };
            let text = format!("{} in {region}: {why}", self.name);
            if left > 0 {
                say(&text);
            }
            unanswered.push(text);
        }
        // One that is silent may have begun what was asked.
        Err(if all_busy { CtlError::Busy(unanswered) } else { CtlError::NoAnswer(unanswered) })
    }

    /// One Region's answer. Lambda that has no slot for it is there, and did nothing: it is asked again for a while.
    async fn when_free(
        &self,
        client: &Client,
        region: &str,
        request: &Value,
        patience: Duration,
    ) -> Result<Value, Trouble> {
        let (mut waited, mut pause) = (Duration::ZERO, BUSY_PAUSE);
        loop {
            let late = |_| Trouble::Silent(format!("no answer within {} s", patience.as_secs()));
            let answer = tokio::time::timeout(patience, self.invoke_in(client, request)).await;
            match answer.map_err(late).flatten() {
                Err(Trouble::Busy(why)) if waited + pause < BUSY.min(patience) => {
                    say(&format!("{} in {region}: {why}; trying again in {} s", self.name, pause.as_secs()));
                    tokio::time::sleep(pause).await;
                    waited += pause;
                    pause *= 2;
                }
                answer => return answer,
            }
        }
    }

    async fn invoke_in(&self, client: &Client, request: &Value) -> Result<Value, Trouble> {
        let call = client
            .invoke()
            .function_name(&self.name)
            .client_context(context(&self.words))
            .payload(Blob::new(with(request, &self.words, SystemTime::now()).to_string().into_bytes()));
        let answer = call.send().await;
        let answer = answer.map_err(|error| {
            if is_busy(&error) { Trouble::Busy(busy(&error)) } else { Trouble::Silent(unreached(&error)) }
        })?;
        let bytes = answer.payload().map_or(&[][..], |blob| blob.as_ref());
        let value: Value = serde_json::from_slice(bytes)
            .map_err(|error| Trouble::Said(CtlError::Answer(error.to_string())))?;
        if answer.function_error().is_none() {
            return Ok(value);
        }
        Err(trouble(&value))
    }
}

/// Why Lambda did not come to invoke it, and what helps.
fn unreached(error: &(impl ProvideErrorMetadata + std::error::Error)) -> String {
    let said = error.message().unwrap_or("no reason given");
    match error.code() {
        Some("ResourceNotFoundException") => {
            "there is no such function: is it another Region, account or --function-name?".to_owned()
        }
        Some(code)
            if code.contains("ExpiredToken")
                || code.contains("Unrecognized")
                || code.contains("InvalidSignature") =>
        {
            format!("{code}: {said}: sign in again")
        }
        Some(code) => format!("{code}: {said}"),
        None => sentence(error),
    }
}

/// Why an invocation has no answer.
enum Trouble {
    /// The function said so: no other Region is asked.
    Said(CtlError),
    /// It did not come to answer: another Region's may.
    Silent(String),
    /// Lambda is there, and has no slot for it: nothing was done.
    Busy(String),
}

/// Whether Lambda throttled the invocation, which says nothing about the function or its Region.
fn is_busy(error: &SdkError<InvokeError>) -> bool {
    error.as_service_error().is_some_and(InvokeError::is_too_many_requests_exception)
        || error.raw_response().is_some_and(|answer| answer.status().as_u16() == 429)
}

fn busy(error: &SdkError<InvokeError>) -> String {
    let why = error.as_service_error().and_then(|it| it.meta().message()).unwrap_or("no reason given");
    format!("busy, not silent: Lambda has no free concurrency for it ({why})")
}

fn say(text: &str) {
    // A closed standard error stops no failover.
    let _ = writeln!(std::io::stderr(), "{text}");
}

fn trouble(value: &Value) -> Trouble {
    let text = |key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default();
    let message = text("errorMessage");
    let (sentence, answer) = message.split_once(ANSWER).unwrap_or((message, ""));
    let sentence = sentence.to_owned();
    match text("errorType") {
        "BadRequest" | "Refused" | "Expired" => Trouble::Said(CtlError::Refused { sentence }),
        "Failed" => Trouble::Said(CtlError::Failed { sentence, answer: serde_json::from_str(answer).ok() }),
        // Its own Region's Parameter Store does not answer, or it died.
        _ => Trouble::Silent(if sentence.is_empty() { value.to_string() } else { sentence }),
    }
}

/// An answer of the function's own type.
pub(crate) fn read<T: DeserializeOwned>(answer: &Value) -> Result<T, CtlError> {
    T::deserialize(answer).map_err(|error| CtlError::Answer(sentence(&error)))
}

/// Who asks and why.
fn words(args: &Args) -> Map<String, Value> {
    let login = ["USER", "LOGNAME"].into_iter().find_map(|name| std::env::var(name).ok());
    let said = [("who", args.who.clone().or(login)), ("why", args.why.clone())];
    said.into_iter().filter_map(|(name, text)| Some((name.to_owned(), text?.into()))).collect()
}

/// That moment of this machine's clock.
pub(crate) fn timestamp(at: SystemTime) -> Timestamp {
    let since_1970 = at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_ms(i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX))
}

/// The request that also says who asks and why: not everything between here and the function hands the client context on. One
/// that may change something says until when.
fn with(request: &Value, words: &Map<String, Value>, now: SystemTime) -> Value {
    let fields = request.as_object().into_iter().flatten().chain(words);
    let mut fields: Map<_, _> = fields.map(|(name, value)| (name.clone(), value.clone())).collect();
    let only_looks = ["status", "plan"].map(Value::from);
    if !request.get("action").is_some_and(|action| only_looks.contains(action)) {
        fields.insert(EXPIRES_AT.to_owned(), timestamp(now + FRESH).to_string().into());
    }
    Value::Object(fields)
}

/// The same words as Lambda's client context, a header, which holds ASCII alone.
fn context(words: &Map<String, Value>) -> String {
    let text = json!({ "custom": words }).to_string();
    let plain: String = text.chars().map(|it| if it.is_ascii() { it } else { '?' }).collect();
    aws_smithy_types::base64::encode(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_and_why_go_with_the_request_and_with_the_client_context() {
        let args = ["failoverctl", "--who", "Jos\u{e9}", "--why", "the drill", "status"];
        let words = words(&<Args as clap::Parser>::parse_from(args));
        let request = with(&json!({"action": "status"}), &words, SystemTime::UNIX_EPOCH);
        assert_eq!(request, json!({"action": "status", "who": "Jos\u{e9}", "why": "the drill"}));
        let context = aws_smithy_types::base64::decode(context(&words)).unwrap();
        let context: Value = serde_json::from_slice(&context).unwrap();
        assert_eq!(context, json!({"custom": {"who": "Jos?", "why": "the drill"}}));
    }

    #[test]
    fn what_may_change_something_expires_and_what_looks_does_not() {
        let until = |action: &str| {
            let request = with(&json!({ "action": action }), &Map::new(), SystemTime::UNIX_EPOCH);
            request.get("expires_at").cloned()
        };
        for action in ["switchover", "failover", "failback", "hold", "release", "declare", "salvage"] {
            assert_eq!(until(action), Some(json!("1970-01-01T00:10:00Z")), "{action}");
        }
        assert_eq!([until("status"), until("plan")], [None, None]);
    }

    #[test]
    fn what_the_function_says_is_told_from_its_silence() {
        let said =
            trouble(&json!({"errorType": "Refused", "errorMessage": "no_hold (set). The whole answer: {}"}));
        assert!(matches!(said, Trouble::Said(CtlError::Refused { sentence }) if sentence == "no_hold (set)"));
        let ended = trouble(
            &json!({"errorType": "Failed", "errorMessage": "over. The whole answer: {\"format\": 1}"}),
        );
        assert!(matches!(ended, Trouble::Said(CtlError::Failed { answer: Some(_), .. })));
        let late = trouble(&json!({"errorType": "Expired", "errorMessage": "it expired"}));
        assert!(matches!(late, Trouble::Said(CtlError::Refused { sentence }) if sentence == "it expired"));
        for silent in [
            json!({"errorType": "ConfigurationUnreadable", "errorMessage": "no answer"}),
            json!({"errorMessage": "Task timed out after 900.00 seconds"}),
            json!("?"),
        ] {
            assert!(matches!(trouble(&silent), Trouble::Silent(why) if !why.is_empty()), "{silent}");
        }
    }
}
