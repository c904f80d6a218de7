//! What real servers say: each trouble a sentence of its own, and the right value of the metric.

use std::fs;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use tokio_postgres::NoTls;

use crate::stage::{OSAKA, PASSWORD, RECORD, SEOUL, Stage, USER, admit, member, record};

/// What a new probe with this environment sees in Seoul.
async fn seen(stage: &Stage, more: &[(&str, &str)]) -> (Option<bool>, String) {
    let prober = stage.prober(more);
    let look = prober.look().await;
    let seoul = member(&look, "ap-northeast-2");
    assert_eq!(record(&look).writable, seoul.writable);
    (seoul.writable, seoul.said.clone())
}

fn means(said: &str) -> (Option<bool>, String) {
    (None, said.to_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_probe_lacks_is_no_outage_and_is_said() {
    let Some(stage) = Stage::new(false).await else { return };
    let well = (Some(true), "a heartbeat committed".to_owned());
    assert_eq!(seen(&stage, &[]).await, well);
    let refused = means("the password was refused, or the role does not exist");
    assert_eq!(seen(&stage, &[("PROBE_PASSWORD", "s3cret-that-is-wrong")]).await, refused);
    assert_eq!(seen(&stage, &[("PROBE_USER", "nobody")]).await.0, None);
    let databases = stage.variables(&[])[1].1.replace("\"port\"", "\"dbname\": \"nowhere\", \"port\"");
    let nowhere = seen(&stage, &[("PROBE_DATABASES", &databases)]).await;
    assert_eq!(nowhere, means("the database nowhere does not exist there"));
    let no_table =
        "the table failover_responder.heartbeat does not exist: run the SQL of `failoverctl probe install`";
    let no_right = "the role lacks a right: run the SQL of `failoverctl probe install`";
    let many = "the server has too many connections";
    let heartbeat = "failover_responder.heartbeat";
    for (spoil, said, mend) in [
        (
            format!("ALTER TABLE {heartbeat} RENAME TO other"),
            no_table,
            "ALTER TABLE failover_responder.other RENAME TO heartbeat".to_owned(),
        ),
        (
            "ALTER SCHEMA failover_responder RENAME TO other".to_owned(),
            no_table,
            "ALTER SCHEMA other RENAME TO failover_responder".to_owned(),
        ),
        (
            format!("REVOKE INSERT ON {heartbeat} FROM {USER}"),
            no_right,
            format!("GRANT INSERT ON {heartbeat} TO {USER}"),
        ),
        (
            format!("REVOKE USAGE ON SCHEMA failover_responder FROM {USER}"),
            no_right,
            format!("GRANT USAGE ON SCHEMA failover_responder TO {USER}"),
        ),
        (
            format!("ALTER ROLE {USER} CONNECTION LIMIT 0"),
            many,
            format!("ALTER ROLE {USER} CONNECTION LIMIT 50"),
        ),
        (
            format!("ALTER ROLE {USER} NOLOGIN"),
            "the server admits no such login: pg_hba.conf, or a role without LOGIN",
            format!("ALTER ROLE {USER} LOGIN"),
        ),
    ] {
        stage.seoul.execute_batch(&spoil).await.unwrap();
        assert_eq!(seen(&stage, &[]).await, means(said), "{spoil}");
        stage.seoul.execute_batch(&mend).await.unwrap();
        assert_eq!(seen(&stage, &[]).await, well, "{mend}");
    }
    let spoil = format!("ALTER ROLE {USER} SET default_transaction_read_only = on");
    stage.seoul.execute_batch(&spoil).await.unwrap();
    let read_only = (Some(false), "the server is read-only: it takes no writes".to_owned());
    assert_eq!(seen(&stage, &[]).await, read_only);
    stage.seoul.execute_batch(&spoil.replace("= on", "= off")).await.unwrap();
    locked(&stage).await;
    admit(&stage.seoul, &format!("host all {USER} 127.0.0.0/8 reject\n")).await;
    let rejected = means("the server admits no such login: pg_hba.conf, or a role without LOGIN");
    assert_eq!(seen(&stage, &[]).await, rejected);
}

/// Somebody's transaction holds the row.
async fn locked(stage: &Stage) {
    let (client, connection) = stage.seoul.superuser_config().connect(NoTls).await.unwrap();
    tokio::spawn(connection);
    client.batch_execute("BEGIN; UPDATE failover_responder.heartbeat SET sequence = 0").await.unwrap();
    assert_eq!(seen(stage, &[]).await, means("the heartbeat's row was locked by somebody else"));
    client.batch_execute("ROLLBACK").await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_fault_of_a_certificate_is_told_from_the_others() {
    let Some(stage) = Stage::new(false).await else { return };
    if !stage.has_tls() {
        println!("skipped: this PostgreSQL was built without TLS");
        return;
    }
    let unknown = means("its certificate is of an authority that is not trusted");
    assert_eq!(seen(&stage, &[("PROBE_CA_FILE", "")]).await, unknown, "Amazon's roots are the default");
    let mut parameters = CertificateParams::new(Vec::new()).unwrap();
    parameters.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    let issuer = CertifiedIssuer::self_signed(parameters, KeyPair::generate().unwrap()).unwrap();
    let ca = stage.run.path().join("other.pem");
    fs::write(&ca, issuer.pem()).unwrap();
    let ca = ca.display().to_string();
    for (name, until, said) in [
        (OSAKA, 2100, format!("its certificate is not of the name {SEOUL}")),
        (SEOUL, 2020, "its certificate is not valid at this time".to_owned()),
        (SEOUL, 2100, "a heartbeat committed".to_owned()),
    ] {
        let mut parameters = CertificateParams::new(vec![name.to_owned()]).unwrap();
        parameters.not_before = date_time_ymd(2019, 1, 1);
        parameters.not_after = date_time_ymd(until, 1, 1);
        let key = KeyPair::generate().unwrap();
        let certificate = parameters.signed_by(&key, &issuer).unwrap();
        let directory = &stage.seoul.config().directory;
        fs::write(directory.join("server.crt"), certificate.pem()).unwrap();
        fs::write(directory.join("server.key"), key.serialize_pem()).unwrap();
        stage.seoul.execute_batch("SELECT pg_reload_conf()").await.unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        assert_eq!(seen(&stage, &[("PROBE_CA_FILE", &ca)]).await.1, said);
    }
    stage.seoul.execute_batch("ALTER SYSTEM SET ssl = off").await.unwrap();
    stage.seoul.execute_batch("SELECT pg_reload_conf()").await.unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    assert_eq!(seen(&stage, &[]).await, means("the server offers no TLS"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_record_that_leads_nowhere_is_told_from_one_that_leads_elsewhere() {
    let Some(stage) = Stage::new(false).await else { return };
    let prober = stage.prober(&[]);
    let told = async || {
        let look = prober.look().await;
        assert_eq!(
            member(&look, "ap-northeast-2").writable,
            Some(true),
            "a member is looked at all the same"
        );
        (record(&look).writable, record(&look).said.clone(), record(&look).leads_to.clone())
    };
    stage.names.alias(RECORD, "old.example.com");
    let elsewhere = "the record leads to old.example.com, which is no configured endpoint".to_owned();
    assert_eq!(told().await, (None, elsewhere, Some("old.example.com".to_owned())));
    stage.names.host(RECORD, [127, 0, 1, 1]);
    assert_eq!(told().await, (None, format!("the record {RECORD} is no alias of an endpoint"), None));
    stage.names.forget(RECORD);
    assert_eq!(told().await, (None, format!("the record {RECORD} does not resolve"), None));
    // Nobody is signed in to whom the configuration does not name.
    stage.names.host("other.example.com", [127, 0, 1, 1]);
    let word = prober.word(&stage.question("other.example.com")).await;
    let said = "other.example.com is no endpoint of this probe's configuration";
    assert_eq!((word.writable, word.said.as_str()), (None, said));
    let another = responder_core::world::probe::Question { port: 1, ..stage.question(SEOUL) };
    assert_eq!(prober.word(&another).await.writable, None);
    assert!(!format!("{word:?}").contains(PASSWORD));
}
