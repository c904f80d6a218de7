use drill_cloud::Pair;

use super::*;
use crate::room::facts::Switches;

fn facts() -> Facts {
    Facts {
        running: Pair { seoul: true, osaka: true },
        roles: Pair { seoul: Role::Writer, osaka: Role::Reader },
        synchronized: Pair { seoul: true, osaka: true },
        moving: false,
        switches: Switches::at_first(),
    }
}

#[test]
fn every_button_says_what_it_stands_for() {
    for act in Act::all() {
        assert!(!stands_for(act, &facts()).trim().is_empty(), "{act:?}");
        assert!(!label(act, &facts()).is_empty(), "{act:?}");
    }
    let command = stands_for(Act::Failover, &facts());
    assert_eq!(command, "echo todo | failoverctl failover todo --to ap-northeast-3");
    assert!(stands_for(Act::Hold, &facts()).ends_with("--reason 'held in the control room'"));
}

#[test]
fn at_first_nothing_can_be_undone_and_everything_done() {
    let undoes = |act: &Act| tone(*act) == "mend" || *act == Act::Automatic;
    for act in Act::all() {
        assert_eq!(blocked(act, &facts()).is_some(), undoes(&act), "{act:?}");
        assert_eq!(is_hidden(act, &facts()), undoes(&act), "{act:?}");
    }
}

#[test]
fn a_region_that_is_cut_off_is_brought_back_first() {
    let mut facts = facts();
    facts.switches.dark.seoul = true;
    let why = blocked(Act::Kill(Region::Seoul), &facts);
    assert_eq!(why.as_deref(), Some("Seoul is cut off: bring it back first."));
    assert_eq!(blocked(Act::Back(Region::Seoul), &facts), None);
    assert_eq!(blocked(Act::Ring(Region::Seoul), &facts), None, "its alarm is in us-east-1");
    assert_eq!(blocked(Act::Kill(Region::Osaka), &facts), None);
}

#[test]
fn a_former_writer_is_taken_back_as_a_reader() {
    let mut facts = facts();
    facts.roles = Pair { seoul: Role::Reader, osaka: Role::Writer };
    facts.running.seoul = false;
    facts.synchronized.seoul = false;
    assert_eq!(label(Act::Start(Region::Seoul), &facts), "Take back as reader");
    assert_eq!(blocked(Act::Start(Region::Seoul), &facts), None);
    assert_eq!(facts.target(), Region::Seoul);
    facts.running.osaka = false;
    let why = blocked(Act::Start(Region::Seoul), &facts).unwrap();
    assert!(why.contains("which does not run"), "{why}");
    assert!(blocked(Act::Pause, &facts).is_some());
}

#[test]
fn a_frozen_server_is_started_and_not_stopped() {
    let mut facts = facts();
    facts.switches.frozen.osaka = true;
    assert!(blocked(Act::Stop(Region::Osaka), &facts).unwrap().contains("frozen"));
    assert_eq!(blocked(Act::Start(Region::Osaka), &facts), None);
    assert_eq!(blocked(Act::Kill(Region::Osaka), &facts), None);
    facts.switches.paused = Some(Region::Osaka);
    assert_eq!(blocked(Act::Resume, &facts), None, "it is forgotten, and follows anew when it is taken back");
    facts.switches.frozen.osaka = false;
    facts.running.seoul = false;
    assert!(blocked(Act::Resume, &facts).unwrap().contains("nothing to follow"));
}
