//! What is said of the writes beside those that were acknowledged.

use super::*;

type Change<'a> = &'a dyn Fn(&mut WriteTotals);

#[test]
fn other_writes_are_told_where_there_are_any() {
    let said = |change: &dyn Fn(&mut WriteTotals)| {
        let mut writes = WriteTotals { acknowledged: 9, ..WriteTotals::default() };
        change(&mut writes);
        other_writes(&writes)
    };
    let cases: [(Change<'_>, Option<&str>); 9] = [
        (&|_| (), None),
        (&|it| it.rejected = 1, Some("1 write was refused.")),
        (&|it| it.rejected = 2, Some("2 writes were refused.")),
        (&|it| it.indeterminate = 1, Some("1 write got no answer.")),
        (&|it| it.indeterminate = 1_000, Some("1,000 writes got no answer.")),
        (&|it| it.stale_sessions = 1, Some("1 session still reached the demoted writer.")),
        (&|it| (it.lost, it.lost_numbers) = (2, vec![3, 4]), Some("lost writes: 3, 4.")),
        (&|it| (it.lost, it.lost_numbers) = (3, vec![3, 4]), Some("the first lost writes: 3, 4.")),
        (
            &|it| {
                (it.rejected, it.indeterminate, it.stale_sessions) = (1, 2, 3);
                (it.lost, it.lost_numbers) = (1, vec![7]);
            },
            Some(
                "1 write was refused; 2 writes got no answer; 3 sessions still reached the demoted writer; lost writes: 7.",
            ),
        ),
    ];
    for (change, expected) in cases {
        assert_eq!(said(change).as_deref(), expected);
    }
}
