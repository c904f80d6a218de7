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
