//! Whom to trust: Amazon's roots, which come with this crate, or a bundle that is named.

use std::path::PathBuf;
use std::sync::Arc;

use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::{self, PemObject};
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres_rustls::MakeRustlsConnect;

/// Where they are from, and when, stands in the file's own head.
const AMAZON: &[u8] = include_bytes!("../roots/amazon.pem");

/// Why nobody can be trusted; a sentence that names the variable.
#[derive(Debug, thiserror::Error)]
pub enum AuthorityError {
    /// The file cannot be read, or one of its certificates cannot.
    #[error("PROBE_CA_FILE: {path:?} cannot be read: {why}")]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The file has no certificate.
    #[error("PROBE_CA_FILE: {0:?} holds no certificate")]
    Empty(PathBuf),
    /// The TLS library refused its own defaults.
    #[error("TLS cannot be set up: {0}")]
    SetUp(#[from] rustls::Error),
}

/// `verify-full`: the server's certificate is of one of the authorities, and of the name that was asked for.
pub(crate) fn verify_full(ca_file: Option<&str>) -> Result<MakeRustlsConnect, AuthorityError> {
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots(ca_file)?)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

fn roots(ca_file: Option<&str>) -> Result<RootCertStore, AuthorityError> {
    let path = PathBuf::from(ca_file.unwrap_or_default());
    let unreadable = |why: String| AuthorityError::File { path: path.clone(), why };
    let bytes = match ca_file {
        None => AMAZON.to_vec(),
        Some(file) => std::fs::read(file).map_err(|error| unreadable(error.to_string()))?,
    };
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&bytes) {
        let certificate = certificate.map_err(|error: pem::Error| unreadable(error.to_string()))?;
        roots.add(certificate).map_err(|error| unreadable(error.to_string()))?;
    }
    if roots.is_empty() { Err(AuthorityError::Empty(path)) } else { Ok(roots) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amazons_roots_are_all_read_and_a_bundle_must_hold_one() {
        let count = String::from_utf8_lossy(AMAZON).matches("BEGIN CERTIFICATE").count();
        assert!(count > 90, "{count}");
        let roots = roots(None).unwrap();
        assert_eq!(roots.len(), count);
        let is_amazons = |subject: &[u8]| subject.windows(6).any(|part| part == b"Amazon");
        assert!(roots.roots.iter().all(|it| is_amazons(&it.subject)));
        let told = |file: &str| verify_full(Some(file)).err().unwrap().to_string();
        assert_eq!(told("/dev/null"), "PROBE_CA_FILE: \"/dev/null\" holds no certificate");
        assert!(told("/there/is/none").starts_with("PROBE_CA_FILE: \"/there/is/none\" cannot be read: "));
    }
}
