//! AWS's quotas as token buckets.

use std::collections::HashMap;
use std::time::Instant;

use super::Reply;
use super::call::Call;

/// Route 53 requests a second, and how many may come at once after a pause.
const ROUTE53: (f64, f64) = (10.0, 50.0);
/// `PutParameter` a second in each Region.
const PUTS: (f64, f64) = (10.0, 10.0);

#[derive(Debug)]
struct Bucket {
    tokens: f64,
    filled_at: Instant,
    rate: f64,
    most: f64,
}

impl Bucket {
    fn full((rate, most): (f64, f64)) -> Self {
        Self { tokens: most, filled_at: Instant::now(), rate, most }
    }

    fn take(&mut self) -> bool {
        let now = Instant::now();
        let gained = now.duration_since(self.filled_at).as_secs_f64() * self.rate;
        self.tokens = (self.tokens + gained).min(self.most);
        self.filled_at = now;
        let enough = self.tokens >= 1.0;
        self.tokens -= f64::from(u8::from(enough));
        enough
    }
}

/// The buckets of all Regions.
#[derive(Debug, Default)]
pub(super) struct Quotas {
    enforced: bool,
    buckets: HashMap<String, Bucket>,
}

impl Quotas {
    pub(super) fn full(enforced: bool) -> Self {
        Self { enforced, buckets: HashMap::new() }
    }

    /// The refusal of a call that has no token left.
    pub(super) fn refuse(&mut self, call: &Call) -> Option<Reply> {
        let (key, limit) = match (call.service.as_str(), call.operation.as_str()) {
            ("route53", _) => ("route53".to_owned(), ROUTE53),
            ("ssm", "PutParameter") => (format!("put {}", call.region), PUTS),
            _ => return None,
        };
        let allowed = !self.enforced || self.buckets.entry(key).or_insert_with(|| Bucket::full(limit)).take();
        (!allowed).then(|| match call.service.as_str() {
            "route53" => Reply::xml_error("Throttling", "Rate exceeded"),
            _ => Reply::json_error("ThrottlingException", "Rate exceeded"),
        })
    }
}
