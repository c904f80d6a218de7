//! The writer parameter: read in the background, its last known value used while it cannot be read.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{Notify, watch};

use super::ssm::{ReadParameter, SsmError};
use crate::failure::Chain;
use crate::metrics::Metrics;

/// The shortest time between two reads, however many connections fail.
const SHORTEST_PAUSE: Duration = Duration::from_millis(500);
/// The pause between reads as long as no value is known at all.
const FIRST_VALUE_PAUSE: Duration = Duration::from_secs(1);

/// Why the writer parameter could not be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ParameterError {
    /// The parameter could not be read.
    #[error("cannot read the parameter {name}")]
    Read {
        /// The parameter's name.
        name: String,
        /// What SSM, or the way there, said.
        #[source]
        source: SsmError,
    },
    /// The parameter's value is not a host name.
    #[error("the parameter {name} holds {value:?}, which is not a host name")]
    NotAHostName {
        /// The parameter's name.
        name: String,
        /// The value, as it came.
        value: String,
    },
}

/// The last known value of one parameter.
pub(crate) struct ParameterWatch {
    name: String,
    refresh: Duration,
    reader: Box<dyn ReadParameter>,
    value: watch::Sender<Option<Arc<str>>>,
    wanted: Notify,
    metrics: Arc<Metrics>,
}

impl ParameterWatch {
    /// Watches the parameter `name`, reading it every `refresh` once [`Self::run`] runs.
    pub(crate) fn new(
        name: String,
        refresh: Duration,
        reader: Box<dyn ReadParameter>,
        metrics: Arc<Metrics>,
    ) -> Self {
        let (value, _) = watch::channel(None);
        Self { name, refresh, reader, value, wanted: Notify::new(), metrics }
    }

    /// The parameter's name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The last known value, if there ever was one.
    pub(crate) fn value(&self) -> Option<Arc<str>> {
        self.value.borrow().clone()
    }

    /// Tells of every new value.
    pub(crate) fn subscribe(&self) -> watch::Receiver<Option<Arc<str>>> {
        self.value.subscribe()
    }

    /// Asks for the next read soon, because a connection to the last known writer failed.
    pub(crate) fn refresh_soon(&self) {
        self.wanted.notify_one();
    }

    /// Reads the parameter for ever; an answer that never comes costs nothing but freshness.
    pub(crate) async fn run(&self) {
        let mut failing = false;
        loop {
            let started = Instant::now();
            let outcome = self.read().await;
            self.note(outcome, &mut failing);
            let pause = match self.value() {
                Some(_) => self.refresh,
                None => self.refresh.min(FIRST_VALUE_PAUSE),
            };
            tokio::select! {
                () = tokio::time::sleep(pause.max(SHORTEST_PAUSE)) => {}
                () = self.wanted.notified() => {
                    tokio::time::sleep(SHORTEST_PAUSE.saturating_sub(started.elapsed())).await;
                }
            }
        }
    }

    async fn read(&self) -> Result<Arc<str>, ParameterError> {
        let value = self
            .reader
            .read(&self.name)
            .await
            .map_err(|source| ParameterError::Read { name: self.name.clone(), source })?;
        host_name(&value).ok_or(ParameterError::NotAHostName { name: self.name.clone(), value })
    }

    /// Keeps a new value; a failure is logged once and not again until a read succeeds.
    fn note(&self, outcome: Result<Arc<str>, ParameterError>, failing: &mut bool) {
        match outcome {
            Ok(value) => {
                self.metrics.parameter_reads.increment();
                if std::mem::take(failing) {
                    tracing::info!(parameter = %self.name, "the parameter can be read again");
                }
                self.value.send_if_modified(|known| {
                    let changed = known.as_ref() != Some(&value);
                    if changed {
                        tracing::info!(parameter = %self.name, host = %value, "writer parameter");
                        *known = Some(value);
                    }
                    changed
                });
            }
            Err(error) => {
                self.metrics.parameter_failures.increment();
                if !std::mem::replace(failing, true) {
                    let last_known = self.value();
                    tracing::warn!(error = %Chain(&error), ?last_known, "going on with the last known value");
                }
            }
        }
    }
}

/// The host name in a parameter's value, which may end in white space or a dot.
fn host_name(value: &str) -> Option<Arc<str>> {
    let host = value.trim().trim_end_matches('.');
    let fits = !host.is_empty() && host.len() <= 253;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    (fits && host.bytes().all(plain)).then(|| host.into())
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::sync::Mutex;

    use futures_util::future::BoxFuture;

    use super::*;

    /// Answers from a script; the last answer is repeated.
    struct Script(Mutex<VecDeque<Option<&'static str>>>);

    impl ReadParameter for Script {
        fn read<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<String, SsmError>> {
            let mut script = self.0.lock().unwrap();
            let answer = match script.len() {
                1 => script[0],
                _ => script.pop_front().unwrap(),
            };
            Box::pin(async move { answer.map(str::to_owned).ok_or(SsmError::Empty) })
        }
    }

    fn watch_of(script: &[Option<&'static str>]) -> Arc<ParameterWatch> {
        let script = Box::new(Script(Mutex::new(script.iter().copied().collect())));
        let refresh = Duration::from_secs(5);
        Arc::new(ParameterWatch::new("/writer".into(), refresh, script, Arc::default()))
    }

    fn run(watch: &Arc<ParameterWatch>) -> tokio::task::JoinHandle<()> {
        let watch = Arc::clone(watch);
        tokio::spawn(async move { watch.run().await })
    }

    #[tokio::test(start_paused = true)]
    async fn the_last_known_value_outlives_the_parameter_store() {
        let watch = watch_of(&[Some("seoul.example\n"), None, Some("not a host"), Some("osaka.example.")]);
        let task = run(&watch);
        let mut values = watch.subscribe();
        values.changed().await.unwrap();
        assert_eq!(watch.value().as_deref(), Some("seoul.example"));
        tokio::time::sleep(Duration::from_secs(11)).await;
        assert_eq!(watch.value().as_deref(), Some("seoul.example"));
        assert_eq!(watch.metrics.parameter_failures.get(), 2);
        values.changed().await.unwrap();
        assert_eq!(watch.value().as_deref(), Some("osaka.example"));
        task.abort();
    }

    #[tokio::test(start_paused = true)]
    async fn a_failure_brings_the_next_read_forward_but_never_too_close() {
        let watch = watch_of(&[Some("seoul.example"), Some("osaka.example")]);
        let task = run(&watch);
        let mut values = watch.subscribe();
        values.changed().await.unwrap();
        let started = tokio::time::Instant::now();
        watch.refresh_soon();
        values.changed().await.unwrap();
        assert!(started.elapsed() <= Duration::from_secs(1), "{:?}", started.elapsed());
        for _ in 0..50 {
            watch.refresh_soon();
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert!(watch.metrics.parameter_reads.get() <= 6, "reads are rate limited");
        task.abort();
    }

    #[test]
    fn only_host_names_are_accepted() {
        assert_eq!(host_name(" a-1.b_c.example. ").as_deref(), Some("a-1.b_c.example"));
        for bad in ["", " ", "two words", "host:5432", "postgres://host", "ünïcode"] {
            assert_eq!(host_name(bad), None, "{bad:?}");
        }
    }
}
