//! Which clients there are, how each is led to the writer, and what it takes: what docs/clients.md says, or what comes of nothing.

/// One client.
#[derive(Debug)]
pub(crate) struct Entry {
    /// Under which its rows are numbered.
    pub(crate) key: &'static str,
    /// Which software; the program itself says the version.
    pub(crate) stack: &'static str,
    pub(crate) led_by: &'static str,
    /// Set up as the documentation says, or as it comes.
    pub(crate) as_documented: bool,
    /// What it takes to follow, or what it goes without.
    pub(crate) needed: &'static str,
    /// Within how many seconds it writes again in each move, if it is set up as documented.
    pub(crate) within: u64,
    pub(crate) plays: Plays,
}

/// What is played.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Plays {
    /// A Python program with its arguments.
    Python(&'static [&'static str]),
    /// The same of Node.
    Node(&'static [&'static str]),
    /// An unchanged application behind `PgBouncer`.
    PgBouncer(Bouncing),
    /// Nothing, for that reason.
    Nothing(&'static str),
}

/// What `PgBouncer` is led by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bouncing {
    /// The record, with the settings that make it follow.
    Record,
    /// The parameter, by the helper.
    Parameter,
    /// The record, with the settings that it comes with.
    AsItComes,
}

/// Within how many seconds a client writes again that is set up as documented.
pub(crate) const WITHIN: u64 = 15;

const RECORD: &str = "the record";
const PARAMETER: &str = "the parameter";

const fn documented(
    key: &'static str,
    stack: &'static str,
    led_by: &'static str,
    needed: &'static str,
    plays: Plays,
) -> Entry {
    Entry { key, stack, led_by, as_documented: true, needed, within: WITHIN, plays }
}

const fn as_it_comes(
    key: &'static str,
    stack: &'static str,
    led_by: &'static str,
    needed: &'static str,
    plays: Plays,
) -> Entry {
    Entry { as_documented: false, ..documented(key, stack, led_by, needed, plays) }
}

/// The one that cannot follow, whatever happens: it shows that the others' figures can be bad.
pub(crate) const CANNOT_FOLLOW: &str = "psycopg-at-start";

/// All of them.
pub(crate) const ALL: [Entry; 14] = [
    documented(
        "psycopg-parameter",
        "psycopg, psycopg_pool",
        PARAMETER,
        "conninfo a function; a check= that closes; close at 25006",
        Plays::Python(&["psycopg_pool_writes.py", "parameter"]),
    ),
    documented(
        "psycopg-record",
        "psycopg, psycopg_pool",
        RECORD,
        "a check= that closes; close at 25006",
        Plays::Python(&["psycopg_pool_writes.py", "record"]),
    ),
    as_it_comes(
        "psycopg-record-as-it-comes",
        "psycopg, psycopg_pool",
        RECORD,
        "no check",
        Plays::Python(&["psycopg_pool_writes.py", "record", "as-it-comes"]),
    ),
    as_it_comes(
        "psycopg-at-start",
        "psycopg, psycopg_pool",
        "the parameter, read once",
        "no check; a restart after each move",
        Plays::Python(&["psycopg_pool_writes.py", "at-start", "as-it-comes"]),
    ),
    documented(
        "node-parameter",
        "node-postgres",
        PARAMETER,
        "a new Pool when it changed; release(true) at an error; client.on('error')",
        Plays::Node(&["node_writes.cjs", "parameter"]),
    ),
    documented(
        "node-record",
        "node-postgres",
        RECORD,
        "release(true) at an error; client.on('error')",
        Plays::Node(&["node_writes.cjs", "record"]),
    ),
    as_it_comes(
        "node-record-as-it-comes",
        "node-postgres",
        RECORD,
        "release() at an error, no client.on('error')",
        Plays::Node(&["node_writes.cjs", "record", "as-it-comes"]),
    ),
    documented(
        "libpq-hosts",
        "libpq",
        "both hosts",
        "target_session_attrs=read-write; close at any error",
        Plays::Python(&["libpq_hosts.py"]),
    ),
    documented(
        "pgbouncer-parameter",
        "PgBouncer",
        PARAMETER,
        "follow_writer.py; server_login_retry = 1",
        Plays::PgBouncer(Bouncing::Parameter),
    ),
    Entry {
        // A session to the former writer lives on for as long as server_lifetime says.
        within: 25,
        ..documented(
            "pgbouncer-record",
            "PgBouncer",
            RECORD,
            "server_lifetime = 10; dns_max_ttl = 1; server_login_retry = 1",
            Plays::PgBouncer(Bouncing::Record),
        )
    },
    as_it_comes(
        "pgbouncer-as-it-comes",
        "PgBouncer",
        RECORD,
        "its own settings",
        Plays::PgBouncer(Bouncing::AsItComes),
    ),
    documented(
        "aws-wrapper",
        "AWS's Python wrapper without plugins",
        RECORD,
        "a new connection at any error",
        Plays::Python(&["aws_wrapper.py"]),
    ),
    documented(
        "aws-wrapper-failover",
        "AWS's Python wrapper with failover_v2",
        RECORD,
        "cluster_instance_host_pattern",
        Plays::Nothing("it follows Aurora's topology, by functions that PostgreSQL has not"),
    ),
    documented("pgx", "pgx", RECORD, "PrepareConn", Plays::Nothing("no Go here")),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_a_key_of_its_own_and_there_is_one_that_cannot_follow() {
        let keys: std::collections::BTreeSet<_> = ALL.iter().map(|entry| entry.key).collect();
        assert_eq!(keys.len(), ALL.len());
        assert!(ALL.iter().any(|entry| entry.key == CANNOT_FOLLOW && !entry.as_documented));
    }
}
