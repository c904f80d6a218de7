//! Puts the app together and serves it until a signal ends it.

use std::io::Write;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::database::{Database, Patience};
use crate::http::{self, App};
use crate::metrics::Metrics;
use crate::options::{self, Options, OptionsError, TlsChoice, WriterOption};
use crate::store::{TodoStore, keep_schema};
use crate::writer::{
    Connector, DnsResolver, Encryption, Follower, ParameterWatch, ResolveError, SsmParameter, TlsError,
    Tokens, WriterName, configuration,
};

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
    Resolver(#[from] ResolveError),
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
        // The pool's own words repeat what the follower says.
        Targets::new()
            .with_default(LevelFilter::INFO)
            .with_target("deadpool.postgres", LevelFilter::ERROR)
            .with_target("hickory_net", LevelFilter::ERROR)
            .with_target("hickory_resolver", LevelFilter::ERROR)
    });
    let lines = tracing_subscriber::fmt::layer().json().with_writer(std::io::stderr);
    tracing_subscriber::registry().with(filter).with(lines).init();
}

/// Serves until SIGTERM or SIGINT.
pub(crate) async fn serve(options: &Options) -> Result<(), ServeError> {
    let metrics = Arc::<Metrics>::default();
    let follower = follower(options, &metrics).await?;
    let patience = Patience {
        statement: Duration::from_millis(options.statement_timeout_ms),
        request: Duration::from_millis(options.request_timeout_ms),
    };
    let database = Arc::new(Database::new(Arc::clone(&follower), patience, Arc::clone(&metrics)));
    tokio::spawn(async move { follower.run().await });
    let schema = Arc::clone(&database);
    tokio::spawn(async move { keep_schema(&schema).await });

    let store = TodoStore::new(Arc::clone(&database));
    let app = App { store, database, metrics, region: options.region.clone() };
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

async fn follower(options: &Options, metrics: &Arc<Metrics>) -> Result<Arc<Follower>, ServeError> {
    let resolver = Box::new(DnsResolver::new(options.nameserver)?);
    let connector = connector(options).await?;
    let name = match &options.writer {
        WriterOption::Record(name) => WriterName::Record(name.as_str().into()),
        WriterOption::Parameter(name) => {
            let reader = Box::new(SsmParameter::new(options.required_region()?).await);
            let watch = ParameterWatch::new(name.clone(), options.refresh(), reader, Arc::clone(metrics));
            let watch = Arc::new(watch);
            let reading = Arc::clone(&watch);
            tokio::spawn(async move { reading.run().await });
            WriterName::Parameter(watch)
        }
    };
    Ok(Follower::new(name, resolver, connector, Arc::clone(metrics)))
}

async fn connector(options: &Options) -> Result<Connector, ServeError> {
    let password = options.password(std::env::var(options::PASSWORD_VARIABLE).ok())?;
    let encryption = match options.tls_choice()? {
        TlsChoice::Off => Encryption::Off,
        TlsChoice::Require => Encryption::require()?,
        TlsChoice::VerifyFull(ca_file) => Encryption::verify_full(&ca_file)?,
    };
    let mut login = tokio_postgres::Config::new();
    login.user(&options.user).dbname(&options.database);
    let tokens = match &password {
        Some(password) => {
            login.password(password.reveal());
            None
        }
        None => Some(Tokens(configuration(options.required_region()?).await)),
    };
    Ok(Connector {
        login,
        tokens,
        port: options.port,
        encryption,
        connect_timeout: Duration::from_millis(options.connect_timeout_ms),
        tcp_user_timeout: Duration::from_millis(options.tcp_user_timeout_ms),
        pool_size: usize::from(options.pool_size),
    })
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
