//! Other people's clients: a row each, and in it each move in its order.

use maud::{Markup, html};

use crate::{
    Client, ClientMove,
    format::{count, duration},
};

/// The table of a scenario in which there were any.
pub(super) fn section(clients: &[Client]) -> Markup {
    let legs: Vec<&str> = clients
        .iter()
        .map(|it| &it.moves)
        .max_by_key(|it| it.len())
        .map_or_else(Vec::new, |moves| moves.iter().map(|one| one.leg.as_str()).collect());
    html! {
        @if !clients.is_empty() {
            h3 { "Other people's clients" }
            p class="aside" { "Each figure by move: " (legs.join(" / ")) "." }
            table class="clients cards" role="table" {
                thead role="rowgroup" {
                    tr role="row" {
                        @for heading in ["Client", "Out for", "Acknowledged", "Failed", "Lost", "Read-only twice", "Stuck"] {
                            th role="columnheader" scope="col" { (heading) }
                        }
                    }
                }
                tbody role="rowgroup" { @for client in clients { (row(client)) } }
            }
        }
    }
}

/// How it stood half a minute after the move.
fn end(one: &ClientMove) -> &'static str {
    match one {
        ClientMove { ended: true, .. } => "its process ended",
        ClientMove { stuck: true, .. } => "stuck",
        _ => "no",
    }
}

fn row(client: &Client) -> Markup {
    let set_up = if client.as_documented { "as documented" } else { "as it comes" };
    let by_move = |figure: &dyn Fn(&ClientMove) -> String| -> String {
        client.moves.iter().map(figure).collect::<Vec<_>>().join(" / ")
    };
    let figures = [
        ("Out for", by_move(&|it| duration(it.write_outage_ms))),
        ("Acknowledged", by_move(&|it| count(it.acknowledged_writes))),
        ("Failed", by_move(&|it| count(it.failed_writes))),
        ("Lost", by_move(&|it| count(it.lost_writes))),
        ("Read-only twice", by_move(&|it| count(it.read_only_again))),
        ("Stuck", by_move(&|it| end(it).to_owned())),
    ];
    let well = client.moves.iter().all(|it| end(it) == "no");
    html! {
        tr role="row" {
            th role="rowheader" scope="row" {
                (client.stack) ", led by " (client.led_by)
                span class="set-up" { (set_up) ": " (client.needed) }
            }
            @if let Some(reason) = &client.not_tried {
                td role="cell" colspan=(figures.len()) { "not tried: " (reason) }
            } @else {
                @for (name, value) in &figures {
                    td role="cell" data-label=(name) class=[(*name == "Stuck" && !well).then_some("bad")] { (value) }
                }
            }
        }
    }
}
