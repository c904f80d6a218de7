//! Two real PostgreSQL servers on one port of two loopback addresses, and their nameserver.

use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};

use drill_postgres::{Access, Authority, Binaries, Choice, RunDirectory, Server, ServerConfig, free_port};

use super::dns::{Dns, OSAKA_HOST, RECORD, SEOUL_HOST};

/// The servers and everything that they need.
pub struct Pair {
    /// The first writer.
    pub seoul: Server,
    /// Its standby.
    pub osaka: Server,
    /// What the app asks.
    pub dns: Dns,
    /// The servers' port.
    pub port: u16,
    /// Roles and database.
    pub access: Access,
    /// The authority's certificate, where the servers have TLS.
    pub ca: Option<PathBuf>,
    run: RunDirectory,
}

impl Pair {
    /// Starts both servers on addresses of their own (`net` tells the tests apart), the record on Seoul.
    pub async fn start(net: u8, ttl_seconds: u32) -> Self {
        let venv = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/venv");
        let binaries = Binaries::find(Choice::from_environment().unwrap(), &venv).unwrap();
        let run = RunDirectory::create(&binaries).unwrap();
        let addresses = [Ipv4Addr::new(127, net, 1, 1), Ipv4Addr::new(127, net, 2, 1)];
        let [seoul, osaka] = addresses.map(IpAddr::V4);
        let port = free_port(&[seoul, osaka]).unwrap();
        let access = Access::random("todo");
        let authority = binaries.has_tls().then(|| Authority::create(run.path()).unwrap());
        let config = |name: &str, host: &str, address: IpAddr| ServerConfig {
            name: name.to_owned(),
            address,
            port,
            directory: run.path().join(name),
            tls: authority.as_ref().map(|authority| authority.issue(&[host], &[]).unwrap()),
            access: access.clone(),
        };
        let seoul = Server::create_primary(&binaries, config("seoul", SEOUL_HOST, seoul)).await.unwrap();
        let osaka = Server::create_standby_of(&seoul, config("osaka", OSAKA_HOST, osaka)).await.unwrap();
        let dns = Dns::start(addresses[0], addresses[1]).await;
        dns.point_record_at(SEOUL_HOST, ttl_seconds);
        let ca = authority.map(|authority| authority.ca_pem_path().to_owned());
        Self { seoul, osaka, dns, port, access, ca, run }
    }

    /// The app's options to follow the record.
    pub fn record_options(&self) -> Vec<String> {
        let tls = if self.ca.is_some() { "require" } else { "off" };
        self.options(&format!("record:{RECORD}"), tls)
    }

    /// The app's options to follow a parameter.
    pub fn parameter_options(&self, name: &str) -> Vec<String> {
        let mut options =
            self.options(&format!("parameter:{name}"), if self.ca.is_some() { "verify-full" } else { "off" });
        if let Some(ca) = &self.ca {
            options.extend(["--ca-file".to_owned(), ca.display().to_string()]);
        }
        options
    }

    fn options(&self, writer: &str, tls: &str) -> Vec<String> {
        let password = self.run.path().join("password");
        std::fs::write(&password, self.access.application.password.expose()).unwrap();
        let options = [
            ("--writer", writer.to_owned()),
            ("--tls", tls.to_owned()),
            ("--nameserver", self.dns.address.to_string()),
            ("--port", self.port.to_string()),
            ("--database", self.access.database.clone()),
            ("--user", self.access.application.user.clone()),
            ("--password-file", password.display().to_string()),
        ];
        options.into_iter().flat_map(|(name, value)| [name.to_owned(), value]).collect()
    }
}
