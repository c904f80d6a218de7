//! What a Region's `failover` function found when it last looked ahead.

use responder_core::words::names::Region;
use responder_core::world::readiness::{KeptReadiness, Readiness};

use super::Ssm;
use crate::failure::Failed;

impl Ssm {
    /// Reads it with its version. What is none of ours is nothing: it only says when to look again.
    pub(crate) async fn read_readiness(&self, region: &Region, name: &str) -> Result<KeptReadiness, Failed> {
        let operation = format!("ssm:GetParameter {name} in {region}");
        let Some((json, version)) = self.get(region, name, &operation).await? else {
            return Ok(KeptReadiness::default());
        };
        Ok(KeptReadiness { readiness: Readiness::of_json(&json), version })
    }
}
