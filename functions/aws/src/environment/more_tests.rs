//! An endpoint that is set to nothing is as if it were not set, also where the SDK read it.

use aws_config::SdkConfig;

use super::*;

#[test]
fn an_empty_endpoint_is_none() {
    let of = |url: &str| {
        let config = SdkConfig::builder().endpoint_url(url).build();
        without_empty_endpoints(&config).endpoint_url().map(str::to_owned)
    };
    assert_eq!(of(""), None);
    assert_eq!(of("http://127.0.0.1:9").as_deref(), Some("http://127.0.0.1:9"));
}

#[test]
fn a_prefix_is_as_long_as_it_may_be() {
    let of = |prefix: &str| Environment::new(prefix, "ap-northeast-2".parse().unwrap()).is_ok();
    assert!(of(&format!("/{}", "x".repeat(127))) && !of(&format!("/{}", "x".repeat(128))));
    assert!(of(&"/x".repeat(13)) && !of(&"/x".repeat(14)));
}
