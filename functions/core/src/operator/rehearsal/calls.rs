//! The API calls of a drill, in AWS's own words.

use serde::{Deserialize, Serialize};

/// One API call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiCall {
    /// The operation, what it is about and where it goes, such as `ssm:PutParameter /todo/database/writer in ap-northeast-3`.
    pub call: String,
    /// Whether it changes something.
    pub changes: bool,
    /// What it writes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub writes: Option<String>,
}

/// The calls in the order in which they were first made.
#[derive(Debug, Default)]
pub(super) struct Ledger(Vec<ApiCall>);

impl Ledger {
    /// Notes a reading call, once: a watch repeats it for as long as it lasts.
    pub(super) fn read(&mut self, call: String) {
        if self.0.iter().all(|known| known.call != call) {
            self.0.push(ApiCall { call, changes: false, writes: None });
        }
    }

    /// Notes a call that changes something, each time.
    pub(super) fn write(&mut self, call: String, writes: Option<String>) {
        self.0.push(ApiCall { call, changes: true, writes });
    }

    pub(super) fn into_calls(self) -> Vec<ApiCall> {
        self.0
    }
}
