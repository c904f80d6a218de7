//! Each kind of evidence, by what is otherwise than where all is well.

use super::*;

type Happening = fn(&mut Evidence);

#[allow(clippy::too_many_lines, reason = "a table")]
pub(super) fn happenings() -> Vec<(&'static str, Happening)> {
    vec![
        ("all is well", |_| ()),
        ("a hold is set", |it| {
            it.switches.insert(region(OSAKA), Switch { reason: Some("an upgrade".to_owned()), read_at: NOW });
        }),
        ("nobody knows of the hold", |it| it.switches.clear()),
        ("nobody knows of the hold, and the writer moved", |it| {
            it.switches.clear();
            for of in [SEOUL, OSAKA] {
                sees(it, of, view(of, Some(OSAKA), |_| ()));
            }
        }),
        ("the writer moved", |it| {
            for of in [SEOUL, OSAKA] {
                sees(it, of, view(of, Some(OSAKA), |_| ()));
            }
            claim(it, 1_000, 2);
        }),
        ("the writer moved, seen once", |it| {
            for of in [SEOUL, OSAKA] {
                sees(it, of, view(of, Some(OSAKA), |_| ()));
            }
        }),
        ("the writer moved a moment after the last publication", |it| {
            for of in [SEOUL, OSAKA] {
                sees(it, of, view(of, Some(OSAKA), |_| ()));
            }
            based(it, |base| base.at = NOW.plus_ms(-59_999));
        }),
        ("the writer moved, and the new one is not ready", |it| {
            sees(it, SEOUL, view(SEOUL, Some(OSAKA), |_| ()));
            sees(
                it,
                OSAKA,
                view(OSAKA, Some(OSAKA), |facts| {
                    facts.cluster.as_mut().unwrap().instances[0].status = "rebooting".to_owned();
                }),
            );
            claim(it, 1_000, 2);
        }),
        ("the writer moved, and the new one still replicates", |it| {
            sees(it, SEOUL, view(SEOUL, Some(OSAKA), |_| ()));
            sees(
                it,
                OSAKA,
                view(OSAKA, Some(OSAKA), |facts| facts.cluster.as_mut().unwrap().is_replica = true),
            );
            claim(it, 59_999, 9);
        }),
        ("the writer moved, and the new one still replicates after a minute", |it| {
            sees(it, SEOUL, view(SEOUL, Some(OSAKA), |_| ()));
            sees(
                it,
                OSAKA,
                view(OSAKA, Some(OSAKA), |facts| facts.cluster.as_mut().unwrap().is_replica = true),
            );
            claim(it, 60_000, 9);
        }),
        ("both claim, a first look", |it| {
            sees(it, OSAKA, view(OSAKA, Some(OSAKA), |_| ()));
            claim(it, 0, 1);
        }),
        ("both claim, for five seconds", |it| {
            sees(it, OSAKA, view(OSAKA, Some(OSAKA), |_| ()));
            claim(it, 5_000, 5);
        }),
        ("both claim, and it is an old claim", |it| {
            sees(it, OSAKA, view(OSAKA, Some(OSAKA), |_| ()));
            it.memories.insert(region(OSAKA), Memory { writer: region(OSAKA), epoch: Epoch(7) });
        }),
        ("an old claim, and the incumbent is silent", |it| {
            sees(it, OSAKA, view(OSAKA, Some(OSAKA), |_| ()));
            sees(it, SEOUL, Seen::silent("no answer"));
            it.memories.clear();
        }),
        ("a fresh claim, and the incumbent is silent", |it| {
            sees(it, OSAKA, view(OSAKA, Some(OSAKA), |_| ()));
            sees(it, SEOUL, Seen::silent("no answer"));
            claim(it, 10, 2);
        }),
        ("a fresh claim without a row, and the incumbent is silent", |it| {
            sees(it, OSAKA, view(OSAKA, Some(OSAKA), |_| ()));
            sees(it, SEOUL, Seen::silent("no answer"));
        }),
        ("a fresh claim, and the incumbent is unclear", |it| {
            sees(it, OSAKA, view(OSAKA, Some(OSAKA), |_| ()));
            sees(it, SEOUL, view(SEOUL, None, |_| ()));
            claim(it, 10, 2);
        }),
        ("nobody claims", |it| {
            for of in [SEOUL, OSAKA] {
                sees(it, of, view(of, None, |_| ()));
            }
        }),
        ("both name the other", |it| {
            sees(it, SEOUL, view(SEOUL, Some(OSAKA), |_| ()));
        }),
        ("the writer's Region is silent", |it| sees(it, SEOUL, Seen::silent("no answer"))),
        ("the other Region is silent", |it| sees(it, OSAKA, Seen::silent("no answer"))),
        ("the writer names the other, which is silent", |it| {
            sees(it, SEOUL, view(SEOUL, Some(OSAKA), |_| ()));
            sees(it, OSAKA, Seen::silent("no answer"));
        }),
        ("both are silent", |it| {
            for of in [SEOUL, OSAKA] {
                sees(it, of, Seen::silent("no answer"));
            }
        }),
        ("nobody was asked", |it| it.views.clear()),
        ("nobody was waited for", |it| {
            for of in [SEOUL, OSAKA] {
                sees(it, of, Seen::NotYet);
            }
        }),
        ("an operation is under way", |it| {
            sees(
                it,
                SEOUL,
                view(SEOUL, Some(SEOUL), |facts| {
                    facts.global.as_mut().unwrap().failover_status = Some("switching-over".to_owned());
                }),
            );
        }),
        ("the other was detached", |it| {
            sees(
                it,
                OSAKA,
                view(OSAKA, Some(SEOUL), |facts| {
                    facts.global = None;
                    facts.cluster.as_mut().unwrap().is_replica = false;
                }),
            );
        }),
        ("the other was detached, and the writer's Region is silent", |it| {
            sees(it, SEOUL, Seen::silent("no answer"));
            sees(
                it,
                OSAKA,
                view(OSAKA, Some(SEOUL), |facts| {
                    facts.global = None;
                    facts.cluster.as_mut().unwrap().is_replica = false;
                }),
            );
        }),
        ("the other was detached and is declared", |it| {
            sees(
                it,
                OSAKA,
                view(OSAKA, Some(SEOUL), |facts| {
                    facts.global = None;
                    facts.cluster.as_mut().unwrap().is_replica = false;
                }),
            );
            it.declared = Some(Declaration { region: region(OSAKA), epoch: Epoch(7) });
        }),
        ("the other is declared, and only follows", |it| {
            it.declared = Some(Declaration { region: region(OSAKA), epoch: Epoch(7) });
        }),
        ("a declaration of an earlier epoch", |it| {
            sees(it, OSAKA, view(OSAKA, Some(OSAKA), |_| ()));
            it.memories.clear();
            it.declared = Some(Declaration { region: region(OSAKA), epoch: Epoch(6) });
        }),
        ("the writer is declared", |it| {
            it.declared = Some(Declaration { region: region(SEOUL), epoch: Epoch(7) });
        }),
        ("a stranger is the writer", |it| {
            for of in [SEOUL, OSAKA] {
                sees(
                    it,
                    of,
                    view(of, None, |facts| {
                        facts.global.as_mut().unwrap().members.push((arn("ap-northeast-1"), true));
                    }),
                );
            }
        }),
        ("no Region knows the global cluster", |it| {
            for of in [SEOUL, OSAKA] {
                sees(it, of, view(of, None, |facts| facts.global = None));
            }
        }),
        ("no Region knows the global cluster or a member", |it| {
            for of in [SEOUL, OSAKA] {
                sees(it, of, view(of, None, |facts| *facts = Facts::default()));
            }
        }),
        ("one knows nothing, and one is silent", |it| {
            sees(it, SEOUL, view(SEOUL, None, |facts| *facts = Facts::default()));
            sees(it, OSAKA, Seen::silent("no answer"));
        }),
        ("one knows nothing", |it| sees(it, OSAKA, view(OSAKA, None, |facts| *facts = Facts::default()))),
        ("the endpoint has a new name", |it| {
            sees(
                it,
                SEOUL,
                view(SEOUL, Some(SEOUL), |facts| {
                    facts.cluster.as_mut().unwrap().endpoint = Some("new.example".to_owned());
                }),
            );
        }),
        ("the endpoint has a new name a moment after the publication", |it| {
            based(it, |base| base.at = NOW.plus_ms(-59_999));
            sees(
                it,
                SEOUL,
                view(SEOUL, Some(SEOUL), |facts| {
                    facts.cluster.as_mut().unwrap().endpoint = Some("new.example".to_owned());
                }),
            );
        }),
        ("two instances", |it| {
            sees(
                it,
                SEOUL,
                view(SEOUL, Some(SEOUL), |facts| {
                    let instances = &mut facts.cluster.as_mut().unwrap().instances;
                    instances.push(InstanceFacts { is_writer: false, ..instances[0].clone() });
                }),
            );
        }),
        ("the record was not read", |it| it.record = Seen::NotYet),
        ("Route 53 is silent", |it| it.record = Seen::silent("no answer")),
        ("the record is gone", |it| it.record = Seen::Got(RecordSet::default())),
        ("the record points to the other", |it| {
            let elsewhere = Published { endpoint: endpoint(OSAKA), ..published(3_600_000) };
            let own = RecordSet::of(&database(false), &published(3_600_000));
            it.record = Seen::Got(RecordSet { txt: own.txt, ..RecordSet::of(&database(false), &elsewhere) });
        }),
        ("the record points to a stranger", |it| {
            let elsewhere = Published { endpoint: "x.example".to_owned(), ..published(3_600_000) };
            it.record = Seen::Got(RecordSet::of(&database(false), &elsewhere));
        }),
        ("the record has no owner", |it| {
            let own = RecordSet::of(&database(false), &published(3_600_000));
            it.record = Seen::Got(RecordSet { txt: None, ..own });
        }),
        ("the record is of another kind", |it| {
            it.record = Seen::Got(RecordSet { other: Some("A".to_owned()), ..RecordSet::default() });
        }),
        ("the record is of another kind, and the writer moved", |it| {
            it.record = Seen::Got(RecordSet { other: Some("A".to_owned()), ..RecordSet::default() });
            for of in [SEOUL, OSAKA] {
                sees(it, of, view(of, Some(OSAKA), |_| ()));
            }
        }),
        ("a parameter drifted", |it| {
            let Some(Seen::Got(parameters)) = it.parameters.get_mut(&region(OSAKA)) else { panic!() };
            parameters.writer = Some("x.example".to_owned());
        }),
        ("a state is lost", |it| {
            it.parameters.insert(region(OSAKA), Seen::Got(RegionParameters::default()));
        }),
        ("a Parameter Store is silent", |it| {
            it.parameters.insert(region(OSAKA), Seen::silent("no answer"));
        }),
        ("the record is pending", |it| {
            it.record = Seen::silent("no answer");
            let Some(Seen::Got(parameters)) = it.parameters.get_mut(&region(OSAKA)) else { panic!() };
            parameters.state.as_mut().unwrap().record_pending = true;
        }),
        ("nothing is published", |it| it.base = Base::Nothing),
        ("nothing is published, and one is silent", |it| {
            it.base = Base::Nothing;
            sees(it, OSAKA, Seen::silent("no answer"));
        }),
        ("nothing is published, and nobody claims", |it| {
            it.base = Base::Nothing;
            for of in [SEOUL, OSAKA] {
                sees(it, of, view(of, None, |_| ()));
            }
        }),
        ("nothing is published, and both claim", |it| {
            it.base = Base::Nothing;
            sees(it, OSAKA, view(OSAKA, Some(OSAKA), |_| ()));
        }),
        ("nothing is published, and no Region knows a member", |it| {
            it.base = Base::Nothing;
            for of in [SEOUL, OSAKA] {
                sees(it, of, view(of, None, |facts| *facts = Facts::default()));
            }
        }),
        ("nothing is known to be published", |it| it.base = Base::Unknown),
        ("nobody has adopted it yet", |it| based(it, |base| base.epoch = Epoch(0))),
        ("nobody has adopted it yet, and the writer is silent", |it| {
            based(it, |base| base.epoch = Epoch(0));
            sees(it, SEOUL, Seen::silent("no answer"));
        }),
        ("nobody knows the endpoint", |it| based(it, |base| base.endpoint.clear())),
    ]
}
