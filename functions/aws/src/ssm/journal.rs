//! What this Region's `failover` function tried and saw.

use responder_core::words::names::Region;
use responder_core::world::attempt::{Journal, Kept};

use super::Ssm;
use crate::failure::Failed;

impl Ssm {
    /// Reads the journal with its version. One that does not exist is empty; one that cannot be read is an error, because it
    /// may hold an attempt.
    pub(crate) async fn read_journal(&self, region: &Region, name: &str) -> Result<Kept, Failed> {
        let operation = format!("ssm:GetParameter {name} in {region}");
        let Some((json, version)) = self.get(region, name, &operation).await? else {
            return Ok(Kept::default());
        };
        let journal = Journal::of_json(&json)
            .map_err(|error| Failed::refused(&operation, format!("is no journal of ours: {error}")))?;
        Ok(Kept { journal, version })
    }
}
