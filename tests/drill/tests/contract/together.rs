//! The functions of both Regions at the same moment.

use std::time::Instant;

use drill_cloud::Region;
use serde_json::json;

use crate::stage::{EPOCH, PARAMETER, Stage, answered, endpoint};

const ROUNDS: u64 = 10;

#[tokio::test(flavor = "multi_thread")]
async fn two_functions_at_once_move_the_record_once() {
    let stage = Stage::published().await;
    let (seoul, osaka) = (stage.warm(Region::Seoul).await, stage.warm(Region::Osaka).await);
    for round in 1..=ROUNDS {
        let to = if round % 2 == 1 { Region::Osaka } else { Region::Seoul };
        stage.fail_over(to).await;
        let (since, event) = (Instant::now(), json!({}));
        let (one, other) = tokio::join!(seoul.invoke(&event), osaka.invoke(&event));
        let decisions: Vec<String> = [one.unwrap(), other.unwrap()]
            .iter()
            .map(|invocation| answered(invocation)["results"][0]["decision"].as_str().unwrap().to_owned())
            .collect();
        assert!(decisions.iter().any(|decision| decision == "publish"), "{decisions:?}");
        assert_eq!(stage.accepted(since).len(), 1, "round {round}: {:?}", stage.writes(since));
        assert_eq!(stage.published_writer().await, (endpoint(to), EPOCH + round));
        for region in Region::ALL {
            assert_eq!(stage.parameter(region, PARAMETER).await, Some(endpoint(to)));
            assert_eq!(stage.state(region).await["epoch"], EPOCH + round);
        }
    }
    // Who comes second finds the channels of the first in the middle of their move: that is no drift.
    for region in Region::ALL {
        let lines = stage.lines_of(region, 1 + usize::try_from(ROUNDS).unwrap()).await;
        let drifts: Vec<_> = lines.iter().filter(|line| line["EndpointDrift"] != 0).collect();
        assert!(drifts.is_empty(), "{drifts:#?}");
    }
}
