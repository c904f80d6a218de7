//! Core's ports, as an [`Actor`] has them.

use std::time::Duration;

use responder_core::config::{Database, topic_region};
use responder_core::judge::permit::Authorized;
use responder_core::ports::failover::{Journals, Readinesses, ReplicationLag, StartFailover};
use responder_core::ports::{
    Clock, Connection, Exchanged, Notices, Pages, Parameters, PortError, RegionViews, Turn, Write,
    WriterRecord,
};
use responder_core::words::failure::FailureKind;
use responder_core::words::names::Region;
use responder_core::words::notice::Notice;
use responder_core::words::timestamp::Timestamp;
use responder_core::world::attempt::{Journal, Kept};
use responder_core::world::course::Course;
use responder_core::world::evidence::RegionParameters;
use responder_core::world::lag::Lags;
use responder_core::world::readiness::{KeptReadiness, Readiness};
use responder_core::world::record::{Exchange, RecordSet};
use responder_core::world::state::State;
use responder_core::world::topology::RegionView;
use responder_core::world::topology::Word;

use crate::actor::Actor;
use crate::call::{Call, Fault, Operation};
use crate::cloud::Cloud;
use crate::conductor::{Effect, Fate, Whim};

impl Actor {
    pub(crate) fn call_of(&self, operation: Operation, region: Option<&Region>) -> Call {
        Call { actor: self.number, own: self.own.clone(), operation, region: region.cloned() }
    }

    fn fate(&self, call: &Call) -> Fate {
        if let Some(conductor) = &self.world.conductor {
            return conductor.fate(call);
        }
        let fault = self.world.cloud.borrow_mut().fault(call);
        Fate { fault, ..Fate::default() }
    }

    /// A call is made whose answer is far away.
    pub(crate) fn asks(&self, call: &Call) {
        self.fate(call);
    }

    fn age_ms(&self, call: &Call) -> i64 {
        self.world.conductor.as_ref().map_or(0, |conductor| conductor.age_ms(call))
    }

    pub(crate) async fn pause(&self, ms: i64) {
        if ms <= 0 {
            return;
        }
        if let Some(conductor) = &self.world.conductor {
            conductor.pause(ms).await;
        } else {
            self.world.advance_ms(ms);
        }
    }

    pub(crate) fn note(&self, call: &Call, effect: &Effect<'_>) {
        if let Some(conductor) = &self.world.conductor {
            conductor.note(call, effect);
        }
    }

    /// One call: it travels, takes effect unless it is lost, and its answer travels back.
    pub(crate) async fn call<T>(
        &self,
        call: Call,
        effect: impl FnOnce(&Call, &mut Cloud) -> T,
        note: impl FnOnce(&Call, &T),
    ) -> Result<T, PortError> {
        let fate = self.fate(&call);
        self.pause(fate.request_ms).await;
        self.world.happens_before(call.operation);
        let error = fate.fault.and_then(|fault| fault.error(&call));
        if let (Some(error), false) = (&error, fate.fault.is_some_and(Fault::takes_effect)) {
            self.log(&call, || error.kind.to_string());
            return Err(PortError::new(error.operation.clone(), error.kind));
        }
        let answer = {
            let mut cloud = self.world.cloud.borrow_mut();
            cloud.go_on();
            if call.operation.is_write() {
                cloud.note_past();
            }
            cloud.count(call.operation);
            effect(&call, &mut cloud)
        };
        if call.operation.is_write() {
            note(&call, &answer);
            self.pause(fate.answer_ms).await;
            return error.map_or(Ok(answer), Err);
        }
        // What was read counts when, and if, the caller learns of it.
        self.pause(fate.answer_ms).await;
        if let Some(error) = error {
            return Err(error);
        }
        note(&call, &answer);
        Ok(answer)
    }

    /// A write call's words, for the scenarios.
    pub(crate) fn log(&self, call: &Call, words: impl FnOnce() -> String) {
        if call.operation.is_write() && self.world.keeps_log() {
            let line = format!("{call}: {}", words());
            let now = self.world.now();
            self.world.cloud.borrow_mut().log.push((now, line));
        }
    }
}

impl RegionViews for Actor {
    async fn view(
        &self,
        database: &Database,
        region: &Region,
        connection: Connection,
    ) -> Result<RegionView, PortError> {
        let call = self.call_of(Operation::View, Some(region));
        let members = &self.world.regions;
        let answer = self.call(
            call,
            |call, cloud| {
                let (shown, now) = (cloud.shown(region, connection), cloud.history.len() - 1);
                let conductor = self.world.conductor.as_ref();
                let whim = conductor.map_or_else(Whim::default, |it| it.whim(call, connection, shown, now));
                let term = shown.saturating_sub(whim.global_terms);
                (cloud.view(database, members, region, shown, whim), term)
            },
            |call, (view, term)| {
                let named = match view.word() {
                    Word::Writer(named) => Some(named),
                    _ => None,
                };
                let term = *term;
                self.note(call, &Effect::Viewed { region, term, named });
            },
        );
        answer.await.map(|(view, _)| view)
    }
}

impl WriterRecord for Actor {
    async fn read_record(&self, _: &Database) -> Result<RecordSet, PortError> {
        let call = self.call_of(Operation::ReadRecord, None);
        self.call(call, |call, cloud| cloud.records(self.age_ms(call)), |_, _| ()).await
    }

    async fn exchange(&self, _: &Database, exchange: &Exchange) -> Result<Exchanged, PortError> {
        let call = self.call_of(Operation::Exchange, None);
        let accepted = self.call(
            call,
            |_, cloud| cloud.exchange(exchange),
            |call, &accepted| {
                let word = if accepted { "accepted" } else { "the fence was lost" };
                self.log(call, || word.to_owned());
                self.note(call, &Effect::Exchanged { exchange, accepted });
            },
        );
        Ok(if accepted.await? { Exchanged::Accepted } else { Exchanged::FenceLost })
    }
}

impl Parameters for Actor {
    async fn turn(&self, _: &Database, region: &Region, _: Write) -> Result<Turn, PortError> {
        self.turn_in(region).await
    }

    fn no_turns_after(&self, end: Timestamp) {
        self.turns_end.set(Some(end));
    }

    async fn read_parameters(&self, _: &Database, region: &Region) -> Result<RegionParameters, PortError> {
        let call = self.call_of(Operation::ReadParameters, Some(region));
        self.call(call, |call, cloud| cloud.parameters(region, self.age_ms(call)), |_, _| ()).await
    }

    async fn put_writer(&self, _: &Database, region: &Region, endpoint: &str) -> Result<(), PortError> {
        let call = self.call_of(Operation::PutWriter, Some(region));
        let put = self.call(
            call,
            |_, cloud| {
                let at = cloud.at(region);
                cloud.sites[at].writer = Some(endpoint.to_owned());
            },
            |call, ()| {
                self.log(call, || format!("writer = {endpoint}"));
                self.note(call, &Effect::WriterPut { region, endpoint });
            },
        );
        put.await
    }

    async fn put_state(&self, _: &Database, region: &Region, state: &State) -> Result<(), PortError> {
        let call = self.call_of(Operation::PutState, Some(region));
        let put = self.call(
            call,
            |_, cloud| {
                let at = cloud.at(region);
                cloud.sites[at].state = Some(state.to_json());
            },
            |call, ()| {
                self.log(call, || format!("state = {}", state.to_json()));
                self.note(call, &Effect::StatePut { region, state });
            },
        );
        put.await
    }
}

impl Notices for Actor {
    async fn publish(&self, topic_arn: &str, notice: &Notice) -> Result<(), PortError> {
        assert!(self.world.database.topics(&self.own).contains(&topic_arn), "{topic_arn} is not configured");
        let region = topic_region(topic_arn).expect("a configured topic has a Region");
        let call = self.call_of(Operation::Publish, Some(&region));
        let published = self.call(
            call,
            |_, cloud| cloud.notices.push((topic_arn.to_owned(), notice.clone())),
            |call, ()| self.log(call, || notice.subject().to_owned()),
        );
        published.await
    }
}

impl Pages for Actor {
    fn page(&self, database: &Database, run: &str) -> Option<String> {
        let bucket = self.world.cloud.borrow().bucket.clone()?;
        Some(format!("s3://{bucket}/{}/{run}.html", database.name()))
    }

    async fn keep_page(&self, course: &Course) -> Result<Option<String>, PortError> {
        let Some(page) = self.page(&course.database, &course.run.id) else { return Ok(None) };
        let call = self.call_of(Operation::KeepPage, Some(&self.own));
        let kept = self.call(
            call,
            |_, cloud| cloud.pages.push((page.clone(), course.clone())),
            |call, ()| self.log(call, || page.clone()),
        );
        kept.await.map(|()| Some(page.clone()))
    }
}

impl ReplicationLag for Actor {
    async fn lag(&self, _: &Database, region: &Region, since: Timestamp) -> Result<Lags, PortError> {
        let call = self.call_of(Operation::Lag, Some(region));
        let samples = self.call(
            call,
            |_, cloud| {
                let now = Timestamp::from_ms(cloud.now_ms);
                cloud.sites[cloud.at(region)].lag.samples(since, now)
            },
            |_, _| (),
        );
        samples.await.map(Lags::from)
    }
}

impl Journals for Actor {
    async fn read_journal(&self, _: &Database) -> Result<Kept, PortError> {
        let call = self.call_of(Operation::ReadJournal, Some(&self.own));
        let operation = call.to_string();
        let read = self.call(
            call,
            |call, cloud| {
                let site = cloud.site_of(&self.own, self.age_ms(call));
                (site.journal.clone(), site.journal_version)
            },
            |_, _| (),
        );
        let (json, version) = read.await?;
        let journal = json.map_or_else(|| Ok(Journal::default()), |json| Journal::of_json(&json));
        let journal = journal.map_err(|_| PortError::new(operation, FailureKind::Malformed))?;
        Ok(Kept { journal, version })
    }

    async fn put_journal(&self, _: &Database, journal: &Journal) -> Result<u64, PortError> {
        let call = self.call_of(Operation::PutJournal, Some(&self.own));
        let put = self.call(
            call,
            |_, cloud| {
                let at = cloud.at(&self.own);
                let site = &mut cloud.sites[at];
                site.journal = Some(journal.to_json());
                site.journal_version += 1;
                site.journal_version
            },
            |call, _| self.log(call, || format!("journal = {}", journal.to_json())),
        );
        put.await
    }
}

impl Readinesses for Actor {
    async fn read_readiness(&self, _: &Database, region: &Region) -> Result<KeptReadiness, PortError> {
        let call = self.call_of(Operation::ReadReadiness, Some(region));
        let read = self.call(
            call,
            |call, cloud| {
                let site = cloud.site_of(region, self.age_ms(call));
                (site.readiness.clone(), site.readiness_version)
            },
            |_, _| (),
        );
        let (json, version) = read.await?;
        Ok(KeptReadiness { readiness: json.and_then(|json| Readiness::of_json(&json)), version })
    }

    async fn put_readiness(&self, _: &Database, readiness: &Readiness) -> Result<u64, PortError> {
        let call = self.call_of(Operation::PutReadiness, Some(&self.own));
        let put = self.call(
            call,
            |_, cloud| {
                let at = cloud.at(&self.own);
                let site = &mut cloud.sites[at];
                site.readiness = Some(readiness.to_json());
                site.readiness_version += 1;
                site.readiness_version
            },
            |call, _| self.log(call, || format!("readiness = {}", readiness.to_json())),
        );
        put.await
    }
}

impl StartFailover for Actor {
    async fn start_failover(&self, authorized: &Authorized) -> Result<(), PortError> {
        let target = authorized.target().region();
        let call = self.call_of(Operation::StartFailover, Some(target));
        let operation = call.to_string();
        let started = self.call(
            call,
            |_, cloud| cloud.start_failover(target) && cloud.goes_on(target),
            |call, &taken| {
                self.log(call, || if taken { "taken" } else { "refused" }.to_owned());
                self.note(call, &Effect::FailoverAsked { target, taken });
            },
        );
        if started.await? { Ok(()) } else { Err(PortError::new(operation, FailureKind::Refused)) }
    }
}

impl Clock for Actor {
    fn now(&self) -> Timestamp {
        let cloud = self.world.cloud.borrow();
        Timestamp::from_ms(cloud.now_ms + cloud.sites[cloud.at(&self.own)].clock_ms)
    }

    async fn sleep(&self, duration: Duration) {
        let ms = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        self.pause(ms).await;
    }
}
