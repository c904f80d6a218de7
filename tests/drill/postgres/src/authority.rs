//! A certificate authority that lives as long as one run.

use std::{
    fs,
    net::IpAddr,
    path::{Path, PathBuf},
};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose, SanType,
};

use crate::error::PostgresError;

const AUTHORITY_NAME: &str = "failover drill authority";

/// Signs the servers' certificates; clients that trust it can use `verify-full`.
#[derive(Debug)]
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    certificate_file: PathBuf,
}

/// A server's certificate and its private key.
#[derive(Clone)]
pub struct ServerCertificate {
    pub(crate) certificate_pem: String,
    pub(crate) key_pem: String,
}

impl std::fmt::Debug for ServerCertificate {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("ServerCertificate(…)")
    }
}

impl Authority {
    /// Makes an authority and writes its certificate to `ca.pem` in a directory that exists. Its key stays in memory.
    pub fn create(directory: &Path) -> Result<Self, PostgresError> {
        let issuer = self_signed().map_err(|source| certificate_error(AUTHORITY_NAME, source))?;
        let certificate_file = directory.join("ca.pem");
        fs::write(&certificate_file, issuer.pem())
            .map_err(PostgresError::file("write", &certificate_file))?;
        Ok(Self { issuer, certificate_file })
    }

    /// Issues a certificate for a server that clients reach under these DNS names and addresses.
    pub fn issue(&self, names: &[&str], addresses: &[IpAddr]) -> Result<ServerCertificate, PostgresError> {
        self.sign(names, addresses)
            .map_err(|source| certificate_error(names.first().unwrap_or(&"a server"), source))
    }

    /// The file that holds the authority's certificate.
    pub fn ca_pem_path(&self) -> &Path {
        &self.certificate_file
    }

    fn sign(&self, names: &[&str], addresses: &[IpAddr]) -> Result<ServerCertificate, rcgen::Error> {
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        let mut parameters = CertificateParams::new(names)?;
        parameters.subject_alt_names.extend(addresses.iter().copied().map(SanType::IpAddress));
        parameters.distinguished_name.push(DnType::CommonName, "failover drill server");
        parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        parameters.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate()?;
        let certificate = parameters.signed_by(&key, &self.issuer)?;
        Ok(ServerCertificate { certificate_pem: certificate.pem(), key_pem: key.serialize_pem() })
    }
}

fn self_signed() -> Result<CertifiedIssuer<'static, KeyPair>, rcgen::Error> {
    let mut parameters = CertificateParams::new(Vec::new())?;
    parameters.distinguished_name.push(DnType::CommonName, AUTHORITY_NAME);
    parameters.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    CertifiedIssuer::self_signed(parameters, KeyPair::generate()?)
}

fn certificate_error(subject: &str, source: rcgen::Error) -> PostgresError {
    PostgresError::Certificate { subject: subject.to_owned(), source }
}
