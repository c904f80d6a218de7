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

#[test]
fn a_bundle_holds_a_certificate_that_can_be_read() {
    let folder = std::env::temp_dir().join(format!("failover-responder-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let (good, bad) = (folder.join("good.pem"), folder.join("bad.pem"));
    std::fs::write(&bad, "-----BEGIN CERTIFICATE-----\nrubbish\n-----END CERTIFICATE-----\n").unwrap();
    assert!(!https::is_bundle(&bad) && !https::has_bundle(&folder) && !https::is_bundle(&good));
    let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    std::fs::write(&good, certified.cert.pem()).unwrap();
    assert!(https::is_bundle(&good) && https::has_bundle(&folder));
    let of = |name: &'static str, path: &Path| {
        let path = path.to_string_lossy().into_owned();
        Environment::from_variables(move |it| match it {
            "AWS_REGION" => Some("ap-northeast-2".to_owned()),
            it if it == name => Some(path.clone()),
            _ => None,
        })
    };
    assert!(of("SSL_CERT_FILE", &good).is_ok() && of("SSL_CERT_FILE", &bad).is_err());
    assert!(of("SSL_CERT_DIR", &folder).is_ok() && of("SSL_CERT_DIR", &good).is_err());
    std::fs::remove_dir_all(&folder).unwrap();
}
