//! The fakes behave as the services do, where the rule depends on it.

#[cfg(test)]
mod world {
    use futures_util::FutureExt;
    use responder_core::answer::result::{Channel, DecisionKind};
    use responder_core::ports::{Connection, Exchanged, Parameters, RegionViews, WriterRecord};
    use responder_core::world::record::{Exchange, RecordSet};
    use responder_core::world::topology::Word;
    use responder_fakes::{Fault, FaultRule, OSAKA, Operation, SEOUL, World, region};

    #[test]
    fn an_exchange_is_all_or_nothing_and_its_from_must_match_exactly() {
        let world = World::two_regions().published(SEOUL, 7);
        let actor = world.actor(OSAKA);
        let (old, to) = (world.publication(SEOUL, 6), world.publication(OSAKA, 8));
        let to = RecordSet::of(world.database(), &to);
        let before = world.records().clone();
        let stale = Exchange { from: RecordSet::of(world.database(), &old), to: to.clone() };
        let lost = actor.exchange(world.database(), &stale).now_or_never().unwrap().unwrap();
        assert_eq!((lost, &*world.records()), (Exchanged::FenceLost, &before));
        let right = Exchange { from: before, to: to.clone() };
        let accepted = actor.exchange(world.database(), &right).now_or_never().unwrap().unwrap();
        assert_eq!((accepted, &*world.records()), (Exchanged::Accepted, &to));
        let writes = world.take_writes();
        assert_eq!((writes.record, writes.refused), (1, 1));
    }

    #[test]
    fn a_lost_answer_is_an_error_and_was_applied() {
        let world = World::two_regions().published(SEOUL, 7);
        world.break_by(FaultRule::of_operation(Operation::PutWriter, Fault::LostAnswer));
        let actor = world.actor(OSAKA);
        let put = actor.put_writer(world.database(), &region(SEOUL), "elsewhere").now_or_never().unwrap();
        assert!(put.is_err());
        assert_eq!(world.writer_parameter(&region(SEOUL)).as_deref(), Some("elsewhere"));
    }

    #[test]
    fn a_view_lags_until_its_region_catches_up() {
        let world = World::two_regions().published(SEOUL, 7);
        world.begin_term(OSAKA);
        let named = |of: &str| {
            let view = world
                .actor(OSAKA)
                .view(world.database(), &region(of), Connection::Kept)
                .now_or_never()
                .unwrap()
                .unwrap();
            view.word().clone()
        };
        assert_eq!(named(OSAKA), Word::Writer(region(SEOUL)));
        world.catch_up(OSAKA);
        assert_eq!(named(OSAKA), Word::Writer(region(OSAKA)));
        assert_eq!(named(SEOUL), Word::Writer(region(SEOUL)));
    }

    #[test]
    fn a_dead_region_costs_the_move_half_a_second_and_nothing_where_it_was_silent_before() {
        let moved_after_ms = |is_dead: bool, was_silent: bool| {
            let world = World::two_regions().published(SEOUL, 7);
            world.begin_term(OSAKA);
            world.catch_up(OSAKA);
            if is_dead {
                world.make_unreachable(SEOUL);
            } else {
                world.catch_up(SEOUL);
            }
            let (actor, began) = (world.actor(OSAKA), world.now());
            let mut known = world.known(OSAKA);
            known.silent.extend(was_silent.then(|| region(SEOUL)));
            let outcome = actor.reconcile(&mut known);
            assert_eq!(outcome.result.decision, DecisionKind::Publish);
            assert_eq!(outcome.result.channels.unwrap().record, Channel::Updated);
            let log = world.take_log();
            let (at, _) = log.iter().find(|(_, line)| line.contains("accepted")).unwrap();
            at.since_ms(began)
        };
        let renounced = moved_after_ms(false, false);
        assert_eq!(moved_after_ms(true, false), renounced + 500);
        assert_eq!(moved_after_ms(true, true), renounced + 20, "a second look at the claim");
    }

    /// Seoul has half a second to object to Osaka's claim. What it says after that is no answer any more, while the second look
    /// at the claim still lasts.
    #[test]
    fn an_objection_that_comes_too_late_is_none() {
        let decided = |objects_after_ms: i64| {
            let world = World::two_regions().published(SEOUL, 7);
            world.begin_term(OSAKA);
            world.catch_up(OSAKA);
            let takes = |name: &str, ms: i64, times: Option<u32>| {
                let view = FaultRule::of_operation(Operation::View, Fault::Delay(ms));
                world.break_by(FaultRule { region: Some(region(name)), times, ..view });
            };
            takes(SEOUL, objects_after_ms, None);
            takes(OSAKA, 0, Some(1));
            takes(OSAKA, 900, None);
            let outcome = world.actor(OSAKA).reconcile(&mut world.known(OSAKA));
            (outcome.result.decision, outcome.result.failures)
        };
        let silent = format!("rds:DescribeGlobalClusters in {SEOUL}: no answer");
        assert_eq!(decided(400), (DecisionKind::Hold, vec![]), "it objects");
        assert_eq!(decided(700), (DecisionKind::Publish, vec![silent]));
    }

    #[test]
    fn a_pass_with_nothing_to_do_writes_nothing() {
        let world = World::three_regions().published(SEOUL, 7);
        let outcome = world.actor(OSAKA).reconcile_cold();
        assert_eq!(outcome.result.decision, DecisionKind::Unchanged);
        assert_eq!(world.take_writes().calls(), 0);
    }
}
