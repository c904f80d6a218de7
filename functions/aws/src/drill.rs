//! The ports that only the `drill` function is handed, over AWS.

use responder_core::config::Database;
use responder_core::judge::permit::Switchover;
use responder_core::ports::PortError;
use responder_core::ports::operator::{OperatorSwitches, Runs, Snapshots, StartSwitchover};
use responder_core::words::names::Region;
use responder_core::world::evidence::Declaration;
use responder_core::world::run::Run;
use responder_core::world::snapshot::{Copied, Copy, Snapshot};

use crate::ports::AwsPorts;

impl StartSwitchover for AwsPorts {
    async fn start_switchover(&self, switchover: &Switchover) -> Result<(), PortError> {
        self.rds.start_switchover(switchover).await
    }
}

impl OperatorSwitches for AwsPorts {
    async fn put_hold(&self, database: &Database, region: &Region, reason: &str) -> Result<(), PortError> {
        Ok(self.ssm.put(region, &database.hold_parameter(), reason).await.map(drop)?)
    }

    async fn delete_hold(&self, database: &Database, region: &Region) -> Result<bool, PortError> {
        Ok(self.ssm.delete(region, &database.hold_parameter()).await?)
    }

    async fn put_declared(
        &self,
        database: &Database,
        region: &Region,
        declared: &Declaration,
    ) -> Result<(), PortError> {
        let json = serde_json::to_string(declared).unwrap_or_default();
        Ok(self.ssm.put(region, &database.declared_parameter(), &json).await.map(drop)?)
    }
}

impl Runs for AwsPorts {
    async fn read_run(&self, database: &Database, region: &Region) -> Result<Option<Run>, PortError> {
        Ok(self.ssm.read_run(region, &database.run_parameter()).await?)
    }

    async fn put_run(&self, database: &Database, run: &Run) -> Result<(), PortError> {
        let name = database.run_parameter();
        Ok(self.ssm.put(self.own_region(), &name, &run.to_json()).await.map(drop)?)
    }
}

impl Snapshots for AwsPorts {
    async fn snapshots(&self, database: &Database, region: &Region) -> Result<Vec<Snapshot>, PortError> {
        self.rds.snapshots(database, region).await
    }

    async fn copy_snapshot(&self, _: &Database, region: &Region, copy: &Copy) -> Result<Copied, PortError> {
        self.rds.copy_snapshot(region, copy).await
    }
}
