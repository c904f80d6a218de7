//! The command line, and the same by environment variables.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::{Parser, ValueEnum};
use writer_follower::Secret;

/// The variable that may hold the password. It is no option: arguments can be seen by every process.
pub(crate) const PASSWORD_VARIABLE: &str = "TODO_DATABASE_PASSWORD";

const HELP: &str = "\
A todo list that stays with its database's writer.

The app looks up where the writer is, connects there, and keeps asking. When the writer moves to another \
Region it drops all connections to the former one, looks the new one up and goes on: no restart, no \
change of configuration. A write is confirmed (201) only when the current writer has confirmed it.";

const EXAMPLES: &str = "\
Following the writer record (a CNAME; encrypted, but the server's name cannot be verified through it):
  todo --writer record:writer.db.todo.internal --user app --password-file /run/secrets/password

Following the writer parameter (it holds the cluster's own host name, so TLS is verify-full):
  AWS_REGION=ap-northeast-2 todo --writer parameter:/todo/database/writer --ca-file global-bundle.pem

The password comes from --password-file, or else from the variable TODO_DATABASE_PASSWORD. With --login iam there
is none: each connection gets a token of its own, signed with the credentials that the environment has.

What it serves:
  /                       the page                /healthz        the process is alive
  /api/todos              GET, POST               /readyz         the writer answers and takes writes
  /api/todos/{id}         PATCH, DELETE           /metrics.json   counters
  /api/writes?client=     numbers of the writes   /api/writer     what is followed, and where it is";

/// All options.
#[derive(Debug, Parser)]
#[command(name = "todo", version, about = "A todo list that stays with its database's writer", long_about = HELP, after_long_help = EXAMPLES)]
pub(crate) struct Options {
    /// What to follow: record:<dns-name> or parameter:<ssm-name>
    #[arg(long, env = "TODO_WRITER", value_name = "KIND:NAME")]
    pub(crate) writer: WriterOption,

    /// Where to serve HTTP; port 0 takes a free one, and the line on standard output says which
    #[arg(long, env = "TODO_LISTEN", default_value = "127.0.0.1:8080")]
    pub(crate) listen: SocketAddr,

    /// The nameserver that resolves the writer's name [default: the system's]
    #[arg(long, env = "TODO_NAMESERVER", value_name = "ADDRESS:PORT")]
    pub(crate) nameserver: Option<SocketAddr>,

    /// The Region that the app runs in: where the parameter is read, and what the page shows
    #[arg(long, env = "AWS_REGION")]
    pub(crate) region: Option<String>,

    /// How often to read the writer parameter, in seconds
    #[arg(long, env = "TODO_REFRESH_SECONDS", default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) refresh_seconds: u64,

    /// The database's port
    #[arg(long, env = "TODO_PORT", default_value_t = 5432)]
    pub(crate) port: u16,

    /// The database's name
    #[arg(long, env = "TODO_DATABASE", default_value = "todo")]
    pub(crate) database: String,

    /// The database's user
    #[arg(long, env = "TODO_USER", default_value = "todo")]
    pub(crate) user: String,

    /// How to log in: with a password, or by a token of IAM, for which the server has to be verified
    #[arg(long, env = "TODO_LOGIN", value_enum, default_value = "password")]
    pub(crate) login: LoginOption,

    /// The file that holds the user's password
    #[arg(long, env = "TODO_PASSWORD_FILE", value_name = "FILE")]
    pub(crate) password_file: Option<PathBuf>,

    /// Encryption: `require` encrypts without knowing to whom, `verify-full` also checks the server's
    /// name, which only the parameter gives [default: require for a record, verify-full for a parameter]
    #[arg(long, env = "TODO_TLS", value_enum)]
    pub(crate) tls: Option<TlsOption>,

    /// The certificate authorities to trust with verify-full, as a PEM file
    #[arg(long, env = "TODO_CA_FILE", value_name = "FILE")]
    pub(crate) ca_file: Option<PathBuf>,

    /// The most that a request may take, all attempts included, in milliseconds
    #[arg(long, env = "TODO_REQUEST_TIMEOUT_MS", default_value_t = 3_000)]
    pub(crate) request_timeout_ms: u64,

    /// The most that one statement may take, in milliseconds; then the writer is looked up anew
    #[arg(long, env = "TODO_STATEMENT_TIMEOUT_MS", default_value_t = 1_000)]
    pub(crate) statement_timeout_ms: u64,

    /// The most that connecting may take, login included, in milliseconds
    #[arg(long, env = "TODO_CONNECT_TIMEOUT_MS", default_value_t = 1_000)]
    pub(crate) connect_timeout_ms: u64,

    /// The most that sent data may stay unacknowledged before the kernel ends a connection, in milliseconds
    #[arg(long, env = "TODO_TCP_USER_TIMEOUT_MS", default_value_t = 2_000)]
    pub(crate) tcp_user_timeout_ms: u64,

    /// The most connections to the writer at once
    #[arg(long, env = "TODO_POOL_SIZE", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) pool_size: u16,
}

/// What `--writer` names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum WriterOption {
    /// A writer record's DNS name.
    Record(String),
    /// A writer parameter's SSM name.
    Parameter(String),
}

impl WriterOption {
    /// What is followed, for a person: `record` or `parameter`, and its name.
    pub(crate) fn words(&self) -> (&'static str, &str) {
        match self {
            Self::Record(name) => ("record", name),
            Self::Parameter(name) => ("parameter", name),
        }
    }
}

impl FromStr for WriterOption {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(':') {
            Some(("record", name)) if !name.is_empty() => Ok(Self::Record(name.to_owned())),
            Some(("parameter", name)) if !name.is_empty() => Ok(Self::Parameter(name.to_owned())),
            _ => Err("expected record:<dns-name> or parameter:<ssm-name>".to_owned()),
        }
    }
}

/// What `--tls` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TlsOption {
    /// No encryption.
    Off,
    /// Encryption without verification.
    Require,
    /// Encryption, with the server's certificate and name verified.
    VerifyFull,
}

/// What `--login` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LoginOption {
    /// A password.
    Password,
    /// A token of IAM.
    Iam,
}

/// Options that contradict one another, or lack something.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OptionsError {
    /// A parameter is read in a Region.
    #[error(
        "--writer parameter:… needs --region or AWS_REGION: the parameter is read in the app's own Region"
    )]
    NoRegion,
    /// A record is an alias.
    #[error(
        "--tls verify-full cannot work with --writer record:…: no server has a certificate of the record's name; \
         follow the parameter instead"
    )]
    RecordCannotVerify,
    /// A parameter allows for more.
    #[error(
        "--tls require is for --writer record:…; with a parameter the name can be verified: use verify-full"
    )]
    ParameterMustVerify,
    /// Verification needs authorities.
    #[error("--tls verify-full needs --ca-file")]
    NoCaFile,
    /// A token is signed for a host, and is as good as a password.
    #[error(
        "--login iam is for --writer parameter:… with verify-full: a token is signed for the cluster's own host name"
    )]
    TokenNeedsVerification,
    /// There is no password at all.
    #[error("no password: give --password-file or set {PASSWORD_VARIABLE}")]
    NoPassword,
    /// The password file cannot be read.
    #[error("cannot read the password in {}", path.display())]
    PasswordFile {
        /// The file that was given.
        path: PathBuf,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
}

/// The encryption that the options ask for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum TlsChoice {
    /// None.
    Off,
    /// Encrypted, unverified.
    Require,
    /// Encrypted and verified with the authorities of a file.
    VerifyFull(PathBuf),
}

impl Options {
    /// The encryption, which depends on what is followed.
    pub(crate) fn tls_choice(&self) -> Result<TlsChoice, OptionsError> {
        match (&self.writer, self.tls) {
            (_, Some(TlsOption::Off)) => Ok(TlsChoice::Off),
            (WriterOption::Record(_), None | Some(TlsOption::Require)) => Ok(TlsChoice::Require),
            (WriterOption::Record(_), Some(TlsOption::VerifyFull)) => Err(OptionsError::RecordCannotVerify),
            (WriterOption::Parameter(_), Some(TlsOption::Require)) => Err(OptionsError::ParameterMustVerify),
            (WriterOption::Parameter(_), None | Some(TlsOption::VerifyFull)) => {
                self.ca_file.clone().map(TlsChoice::VerifyFull).ok_or(OptionsError::NoCaFile)
            }
        }
    }

    /// The password: the file's first, else the variable's value, which the caller reads. None with a login by IAM.
    pub(crate) fn password(&self, variable: Option<String>) -> Result<Option<Secret>, OptionsError> {
        if self.login == LoginOption::Iam {
            let is_verified = matches!(self.tls_choice()?, TlsChoice::VerifyFull(_));
            return if is_verified { Ok(None) } else { Err(OptionsError::TokenNeedsVerification) };
        }
        let Some(path) = &self.password_file else {
            return variable.map(|it| Some(Secret::new(it))).ok_or(OptionsError::NoPassword);
        };
        let text = std::fs::read_to_string(path)
            .map_err(|source| OptionsError::PasswordFile { path: path.clone(), source })?;
        Ok(Some(Secret::new(text.trim_end_matches(['\r', '\n']))))
    }

    /// The Region, where there must be one.
    pub(crate) fn required_region(&self) -> Result<String, OptionsError> {
        self.region.clone().filter(|region| !region.is_empty()).ok_or(OptionsError::NoRegion)
    }

    /// `--refresh-seconds` as a duration.
    pub(crate) fn refresh(&self) -> Duration {
        Duration::from_secs(self.refresh_seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(arguments: &[&str]) -> Options {
        Options::try_parse_from([&["todo"], arguments].concat()).unwrap()
    }

    #[test]
    fn the_command_line_is_sound() {
        use clap::CommandFactory;
        Options::command().debug_assert();
        for bad in ["writer.example", "record:", "zone:writer.example"] {
            assert!(Options::try_parse_from(["todo", "--writer", bad]).is_err(), "{bad}");
        }
    }

    #[test]
    fn encryption_depends_on_what_is_followed() {
        let record = ["--writer", "record:w.example"];
        let parameter = ["--writer", "parameter:/w"];
        let with = |base: &[&str], more: &[&str]| options(&[base, more].concat()).tls_choice();
        assert_eq!(with(&record, &[]).unwrap(), TlsChoice::Require);
        assert_eq!(with(&record, &["--tls", "off"]).unwrap(), TlsChoice::Off);
        let full = with(&record, &["--tls", "verify-full"]);
        assert!(matches!(full, Err(OptionsError::RecordCannotVerify)));
        let verified = with(&parameter, &["--ca-file", "ca.pem"]).unwrap();
        assert_eq!(verified, TlsChoice::VerifyFull("ca.pem".into()));
        assert!(matches!(with(&parameter, &[]), Err(OptionsError::NoCaFile)));
        let require = with(&parameter, &["--tls", "require"]);
        assert!(matches!(require, Err(OptionsError::ParameterMustVerify)));
    }

    #[test]
    fn the_password_comes_from_the_file_or_the_variable() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "se cret\n").unwrap();
        let path = file.path().to_str().unwrap();
        let with_file = options(&["--writer", "record:w.example", "--password-file", path]);
        let password = with_file.password(Some("other".into())).unwrap().unwrap();
        assert_eq!(password.expose(), "se cret");
        let without = options(&["--writer", "record:w.example"]);
        assert_eq!(without.password(Some("var".into())).unwrap().unwrap().expose(), "var");
        assert!(matches!(without.password(None), Err(OptionsError::NoPassword)));
    }

    #[test]
    fn by_iam_there_is_no_password_and_the_server_has_to_be_verified() {
        let iam = ["--login", "iam"];
        let with = |more: &[&str]| options(&[&iam, more].concat()).password(Some("var".into()));
        let none = with(&["--writer", "parameter:/w", "--ca-file", "ca.pem"]);
        assert!(none.unwrap().is_none());
        for unverified in
            [&["--writer", "record:w.example"][..], &["--writer", "parameter:/w", "--tls", "off"]]
        {
            let error = with(unverified).unwrap_err();
            assert!(matches!(error, OptionsError::TokenNeedsVerification), "{error}");
        }
        assert!(matches!(with(&["--writer", "parameter:/w"]), Err(OptionsError::NoCaFile)));
    }
}
