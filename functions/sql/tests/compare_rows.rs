//! The SQL of `docs/compare-rows.md`, on two real servers that parted as in a failover: the old writer has writes that the
//! promoted one never got, and that one has gone on.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test that cannot go on has failed, and one that cannot begin says so"
)]

use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;

use drill_postgres::{
    Access, Binaries, Choice, PostgresError, RunDirectory, Server, ServerConfig, free_port,
};
use responder_core::probe::install;
use tokio_postgres::{Client, NoTls, SimpleQueryMessage};

/// The page's statements, by the name in the first line of each.
fn page() -> Vec<(String, String)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/compare-rows.md");
    let text = std::fs::read_to_string(path).unwrap();
    let blocks = text.split("```sql\n-- ").skip(1).map(|rest| rest.split("```").next().unwrap());
    blocks
        .map(|block| block.split_once('\n').unwrap())
        .map(|(name, sql)| (name.to_owned(), sql.to_owned()))
        .collect()
}

fn sql(name: &str) -> String {
    page().into_iter().find(|(it, _)| it == name).unwrap_or_else(|| panic!("the page has no {name}")).1
}

async fn connect(server: &Server) -> Client {
    let (client, connection) = server.superuser_config().connect(NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

/// Every row of what a statement answers, as text.
async fn rows(client: &Client, sql: &str) -> Vec<Vec<String>> {
    let answers = client.simple_query(sql).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    let row = |answer: SimpleQueryMessage| match answer {
        SimpleQueryMessage::Row(row) => {
            Some((0..row.len()).map(|at| row.get(at).unwrap_or("none").to_owned()).collect())
        }
        _ => None,
    };
    answers.into_iter().filter_map(row).collect()
}

struct Parted {
    old: Client,
    new: Client,
    connect: String,
    // They go in this order.
    _servers: [Server; 2],
    _run: RunDirectory,
}

/// Seoul is the old writer and Osaka the new one; `None` where there is no PostgreSQL.
async fn parted() -> Option<Parted> {
    let venv = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/venv");
    let binaries = match Binaries::find(Choice::from_environment().unwrap(), &venv) {
        Ok(binaries) => binaries,
        Err(error @ PostgresError::NotInstalled { .. }) => {
            println!("skipped: {error}");
            return None;
        }
        Err(error) => panic!("{error}"),
    };
    let run = RunDirectory::create(&binaries).unwrap();
    let addresses = [IpAddr::from([127, 0, 1, 1]), IpAddr::from([127, 0, 2, 1])];
    let (port, access) = (free_port(&addresses).unwrap(), Access::random("todo"));
    let config = |name: &str, address| ServerConfig {
        name: name.to_owned(),
        address,
        port,
        directory: run.path().join(name),
        tls: None,
        access: access.clone(),
    };
    let seoul = Server::create_primary(&binaries, config("seoul", addresses[0])).await.unwrap();
    let osaka = Server::create_standby_of(&seoul, config("osaka", addresses[1])).await.unwrap();
    let old = connect(&seoul).await;
    let beat = "INSERT INTO failover_responder.heartbeat AS it VALUES ('ap-northeast-2', 1, now())
        ON CONFLICT (region) DO UPDATE SET sequence = it.sequence + 1, at = now()";
    old.batch_execute(&install::sql("failover_responder_probe").unwrap()).await.unwrap();
    old.batch_execute(
        "CREATE TABLE todos (id bigserial PRIMARY KEY, title text, done boolean DEFAULT false,
           updated_at timestamptz DEFAULT '2026-11-27T10:00:00Z');
         CREATE TABLE users (name text PRIMARY KEY);
         INSERT INTO users VALUES ('alice');
         INSERT INTO todos (title) VALUES ('one'), ('two'), ('three'), ('four')",
    )
    .await
    .unwrap();
    old.batch_execute(beat).await.unwrap();
    while osaka.replication_lag(&seoul).await.unwrap().bytes > 0 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    osaka.pause_replication().await.unwrap();
    old.batch_execute(
        "INSERT INTO todos (title) VALUES ('five, lost'), ('six, lost');
         UPDATE todos SET done = true WHERE id = 2; DELETE FROM todos WHERE id = 3",
    )
    .await
    .unwrap();
    old.batch_execute(beat).await.unwrap();
    osaka.promote().await.unwrap();
    let new = connect(&osaka).await;
    // The promoted one hands the next numbers out again, after the gap that PostgreSQL logs ahead.
    new.batch_execute(
        "SELECT setval('todos_id_seq', 4); INSERT INTO todos (title) VALUES ('five, new');
         INSERT INTO todos (id, title) VALUES (100, 'hundred, new')",
    )
    .await
    .unwrap();
    let admin = &access.superuser;
    let there = sql("connect")
        .replace("NEW_WRITER", &addresses[1].to_string())
        .replace("'5432'", &format!("'{port}'"))
        .replace("'verify-full'", "'disable'")
        .replace("READER", &admin.user)
        .replace("PASSWORD", admin.password.expose());
    Some(Parted { old, new, connect: there, _servers: [seoul, osaka], _run: run })
}

#[tokio::test]
async fn the_page_finds_every_lost_row_and_puts_back_what_is_nowhere() {
    // The whole of it stays: its servers go with it.
    let Some(parted) = parted().await else { return };
    let (old, new) = (&parted.old, &parted.new);
    let names: Vec<String> = page().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["connect", "parted", "tables", "rows", "sequences", "back"], "each is tried here");
    old.batch_execute(&parted.connect).await.unwrap();
    let heartbeat = rows(old, &sql("parted")).await;
    assert_eq!((heartbeat.len(), &*heartbeat[0][0], &*heartbeat[0][1]), (1, "ap-northeast-2", "2"));
    assert_eq!(rows(new, &sql("parted")).await[0][1], "1", "one heartbeat is lost");

    let mut differing = Vec::new();
    for query in rows(old, &sql("tables")).await {
        differing.extend(rows(old, &query[0]).await);
    }
    assert_eq!(differing, [["todos", "3"], ["users", "0"]]);

    let found = rows(old, &sql("rows")).await;
    let what: Vec<(&str, &str)> = found.iter().map(|row| (row[0].as_str(), row[1].as_str())).collect();
    let expected = [
        ("2", "differs"),
        ("3", "only in the new writer"),
        ("5", "differs"),
        ("6", "only in the snapshot"),
        ("100", "only in the new writer"),
    ];
    assert_eq!(what, expected);
    assert!(found[2][2].contains("five, lost") && found[2][3].contains("five, new"), "{:?}", found[2]);

    let (before, after) = (rows(old, &sql("sequences")).await, rows(new, &sql("sequences")).await);
    assert_eq!(
        (&before[0][1..], &after[0][1..]),
        (&["todos_id_seq".to_owned(), "6".to_owned()][..], &["todos_id_seq".to_owned(), "5".to_owned()][..])
    );

    old.batch_execute(&sql("back")).await.unwrap();
    let titles = rows(new, "SELECT id, title FROM todos ORDER BY id").await;
    let titles: Vec<&str> = titles.iter().map(|row| row[1].as_str()).collect();
    assert_eq!(titles, ["one", "two", "three", "four", "five, new", "six, lost", "hundred, new"]);
}
