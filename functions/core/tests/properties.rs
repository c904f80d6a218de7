//! Properties of the decision over two to six Regions, on evidence that is drawn at random; the simulation goes
//! through all of it for two and three.

#[cfg(test)]
mod properties {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use responder_core::answer::result::HoldKind;
    use responder_core::config::Database;
    use responder_core::pass::decide::{Verdict, decide};
    use responder_core::pass::early::decide_early;
    use responder_core::pass::plan::plan;
    use responder_core::words::names::{Epoch, Region};
    use responder_core::words::timestamp::Timestamp;
    use responder_core::world::claim::{Claim, Plain};
    use responder_core::world::evidence::Declaration;
    use responder_core::world::evidence::{Base, Evidence, Seen, Switch};
    use responder_core::world::facts::{ClusterFacts, Facts, GlobalFacts, InstanceFacts};
    use responder_core::world::publication::Published;
    use responder_core::world::state::Memory;
    use responder_core::world::topology::RegionView;

    const NAMES: [&str; 6] =
        ["ap-northeast-2", "ap-northeast-3", "ap-northeast-1", "us-east-1", "eu-west-1", "ap-south-1"];
    const NOW: Timestamp = Timestamp::from_ms(2_000_000_000);
    const EPOCH: u64 = 7;

    /// What a Region's endpoint is drawn to say.
    #[derive(Debug, Clone)]
    struct Word {
        answered: bool,
        /// Whom it lists as writers, by place; a place that is no Region is a stranger.
        writers: Vec<usize>,
        is_global: bool,
        cluster: Cluster,
        operation: Option<String>,
    }

    /// How far its own cluster is.
    #[derive(Debug, Clone, Copy, PartialEq)]
    enum Cluster {
        Missing,
        Rebooting,
        Ready,
    }

    #[derive(Debug, Clone)]
    struct Scene {
        words: Vec<Word>,
        memories: Vec<Option<(usize, u64)>>,
        pending: Vec<bool>,
        seconds_ago: i64,
        declared: Option<(usize, u64)>,
        held: bool,
        /// Looks in which whoever claims has claimed, a second between each.
        looks: u32,
    }

    fn word(regions: usize) -> impl Strategy<Value = Word> {
        let writers = prop_oneof![
            8 => (0..regions).prop_map(|at| vec![at]),
            1 => Just(vec![]),
            1 => Just(vec![0, 1]),
            1 => Just(vec![99]),
        ];
        let often = || prop::bool::weighted(0.85);
        let cluster = prop_oneof![8 => Just(Cluster::Ready), 1 => Just(Cluster::Rebooting), 1 => Just(Cluster::Missing)];
        let operation = prop::option::weighted(0.2, Just("failing-over".to_owned()));
        (often(), writers, often(), cluster, operation).prop_map(
            |(answered, writers, is_global, cluster, operation)| Word {
                answered,
                writers,
                is_global,
                cluster,
                operation,
            },
        )
    }

    fn scene() -> impl Strategy<Value = Scene> {
        (2_usize..=6).prop_flat_map(|regions| {
            let memory = prop::option::weighted(0.8, (0..regions, EPOCH - 1..=EPOCH + 1));
            (
                prop::collection::vec(word(regions), regions),
                prop::collection::vec(memory, regions),
                prop::collection::vec(prop::bool::weighted(0.4), regions),
                prop::sample::select(vec![3_600, 10, -10, -100_000]),
                prop::option::weighted(0.2, (0..regions, EPOCH - 1..=EPOCH)),
                prop::bool::weighted(0.1),
                prop::sample::select(vec![1, 2, 6]),
            )
                .prop_map(|(words, memories, pending, seconds_ago, declared, held, looks)| {
                    Scene { words, memories, pending, seconds_ago, declared, held, looks }
                })
        })
    }

    fn region(at: usize) -> Region {
        NAMES[at].parse().unwrap()
    }

    fn arn(at: usize) -> String {
        let name = NAMES.get(at).copied().unwrap_or("eu-north-1");
        format!("arn:aws:rds:{name}:123456789012:cluster:todo-{at}")
    }

    fn endpoint(at: usize) -> String {
        format!("todo-{at}.cluster-abc.{}.rds.amazonaws.com", NAMES[at])
    }

    fn database(regions: usize) -> Database {
        let members: Vec<String> =
            (0..regions).map(|at| format!("\"{}\":\"{}\"", NAMES[at], arn(at))).collect();
        let json = format!(
            r#"{{"global_cluster":"todo","members":{{{}}},"record":{{"zone_id":"Z1","name":"writer.db.internal","ttl_seconds":5}},"parameter":"/todo/writer"}}"#,
            members.join(",")
        );
        Database::parse("/failover-responder", &"todo".parse().unwrap(), &json, &region(0)).unwrap()
    }

    fn view(database: &Database, at: usize, word: &Word) -> RegionView {
        let regions = database.regions().count();
        let mut members: Vec<(String, bool)> =
            (0..regions).map(|member| (arn(member), word.writers.contains(&member))).collect();
        if word.writers.contains(&99) {
            members.push((arn(99), true));
        }
        let status = if word.cluster == Cluster::Ready { "available" } else { "rebooting" }.to_owned();
        let facts = Facts {
            global: word.is_global.then(|| GlobalFacts {
                members,
                failover_status: word.operation.clone(),
                ..GlobalFacts::default()
            }),
            cluster: (word.cluster != Cluster::Missing).then(|| ClusterFacts {
                status: "available".to_owned(),
                endpoint: Some(endpoint(at)),
                is_replica: !word.writers.contains(&at),
                instances: vec![InstanceFacts { is_writer: true, status, ..InstanceFacts::default() }],
                ..ClusterFacts::default()
            }),
        };
        RegionView::new(database, &region(at), &facts)
    }

    /// The evidence of a scene, with what is pending left out or not.
    fn evidence(database: &Database, scene: &Scene, is_partial: bool) -> Evidence {
        let published = Published {
            epoch: Epoch(EPOCH),
            writer: region(0),
            endpoint: endpoint(0),
            at: NOW.plus_ms(-1000 * scene.seconds_ago),
        };
        let mut evidence = Evidence {
            base: Base::Known(published),
            switches: BTreeMap::from([(
                region(0),
                Switch { reason: scene.held.then(|| "maintenance".to_owned()), read_at: NOW },
            )]),
            declared: scene
                .declared
                .map(|(at, epoch)| Declaration { region: region(at), epoch: Epoch(epoch) }),
            ..Evidence::default()
        };
        let since = NOW.plus_ms(-1000 * i64::from(scene.looks - 1));
        let plain = Plain { since, looks: scene.looks };
        let row = Claim { epoch: Epoch(EPOCH), since, last: NOW, looks: scene.looks, plain };
        for (at, word) in scene.words.iter().enumerate() {
            evidence.claims.insert(region(at), row);
            let seen = match (is_partial && scene.pending[at], word.answered) {
                (true, _) => Seen::NotYet,
                (_, false) => Seen::silent("no answer"),
                _ => Seen::Got(view(database, at, word)),
            };
            evidence.views.insert(region(at), seen);
            if let Some((named, epoch)) = scene.memories[at] {
                let memory = Memory { writer: region(named), epoch: Epoch(epoch) };
                evidence.memories.insert(region(at), memory);
            }
        }
        evidence
    }

    /// What a decision does, without the words for it.
    fn deed(verdict: &Verdict) -> (Option<Published>, Option<HoldKind>, bool) {
        match verdict {
            Verdict::Publish(published, _) => (Some(published.clone()), None, true),
            Verdict::Unchanged(published) => (Some(published.clone()), None, false),
            Verdict::Hold(hold) => (None, Some(hold.kind()), false),
            Verdict::Misconfigured(_) => (None, None, true),
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, cases: 4_000, ..ProptestConfig::default() })]

        #[test]
        fn the_early_decision_is_the_full_one(scene in scene()) {
            let database = database(scene.words.len());
            let partial = evidence(&database, &scene, true);
            if let Some(early) = decide_early(&database, &partial, NOW) {
                let full = decide(&database, &evidence(&database, &scene, false), NOW);
                prop_assert_eq!(deed(&early.verdict), deed(&full.verdict));
            }
        }

        #[test]
        fn a_move_is_to_a_ready_claimant_of_its_own_word_at_the_next_epoch(scene in scene()) {
            let database = database(scene.words.len());
            let seen = evidence(&database, &scene, false);
            if let Verdict::Publish(published, _) = decide(&database, &seen, NOW).verdict {
                let at = NAMES.iter().position(|name| *name == published.writer.as_str()).unwrap();
                let word = &scene.words[at];
                prop_assert!(word.answered && word.cluster == Cluster::Ready);
                prop_assert!(word.writers == [at] || !word.is_global, "{:?}", word);
                prop_assert_eq!(published.epoch, Epoch(EPOCH + 1));
                prop_assert_eq!(published.endpoint, endpoint(at));
                prop_assert_eq!(published.at, NOW.whole_seconds());
            }
        }

        #[test]
        fn deciding_twice_is_deciding_once_and_only_a_move_moves_the_record(scene in scene()) {
            let database = database(scene.words.len());
            let seen = evidence(&database, &scene, false);
            let decision = decide(&database, &seen, NOW);
            prop_assert_eq!(&decision, &decide(&database, &seen, NOW));
            let plan = plan(&database, &region(0), &seen, &decision, NOW);
            prop_assert_eq!(plan.exchange.is_some(), matches!(decision.verdict, Verdict::Publish(..)));
            if scene.held {
                prop_assert!(plan.is_empty() && !decision.watch);
            }
        }
    }
}
