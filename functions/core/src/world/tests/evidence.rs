//! What is published by each channel's word, whose the record is, and whether somebody could take over.

use super::*;
use crate::words::failure::{FailureKind, NoAnswer};
use crate::world::evidence::{Base, Evidence, RegionParameters, Seen};
use crate::world::ownership::Ownership;
use crate::world::publication::{has_endpoint_form, host, settling_ms};
use crate::world::record::{RecordSet, ResourceRecord, Standing};
use crate::world::state::{Notes, State};

fn state(published: &Published) -> State {
    State {
        epoch: published.epoch,
        writer: published.writer.clone(),
        endpoint: published.endpoint.clone(),
        at: published.at,
        memory: None,
        owns: None,
        record_pending: false,
        notes: Notes::default(),
    }
}

fn with_state(evidence: &mut Evidence, at: &str, published: &Published) {
    let parameters = RegionParameters { state: Some(state(published)), ..RegionParameters::default() };
    evidence.parameters.insert(region(at), Seen::Got(parameters));
}

fn record(cname: Option<&str>, txt: Option<String>) -> RecordSet {
    let of = |value: String| ResourceRecord { ttl_seconds: 5, values: vec![value] };
    RecordSet { cname: cname.map(|it| of(it.to_owned())), txt: txt.map(of), other: None }
}

fn txt(published: &Published) -> String {
    Ownership::of(&database(), published).to_string()
}

#[test]
fn whose_a_record_is() {
    let (seoul, osaka) = (published(SEOUL, 7), published(OSAKA, 7));
    let standing = |record: &RecordSet| {
        Evidence { record: Seen::Got(record.clone()), ..Evidence::default() }.standing(&database()).unwrap()
    };
    let owned = Ownership::of(&database(), &seoul);
    let others = |text: &str, from: &str, to: &str| Some(text.replace(from, to));
    let text = owned.to_string();
    let elsewhere = Published { endpoint: "stranger.example".to_owned(), ..seoul.clone() };
    for (record, expected) in [
        (record(None, None), Standing::Absent),
        (record(Some(&seoul.endpoint), Some(txt(&seoul))), Standing::Owned(seoul.clone())),
        (
            record(Some(&format!("{}.", seoul.endpoint.to_uppercase())), Some(txt(&seoul))),
            Standing::Owned(seoul.clone()),
        ),
        (record(Some(&osaka.endpoint), Some(txt(&seoul))), Standing::Drifted(owned.clone())),
        (record(None, Some(txt(&seoul))), Standing::Drifted(owned)),
        (record(Some("stranger.example"), Some(txt(&seoul))), Standing::Unrecognized(elsewhere)),
        (record(Some("stranger.example"), None), Standing::Unowned("stranger.example".to_owned())),
        (
            record(Some(&seoul.endpoint), others(&text, "owner=/p", "owner=/q")),
            Standing::Foreign("it belongs to owner /q, database todo".to_owned()),
        ),
        (
            record(Some(&seoul.endpoint), others(&text, "database=todo", "database=shop")),
            Standing::Foreign("it belongs to owner /p, database shop".to_owned()),
        ),
        (
            record(Some(&seoul.endpoint), Some("\"x\u{1b}\"".to_owned())),
            Standing::Foreign("the ownership record is not ours: \"x\\u{1b}\"".to_owned()),
        ),
        (
            RecordSet {
                other: Some("A (alias)".to_owned()),
                ..record(Some(&seoul.endpoint), Some(txt(&seoul)))
            },
            Standing::Foreign("a record of another kind stands there: A (alias)".to_owned()),
        ),
    ] {
        assert_eq!(standing(&record), expected);
    }
    assert_eq!(Evidence::default().standing(&database()), None);
}

#[test]
fn a_name_is_a_members_by_view_configuration_state_or_form() {
    let named =
        database_with(|it| it["endpoints"] = json!({ SEOUL: "Proxy.example", OSAKA: "other.example" }));
    let mut evidence = Evidence::default();
    let of = |evidence: &Evidence, name: &str| evidence.member_of(&named, name).map(|it| it.to_string());
    assert_eq!(of(&evidence, "proxy.EXAMPLE."), Some(SEOUL.to_owned()));
    assert_eq!(of(&evidence, "e.example"), None);
    evidence.views.insert(region(OSAKA), Seen::Got(view(OSAKA, None, Some(cluster(true, vec![])))));
    assert_eq!(of(&evidence, "E.example"), Some(OSAKA.to_owned()));
    let old = Published { endpoint: "old.example".to_owned(), ..published(SEOUL, 6) };
    with_state(&mut evidence, OSAKA, &old);
    assert_eq!(of(&evidence, "old.example"), Some(SEOUL.to_owned()), "a state said whose it was");
    let base = Published { endpoint: "base.example".to_owned(), ..published(OSAKA, 7) };
    evidence.base = Base::Known(base);
    assert_eq!(of(&evidence, "base.example"), Some(OSAKA.to_owned()));
    assert_eq!(of(&evidence, &published(OSAKA, 7).endpoint), Some(OSAKA.to_owned()), "by its form");
    assert_eq!(of(&evidence, "stranger.example"), None);
}

#[test]
fn what_was_published_last_is_the_highest_epoch_of_all_channels() {
    let newest = |record: Option<RecordSet>, base: Option<&Published>, states: &[(&str, &Published)]| {
        let record = record.map_or(Seen::NotYet, Seen::Got);
        let mut evidence = Evidence { record, ..Evidence::default() };
        if let Some(base) = base {
            evidence.base = Base::Known(base.clone());
        }
        for (at, published) in states {
            with_state(&mut evidence, at, published);
        }
        evidence.newest(&database())
    };
    let (six, seven, eight) = (published(SEOUL, 6), published(OSAKA, 7), published(SEOUL, 8));
    let of = |published: &Published| Some(record(Some(&published.endpoint), Some(txt(published))));
    assert_eq!(newest(None, None, &[]), None);
    assert_eq!(newest(None, None, &[(SEOUL, &six), (OSAKA, &seven)]), Some(seven.clone()));
    assert_eq!(newest(of(&eight), Some(&six), &[(OSAKA, &seven)]), Some(eight.clone()));
    assert_eq!(newest(of(&six), Some(&eight), &[(OSAKA, &seven)]), Some(eight.clone()));
    let same = Published { endpoint: "other.example".to_owned(), ..seven.clone() };
    assert_eq!(
        newest(of(&seven), Some(&same), &[]),
        Some(seven.clone()),
        "the record goes before the others"
    );
    assert_eq!(newest(None, Some(&seven), &[(SEOUL, &same)]), Some(seven.clone()));
    let drifted = Some(record(Some(&six.endpoint), Some(txt(&seven))));
    assert_eq!(newest(drifted.clone(), None, &[(SEOUL, &same)]), Some(same), "its endpoint is a state's");
    let without = Published { endpoint: String::new(), ..seven.clone() };
    assert_eq!(newest(drifted.clone(), None, &[(SEOUL, &six)]), Some(without.clone()));
    let other_writer = Published { writer: region(SEOUL), endpoint: "x.example".to_owned(), ..seven };
    assert_eq!(newest(drifted, None, &[(SEOUL, &other_writer)]), Some(without));
    assert_eq!(newest(Some(record(None, None)), None, &[(SEOUL, &six)]), Some(six.clone()));
    assert_eq!(newest(Some(record(Some(&six.endpoint), None)), None, &[]), None, "nobody adopts it");
}

#[test]
fn a_record_without_an_owner_is_taken_over_where_that_is_configured() {
    let adopting = database_with(|it| it["adopt"] = json!(true));
    let endpoint = published(OSAKA, 0).endpoint;
    let of = |value: &str| {
        Evidence { record: Seen::Got(record(Some(value), None)), ..Evidence::default() }.newest(&adopting)
    };
    let adopted = Published {
        epoch: Epoch(0),
        writer: region(OSAKA),
        endpoint: endpoint.clone(),
        at: Timestamp::from_ms(0),
    };
    assert_eq!(of(&endpoint), Some(adopted));
    assert_eq!(of("stranger.example"), None);
}

#[test]
fn whether_there_is_a_standby() {
    let three = database_with(|it| it["members"]["ap-northeast-1"] = json!(arn("ap-northeast-1")));
    let ready = || Seen::Got(view(OSAKA, None, Some(cluster(true, vec![instance(false, "available")]))));
    let unready = || Seen::Got(view(OSAKA, None, None));
    let silent = || Seen::silent("no answer");
    let of = |osaka: Option<Seen<RegionView>>, tokyo: Option<Seen<RegionView>>| {
        let mut evidence = Evidence::default();
        evidence.views.extend(osaka.map(|it| (region(OSAKA), it)));
        evidence.views.extend(tokyo.map(|it| (region("ap-northeast-1"), it)));
        evidence.views.insert(region(SEOUL), ready());
        evidence.has_standby(&three, &region(SEOUL))
    };
    assert_eq!(of(Some(ready()), None), Some(true));
    assert_eq!(of(Some(unready()), Some(ready())), Some(true));
    assert_eq!(of(Some(unready()), Some(silent())), Some(false));
    assert_eq!(of(Some(unready()), Some(Seen::NotYet)), None);
    assert_eq!(of(Some(unready()), None), None);
    assert_eq!(of(None, None), None);
}

#[test]
fn what_a_silence_is() {
    let no = |kind| Seen::<()>::Unreachable(NoAnswer { why: "no".to_owned(), kind });
    for (kind, silence, throttled, retryable) in [
        (FailureKind::Unreachable, true, false, true),
        (FailureKind::Throttled, false, true, true),
        (FailureKind::Busy, true, false, true),
        (FailureKind::Refused, false, false, false),
        (FailureKind::Malformed, false, false, false),
    ] {
        assert_eq!((no(kind).is_silence(), no(kind).is_throttled()), (silence, throttled), "{kind:?}");
        assert_eq!((kind.is_silence(), kind.is_retryable()), (silence, retryable), "{kind:?}");
        assert!(!no(kind).is_not_yet() && no(kind).got().is_none());
    }
    assert!(Seen::<()>::NotYet.is_not_yet() && !Seen::Got(()).is_not_yet());
    assert!(!Seen::Got(()).is_silence() && Seen::Got(1).got() == Some(&1));
}

#[test]
fn a_publication_settles_for_its_time_and_a_clock_may_be_a_little_ahead() {
    let left = |age_ms: i64| {
        let published = Published { at: NOW.plus_ms(-age_ms), ..published(SEOUL, 7) };
        settling_ms(&database(), &published, NOW)
    };
    let expected = [Some(60_000), Some(1), None, None, Some(65_000), None];
    assert_eq!([0, 59_999, 60_000, 60_001, -5_000, -5_001].map(left), expected);
}

#[test]
fn the_form_of_an_endpoint() {
    let has = |name: &str| has_endpoint_form(name, &region(SEOUL), "Todo");
    for good in [
        "todo.cluster-abc.ap-northeast-2.rds.amazonaws.com",
        "todo.cluster-abc.rds.ap-northeast-2.amazonaws.com",
    ] {
        assert!(has(good), "{good}");
    }
    for bad in [
        "todo.cluster-.ap-northeast-2.rds.amazonaws.com",
        "todo.cluster-ro-abc.ap-northeast-2.rds.amazonaws.com",
        "todo.cluster-custom-abc.ap-northeast-2.rds.amazonaws.com",
        "todo.cluster-abc.ap-northeast-3.rds.amazonaws.com",
        "todo.cluster-abc.ap-northeast-2.rds.amazonaws.com.cn",
        "shop.cluster-abc.ap-northeast-2.rds.amazonaws.com",
        "todo.cluster-abc",
        "todo",
    ] {
        assert!(!has(bad), "{bad}");
    }
    assert_eq!(host("A.Example."), "a.example");
}
