//! What an invocation costs by AWS's published formula: each started millisecond of initialization and handler times the
//! memory that is configured, and the request.

use crate::subject::MEMORY_MB;

/// US dollars for a GB-second on x86, as published for us-east-1.
pub(crate) const GB_SECOND_USD: f64 = 0.000_016_666_7;
/// US dollars for a million requests.
pub(crate) const MILLION_REQUESTS_USD: f64 = 0.20;

/// US dollars for a million invocations that are billed so many milliseconds each.
pub(crate) fn of_a_million(billed_ms: f64) -> f64 {
    let gb_seconds = billed_ms.ceil() / 1_000.0 * f64::from(MEMORY_MB) / 1_024.0;
    gb_seconds * 1_000_000.0 * GB_SECOND_USD + MILLION_REQUESTS_USD
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_at_an_eighth_of_a_gigabyte() {
        let usd = of_a_million(999.2);
        assert!((usd - (2.083_337_5 + 0.2)).abs() < 1e-6, "{usd}");
    }
}
