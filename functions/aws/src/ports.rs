//! All of the core's ports over AWS.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use drill_report::Report;
use responder_core::config::Database;
use responder_core::config::installation::Installation;
use responder_core::judge::permit::Authorized;
use responder_core::ports::failover::{Journals, Readinesses, ReplicationLag, StartFailover};
use responder_core::ports::{
    Clock, Configurations, Connection, Exchanged, HealthAlarms, Notices, Pages, Parameters, PortError,
    Probes, RegionViews, Turn, Write, WriterRecord,
};
use responder_core::words::names::Region;
use responder_core::words::notice::Notice;
use responder_core::words::timestamp::Timestamp;
use responder_core::world::alarm::AlarmReading;
use responder_core::world::attempt::{Journal, Kept};
use responder_core::world::course::Course;
use responder_core::world::evidence::RegionParameters;
use responder_core::world::known::OwnRegion;
use responder_core::world::lag::Lags;
use responder_core::world::probe::{ProbeWord, Question};
use responder_core::world::readiness::{KeptReadiness, Readiness};
use responder_core::world::record::{Exchange, RecordSet};
use responder_core::world::state::State;
use responder_core::world::topology::RegionView;
use tokio::time::Instant;

use crate::bucket::Bucket;
use crate::clients::Clients;
use crate::clock;
use crate::cloudwatch::{CloudWatch, Measured};
use crate::environment::{Environment, EnvironmentError};
use crate::failure::Failed;
use crate::lambda::Lambda;
use crate::rds::Rds;
use crate::route53::Route53;
use crate::s3::S3;
use crate::sns::Sns;
use crate::ssm::Ssm;

/// All of the core's ports, for a function of one installation in one Region. Made once for a function
/// and shared by all of its passes: what several databases ask at the same time then shares calls.
#[derive(Debug)]
pub struct AwsPorts {
    environment: Environment,
    clients: Arc<Clients>,
    pub(crate) rds: Rds,
    route53: Route53,
    pub(crate) ssm: Ssm,
    cloudwatch: CloudWatch,
    sns: Sns,
    s3: S3,
    lambda: Lambda,
}

impl AwsPorts {
    /// With these clients, in this place.
    pub fn new(environment: Environment, clients: Clients) -> Self {
        let clients = Arc::new(clients);
        Self {
            rds: Rds::new(Arc::clone(&clients)),
            route53: Route53::new(&clients),
            ssm: Ssm::new(Arc::clone(&clients)),
            cloudwatch: CloudWatch::new(Arc::clone(&clients)),
            sns: Sns::new(Arc::clone(&clients)),
            s3: S3::new(Arc::clone(&clients)),
            lambda: Lambda::new(Arc::clone(&clients)),
            clients,
            environment,
        }
    }

    /// As the process's environment says. Nothing is called yet.
    pub fn from_environment() -> Result<Self, EnvironmentError> {
        let environment = Environment::from_process()?;
        let clients = Clients::from_environment(&environment);
        Ok(Self::new(environment, clients))
    }

    /// The installation's prefix.
    pub fn prefix(&self) -> &str {
        self.environment.prefix()
    }

    fn bucket(&self) -> Option<Result<Bucket, EnvironmentError>> {
        self.environment.bucket(&self.clients.way_to_s3())
    }

    /// The function's own Region.
    pub fn own_region(&self) -> &Region {
        self.environment.region()
    }
}

impl Configurations for AwsPorts {
    async fn read_own_region(&self) -> Result<OwnRegion, PortError> {
        Ok(Box::pin(self.ssm.read_own_region(&self.environment)).await?)
    }

    async fn read_databases(&self) -> Result<Installation, PortError> {
        Ok(Box::pin(self.ssm.read_databases(&self.environment)).await?)
    }
}

impl RegionViews for AwsPorts {
    async fn view(
        &self,
        database: &Database,
        region: &Region,
        connection: Connection,
    ) -> Result<RegionView, PortError> {
        let facts = self.rds.facts(database, region, connection).await?;
        Ok(RegionView::new(database, region, &facts))
    }
}

impl WriterRecord for AwsPorts {
    async fn read_record(&self, database: &Database) -> Result<RecordSet, PortError> {
        self.route53.read(database).await
    }

    async fn exchange(&self, database: &Database, exchange: &Exchange) -> Result<Exchanged, PortError> {
        self.route53.exchange(database, exchange).await
    }
}

impl Parameters for AwsPorts {
    async fn turn(&self, database: &Database, region: &Region, write: Write) -> Result<Turn, PortError> {
        self.ssm.turn(database, region, write).await
    }

    fn no_turns_after(&self, end: Timestamp) {
        self.clients.wake();
        let left = u64::try_from(end.since_ms(self.now())).unwrap_or_default();
        let end = Instant::now() + Duration::from_millis(left);
        self.ssm.no_turns_after(end);
        self.route53.end_at(end);
    }

    async fn read_parameters(
        &self,
        database: &Database,
        region: &Region,
    ) -> Result<RegionParameters, PortError> {
        let own = region == self.own_region();
        self.ssm.read(database, region, own).await
    }

    async fn put_writer(
        &self,
        database: &Database,
        region: &Region,
        endpoint: &str,
    ) -> Result<(), PortError> {
        Ok(self.ssm.put(region, database.parameter(), endpoint).await.map(drop)?)
    }

    async fn put_state(&self, database: &Database, region: &Region, state: &State) -> Result<(), PortError> {
        let name = database.state_parameter();
        Ok(self.ssm.put(region, &name, &state.to_json()).await.map(drop)?)
    }
}

impl HealthAlarms for AwsPorts {
    async fn alarm_readings(&self, database: &Database) -> BTreeMap<String, AlarmReading> {
        let failover = database.failover();
        self.cloudwatch.readings(failover.health_alarms.iter().chain(&failover.writer_alarms)).await
    }

    async fn mute_rules(&self, database: &Database) -> BTreeMap<String, Result<Option<String>, PortError>> {
        self.cloudwatch.mute_rules(&database.failover().health_alarms).await
    }

    async fn cloudwatch_answers(&self, region: &Region) -> Result<(), PortError> {
        Ok(self.cloudwatch.answers(region).await?)
    }
}

impl Probes for AwsPorts {
    async fn probe(
        &self,
        region: &Region,
        function: &str,
        question: &Question,
    ) -> Result<ProbeWord, PortError> {
        Ok(self.lambda.probe(region, function, question).await?)
    }
}

impl Notices for AwsPorts {
    async fn publish(&self, topic_arn: &str, notice: &Notice) -> Result<(), PortError> {
        Ok(self.sns.publish(topic_arn, notice).await?)
    }
}

impl Pages for AwsPorts {
    fn page(&self, database: &Database, run: &str) -> Option<String> {
        Some(self.bucket()?.ok()?.link(&key(database, run)))
    }

    async fn keep_page(&self, course: &Course) -> Result<Option<String>, PortError> {
        let Some(bucket) = self.bucket() else { return Ok(None) };
        let key = key(&course.database, &course.run.id);
        let bucket = bucket.map_err(|error| Failed::refused("s3:PutObject", error.to_string()))?;
        self.s3.put(&bucket, &key, &Report::from(course).to_html()).await?;
        Ok(Some(bucket.link(&key)))
    }
}

/// The key of the page about a run.
fn key(database: &Database, run: &str) -> String {
    format!("{}/{}/{run}.html", database.prefix().trim_start_matches('/'), database.name())
}

impl ReplicationLag for AwsPorts {
    async fn lag(&self, database: &Database, region: &Region, since: Timestamp) -> Result<Lags, PortError> {
        let Some(cluster) = database.members().get(region) else { return Ok(Lags::default()) };
        let others = database.regions().filter(|other| *other != region).collect();
        let probed = database.probe_in(region).map(|_| database.name());
        let measured = Measured { cluster, others, probed };
        Ok(self.cloudwatch.lag(&measured, since, self.now()).await?)
    }
}

impl Journals for AwsPorts {
    async fn read_journal(&self, database: &Database) -> Result<Kept, PortError> {
        Ok(self.ssm.read_journal(self.own_region(), &database.attempt_parameter()).await?)
    }

    async fn put_journal(&self, database: &Database, journal: &Journal) -> Result<u64, PortError> {
        let name = database.attempt_parameter();
        Ok(self.ssm.put(self.own_region(), &name, &journal.to_json()).await?)
    }
}

impl Readinesses for AwsPorts {
    async fn read_readiness(&self, database: &Database, region: &Region) -> Result<KeptReadiness, PortError> {
        Ok(self.ssm.read_readiness(region, &database.readiness_parameter()).await?)
    }

    async fn put_readiness(&self, database: &Database, readiness: &Readiness) -> Result<u64, PortError> {
        let name = database.readiness_parameter();
        Ok(self.ssm.put(self.own_region(), &name, &readiness.to_json()).await?)
    }
}

impl StartFailover for AwsPorts {
    async fn start_failover(&self, authorized: &Authorized) -> Result<(), PortError> {
        self.rds.start_failover(authorized).await
    }
}

impl Clock for AwsPorts {
    fn now(&self) -> Timestamp {
        clock::now()
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}
