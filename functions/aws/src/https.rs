//! The one HTTPS client of a function, with one set of connections and one set of authorities.
//!
//! The SDK's own builder would set up TLS anew for every service and Region, and drop it again. It also reads the system's
//! bundle of certificates and then every file of the directories beside it, which are the same authorities a second time.
//! Together that was half of what a cold function did before its record was moved.

use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};
use std::thread;
use std::time::Duration;

use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::{
    HttpConnectorSettings, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

/// Whoever sets this wants other authorities; then they are the SDK's to find.
const FOLDER: &str = "SSL_CERT_DIR";

/// A client that gives up a connection that is not there after `connect`, whatever else a call is configured with: how long
/// a call may take is the budget's.
///
/// Certificates are read on a thread of their own, while the function gets ready and asks for its first event.
pub fn https_client(connect: Duration) -> SharedHttpClient {
    client(connect, trusted)
}

/// The same, but it keeps no connection: each call opens its own. Made when it is first needed.
pub(crate) fn unpooled_client(connect: Duration) -> SharedHttpClient {
    let made = Arc::new(LazyLock::new(move || connector(connect, trusted(), Some(0))));
    http_client_fn(move |_, _| SharedHttpConnector::clone(&made))
}

fn trusted() -> TlsContext {
    let folder = std::env::var_os(FOLDER).is_some();
    // The probe's first answer is SSL_CERT_FILE, where that is set.
    if folder { TlsContext::default() } else { trusting(openssl_probe::probe().cert_file) }
}

fn client(connect: Duration, tls: impl FnOnce() -> TlsContext + Send + 'static) -> SharedHttpClient {
    let made = Arc::new(LazyLock::new(move || connector(connect, tls(), None)));
    let early = Arc::clone(&made);
    // Where no thread can be had, whoever needs it first makes it.
    let _ = thread::Builder::new().spawn(move || drop(LazyLock::force(&early).clone()));
    http_client_fn(move |_, _| SharedHttpConnector::clone(&made))
}

/// A connector that keeps at most so many idle connections to each host; as many as come where it is `None`.
fn connector(connect: Duration, tls: TlsContext, idle_max: Option<usize>) -> SharedHttpConnector {
    let mut builder = Connector::builder()
        .connector_settings(HttpConnectorSettings::builder().connect_timeout(connect).build());
    builder.set_pool_max_idle_per_host(idle_max);
    let connector = builder.tls_provider(Provider::Rustls(CryptoMode::Ring)).tls_context(tls).build();
    SharedHttpConnector::new(connector)
}

/// Trusts what is in this bundle. Without one that can be used the SDK looks for authorities in all places that it knows.
fn trusting(bundle: Option<PathBuf>) -> TlsContext {
    let trusted = bundle.and_then(whole).map(|bundle| TrustStore::empty().with_pem_certificate(bundle));
    let context = trusted.map(|trusted| TlsContext::builder().with_trust_store(trusted).build());
    context.and_then(Result::ok).unwrap_or_default()
}

/// Whether there is a certificate in this file.
pub(crate) fn is_bundle(file: &Path) -> bool {
    let mut roots = RootCertStore::empty();
    let certificates = CertificateDer::pem_file_iter(file).into_iter().flatten();
    certificates.flatten().any(|certificate| roots.add(certificate).is_ok())
}

/// Whether there is one in a file of this folder.
pub(crate) fn has_bundle(folder: &Path) -> bool {
    std::fs::read_dir(folder).is_ok_and(|files| files.flatten().any(|file| is_bundle(&file.path())))
}

/// The text of a bundle in which there is a certificate and all are whole: the SDK ends the process at one that is not.
fn whole(bundle: PathBuf) -> Option<Vec<u8>> {
    let bundle = std::fs::read(bundle).ok()?;
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&bundle) {
        roots.add(certificate.ok()?).ok()?;
    }
    (!roots.is_empty()).then_some(bundle)
}

#[cfg(test)]
mod tests;
