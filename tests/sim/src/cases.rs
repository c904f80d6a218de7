//! Evidence by enumeration: every word that a Region can say, every memory, and the rest of what a pass sees.

use responder_core::config::Database;
use responder_core::words::names::{Epoch, Region};
use responder_core::words::timestamp::Timestamp;
use responder_core::world::asked::{Answer, Asked, YES_MS_MAX};
use responder_core::world::claim::{Claim, Plain};
use responder_core::world::evidence::Declaration;
use responder_core::world::evidence::{Base, Evidence, Seen, Switch};
use responder_core::world::facts::{ClusterFacts, Facts, GlobalFacts, InstanceFacts};
use responder_core::world::probe::Question;
use responder_core::world::publication::Published;
use responder_core::world::record::{RecordSet, ResourceRecord};
use responder_core::world::state::Memory;
use responder_core::world::topology::RegionView;
use responder_fakes::{OSAKA, SEOUL, Settings, TOKYO, database, endpoint, region};

/// The epoch that is published in every case.
pub const EPOCH: Epoch = Epoch(7);
/// When it is decided, in milliseconds since 1970.
pub const NOW: Timestamp = Timestamp::from_ms(2_000_000_000);

/// What one Region's endpoint says, by the place of whom it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Says {
    /// Asked, and not answered yet.
    NotYet,
    /// No answer will come.
    Unreachable,
    /// The writer is the Region at this place.
    Names(usize),
    /// The writer is a cluster that nobody configured.
    Stranger,
    /// There is no writer.
    Nobody,
    /// There are several writers.
    Several,
    /// Its cluster stands alone.
    Detached,
    /// It knows of no cluster.
    Nothing,
    /// Its cluster replicates, in no global cluster of the configured name.
    Unlisted,
}

impl Says {
    /// Everything that a Region can say, among `regions` Regions; without [`Says::NotYet`].
    pub fn all(regions: usize) -> Vec<Self> {
        let others =
            [Self::Unreachable, Self::Stranger, Self::Nobody, Self::Several, Self::Detached, Self::Nothing];
        (0..regions).map(Self::Names).chain(others).chain([Self::Unlisted]).collect()
    }
}

/// How ready a Region's cluster is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ready {
    /// Available, with a writer that is available.
    Yes,
    /// Its writer instance is rebooting.
    No,
    /// It has no instance.
    Headless,
    /// Available, and it still lists the cluster that it replicated from.
    Replica,
}

/// What SQL says of a Region's cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sql {
    /// Nobody asked.
    NotAsked,
    /// Asked, and not answered yet.
    NotYet,
    /// No probe knows.
    Unknown,
    /// It takes writes.
    Yes,
    /// It took writes when it was asked, seconds ago.
    OldYes,
    /// It takes none.
    No,
    /// It takes none, said of another endpoint than the one that is listed.
    NoOfAnother,
}

/// What one Region's memory names, by place, and how far its epoch is from the published one.
pub type Remembers = Option<(usize, i8)>;

/// What stands at the record's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stands {
    /// Not read yet.
    NotYet,
    /// Route 53 does not answer.
    Unreachable,
    /// Nothing.
    Nothing,
    /// What was published.
    Published,
    /// Our ownership, and the CNAME of another member.
    Drifted,
    /// A member's CNAME that nobody owns.
    Unowned,
    /// Our ownership, and a CNAME that is nobody's.
    Unrecognized,
    /// Somebody else's ownership.
    Foreign,
}

impl Stands {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::NotYet,
        Self::Unreachable,
        Self::Nothing,
        Self::Published,
        Self::Drifted,
        Self::Unowned,
        Self::Unrecognized,
        Self::Foreign,
    ];
}

/// Some Regions with a database. The one at place 0 is the published writer.
#[derive(Debug)]
pub struct Ground {
    /// The database.
    pub database: Database,
    /// Its Regions.
    pub regions: Vec<Region>,
}

impl Ground {
    /// Two to six Regions.
    pub fn new(regions: usize, settings: Settings) -> Self {
        let names = [SEOUL, OSAKA, TOKYO, "us-east-1", "eu-west-1", "ap-south-1"];
        let regions: Vec<Region> = names[..regions].iter().map(|name| region(name)).collect();
        Self { database: database(&regions, settings), regions }
    }

    /// What is published, so many seconds ago.
    pub fn published(&self, seconds_ago: i64) -> Published {
        Published {
            epoch: EPOCH,
            writer: self.regions[0].clone(),
            endpoint: endpoint(&self.regions[0]),
            at: NOW.plus_ms(-1000 * seconds_ago),
        }
    }

    /// Evidence with this published, and nothing else.
    pub fn evidence(&self, seconds_ago: i64) -> Evidence {
        let base = Base::Known(self.published(seconds_ago));
        let mut evidence = Evidence { base, ..Evidence::default() };
        self.switch(&mut evidence, Some(None));
        evidence
    }

    /// The Region at `place` says this.
    pub fn say(&self, evidence: &mut Evidence, place: usize, says: Says, ready: Ready) {
        let seen = match says {
            Says::NotYet => Seen::NotYet,
            Says::Unreachable => Seen::silent("no answer"),
            says => Seen::Got(self.view(place, says, ready)),
        };
        evidence.views.insert(self.regions[place].clone(), seen);
    }

    /// The first Region's Parameter Store shows this of the hold switch just now; nothing was read of it with `None`.
    pub fn switch(&self, evidence: &mut Evidence, shows: Option<Option<&str>>) {
        let region = self.regions[0].clone();
        match shows {
            None => drop(evidence.switches.remove(&region)),
            Some(reason) => {
                let switch = Switch { reason: reason.map(str::to_owned), read_at: NOW };
                evidence.switches.insert(region, switch);
            }
        }
    }

    /// The Region at `place` has claimed in so many looks, a second between each.
    pub fn claimed(&self, evidence: &mut Evidence, place: usize, looks: u32) {
        let since = NOW.plus_ms(-1000 * i64::from(looks.saturating_sub(1)));
        let row = Claim { epoch: EPOCH, since, last: NOW, looks, plain: Plain { since, looks } };
        evidence.claims.insert(self.regions[place].clone(), row);
    }

    /// A probe was asked about the Region at `place`, and this came of it.
    pub fn ask(&self, evidence: &mut Evidence, place: usize, sql: Sql) {
        let region = self.regions[place].clone();
        let said = |writable| {
            let (by, words) = (self.regions[0].clone(), "in a few words".to_owned());
            Some(Answer::Said { writable, by, words })
        };
        let (age_ms, answer) = match sql {
            Sql::NotAsked => return drop(evidence.asked.remove(&region)),
            Sql::NotYet => (300, None),
            Sql::Unknown => (300, Some(Answer::Unknown("no answer".to_owned()))),
            Sql::Yes => (300, said(true)),
            Sql::OldYes => (YES_MS_MAX + 1, said(true)),
            Sql::No => (60_000, said(false)),
            Sql::NoOfAnother => (300, said(false)),
        };
        let mut question = Question { endpoint: endpoint(&region), port: 5432 };
        question.port += u16::from(sql == Sql::NoOfAnother);
        evidence.asked.insert(region, Asked { question, at: NOW.plus_ms(-age_ms), answer });
    }

    /// The Region at `place` remembers this.
    pub fn remember(&self, evidence: &mut Evidence, place: usize, remembers: Remembers) {
        let region = &self.regions[place];
        match remembers {
            None => drop(evidence.memories.remove(region)),
            Some((named, distance)) => {
                let epoch = Epoch(EPOCH.0.saturating_add_signed(i64::from(distance)));
                let memory = Memory { writer: self.regions[named].clone(), epoch };
                evidence.memories.insert(region.clone(), memory);
            }
        }
    }

    /// An operator has declared the Region at `place`, at an epoch so far from the published one.
    pub fn declare(&self, place: usize, distance: i8) -> Declaration {
        let epoch = Epoch(EPOCH.0.saturating_add_signed(i64::from(distance)));
        Declaration { region: self.regions[place].clone(), epoch }
    }

    /// This stands in Route 53.
    pub fn records(&self, stands: Stands, published: &Published) -> Seen<RecordSet> {
        let ours = RecordSet::of(&self.database, published);
        let record = |value: &str| Some(ResourceRecord { ttl_seconds: 5, values: vec![value.to_owned()] });
        Seen::Got(match stands {
            Stands::NotYet => return Seen::NotYet,
            Stands::Unreachable => return Seen::silent("no answer"),
            Stands::Nothing => RecordSet::default(),
            Stands::Published => ours,
            Stands::Drifted => RecordSet { cname: record(&endpoint(&self.regions[1])), ..ours },
            Stands::Unowned => RecordSet { txt: None, ..ours },
            Stands::Unrecognized => RecordSet { cname: record("db.example.com"), ..ours },
            Stands::Foreign => RecordSet { txt: record("\"heritage=external-dns\""), ..ours },
        })
    }

    fn view(&self, place: usize, says: Says, ready: Ready) -> RegionView {
        let members = |writers: &[usize]| {
            let arns = self.regions.iter().enumerate().map(|(at, region)| {
                let arn = self.database.members()[region].as_str().to_owned();
                (arn, writers.contains(&at))
            });
            Some(GlobalFacts { members: arns.collect(), ..GlobalFacts::default() })
        };
        let stranger = || {
            let arn = "arn:aws:rds:eu-north-1:123456789012:cluster:else".to_owned();
            let mut global = members(&[]);
            if let Some(global) = &mut global {
                global.members.push((arn, true));
            }
            global
        };
        let (global, has_cluster) = match says {
            Says::Names(named) => (members(&[named]), true),
            Says::Stranger => (stranger(), true),
            Says::Several => (members(&[0, 1]), true),
            Says::Detached | Says::Unlisted => (None, true),
            Says::Nothing => (None, false),
            _ => (members(&[]), true),
        };
        let is_replica = says == Says::Unlisted || (ready == Ready::Replica && says != Says::Detached);
        let cluster = has_cluster.then(|| cluster(&self.regions[place], ready, is_replica));
        RegionView::new(&self.database, &self.regions[place], &Facts { global, cluster })
    }
}

fn cluster(region: &Region, ready: Ready, is_replica: bool) -> ClusterFacts {
    let status = if ready == Ready::No { "rebooting" } else { "available" };
    let instance = InstanceFacts { is_writer: true, status: status.to_owned(), ..InstanceFacts::default() };
    ClusterFacts {
        status: "available".to_owned(),
        endpoint: Some(endpoint(region)),
        is_replica,
        instances: if ready == Ready::Headless { Vec::new() } else { vec![instance] },
        ..ClusterFacts::default()
    }
}
