//! The running health checkers.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::{StreamExt, stream::FuturesOrdered};
use tokio::{
    sync::watch,
    time::{MissedTickBehavior, interval, sleep},
};
use tokio_util::task::AbortOnDropHandle;

use crate::{
    clients::Clients,
    error::CloudError,
    health::{
        board::Board,
        config::{self, CheckConfig},
        probe,
        seen::{Probe, StatusChange},
        status::Statuses,
    },
    resolver::DnsClient,
};

/// How often the health checks are read: one may be created, changed or deleted at any time.
const POLL: Duration = Duration::from_millis(250);

/// How the health checkers are played.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CheckersSettings {
    /// What the intervals are divided by. The timeouts are not: what they bound is the app, and that is no quicker here.
    pub pace: u32,
    /// Where an endpoint's own port, such as 443 of a load balancer, is found here.
    pub port: Option<u16>,
}

/// The running health checkers; dropping them stops them.
#[derive(Debug)]
pub struct HealthCheckers {
    board: Arc<Board>,
    _reading: AbortOnDropHandle<()>,
}

impl HealthCheckers {
    /// Reads the health checks and begins to check; `statuses` is told of every change.
    pub(crate) async fn start(
        emulator: &Clients,
        nameserver: SocketAddr,
        settings: CheckersSettings,
        statuses: watch::Sender<Statuses>,
    ) -> Result<Self, CloudError> {
        let route53 = emulator.route53();
        let checker =
            Checker { dns: DnsClient::new(nameserver)?, settings, board: Arc::new(Board::new(statuses)) };
        let mut running = Running::default();
        running.adjust(&checker, config::read(&route53).await?);
        let board = Arc::clone(&checker.board);
        let reading = keep_reading(route53, checker, running);
        Ok(Self { board, _reading: AbortOnDropHandle::new(tokio::spawn(reading)) })
    }

    /// All checks so far, in the order in which they ended.
    pub fn probes(&self) -> Vec<Probe> {
        self.board.probes()
    }

    /// Drops the checks that ended before then: for whoever goes on for hours.
    pub fn forget(&self, before: Instant) {
        self.board.forget(before);
    }

    /// All changes of a status so far.
    pub fn changes(&self) -> Vec<StatusChange> {
        self.board.changes()
    }

    /// Whether the health check of that id is healthy now.
    pub fn is_healthy(&self, id: &str) -> bool {
        self.board.is_healthy(id)
    }
}

async fn keep_reading(route53: aws_sdk_route53::Client, checker: Checker, mut running: Running) {
    loop {
        sleep(POLL).await;
        match config::read(&route53).await {
            Ok(checks) => running.adjust(&checker, checks),
            Err(error) => tracing::warn!(%error, "the health checks could not be read"),
        }
    }
}

/// The health checks that are being made.
#[derive(Default)]
struct Running(BTreeMap<String, (CheckConfig, Vec<AbortOnDropHandle<()>>)>);

impl Running {
    /// Starts what is new or changed, and stops what is gone.
    fn adjust(&mut self, checker: &Checker, checks: Vec<CheckConfig>) {
        self.0.retain(|id, _| {
            let stays = checks.iter().any(|check| check.id == *id);
            if !stays {
                checker.board.end(id);
            }
            stays
        });
        for check in checks {
            if self.0.get(&check.id).is_none_or(|(known, _)| *known != check) {
                checker.board.begin(check.clone());
                let locations = checker.spread(&check);
                self.0.insert(check.id.clone(), (check, locations));
            }
        }
    }
}

/// What every location needs.
#[derive(Debug, Clone)]
struct Checker {
    dns: DnsClient,
    settings: CheckersSettings,
    board: Arc<Board>,
}

impl Checker {
    /// One checker for each location. They "don't coordinate with one another": here their first checks are spread evenly
    /// over one interval. A disabled health check is not made.
    fn spread(&self, check: &CheckConfig) -> Vec<AbortOnDropHandle<()>> {
        if check.disabled {
            return Vec::new();
        }
        let every = (check.interval / self.settings.pace.max(1)).max(Duration::from_millis(1));
        let apart = every / u32::try_from(check.locations.len()).unwrap_or(u32::MAX).max(1);
        let started = check.locations.iter().zip(0_u32..).map(|(location, index)| {
            let task = self.clone().keep_checking(check.clone(), location.clone(), apart * index, every);
            AbortOnDropHandle::new(tokio::spawn(task))
        });
        started.collect()
    }

    /// A check begins at every tick, also while the one before still waits for its answer; results count in the order in which
    /// their checks began.
    async fn keep_checking(self, check: CheckConfig, location: String, first: Duration, every: Duration) {
        sleep(first).await;
        let mut ticks = interval(every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut waiting = FuturesOrdered::new();
        loop {
            tokio::select! {
                _ = ticks.tick() => waiting.push_back(self.check(&check, &location)),
                Some(probe) = waiting.next() => self.board.saw(probe),
            }
        }
    }

    async fn check(&self, check: &CheckConfig, location: &str) -> Probe {
        let began = Instant::now();
        let problem = self.check_once(check, location).await.err();
        let (id, location, ended) = (check.id.clone(), location.to_owned(), Instant::now());
        Probe { check: id, location, began, ended, problem, verdict: None }
    }

    /// The name is resolved for every check: "at the interval that you specify", says the documentation.
    async fn check_once(&self, check: &CheckConfig, location: &str) -> Result<(), String> {
        let resolved = self.dns.resolve(&check.host).await.map_err(|error| error.to_string())?;
        let port = self.settings.port.unwrap_or(check.port);
        let address = SocketAddr::new(resolved.address, port);
        probe::probe(check, location, address).await
    }
}
