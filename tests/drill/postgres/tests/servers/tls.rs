//! TLS as a client of Aurora uses it: `verify-full`, with the authority of the run.

use std::sync::Arc;

use crate::pair::{Pair, SEOUL_NAME, application, binaries};
use drill_postgres::Choice;
use rustls::{ClientConfig, RootCertStore, crypto::ring, pki_types::pem::PemObject as _};
use tokio_postgres::{Client, Config, config::SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;

/// Connects to the server's address, and verifies that the server is called `name`.
async fn verify_full(pair: &Pair, name: &str) -> Result<Client, tokio_postgres::Error> {
    let authority = pair.authority.as_ref().unwrap();
    let certificate = rustls::pki_types::CertificateDer::from_pem_file(authority.ca_pem_path()).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(certificate).unwrap();
    let client = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let known = pair.seoul.application_config();
    let mut config = Config::new();
    config
        .host(name)
        .hostaddr(pair.seoul.config().address)
        .port(pair.seoul.config().port)
        .user(known.get_user().unwrap())
        .password(known.get_password().unwrap())
        .dbname(known.get_dbname().unwrap())
        .ssl_mode(SslMode::Require);
    let (client, connection) = config.connect(MakeRustlsConnect::new(client)).await?;
    tokio::spawn(connection);
    Ok(client)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_servers_name_is_verified() {
    let Some(binaries) = binaries(Choice::System) else {
        return;
    };
    if !binaries.has_tls() {
        println!(
            "skipped: this PostgreSQL was built without TLS; install one that has it with: apt-get install postgresql"
        );
        return;
    }
    let pair = Pair::create(binaries, true).await;
    let client = verify_full(&pair, SEOUL_NAME).await.unwrap();
    let row =
        client.query_one("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()", &[]).await.unwrap();
    assert!(row.get::<_, bool>(0));
    assert!(verify_full(&pair, "other.example.com").await.is_err());
    // The application is not let in without TLS.
    assert!(application(&pair.seoul).await.is_err());
    assert!(pair.osaka.is_in_recovery().await.unwrap());
}
