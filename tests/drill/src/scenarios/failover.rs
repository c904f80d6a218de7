//! failover: the writer is killed, the other promoted.

use drill_cloud::Region;

use crate::script::play::Play;
use crate::script::{Action, Expects, Script};
use crate::stage::error::DrillError;

pub(crate) const SCRIPT: Script = Script {
    name: "failover",
    title: "The writer is killed and the other Region promoted",
    story: "Seoul's database server is killed with SIGKILL while the apps write; Aurora promotes Osaka. Replication is \
            asynchronous: what was lost is looked up write by write, not assumed. Afterwards Seoul is rewound and follows.",
    policy: None,
    expects: Expects::WRITER_MOVES,
    has_real_pace: false,
    play: Action::Direct(|play| Box::pin(failover(play))),
};

async fn failover(play: &mut Play) -> Result<(), DrillError> {
    play.begin_leg("Seoul to Osaka", Some(Region::Osaka));
    play.rest(1).await;
    let since = play.kill_and_promote().await?;
    play.wait_until_moved(Region::Osaka, since).await?;
    play.seoul_rejoins().await?;
    play.rest(1).await;
    play.end_leg();
    play.expect_record_changes(1);
    Ok(())
}
