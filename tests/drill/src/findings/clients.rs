//! What became of other people's clients in each move, and of the todo app beside them.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use drill_cloud::{Pair, Region};
use drill_postgres::Server;
use drill_report::{Client, ClientMove, Expectation};

use super::record;
use crate::cast::clients::Clients;
use crate::cast::clients::attempt::Attempt;
use crate::cast::clients::roster::{CANNOT_FOLLOW, WITHIN};
use crate::cast::workload::Write;
use crate::script::play::{LegSpan, Play};
use crate::stage::app::channel;
use crate::stage::error::DrillError;

/// How long after the new writer took writes a client that still fails is stuck.
pub(crate) const STUCK_AFTER: Duration = Duration::from_secs(30);

/// One client's attempts, and the numbers that were found afterwards.
struct Seen<'a> {
    attempts: &'a [Attempt],
    present: &'a BTreeSet<u64>,
    /// When its process ended.
    ended: &'a [Instant],
}

/// The rows of the table, and what they have to show.
pub(crate) async fn report(play: &mut Play, clients: &Clients) -> Result<(), DrillError> {
    let named = play.aurora().truth().writer().unwrap_or(Region::Seoul);
    let server = play.stage.servers.get(named);
    let (of_apps, mut of_clients) = (record::present(server, 0).await?, present(server).await?);
    let mut rows = apps(play, &of_apps);
    let mut within = vec![WITHIN; rows.len()];
    for client in clients.all() {
        let (attempts, found) = (client.attempts(), of_clients.remove(client.entry.key).unwrap_or_default());
        let ended = client.ended();
        let seen = Seen { attempts: &attempts, present: &found, ended: &ended };
        let not_tried = client.not_tried().map(str::to_owned);
        let moves = if not_tried.is_some() { Vec::new() } else { moves(play, &seen) };
        play.notes.extend(client.notes().into_iter().map(|note| format!("{}: {note}.", client.stack())));
        if client.entry.key == CANNOT_FOLLOW && not_tried.is_none() {
            let stuck = moves.iter().filter(|it| it.stuck).count();
            let what = "A client that read the writer's name once is stuck after each move";
            play.expect_exactly(what, moves.len(), stuck);
        }
        within.push(client.entry.within);
        rows.push(Client {
            stack: client.stack(),
            led_by: client.entry.led_by.to_owned(),
            as_documented: client.entry.as_documented,
            needed: client.entry.needed.to_owned(),
            not_tried,
            moves,
        });
    }
    let tried = clients.all().iter().filter(|client| client.not_tried().is_none()).count();
    play.expect_at_least("Other people's clients that were tried", 1, tried);
    expect(play, &rows, &within);
    play.clients = rows;
    Ok(())
}

/// The todo apps, as clients like the others.
fn apps(play: &Play, present: &Pair<BTreeSet<u64>>) -> Vec<Client> {
    let writes = play.workload.writes();
    let row = |region: Region| {
        let attempts: Vec<Attempt> = writes.iter().filter(|it| it.region == region).map(of_app).collect();
        Client {
            stack: format!("writer-follower, the todo app in {}", region.city()),
            led_by: format!("the {}", channel(region)),
            as_documented: true,
            needed: "the crate".to_owned(),
            not_tried: None,
            moves: moves(play, &Seen { attempts: &attempts, present: present.get(region), ended: &[] }),
        }
    };
    Region::ALL.map(row).into()
}

fn of_app(write: &Write) -> Attempt {
    let (number, at, ok) = (write.number, write.ended, write.is_acknowledged());
    Attempt { number, at, ok, read_only: false, session: None }
}

fn moves(play: &Play, seen: &Seen<'_>) -> Vec<ClientMove> {
    let one = |span: &LegSpan| {
        let moved = span.target.and_then(|target| play.promoted(target, span.from));
        in_move(seen, span, moved)
    };
    play.legs.iter().map(one).collect()
}

/// What became of the attempts in that leg, in which the writer moved at `moved`.
fn in_move(seen: &Seen<'_>, span: &LegSpan, moved: Option<Instant>) -> ClientMove {
    let within: Vec<&Attempt> = seen.attempts.iter().filter(|it| span.covers(it.at)).collect();
    let acknowledged: Vec<&&Attempt> = within.iter().filter(|it| it.ok).collect();
    let mut times: Vec<Instant> = acknowledged.iter().map(|it| it.at).chain([span.from, span.to]).collect();
    times.sort();
    let pauses = times.windows(2).filter_map(|pair| match pair {
        [from, to] => Some(to.duration_since(*from)),
        _ => None,
    });
    let mut refused: BTreeMap<&str, u32> = BTreeMap::new();
    for session in within.iter().filter(|it| it.read_only).filter_map(|it| it.session.as_deref()) {
        *refused.entry(session).or_default() += 1;
    }
    let late = |it: &&&Attempt| moved.is_some_and(|moved| it.at >= moved + STUCK_AFTER);
    let late: Vec<bool> = within.iter().filter(late).map(|it| it.ok).collect();
    ClientMove {
        leg: span.name.clone(),
        write_outage_ms: u64::try_from(pauses.max().unwrap_or_default().as_millis()).unwrap_or(u64::MAX),
        acknowledged_writes: acknowledged.len() as u64,
        failed_writes: (within.len() - acknowledged.len()) as u64,
        lost_writes: acknowledged.iter().filter(|it| !seen.present.contains(&it.number)).count() as u64,
        read_only_again: refused.values().filter(|times| **times > 1).count() as u64,
        stuck: late.is_empty() || late.contains(&false),
        ended: seen.ended.iter().any(|at| span.covers(*at)),
    }
}

/// What each that is set up as documented has to show. A move that was planned, the first, loses nothing of anybody's.
fn expect(play: &mut Play, rows: &[Client], within: &[u64]) {
    for (row, within) in rows.iter().zip(within).filter(|(row, _)| row.not_tried.is_none()) {
        let set_up = if row.as_documented { "" } else { ", as it comes" };
        let name = format!("{}, led by {}{set_up}", row.stack, row.led_by);
        if let Some(planned) = row.moves.first() {
            let what = format!("{name}: acknowledged writes that were lost in the switchover");
            play.expect(Expectation::exactly(what, 0, Some(planned.lost_writes)));
        }
        if !row.as_documented {
            continue;
        }
        let outage = row.moves.iter().map(|it| it.write_outage_ms).max();
        play.expect(Expectation::within_ms(
            format!("{name}: writes again, in each move, within"),
            within * 1_000,
            outage,
        ));
        let stuck = row.moves.iter().any(|it| it.stuck || it.ended);
        play.expect_no(
            format!("{name}: still fails half a minute after a move, or its process ended"),
            stuck,
        );
    }
}

/// Which numbers of each client's writes the server holds.
async fn present(server: &Server) -> Result<BTreeMap<String, BTreeSet<u64>>, DrillError> {
    let mut found: BTreeMap<String, BTreeSet<u64>> = BTreeMap::new();
    let rows =
        record::rows(server, "look the clients' writes up", "SELECT client, number FROM client_writes");
    for row in rows.await? {
        let (name, number): (String, i64) = (row.get(0), row.get(1));
        found.entry(name).or_default().insert(u64::try_from(number).unwrap_or_default());
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A leg of 40 s whose writer moved after 2 s; each attempt by its second, whether it was acknowledged, and its session.
    fn judged(attempts: &[(u64, bool, Option<&str>)], present: &[u64]) -> ClientMove {
        let from = Instant::now();
        let at = |seconds: u64| from + Duration::from_secs(seconds);
        let span = LegSpan {
            name: "leg".to_owned(),
            from,
            to: at(40),
            injected: None,
            alarmed: None,
            phases: Vec::new(),
            target: Some(Region::Osaka),
        };
        let attempts: Vec<Attempt> = attempts
            .iter()
            .map(|(second, ok, session)| Attempt {
                number: *second,
                at: at(*second),
                ok: *ok,
                read_only: session.is_some(),
                session: session.map(str::to_owned),
            })
            .collect();
        let present = present.iter().copied().collect();
        let seen = Seen { attempts: &attempts, present: &present, ended: &[at(50)] };
        in_move(&seen, &span, Some(at(2)))
    }

    #[test]
    fn a_client_that_follows_is_out_for_its_longest_pause() {
        let good = judged(&[(1, true, None), (3, false, None), (9, true, None), (35, true, None)], &[1, 9]);
        let wanted = ClientMove {
            leg: "leg".to_owned(),
            write_outage_ms: 26_000,
            acknowledged_writes: 3,
            failed_writes: 1,
            lost_writes: 1,
            read_only_again: 0,
            stuck: false,
            ended: false,
        };
        assert_eq!(good, wanted);
    }

    #[test]
    fn one_that_fails_or_is_silent_in_the_end_is_stuck() {
        assert!(judged(&[(1, true, None), (33, true, None), (34, false, None)], &[1, 33]).stuck);
        assert!(judged(&[(1, true, None), (31, true, None)], &[1, 31]).stuck);
        let again = judged(&[(3, false, Some("a")), (4, false, Some("b")), (5, false, Some("a"))], &[]);
        assert_eq!((again.read_only_again, again.stuck), (1, true));
    }
}
