//! AWS's quotas as token buckets.

use std::{collections::HashMap, sync::Mutex, time::Instant};

use crate::{lock::lock, wire::call::Call};

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

/// The buckets of all Regions; `None` while the quotas are not enforced.
#[derive(Debug, Default)]
pub(super) struct Quotas(Mutex<Option<HashMap<String, Bucket>>>);

impl Quotas {
    /// Enforces them, with full buckets, or no longer.
    pub(super) fn enforce(&self, enforced: bool) {
        *lock(&self.0) = enforced.then(HashMap::new);
    }

    /// The code by which a call is refused that has no token left.
    pub(super) fn refuse(&self, call: &Call) -> Option<&'static str> {
        let (bucket, limit, code) = match (call.service.as_str(), call.operation.as_str()) {
            ("route53", _) => ("route53".to_owned(), ROUTE53, "Throttling"),
            ("ssm", "PutParameter") => (format!("put {}", call.signed_for), PUTS, "ThrottlingException"),
            _ => return None,
        };
        let mut buckets = lock(&self.0);
        let bucket = buckets.as_mut()?.entry(bucket).or_insert_with(|| Bucket::full(limit));
        (!bucket.take()).then_some(code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(service: &str, operation: &str, region: &str) -> Call {
        let (service, operation, signed_for) = (service.to_owned(), operation.to_owned(), region.to_owned());
        Call { region: None, signed_for, service, operation, write: true }
    }

    #[test]
    fn a_regions_puts_are_refused_when_its_bucket_is_empty_and_the_others_are_not() {
        let quotas = Quotas::default();
        let put = |region| call("ssm", "PutParameter", region);
        let refused = |call: &Call| (0..20).filter(|_| quotas.refuse(call).is_some()).count();
        assert_eq!(refused(&put("ap-northeast-2")), 0, "not enforced");
        quotas.enforce(true);
        assert!(refused(&put("ap-northeast-2")) >= 9);
        assert_eq!(quotas.refuse(&put("ap-northeast-3")), None);
        assert_eq!(quotas.refuse(&call("route53", "ListResourceRecordSets", "us-east-1")), None);
        assert_eq!(quotas.refuse(&call("ssm", "GetParameter", "ap-northeast-2")), None);
    }
}
