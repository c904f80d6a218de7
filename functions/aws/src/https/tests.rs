//! Real handshakes with a server on loopback.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_config::{BehaviorVersion, SdkConfig};
use aws_sdk_ssm::config::{Credentials, Region, SharedCredentialsProvider};
use aws_smithy_runtime_api::client::http::{HttpClient, HttpConnector, HttpConnectorSettings};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponentsBuilder;
use rcgen::{CertifiedKey, KeyPair, generate_simple_self_signed};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::*;

const BODY: &str = r#"{"Parameters":[{"Name":"/one","Value":"by way of TLS"}]}"#;

fn certificate() -> CertifiedKey<KeyPair> {
    generate_simple_self_signed(["localhost".to_owned()]).unwrap()
}

/// A Parameter Store of one parameter that has this certificate.
async fn server(certified: &CertifiedKey<KeyPair>) -> String {
    let key = PrivateKeyDer::try_from(certified.signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certified.cert.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // Whoever does not trust it hangs up.
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let _ = stream.read(&mut [0; 8_192]).await;
            let length = BODY.len();
            let answer =
                format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{BODY}");
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    format!("https://localhost:{port}")
}

/// A client of the Parameter Store there.
fn store(endpoint: &str, https: &Https) -> aws_sdk_ssm::Client {
    let credentials = Credentials::new("AKIATEST", "not-a-secret", None, None, "test");
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .http_client(https.client())
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .region(Region::new("ap-northeast-3"))
        .endpoint_url(endpoint)
        .build();
    aws_sdk_ssm::Client::new(&config)
}

/// What a client that trusts this bundle is answered.
async fn asked(endpoint: &str, bundle: PathBuf) -> Result<String, String> {
    let https = Https::trusting(Duration::from_secs(2), move || trusting(Some(bundle)));
    let answer = store(endpoint, &https).get_parameters().names("/one").send().await;
    let answer = answer.map_err(|error| format!("{error:?}"))?;
    Ok(answer.parameters().first().and_then(|one| one.value()).unwrap_or_default().to_owned())
}

#[tokio::test]
async fn whoever_is_in_the_bundle_is_trusted_and_nobody_else() {
    let (known, stranger) = (certificate(), certificate());
    let directory = tempfile::tempdir().unwrap();
    let bundle = directory.path().join("bundle.crt");
    std::fs::write(&bundle, format!("# One of them\n{}", known.cert.pem())).unwrap();
    let answer = asked(&server(&known).await, bundle.clone()).await;
    assert_eq!(answer.as_deref(), Ok("by way of TLS"));
    let refused = asked(&server(&stranger).await, bundle.clone()).await.unwrap_err();
    assert!(refused.contains("UnknownIssuer") || refused.contains("BadSignature"), "{refused}");
    // A bundle that is damaged is not used in part, and does not end the process: then it is the system's authorities.
    std::fs::write(&bundle, known.cert.pem().replacen("MII", "!!!", 1)).unwrap();
    let refused = asked(&server(&known).await, bundle).await.unwrap_err();
    assert!(refused.contains("UnknownIssuer") || refused.contains("Certificate"), "{refused}");
}

#[test]
fn a_bundle_is_used_only_when_all_of_it_is_certificates() {
    let directory = tempfile::tempdir().unwrap();
    let bundle = |name: &str, text: &str| {
        let path = directory.path().join(name);
        std::fs::write(&path, text).unwrap();
        whole(path)
    };
    let good = certificate().cert.pem();
    let broken = good.replacen("MII", "!!!", 1);
    let no_certificate = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    assert_eq!(bundle("one", &good).map(|roots| roots.len()), Some(1));
    assert!(bundle("comments", &format!("# Some Root\n{good}\n{good}")).is_some());
    assert!(bundle("empty", "").is_none());
    assert!(bundle("broken", &format!("{good}{broken}")).is_none());
    assert!(bundle("other", &format!("{good}{no_certificate}")).is_none());
    assert!(whole(directory.path().join("none")).is_none());
}

/// A service that hangs up after each answer, and how many connections it has had.
async fn counted() -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::Relaxed);
            tokio::spawn(async move {
                let _ = stream.read(&mut [0; 8_192]).await;
                let head = "HTTP/1.1 200 OK\r\nconnection: close\r\n";
                let answer = format!("{head}content-length: {}\r\n\r\n{BODY}", BODY.len());
                let _ = stream.write_all(answer.as_bytes()).await;
            });
        }
    });
    (format!("http://127.0.0.1:{port}"), count)
}

async fn call(https: &Https, endpoint: &str) -> u16 {
    let settings = HttpConnectorSettings::builder().build();
    let components = RuntimeComponentsBuilder::for_tests().build().unwrap();
    let connector = https.client().http_connector(&settings, &components);
    let mut request = HttpRequest::empty();
    request.set_uri(format!("{endpoint}/one")).unwrap();
    connector.call(request).await.map_or(0, |answer| answer.status().as_u16())
}

async fn until(count: &AtomicUsize, wanted: usize) {
    while count.load(Ordering::Relaxed) < wanted {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn what_was_opened_ahead_is_used_first_and_once() {
    let (endpoint, count) = counted().await;
    let https = Https::trusting(Duration::from_secs(2), RootCertStore::empty);
    https.open_ahead(&endpoint.parse().unwrap(), 2);
    until(&count, 2).await;
    for connections in [2, 2, 3] {
        assert_eq!(call(&https, &endpoint).await, 200);
        assert_eq!(count.load(Ordering::Relaxed), connections);
    }
    // Another place has nothing opened ahead, and this one has nothing left.
    let (other, others) = counted().await;
    https.open_ahead(&endpoint.parse().unwrap(), 1);
    assert_eq!((call(&https, &other).await, others.load(Ordering::Relaxed)), (200, 1));
}

#[tokio::test]
async fn one_that_could_not_be_opened_ahead_is_opened_when_it_is_needed() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let https = Https::trusting(Duration::from_secs(2), RootCertStore::empty);
    let endpoint = format!("http://127.0.0.1:{port}");
    https.open_ahead(&endpoint.parse().unwrap(), 1);
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(call(&https, &endpoint).await, 0, "nobody listens");
    let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let _ = stream.read(&mut [0; 8_192]).await;
        let _ = stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await;
    });
    assert_eq!(call(&https, &endpoint).await, 204);
}

#[tokio::test]
async fn what_was_opened_ahead_is_used_for_twenty_seconds() {
    for (seconds, connections) in [(19, 1), (20, 2)] {
        let (endpoint, count) = counted().await;
        let https = Https::trusting(Duration::from_secs(2), RootCertStore::empty);
        https.open_ahead(&endpoint.parse().unwrap(), 1);
        until(&count, 1).await;
        tokio::time::pause();
        tokio::time::advance(Duration::from_secs(seconds)).await;
        tokio::time::resume();
        assert_eq!(call(&https, &endpoint).await, 200);
        assert_eq!(count.load(Ordering::Relaxed), connections, "after {seconds} s");
    }
}

/// A Parameter Store that keeps its connections, answers so at first and well from then on, and how many it has had.
async fn keeping(first: &'static str) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (count, answers) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let counted = Arc::clone(&count);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::Relaxed);
            let answers = Arc::clone(&answers);
            tokio::spawn(async move {
                while stream.read(&mut [0; 8_192]).await.is_ok_and(|length| length > 0) {
                    let is_first = answers.fetch_add(1, Ordering::Relaxed) == 0;
                    let status = if is_first { first } else { "200 OK" };
                    let answer = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n{BODY}", BODY.len());
                    let _ = stream.write_all(answer.as_bytes()).await;
                }
            });
        }
    });
    (format!("http://127.0.0.1:{port}"), count)
}

#[tokio::test]
async fn a_connection_on_which_the_service_failed_is_not_used_again() {
    for (first, connections) in [("200 OK", 1), ("503 Service Unavailable", 2)] {
        let (endpoint, count) = keeping(first).await;
        let store = store(&endpoint, &Https::trusting(Duration::from_secs(2), RootCertStore::empty));
        for _ in 0..2 {
            let _ = store.get_parameters().names("/one").send().await;
        }
        assert_eq!(count.load(Ordering::Relaxed), connections, "{first}");
    }
}
