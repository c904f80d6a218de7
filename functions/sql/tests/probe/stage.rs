//! Real servers with what `failoverctl probe install` makes, and a probe that looks at them.

use std::fs;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use drill_postgres::{
    Access, Authority, Binaries, Choice, PostgresError, RunDirectory, Server, ServerConfig, free_port,
};
use responder_core::probe::answer::{Look, MemberLook, RecordLook};
use responder_core::probe::install;
use responder_core::probe::settings::Settings;
use responder_core::world::probe::{ProbeWord, Question};
use responder_sql::Prober;

use crate::names::Names;

pub(crate) const SEOUL: &str = "todo-seoul.cluster-abc.ap-northeast-2.rds.amazonaws.com";
pub(crate) const OSAKA: &str = "todo-osaka.cluster-abc.ap-northeast-3.rds.amazonaws.com";
pub(crate) const OSAKA_READER: &str = "todo-osaka.cluster-ro-abc.ap-northeast-3.rds.amazonaws.com";
pub(crate) const RECORD: &str = "writer.db.todo.internal";
pub(crate) const USER: &str = "failover_responder_probe";
/// No log and no answer may hold it.
pub(crate) const PASSWORD: &str = "s3cret-of-the-probe";

const SEOUL_ADDRESS: [u8; 4] = [127, 0, 1, 1];
const OSAKA_ADDRESS: [u8; 4] = [127, 0, 2, 1];

/// A writer in Seoul, perhaps a replica in Osaka, and their names.
pub(crate) struct Stage {
    pub(crate) seoul: Server,
    pub(crate) osaka: Option<Server>,
    pub(crate) names: Names,
    authority: Option<Authority>,
    // Last: it goes after its servers.
    pub(crate) run: RunDirectory,
}

/// PostgreSQL's programs; a line where there are none.
pub(crate) fn binaries() -> Option<Binaries> {
    let venv = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/venv");
    match Binaries::find(Choice::from_environment().unwrap(), &venv) {
        Ok(binaries) => Some(binaries),
        Err(error @ PostgresError::NotInstalled { .. }) => {
            println!("skipped: {error}");
            None
        }
        Err(error) => panic!("{error}"),
    }
}

impl Stage {
    /// With a replica where that is wanted; with TLS where PostgreSQL has it.
    pub(crate) async fn new(with_replica: bool) -> Option<Self> {
        let binaries = binaries()?;
        let run = RunDirectory::create(&binaries).unwrap();
        let addresses = [IpAddr::from(SEOUL_ADDRESS), IpAddr::from(OSAKA_ADDRESS)];
        let port = free_port(&addresses).unwrap();
        let authority = binaries.has_tls().then(|| Authority::create(run.path()).unwrap());
        let access = Access::random("todo");
        let config = |name: &str, host: &str, address| ServerConfig {
            name: name.to_owned(),
            address,
            port,
            directory: run.path().join(name),
            tls: authority.as_ref().map(|it| it.issue(&[host, OSAKA_READER], &[address]).unwrap()),
            access: access.clone(),
        };
        let seoul = Server::create_primary(&binaries, config("seoul", SEOUL, addresses[0])).await.unwrap();
        seoul.execute_batch(&install::sql(USER).unwrap()).await.unwrap();
        seoul.execute_batch(&format!("ALTER ROLE {USER} PASSWORD '{PASSWORD}'")).await.unwrap();
        admit(&seoul, &format!("host all {USER} 127.0.0.0/8 scram-sha-256\n")).await;
        let osaka = if with_replica {
            let osaka =
                Server::create_standby_of(&seoul, config("osaka", OSAKA, addresses[1])).await.unwrap();
            admit(&osaka, &format!("host all {USER} 127.0.0.0/8 scram-sha-256\n")).await;
            Some(osaka)
        } else {
            None
        };
        let names = Names::start();
        names.host(SEOUL, SEOUL_ADDRESS);
        names.host(OSAKA, OSAKA_ADDRESS);
        names.alias(RECORD, SEOUL);
        Some(Self { seoul, osaka, names, authority, run })
    }

    pub(crate) fn has_tls(&self) -> bool {
        self.authority.is_some()
    }

    pub(crate) fn osaka(&self) -> &Server {
        self.osaka.as_ref().unwrap()
    }

    pub(crate) fn ca_file(&self) -> Option<PathBuf> {
        self.authority.as_ref().map(|it| it.ca_pem_path().to_owned())
    }

    /// The environment of the probe in Seoul; what is empty in `more` is not set.
    pub(crate) fn variables(&self, more: &[(&str, &str)]) -> Vec<(String, String)> {
        let mut members = vec![format!(r#""ap-northeast-2": "{SEOUL}""#)];
        members.extend(self.osaka.as_ref().map(|_| format!(r#""ap-northeast-3": "{OSAKA}""#)));
        let databases = format!(
            r#"{{"todo": {{"record": "{RECORD}", "members": {{{}}}, "port": {}}}}}"#,
            members.join(", "),
            self.seoul.config().port
        );
        let ca_file = self.ca_file().map_or_else(String::new, |path| path.display().to_string());
        let names = self.names.address.to_string();
        let tls = if self.has_tls() { "verify-full" } else { "off" };
        let plain = [
            ("AWS_REGION", "ap-northeast-2"),
            ("PROBE_DATABASES", &databases),
            ("PROBE_PASSWORD", PASSWORD),
            ("PROBE_CA_FILE", &ca_file),
            ("PROBE_NAMESERVER", &names),
            ("PROBE_TLS", tls),
        ];
        let is_new = |name: &&str| !more.iter().any(|(it, _)| it == name);
        let kept = plain.iter().filter(|(name, _)| is_new(name));
        kept.chain(more).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    pub(crate) fn prober(&self, more: &[(&str, &str)]) -> Prober {
        let variables = self.variables(more);
        let variable =
            |name: &str| variables.iter().find(|(it, _)| it == name).map(|(_, value)| value.clone());
        let settings = Settings::read(variable).unwrap();
        assert!(!format!("{settings:?}").contains(PASSWORD), "the settings show the password");
        Prober::new(settings).unwrap()
    }

    pub(crate) fn question(&self, host: &str) -> Question {
        Question { endpoint: host.to_owned(), port: self.seoul.config().port }
    }

    /// How many sessions the probe's role has on a server, by the server's own word.
    pub(crate) async fn sessions(server: &Server) -> i64 {
        let config = server.superuser_config();
        let (client, connection) = config.connect(tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        let count = "SELECT count(*) FROM pg_stat_activity WHERE usename = $1";
        client.query_one(count, &[&USER]).await.unwrap().get(0)
    }
}

/// Lets a role in.
pub(crate) async fn admit(server: &Server, line: &str) {
    let file = server.config().directory.join("pg_hba.conf");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, format!("{line}{text}")).unwrap();
    server.execute_batch("SELECT pg_reload_conf()").await.unwrap();
}

/// One member, of a look that shows no secret.
pub(crate) fn member<'a>(look: &'a Look, region: &str) -> &'a MemberLook {
    assert!(!format!("{look:?}").contains(PASSWORD), "{look:?}");
    &look.databases[&"todo".parse().unwrap()].members[&region.parse().unwrap()]
}

pub(crate) fn record(look: &Look) -> &RecordLook {
    &look.databases[&"todo".parse().unwrap()].record
}

/// The word's parts that do not depend on the machine.
pub(crate) fn word(word: &ProbeWord) -> (Option<bool>, &str) {
    assert!(word.took_ms < 1_000, "{word:?}");
    (word.writable, &word.said)
}
