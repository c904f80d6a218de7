//! The probes. What one says by SQL is the truth where it says anything: a heartbeat has committed, or the server has refused it.

use std::future::pending;

use responder_core::ports::{PortError, Probes};
use responder_core::words::names::Region;
use responder_core::world::facts::takes_connections;
use responder_core::world::probe::{ProbeWord, Question};

use crate::actor::Actor;
use crate::call::Operation;
use crate::cloud::Cloud;
use crate::conductor::Effect;
use crate::mood::ProbeMood;

impl Cloud {
    /// The Region whose cluster has this endpoint, and what SQL says of it: nothing where it takes no connections.
    fn by_sql(&self, question: &Question) -> Option<(Region, Option<bool>)> {
        let is_it = |endpoint: &String| *endpoint == question.endpoint;
        let at = self.sites.iter().position(|site| site.endpoint.as_ref().is_some_and(is_it))?;
        let site = &self.sites[at];
        let alone = site.says.as_ref().and_then(|facts| facts.cluster.as_ref()).map(|it| !it.is_replica);
        let is_writer = alone.unwrap_or(self.history.last() == Some(&at));
        let connects = takes_connections(&site.cluster_status) && takes_connections(&site.instance_status);
        let takes_writes = is_writer && site.read_only_until_ms <= self.now_ms;
        Some((site.region.clone(), connects.then_some(takes_writes)))
    }

    fn word(&self, mood: ProbeMood, question: &Question) -> (Option<Region>, ProbeWord) {
        let (region, writable) = self.by_sql(question).unzip();
        let (writable, said) = match (mood, writable) {
            (ProbeMood::Null, _) => (None, "the password was refused"),
            (_, None) => (None, "the endpoint is not configured"),
            (_, Some(None)) => (None, "no connection"),
            (_, Some(Some(true))) => (Some(true), "a heartbeat committed"),
            (_, Some(Some(false))) => (Some(false), "the server is in recovery"),
        };
        (region, ProbeWord { writable, took_ms: 1, said: said.to_owned() })
    }
}

impl Probes for Actor {
    async fn probe(
        &self,
        region: &Region,
        function: &str,
        question: &Question,
    ) -> Result<ProbeWord, PortError> {
        assert_eq!(self.world.database.probe_in(region), Some(function), "only what is configured is asked");
        let call = self.call_of(Operation::Probe, Some(region));
        let mood = self.world.site(region.as_str()).probe;
        match mood {
            ProbeMood::Silent => {
                self.asks(&call);
                return pending().await;
            }
            ProbeMood::Slow(ms) => {
                self.asks(&call);
                self.pause(ms).await;
            }
            ProbeMood::Answers | ProbeMood::Null => {}
        }
        let answer = self.call(
            call,
            |_, cloud| cloud.word(mood, question),
            |call, (region, word)| {
                if let Some(region) = region {
                    self.note(call, &Effect::Probed { region, writable: word.writable });
                }
            },
        );
        answer.await.map(|(_, word)| word)
    }
}
