//! What can be in the way of a heartbeat, each with a sentence of its own, and whose fault it is.
//!
//! The sentences are made here and of nothing that a server or a secret could put into them.

/// Whose fault it is that no heartbeat committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The server's, or the way to it: it takes no writes from here.
    Server,
    /// The probe's own means: nothing is known of the server.
    Means,
}

/// What is in the way.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// A RST to the SYN.
    #[error("the connection was refused: nobody listens there")]
    Refused,
    /// The network says that there is no way.
    #[error("there is no route to it")]
    NoRoute,
    /// No answer to the SYN.
    #[error("the connection was not accepted in time: something on the way drops it, or its host is dead")]
    Unreachable,
    /// Accepted, and then nothing.
    #[error("it accepted the connection and said nothing in time")]
    Silent,
    /// The kept connection was there, and a statement was not answered.
    #[error("it did not answer a statement in time")]
    Stuck,
    /// It hung up.
    #[error("it closed the connection")]
    Closed,
    /// 57P03.
    #[error("the server is starting up")]
    StartingUp,
    /// 57P03, 57P01, 57P02.
    #[error("the server is shutting down")]
    ShuttingDown,
    /// 57P03, of a server that replays and does not take connections yet.
    #[error("the server is recovering and takes no connections yet")]
    Recovering,
    /// `pg_is_in_recovery()`.
    #[error("the server is in recovery: it takes no writes")]
    InRecovery,
    /// `transaction_read_only`, or SQLSTATE 25006.
    #[error("the server is read-only: it takes no writes")]
    ReadOnly,
    /// Classes 53, 58 and XX: full, or broken.
    #[error("the server failed the heartbeat (SQLSTATE {0})")]
    Failing(String),
    /// What it says is not PostgreSQL's protocol.
    #[error("what answers there does not speak PostgreSQL's protocol")]
    Foreign,

    /// The host's name has no address.
    #[error("its name {0} does not resolve")]
    NoAddress(String),
    /// The record cannot be looked up.
    #[error("the record {0} does not resolve")]
    NoRecord(String),
    /// The record is no CNAME.
    #[error("the record {0} is no alias of an endpoint")]
    NoAlias(String),
    /// The record leads to somebody else's server.
    #[error("the record leads to {0}, which is no configured endpoint")]
    Elsewhere(String),
    /// Somebody asks about a server that is not configured: no password goes there.
    #[error("{0} is no endpoint of this probe's configuration")]
    NotConfigured(String),
    /// It answers without TLS.
    #[error("the server offers no TLS")]
    NoTls,
    /// `PROBE_TLS=off` is for this machine only.
    #[error("PROBE_TLS is off, and {0} is not this machine: nothing is sent there in the clear")]
    InTheClear(String),
    /// The certificate's root is not among those that are trusted.
    #[error("its certificate is of an authority that is not trusted")]
    UnknownIssuer,
    /// The certificate is of another name.
    #[error("its certificate is not of the name {0}")]
    WrongName(String),
    /// The certificate's time is over, or has not begun.
    #[error("its certificate is not valid at this time")]
    Expired,
    /// Anything else about the certificate.
    #[error("its certificate is not accepted")]
    BadCertificate,
    /// The handshake failed before a certificate was looked at.
    #[error("the TLS handshake failed")]
    Handshake,
    /// 28P01 with a password.
    #[error("the password was refused, or the role does not exist")]
    Password,
    /// 28P01 with a token: PostgreSQL looked for a password.
    #[error("the IAM token was taken for a password: the role does not exist or is not granted rds_iam")]
    TokenAsPassword,
    /// 28000 with a token: PAM said no.
    #[error(
        "the IAM token was refused: the function's role may not rds-db:connect as this user, or its clock is wrong"
    )]
    Token,
    /// 28000 without one.
    #[error("the server admits no such login: pg_hba.conf, or a role without LOGIN")]
    NotAdmitted,
    /// There is nothing to sign a token with.
    #[error("no IAM token can be made: the environment holds no AWS credentials")]
    NoCredentials,
    /// 3D000.
    #[error("the database {0} does not exist there")]
    NoDatabase(String),
    /// 42P01, 3F000.
    #[error(
        "the table failover_responder.heartbeat does not exist: run the SQL of `failoverctl probe install`"
    )]
    NoTable,
    /// 42501.
    #[error("the role lacks a right: run the SQL of `failoverctl probe install`")]
    NoRight,
    /// 53300.
    #[error("the server has too many connections")]
    TooManyConnections,
    /// Another look at it holds its one connection.
    #[error("another look at it is still under way")]
    Busy,
    /// 55P03, 57014, 40001, 40P01.
    #[error("the heartbeat's row was locked by somebody else")]
    Locked,
    /// Any other SQLSTATE.
    #[error("the server refused the heartbeat (SQLSTATE {0})")]
    Other(String),
}

impl Trouble {
    /// Whose fault it is.
    pub const fn fault(&self) -> Fault {
        match self {
            Self::Refused
            | Self::NoRoute
            | Self::Unreachable
            | Self::Silent
            | Self::Stuck
            | Self::Closed
            | Self::StartingUp
            | Self::ShuttingDown
            | Self::Recovering
            | Self::InRecovery
            | Self::ReadOnly
            | Self::Failing(_)
            | Self::Foreign => Fault::Server,
            _ => Fault::Means,
        }
    }

    /// Whether the endpoint as such may not be there, as a replica's writer endpoint is not on Aurora.
    pub const fn is_absence(&self) -> bool {
        matches!(self, Self::NoAddress(_) | Self::Refused | Self::NoRoute | Self::Unreachable | Self::Closed)
    }

    /// Whether the server itself said that it takes no writes.
    pub const fn is_denial(&self) -> bool {
        matches!(self, Self::InRecovery | Self::ReadOnly | Self::StartingUp | Self::Recovering)
    }

    /// What a SQLSTATE says, with a token or without; `text` is the server's message, which tells the 57P03 apart.
    pub fn of_state(state: &str, text: &str, with_token: bool, database: &str) -> Self {
        match state {
            "57P03" if text.contains("shutting down") => Self::ShuttingDown,
            "57P03" if text.contains("starting up") => Self::StartingUp,
            "57P03" => Self::Recovering,
            "57P01" | "57P02" => Self::ShuttingDown,
            "57P05" => Self::Closed,
            "25006" => Self::ReadOnly,
            "28P01" if with_token => Self::TokenAsPassword,
            "28P01" => Self::Password,
            "28000" if with_token && text.contains("PAM") => Self::Token,
            "28000" => Self::NotAdmitted,
            "3D000" => Self::NoDatabase(database.to_owned()),
            "42P01" | "3F000" => Self::NoTable,
            "42501" => Self::NoRight,
            "53300" => Self::TooManyConnections,
            "55P03" | "57014" | "40001" | "40P01" => Self::Locked,
            _ if ["53", "58", "XX", "08"].iter().any(|class| state.starts_with(class)) => {
                Self::Failing(state.to_owned())
            }
            _ => Self::Other(state.to_owned()),
        }
    }
}
