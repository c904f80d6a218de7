//! Puts the app together and serves it until a signal ends it.

use std::io::Write;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_ssm::Client;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use writer_follower::deadpool::{Manager, Pool};
use writer_follower::{
    Connector, DnsResolver, Follower, IamTokens, NotAHostName, Pace, Parameter, Patience, Record, Secrets,
    SourceError, Tls, TlsError, Watch,
};

use crate::aws;
use crate::database::Database;
use crate::http::{self, App};
use crate::metrics::Metrics;
use crate::options::{self, Options, OptionsError, TlsChoice, WriterOption};
use crate::store::{TodoStore, keep_schema};

/// How long requests under way may go on after the signal to end.
const DRAIN: Duration = Duration::from_secs(5);

/// Why the app cannot run.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ServeError {
    /// The options do not fit together.
    #[error("cannot start")]
    Options(#[from] OptionsError),
    /// TLS cannot be set up.
    #[error("cannot start")]
    Tls(#[from] TlsError),
    /// The resolver cannot be set up.
    #[error("cannot start")]
    Resolver(#[from] SourceError),
    /// The record's name is none.
    #[error("cannot start")]
    Record(#[from] NotAHostName),
    /// The pool of connections cannot be made.
    #[error("cannot start")]
    Pool(#[from] deadpool_postgres::BuildError),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address that was given.
        address: SocketAddr,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
    /// The signals that end the app cannot be waited for.
    #[error("cannot wait for signals")]
    Signals(#[source] std::io::Error),
    /// The line that says where the app listens cannot be written.
    #[error("cannot write to standard output")]
    Announce(#[source] std::io::Error),
    /// Serving failed.
    #[error("cannot serve")]
    Serve(#[source] std::io::Error),
}

/// Sends the log to standard error, a JSON object a line, filtered by `RUST_LOG`.
pub(crate) fn log_as_json() {
    let filter = std::env::var("RUST_LOG").ok().and_then(|text| text.parse::<Targets>().ok());
    let filter = filter.unwrap_or_else(|| {
        // The resolver's own words repeat what the watch says.
        Targets::new()
            .with_default(LevelFilter::INFO)
            .with_target("hickory_net", LevelFilter::ERROR)
            .with_target("hickory_resolver", LevelFilter::ERROR)
    });
    let lines = tracing_subscriber::fmt::layer().json().with_writer(std::io::stderr);
    tracing_subscriber::registry().with(filter).with(lines).init();
}

/// Serves until SIGTERM or SIGINT.
pub(crate) async fn serve(options: &Options) -> Result<(), ServeError> {
    let (names, watch) = watches(options).await?;
    let metrics = Arc::new(Metrics::of(names));
    let follower = Follower::start(watch, connector(options).await?);
    let pool = Pool::builder(Manager::new(follower)).max_size(usize::from(options.pool_size)).build()?;
    let database = Arc::new(Database::new(pool, patience(options), Arc::clone(&metrics)));
    let schema = Arc::clone(&database);
    tokio::spawn(async move { keep_schema(&schema).await });

    let store = TodoStore::new(Arc::clone(&database));
    let follows = options.writer.clone();
    let app = App { store, database, metrics, follows, region: options.region.clone() };
    let stop = stop_on_signal()?;
    let listener = listen(options.listen).await?;
    let serving = axum::serve(listener, http::router(Arc::new(app)))
        .with_graceful_shutdown(stop.clone().cancelled_owned());
    tokio::select! {
        served = serving => served.map_err(ServeError::Serve),
        () = async { stop.cancelled().await; tokio::time::sleep(DRAIN).await } => {
            tracing::warn!("requests still under way are cut off");
            Ok(())
        }
    }
}

/// What says where the writer is; the parameter by itself as well, for its counts.
async fn watches(options: &Options) -> Result<(Option<Watch>, Watch), ServeError> {
    let resolver = options.nameserver.map_or_else(DnsResolver::system, DnsResolver::asking)?;
    match &options.writer {
        WriterOption::Record(name) => Ok((None, Watch::of(Record::new(name, resolver)?))),
        WriterOption::Parameter(name) => {
            let client = Client::new(&aws::configuration(options.required_region()?).await);
            let names = Watch::at_pace(Parameter::new(client, name), Pace::every(options.refresh()));
            let watch = names.resolved(resolver);
            Ok((Some(names), watch))
        }
    }
}

fn patience(options: &Options) -> Patience {
    Patience {
        total: Duration::from_millis(options.request_timeout_ms),
        answer: Duration::from_millis(options.statement_timeout_ms),
        ..Patience::default()
    }
}

async fn connector(options: &Options) -> Result<Connector, ServeError> {
    let password = options.password(std::env::var(options::PASSWORD_VARIABLE).ok())?;
    let tls = match options.tls_choice()? {
        TlsChoice::Off => Tls::off(),
        TlsChoice::Require => Tls::require()?,
        TlsChoice::VerifyFull(ca_file) => Tls::verify_full(&ca_file)?,
    };
    let secrets: Box<dyn Secrets> = match password {
        Some(password) => Box::new(password),
        None => Box::new(IamTokens::new(aws::configuration(options.required_region()?).await)),
    };
    let connector = Connector::new(&options.user, &options.database, secrets, tls)
        .port(options.port)
        .application_name("todo")
        .connect_timeout(Duration::from_millis(options.connect_timeout_ms))
        .tcp_user_timeout(Duration::from_millis(options.tcp_user_timeout_ms));
    Ok(connector)
}

/// Listens, and says where on standard output: whoever started the app on port 0 waits for that line.
async fn listen(address: SocketAddr) -> Result<TcpListener, ServeError> {
    let failed = |source| ServeError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "listening on http://{bound}").and_then(|()| out.flush()).map_err(ServeError::Announce)?;
    Ok(listener)
}

fn stop_on_signal() -> Result<CancellationToken, ServeError> {
    let mut terminate = signal(SignalKind::terminate()).map_err(ServeError::Signals)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(ServeError::Signals)?;
    let stop = CancellationToken::new();
    let told = stop.clone();
    tokio::spawn(async move {
        let signal = tokio::select! {
            _ = terminate.recv() => "SIGTERM",
            _ = interrupt.recv() => "SIGINT",
        };
        tracing::info!(signal, "ending");
        told.cancel();
    });
    Ok(stop)
}
