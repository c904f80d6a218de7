//! The HTTPS client of a function, with one set of connections and one set of authorities.
//!
//! The SDK's own builder would set up TLS anew for every service and Region, and drop it again. It also reads the system's
//! bundle of certificates and then every file of the directories beside it, which are the same authorities a second time.
//! Together that was half of what a cold function did before its record was moved. And it opens no connection before there
//! is a call for it, although the first move will need one to a far Region: two round trips, each of a sixth of a second.

mod ahead;
mod pool;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::LazyLock;
use std::thread;
use std::time::Duration;

use aws_smithy_runtime_api::client::http::{SharedHttpClient, SharedHttpConnector, http_client_fn};
use http::Uri;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use self::pool::Pool;

/// Whoever sets this wants other authorities; then they are the system's library's to find.
const FOLDER: &str = "SSL_CERT_DIR";

/// A client that gives up a connection that is not there after `connect`, whatever else a call is configured with: how long
/// a call may take is the budget's.
pub fn https_client(connect: Duration) -> SharedHttpClient {
    Https::keeping(connect).client()
}

/// Connections, and who is trusted.
#[derive(Debug, Clone)]
pub(crate) struct Https(Arc<LazyLock<Pool, Box<dyn FnOnce() -> Pool + Send>>>);

impl Https {
    /// Keeps connections and uses them again. Certificates are read on a thread of their own, while the function gets ready
    /// and asks for its first event.
    pub(crate) fn keeping(connect: Duration) -> Self {
        Self::trusting(connect, trusted)
    }

    fn trusting(connect: Duration, roots: impl FnOnce() -> RootCertStore + Send + 'static) -> Self {
        let https = Self::of(move || Pool::new(connect, roots(), None));
        let early = https.clone();
        // Where no thread can be had, whoever needs it first makes it.
        let _ = thread::Builder::new().spawn(move || drop(LazyLock::force(&early.0).clone()));
        https
    }

    /// Keeps no connection: each call opens its own. Made when it is first needed.
    pub(crate) fn unpooled(connect: Duration) -> Self {
        Self::of(move || Pool::new(connect, trusted(), Some(0)))
    }

    fn of(make: impl FnOnce() -> Pool + Send + 'static) -> Self {
        Self(Arc::new(LazyLock::new(Box::new(make))))
    }

    pub(crate) fn client(&self) -> SharedHttpClient {
        let made = Arc::clone(&self.0);
        http_client_fn(move |_, _| SharedHttpConnector::new(LazyLock::force(&made).clone()))
    }

    /// Opens so many connections to where `url` points, for calls that come soon. It does not wait for them, and whoever
    /// finds one that could not be opened opens another.
    pub(crate) fn open_ahead(&self, url: &Uri, count: usize) {
        let (made, url) = (Arc::clone(&self.0), url.clone());
        // Without a runtime there is nobody who would open them; without the certificates nothing to open them with.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let open = move || LazyLock::force(&made).ahead().open(&url, count);
            drop(runtime.spawn_blocking(open));
        }
    }
}

fn trusted() -> RootCertStore {
    let folder = std::env::var_os(FOLDER).is_some();
    // The probe's first answer is SSL_CERT_FILE, where that is set.
    if folder { of_the_system() } else { trusting(openssl_probe::probe().cert_file) }
}

/// Trusts what is in this bundle. Without one that can be used authorities are looked for in all places that are known.
fn trusting(bundle: Option<PathBuf>) -> RootCertStore {
    bundle.and_then(whole).unwrap_or_else(of_the_system)
}

fn of_the_system() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    roots
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

/// The authorities of a bundle in which there is a certificate and all are whole.
fn whole(bundle: PathBuf) -> Option<RootCertStore> {
    let bundle = std::fs::read(bundle).ok()?;
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&bundle) {
        roots.add(certificate.ok()?).ok()?;
    }
    (!roots.is_empty()).then_some(roots)
}

#[cfg(test)]
mod tests;
