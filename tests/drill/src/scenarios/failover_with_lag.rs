//! failover-with-lag: the writer is killed with replication paused before.

use drill_cloud::Region;
use drill_report::{EventKind, Lane};

use crate::script::play::Play;
use crate::script::{Action, Expects, Losses, Script};
use crate::stage::error::DrillError;

pub(crate) const SCRIPT: Script = Script {
    name: "failover-with-lag",
    title: "A failover that does lose writes",
    story: "Replication is paused before the kill, so Osaka is promoted without the last seconds of writes. The counter \
            must find them: this is the proof that a zero elsewhere means something.",
    policy: None,
    expects: Expects { losses: Losses::Found, ..Expects::WRITER_MOVES },
    has_real_pace: false,
    play: Action::Direct(|play| Box::pin(failover_with_lag(play))),
};

async fn failover_with_lag(play: &mut Play) -> Result<(), DrillError> {
    play.begin_leg("Seoul to Osaka", Some(Region::Osaka));
    play.rest(1).await;
    play.act(Lane::Database, EventKind::Fault, "replication to Osaka is paused; Seoul goes on writing");
    play.stage.servers.osaka.pause_replication().await?;
    play.rest(2).await;
    let since = play.kill_and_promote().await?;
    play.wait_until_moved(Region::Osaka, since).await?;
    play.rest(1).await;
    play.end_leg();
    Ok(())
}
