//! Encryption of the connections to the writer.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{self, CryptoProvider};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use tokio_postgres_rustls::MakeRustlsConnect;

/// Why TLS could not be set up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// The file of certificate authorities cannot be read.
    #[error("cannot read the certificate authorities in {}", path.display())]
    CaFile {
        /// The file that was given.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: rustls::pki_types::pem::Error,
    },
    /// The file has no certificate.
    #[error("no certificate in {}", path.display())]
    NoCertificate {
        /// The file that was given.
        path: PathBuf,
    },
    /// The TLS library refused the configuration.
    #[error("cannot set up TLS")]
    Configuration(#[source] rustls::Error),
}

/// How connections are encrypted.
#[derive(Clone)]
pub struct Tls(pub(crate) Kind);

#[derive(Clone)]
pub(crate) enum Kind {
    Off,
    Require(MakeRustlsConnect),
    VerifyFull(MakeRustlsConnect),
}

impl fmt::Debug for Tls {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self.0 {
            Kind::Off => "Tls(off)",
            Kind::Require(_) => "Tls(require)",
            Kind::VerifyFull(_) => "Tls(verify-full)",
        })
    }
}

impl Tls {
    /// No encryption: for tests on one machine.
    pub fn off() -> Self {
        Self(Kind::Off)
    }

    /// Encrypted, to whoever answers. It keeps listeners out and cannot keep an impostor out. It is for a writer record
    /// whose [members](crate::Record::members) are not known: no server has a certificate of the record's name.
    pub fn require() -> Result<Self, TlsError> {
        let provider = Arc::new(crypto::ring::default_provider());
        let verifier = Arc::new(AnyServer(Arc::clone(&provider)));
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(TlsError::Configuration)?
            .dangerous()
            .with_custom_certificate_verifier(verifier)
            .with_no_client_auth();
        Ok(Self(Kind::Require(MakeRustlsConnect::new(config))))
    }

    /// Encrypted, to a server whose certificate is of an authority in this PEM file (such as Amazon's `global-bundle.pem`)
    /// and of the writer's own name.
    pub fn verify_full(ca_file: &Path) -> Result<Self, TlsError> {
        let unreadable = |source| TlsError::CaFile { path: ca_file.into(), source };
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_file_iter(ca_file).map_err(unreadable)? {
            roots.add(certificate.map_err(unreadable)?).map_err(TlsError::Configuration)?;
        }
        if roots.is_empty() {
            return Err(TlsError::NoCertificate { path: ca_file.into() });
        }
        let config = ClientConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(TlsError::Configuration)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self::verify_full_with(config))
    }

    /// The same by a rustls configuration of one's own, such as one with a client's certificate.
    pub fn verify_full_with(config: ClientConfig) -> Self {
        Self(Kind::VerifyFull(MakeRustlsConnect::new(config)))
    }

    /// Whether connections are encrypted.
    pub fn is_on(&self) -> bool {
        !matches!(self.0, Kind::Off)
    }

    /// Whether the server's name is verified.
    pub fn is_verified(&self) -> bool {
        matches!(self.0, Kind::VerifyFull(_))
    }
}

/// Accepts every certificate; the handshake must still prove the possession of its key.
struct AnyServer(Arc<CryptoProvider>);

impl fmt::Debug for AnyServer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("AnyServer")
    }
}

impl ServerCertVerifier for AnyServer {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        crypto::verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        crypto::verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ca_file_must_be_there_and_hold_a_certificate() {
        let missing = Tls::verify_full(Path::new("no/such/file.pem"));
        assert!(matches!(missing, Err(TlsError::CaFile { .. })));
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "nothing\n").unwrap();
        let empty = Tls::verify_full(file.path());
        assert!(matches!(empty, Err(TlsError::NoCertificate { .. })));
    }

    #[test]
    fn requiring_tls_is_not_verifying_it() {
        let tls = Tls::require().unwrap();
        assert!(tls.is_on() && !tls.is_verified());
        assert!(!Tls::off().is_on());
        assert_eq!(format!("{tls:?}"), "Tls(require)");
    }
}
