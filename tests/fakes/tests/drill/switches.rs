//! Hold, release and declare, in every Region at once.

use responder_core::operator::reply::Reply;
use responder_fakes::{OSAKA, SEOUL, World, endpoint, region};
use serde_json::{Value, json};

use crate::{drill, refusal, switchover, world};

fn hold() -> Value {
    json!({"action": "hold", "database": "todo", "reason": "a database upgrade"})
}

fn release() -> Value {
    json!({"action": "release", "database": "todo"})
}

/// What a switch became in both Regions, and what is left to do.
fn switched(world: &World, event: &Value) -> (Value, Value, Option<String>) {
    match drill(world, SEOUL, event) {
        Ok(Reply::Switched(switched)) => {
            let json = serde_json::to_value(&switched).unwrap();
            (json["regions"][SEOUL].clone(), json["regions"][OSAKA].clone(), switched.left)
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_hold_stands_in_every_region_and_refuses_a_switchover() {
    let world = world();
    assert_eq!(switched(&world, &hold()), (json!("set"), json!("set"), None));
    assert_eq!(world.site(OSAKA).hold.as_deref(), Some("a database upgrade"));
    assert!(refusal(&world, &switchover()).contains("no_hold (set: a database upgrade)"));
    assert_eq!(switched(&world, &release()), (json!("removed"), json!("removed"), None));
    assert_eq!(switched(&world, &release()), (json!("was_not_set"), json!("was_not_set"), None));
    drill(&world, SEOUL, &switchover()).unwrap();
}

#[test]
fn a_dead_region_is_said_and_stops_nothing() {
    let world = world();
    world.make_unreachable(OSAKA);
    let (seoul, osaka, left) = switched(&world, &hold());
    assert_eq!((seoul, osaka), (json!("set"), json!("ssm:PutParameter in ap-northeast-3: no answer")));
    assert_eq!(left.unwrap(), format!("{OSAKA} is not held by its own switch: hold again when it answers"));
    let (_, _, left) = switched(&world, &release());
    assert_eq!(left.unwrap(), format!("{OSAKA} may still be held: release again when it answers"));
    world.make_unreachable(SEOUL);
    let sentence = refusal(&world, &hold());
    assert!(sentence.starts_with("nothing was changed: no Region's Parameter Store took it"), "{sentence}");
}

#[test]
fn a_declared_promotion_is_published_at_once() {
    let world = world();
    world.site(OSAKA).detach();
    world.make_unreachable(SEOUL);
    let event = json!({"action": "declare", "database": "todo", "target_region": OSAKA, "confirm": "todo"});
    let answer = drill(&world, OSAKA, &event);
    let Ok(Reply::Declared(declared)) = answer else { panic!("{answer:?}") };
    assert_eq!((declared.epoch.0, declared.region.as_str()), (7, OSAKA));
    let json = serde_json::to_value(&declared).unwrap();
    assert_eq!((&json["regions"][OSAKA], &json["result"]["decision"]), (&json!("set"), &json!("publish")));
    assert_eq!(world.writer_parameter(&region(OSAKA)).unwrap(), endpoint(&region(OSAKA)));
    assert_eq!(world.state(&region(OSAKA)).unwrap().epoch.0, 8);
}
