//! How many writes are let go at once.

use super::*;

#[test]
fn so_many_have_a_turn_at_once_and_no_more() {
    let turns = Turns::default();
    let region: Region = "ap-northeast-2".parse().unwrap();
    let lane = turns.lane(&region);
    let mut waiting = Vec::new();
    let mut at_once = 0;
    for _ in 0..65 {
        match enter(&lane, Write::State, 0) {
            None => at_once += 1,
            Some(comes) => waiting.push(comes),
        }
    }
    assert_eq!((at_once, waiting.len()), (20, 45));
    for released in [20, 20, 5] {
        for _ in 0..20 {
            drop(Ends(Arc::clone(&lane)));
        }
        let before = waiting.len();
        waiting.retain_mut(|comes| comes.try_recv().is_err());
        assert_eq!(before - waiting.len(), released);
    }
}

/// The first refusal sets a pace; of those that were sent at the same pace only the first counts; what is taken makes it faster,
/// until it is none any more.
#[tokio::test(start_paused = true)]
async fn the_pace_follows_what_the_service_says() {
    let turns = Turns::default();
    let region: Region = "ap-northeast-2".parse().unwrap();
    let pace = || lock(&turns.lane(&region)).pace;
    let first = Instant::now();
    turns.note(&region, first, false);
    assert_eq!(pace(), None, "as long as nothing is refused there is none");
    tokio::time::advance(Duration::from_secs(1)).await;
    let refused = Instant::now();
    turns.note(&region, first, true);
    assert_eq!(pace(), Some(3.0));
    assert_eq!(lock(&turns.lane(&region)).next_send, Some(refused + Duration::from_secs_f64(1.0 / 3.0)));
    turns.note(&region, first, true);
    assert_eq!(pace(), Some(3.0), "it was sent before the pace was known");
    let second = Instant::now();
    turns.note(&region, second, true);
    assert_eq!(pace(), Some(2.25));
    turns.note(&region, second, true);
    assert_eq!(pace(), Some(1.6875), "sent in the moment in which it became slower");
    for _ in 0..9 {
        turns.note(&region, Instant::now(), true);
    }
    assert_eq!(pace(), Some(1.0), "never slower");
    turns.note(&region, second, false);
    assert_eq!(pace(), Some(1.25));
    for _ in 0..74 {
        turns.note(&region, second, false);
    }
    assert_eq!(pace(), Some(19.75));
    turns.note(&region, second, false);
    assert_eq!(pace(), None, "faster than any quota");
}

/// A send is as far from the one before as the pace says, and none is given a moment that comes too late.
#[tokio::test(start_paused = true)]
async fn what_would_be_sent_too_late_takes_nobodys_place() {
    let turns = Turns::default();
    let region: Region = "ap-northeast-2".parse().unwrap();
    let now = Instant::now();
    let end = now + Duration::from_secs(1);
    assert_eq!(turns.send_at(&region, end), Some(now));
    assert_eq!(turns.send_at(&region, end), Some(now), "no pace, no pause");
    lock(&turns.lane(&region)).pace = Some(2.0);
    let half = now + Duration::from_millis(500);
    let given: Vec<_> = (0..4).map(|_| turns.send_at(&region, end)).collect();
    assert_eq!(given, [Some(now), Some(half), None, None]);
    assert_eq!(turns.send_at(&region, end + Duration::from_millis(1)), Some(end), "the place is still free");
}

/// When all turns have ended at once, who gave up meanwhile keeps nobody waiting.
#[test]
fn who_gave_up_stands_in_nobodys_way() {
    let turns = Turns::default();
    let lane = turns.lane(&"ap-northeast-2".parse().unwrap());
    let (gave_up, came) = oneshot::channel();
    drop(came);
    lock(&lane).waiting.insert((Write::State, Reverse(0), 0), gave_up);
    assert!(enter(&lane, Write::State, 0).is_none(), "the turn is its own at once");
    let lane = lock(&lane);
    assert_eq!((lane.under_way, lane.waiting.len()), (1, 0));
}
