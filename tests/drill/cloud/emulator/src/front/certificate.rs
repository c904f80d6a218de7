//! The certificate of a front that is asked by TLS.

use std::{fmt, sync::Arc};

use rcgen::{CertifiedKey, KeyPair, generate_simple_self_signed};
use rustls::{ServerConfig, pki_types::PrivateKeyDer};
use tokio_rustls::TlsAcceptor;

use crate::error::EmulatorError;

/// A certificate for loopback, which is its own authority.
pub struct Certificate(CertifiedKey<KeyPair>);

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Certificate").field(&self.pem()).finish()
    }
}

impl Certificate {
    /// A new one.
    pub fn new() -> Result<Self, EmulatorError> {
        let names = ["127.0.0.1".to_owned(), "localhost".to_owned()];
        generate_simple_self_signed(names).map(Self).map_err(|error| tls(&error))
    }

    /// What a client has to trust.
    pub fn pem(&self) -> String {
        self.0.cert.pem()
    }

    pub(super) fn acceptor(&self) -> Result<TlsAcceptor, EmulatorError> {
        let key = PrivateKeyDer::try_from(self.0.signing_key.serialize_der()).map_err(|why| tls(&why))?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13])
            .and_then(|builder| {
                builder.with_no_client_auth().with_single_cert(vec![self.0.cert.der().clone()], key)
            });
        config.map(|config| TlsAcceptor::from(Arc::new(config))).map_err(|error| tls(&error))
    }
}

fn tls(error: &dyn fmt::Display) -> EmulatorError {
    EmulatorError::Tls(error.to_string())
}
