//! The stage: everything that one scenario plays on, started afresh for each.

pub(crate) mod app;
pub(crate) mod delivery;
pub(crate) mod error;
pub(crate) mod front_door;
pub(crate) mod functions;
pub(crate) mod installation;
pub(crate) mod job;
pub(crate) mod kit;
pub(crate) mod lock;
pub(crate) mod network;
pub(crate) mod pace;
pub(crate) mod policy;
pub(crate) mod port_53;
pub(crate) mod probes;
pub(crate) mod processes;
pub(crate) mod props;
pub(crate) mod wakes;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

use drill_cloud::aurora::{GLOBAL_CLUSTER, Names};
use drill_cloud::{Cloud, CloudSettings, Dns, Inbox, Pair, PostgresStorage, Region, SeedRecord};
use drill_postgres::{Access, Authority, Password, RunDirectory, Server, ServerConfig, free_port};
use serde_json::json;

use self::app::{APP_ADDRESSES, App, AppSettings};
use self::error::DrillError;
use self::functions::Functions;
use self::installation::{Installation, PARAMETER, PREFIX, RECORD, SETTLE_SECONDS, TTL_SECONDS};
use self::network::{Network, SEOUL_SEEN_FROM_OSAKA};
use self::pace::{Pace, QUICK_PROPAGATION};
use self::policy::{Policy, Probing, create_alarms};
use self::probes::{PROBE, ProbeSettings, Probes};
use self::props::Props;

/// When the writer was published before the drill: long enough ago to have settled.
const PUBLISHED_AT: &str = "2026-01-01T00:00:00Z";

/// Where the database servers listen: two loopback addresses that share a port, so that DNS alone chooses the Region.
const DATABASE_ADDRESSES: [IpAddr; 2] =
    [IpAddr::V4(Ipv4Addr::new(127, 0, 1, 1)), IpAddr::V4(Ipv4Addr::new(127, 0, 2, 1))];

/// Everything that one scenario plays on. Dropping it stops all of it; the fields are dropped in this order.
#[derive(Debug)]
pub(crate) struct Stage {
    pub(crate) apps: Pair<App>,
    /// Where the policy has any.
    pub(crate) probes: Option<Probes>,
    /// Where the policy has one.
    pub(crate) network: Option<Between>,
    pub(crate) functions: Functions,
    /// What people get: a subscriber of the topic that the configuration names.
    pub(crate) inbox: Inbox,
    pub(crate) cloud: Cloud,
    pub(crate) servers: Pair<Arc<Server>>,
    /// What is installed here.
    pub(crate) installation: Installation,
    /// What the apps were started with.
    pub(crate) app_settings: AppSettings,
    pub(crate) props: Arc<Props>,
    /// How quick AWS is played.
    pub(crate) pace: Pace,
    run: RunDirectory,
}

/// The network between the Regions, and how Osaka finds Seoul's database over it.
#[derive(Debug)]
pub(crate) struct Between {
    pub(crate) network: Network,
    dns: Dns,
}

/// Where a stage is found from outside, so that another can take its place and a terminal beside it stays where it is.
#[derive(Debug, Clone)]
pub(crate) struct Whereabouts {
    front_port: u16,
    database_port: u16,
    access: Access,
}

/// What an installation is put on: the emulated AWS with its database, and nothing of ours in it yet.
#[derive(Debug)]
pub(crate) struct Ground {
    pub(crate) cloud: Cloud,
    pub(crate) servers: Pair<Arc<Server>>,
    access: Access,
    authority: Option<Authority>,
    pace: Pace,
    run: RunDirectory,
}

impl Ground {
    /// Starts it, with the writer in Seoul. `functions_to_front` is for functions that are not told where AWS is.
    pub(crate) async fn start(
        props: &Props,
        pace: Pace,
        functions_to_front: bool,
        before: Option<&Whereabouts>,
    ) -> Result<Self, DrillError> {
        let run = RunDirectory::create(&props.binaries)?;
        let access = before.map_or_else(|| Access::random("todo"), |it| it.access.clone());
        let authority = props.binaries.has_tls().then(|| Authority::create(run.path())).transpose()?;
        let port = before.map_or_else(|| free_port(&DATABASE_ADDRESSES), |it| Ok(it.database_port))?;
        let servers = servers(props, &run, &access, authority.as_ref(), port).await?;
        let mut settings = CloudSettings::new(&props.ministack);
        settings.aurora = pace.aurora();
        // What is seeded need not be waited for; the play makes it slower.
        settings.propagation = QUICK_PROPAGATION;
        settings.functions_to_front = functions_to_front;
        settings.front_port = before.map_or(0, |it| it.front_port);
        let cloud = Cloud::start(&settings, Arc::new(PostgresStorage::new(servers.clone()))).await?;
        Ok(Self { cloud, servers, access, authority, pace, run })
    }

    fn app_settings(&self, props: &Props, installation: &Installation) -> Result<AppSettings, DrillError> {
        let port = free_port(&[APP_ADDRESSES.seoul, APP_ADDRESSES.osaka])?;
        Ok(AppSettings {
            program: props.programs.join("todo"),
            listen: Pair::each(|region| SocketAddr::new(*APP_ADDRESSES.get(region), port)),
            nameserver: Pair::each(|_| self.cloud.dns.address()),
            database_port: self.servers.seoul.config().port,
            access: self.access.clone(),
            ca: self.authority.as_ref().map(|authority| authority.ca_pem_path().to_owned()),
            aws_endpoint: self.cloud.front.endpoint(),
            record: installation.record.clone(),
            parameter: installation.parameter.clone(),
            log_directory: props.out.clone(),
        })
    }
}

impl Stage {
    /// Starts everything, with the writer in Seoul and published. Without a `policy` the configuration leaves it out,
    /// as an installation does that only follows.
    pub(crate) async fn start(
        props: &Arc<Props>,
        policy: Option<Policy>,
        pace: Pace,
    ) -> Result<Self, DrillError> {
        Self::start_at(props, policy, pace, None).await
    }

    /// The same where another one was.
    pub(crate) async fn start_at(
        props: &Arc<Props>,
        policy: Option<Policy>,
        pace: Pace,
        before: Option<&Whereabouts>,
    ) -> Result<Self, DrillError> {
        let ground = Ground::start(props, pace, false, before).await?;
        let (zone, inbox, functions) = tokio::try_join!(
            seed(&ground.cloud),
            Box::pin(create_alarms(&ground.cloud)),
            Box::pin(Functions::deploy(props, &ground.cloud, pace)),
        )?;
        let mut stage = Self::on(props, ground, Installation::seeded(zone), functions, inbox).await?;
        if let Some(probing) = policy.and_then(|policy| policy.probing) {
            Box::pin(stage.start_probes(probing)).await?;
        }
        stage.configure(policy).await?;
        Ok(stage)
    }

    async fn start_probes(&mut self, probing: Probing) -> Result<(), DrillError> {
        if probing.over_network {
            let database = self.servers.seoul.config();
            let network = Network::start(SocketAddr::new(database.address, database.port)).await?;
            let dns = self.cloud.dns_over(Region::Seoul, SEOUL_SEEN_FROM_OSAKA, QUICK_PROPAGATION).await?;
            self.app_settings.nameserver.osaka = dns.address();
            self.network = Some(Between { network, dns });
            self.restart_apps().await?;
        }
        let settings = ProbeSettings {
            cloud: &self.cloud,
            writer: &self.servers.seoul,
            program: self.props.program("probe")?,
            failoverctl: self.props.programs.join("failoverctl"),
            output: self.run.path().join("probes"),
            ca: self.app_settings.ca.clone(),
            record: &self.installation.record,
            osakas_nameserver: self.network.as_ref().map_or(self.cloud.dns.address(), |it| it.dns.address()),
            pace: if probing.at_real_pace { Pace::Real } else { self.pace },
        };
        self.probes = Some(Probes::start(settings).await?);
        Ok(())
    }

    /// Starts the apps where something is installed.
    pub(crate) async fn on(
        props: &Arc<Props>,
        ground: Ground,
        installation: Installation,
        functions: Functions,
        inbox: Inbox,
    ) -> Result<Self, DrillError> {
        let app_settings = ground.app_settings(props, &installation)?;
        let apps = apps(&app_settings).await?;
        let Ground { cloud, servers, pace, run, .. } = ground;
        let props = Arc::clone(props);
        Ok(Self {
            apps,
            probes: None,
            network: None,
            functions,
            inbox,
            cloud,
            servers,
            installation,
            app_settings,
            props,
            pace,
            run,
        })
    }

    /// New apps in the place of the old ones, which have counted what an earlier scenario did to them.
    pub(crate) async fn restart_apps(&mut self) -> Result<(), DrillError> {
        for region in Region::ALL {
            // They listen where the new ones will.
            self.apps.get_mut(region).kill().await?;
            self.restart_app(region).await?;
        }
        Ok(())
    }

    /// The same, released with this password, which the database does not know.
    pub(crate) async fn restart_apps_with(&mut self, password: &Password) -> Result<(), DrillError> {
        let mut settings = self.app_settings.clone();
        settings.access.application.password = password.clone();
        for region in Region::ALL {
            self.apps.get_mut(region).kill().await?;
            *self.apps.get_mut(region) = App::start(region, &settings).await?;
        }
        Ok(())
    }

    /// Configures the database, in both Regions.
    pub(crate) async fn configure(&self, policy: Option<Policy>) -> Result<(), DrillError> {
        let members: serde_json::Map<String, serde_json::Value> = Region::ALL
            .into_iter()
            .map(|region| (region.id().to_owned(), json!(Names::of(region).cluster_arn())))
            .collect();
        let mut configuration = json!({
            "global_cluster": GLOBAL_CLUSTER,
            "members": members,
            "record": { "zone_id": self.installation.zone, "name": RECORD, "ttl_seconds": TTL_SECONDS },
            "parameter": PARAMETER,
            "settle_seconds": SETTLE_SECONDS,
        });
        if let (Some(policy), Some(fields)) = (policy, configuration.as_object_mut()) {
            fields.insert("failover".to_owned(), policy.configuration(self.inbox.topic_arn()));
            if policy.probing.is_some_and(|probing| probing.asked) {
                let probes = json!({ Region::Seoul.id(): PROBE, Region::Osaka.id(): PROBE });
                fields.insert("probe".to_owned(), probes);
            }
        }
        let name = format!("{PREFIX}/databases/todo");
        Ok(self.cloud.seed().parameter(&name, &configuration.to_string()).await?)
    }

    /// Starts the Region's app anew, where it was.
    pub(crate) async fn restart_app(&mut self, region: Region) -> Result<(), DrillError> {
        *self.apps.get_mut(region) = App::start(region, &self.app_settings).await?;
        Ok(())
    }

    /// The run's own folder.
    pub(crate) fn run_directory(&self) -> &Path {
        self.run.path()
    }

    /// Where it is found.
    pub(crate) fn whereabouts(&self) -> Whereabouts {
        Whereabouts {
            front_port: self.cloud.front.port(),
            database_port: self.app_settings.database_port,
            access: self.app_settings.access.clone(),
        }
    }

    /// The address of the Region's database server, as the app reports it.
    pub(crate) fn address(&self, region: Region) -> IpAddr {
        self.servers.get(region).config().address
    }
}

async fn apps(settings: &AppSettings) -> Result<Pair<App>, DrillError> {
    let (seoul, osaka) =
        (App::start(Region::Seoul, settings).await?, App::start(Region::Osaka, settings).await?);
    Ok(Pair { seoul, osaka })
}

/// Seoul's, which takes writes, and Osaka's, which follows it.
async fn servers(
    props: &Props,
    run: &RunDirectory,
    access: &Access,
    authority: Option<&Authority>,
    port: u16,
) -> Result<Pair<Arc<Server>>, DrillError> {
    let [seoul, osaka] = DATABASE_ADDRESSES;
    let addresses = Pair { seoul, osaka };
    let config = |region: Region| -> Result<ServerConfig, DrillError> {
        let address = *addresses.get(region);
        let endpoint = Names::of(region).endpoint();
        let tls = authority.map(|authority| authority.issue(&[&endpoint], &[address])).transpose()?;
        let name = region.city().to_lowercase();
        let directory = run.path().join(&name);
        Ok(ServerConfig { name, address, port, directory, tls, access: access.clone() })
    };
    let seoul = Server::create_primary(&props.binaries, config(Region::Seoul)?).await?;
    let osaka = Server::create_standby_of(&seoul, config(Region::Osaka)?).await?;
    Ok(Pair { seoul: Arc::new(seoul), osaka: Arc::new(osaka) })
}

/// What an installation looks like before anything happens: published once, at epoch 1. Answers the zone's id.
async fn seed(cloud: &Cloud) -> Result<String, DrillError> {
    let seed = cloud.seed();
    let endpoint = Names::of(Region::Seoul).endpoint();
    let writer = Region::Seoul.id();
    let zone = seed.zone("db.todo.internal").await?;
    let ownership = format!(
        "heritage=failover-responder,owner={PREFIX},database=todo,epoch=1,writer={writer},at={PUBLISHED_AT}"
    );
    let record = |name: &str, kind: &str, value: &str| SeedRecord {
        name: name.to_owned(),
        kind: kind.into(),
        ttl_seconds: TTL_SECONDS,
        value: value.to_owned(),
    };
    let ownership_name = format!("_failover-responder.{RECORD}");
    seed.records(&zone, &[record(RECORD, "CNAME", &endpoint), record(&ownership_name, "TXT", &ownership)])
        .await?;
    let state = json!({
        "epoch": 1, "writer": writer, "endpoint": endpoint, "at": PUBLISHED_AT,
        "memory": { "writer": writer, "epoch": 1 },
        "owns": { "parameter": PARAMETER, "record": format!("{}/{RECORD}", zone.to_ascii_uppercase()) },
    });
    seed.parameter(&format!("{PREFIX}/state/todo"), &state.to_string()).await?;
    seed.parameter(PARAMETER, &endpoint).await?;
    Ok(zone)
}
