//! The page in a headless Chromium, at a phone's and a desktop's width: no script error, nothing wider than the screen, every
//! phase in sight. `make test` installs the browser or says how.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use drill_report::{ByHand, Difference, Override, Previous, Progress, Report, Scenario};

mod sample;

/// In the page itself, first of all: what goes wrong in it.
const LISTENER: &str = "<script>window.faults=[];window.onerror=m=>faults.push(m);</script>";

/// Beside the page, which stands in a frame because no window is as narrow as a phone: what a person would see of it.
const PROBE: &str = "<script>const frame=document.querySelector('iframe');frame.onload=()=>{\
    const page=frame.contentDocument,view=frame.contentWindow;\
    const seen=[...page.querySelectorAll('.phases .name')].filter(e=>e.getClientRects().length);\
    document.title='PROBE '+JSON.stringify({faults:view.faults,wide:page.documentElement.scrollWidth-view.innerWidth,\
    width:view.innerWidth,phases:seen.map(e=>e.textContent.trim())})};</script>";

/// A phone's and a desktop's width, in pixels.
const WIDTHS: [u32; 2] = [390, 1280];

/// How often a browser may crash before it is the page's fault.
const BROWSERS: usize = 3;

fn browser() -> PathBuf {
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let folders: Vec<PathBuf> =
        std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()).collect();
    let mut found = names.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    found
        .find(|path| path.is_file())
        .expect("no Chromium: apt-get install chromium (make setup-test does it)")
}

/// What the probe says of the page at this width.
fn probe(report: &Report, width: u32, folder: &Path) -> serde_json::Value {
    let page = report.to_html().replacen("<head>", &format!("<head>{LISTENER}"), 1);
    let page = page.replace('&', "&amp;").replace('"', "&quot;");
    let frame = format!("<iframe style='width:{width}px;height:900px;border:0' srcdoc=\"{page}\"></iframe>");
    let file = folder.join(format!("{width}.html"));
    // The script comes before the frame has loaded, and after it is there.
    std::fs::write(&file, format!("<!DOCTYPE html><title>none</title><body>{frame}{PROBE}")).unwrap();
    let mut said = String::new();
    for browser in 0..BROWSERS {
        let output = show(&file, &folder.join(format!("{width}-{browser}")));
        let dom = String::from_utf8_lossy(&output.stdout).into_owned();
        let title = dom.split("<title>PROBE ").nth(1).and_then(|rest| rest.split("</title>").next());
        if let Some(title) = title {
            return serde_json::from_str(&title.replace("&amp;", "&")).unwrap();
        }
        // A page that stands there without the probe's word is wrong; a browser that ended without one crashed.
        assert!(dom.is_empty(), "no probe in {dom}");
        said = format!("{}: {}", output.status, String::from_utf8_lossy(&output.stderr));
    }
    panic!("{BROWSERS} browsers ended without a page, the last with {said}")
}

/// The page as a browser of its own dumps it; what another left in a profile, and its crash, are not this one's.
fn show(file: &Path, profile: &Path) -> Output {
    Command::new(browser())
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--dump-dom"])
        .arg(format!("--user-data-dir={}", profile.display()))
        .arg("--window-size=1400,1000")
        .arg("--virtual-time-budget=5000")
        .arg(format!("file://{}", file.display()))
        .output()
        .unwrap()
}

fn by_hand() -> Report {
    let mut report = sample::report();
    let switchover = report.scenarios.remove(1);
    let difference = |name: &str, before_ms, now_ms| Difference { name: name.into(), before_ms, now_ms };
    let by_hand = ByHand {
        run: "todo-failover-20261125T143104.000".into(),
        action: "failover".into(),
        database: "todo".into(),
        from: "ap-northeast-2".into(),
        target: "ap-northeast-3".into(),
        progress: Progress::Done,
        who: Some("operator".into()),
        why: Some("the drill of this month".into()),
        request_id: "4a1e4d9e-7a0f-4f43-8c4f-0d2f5a0f6f11".into(),
        by_itself: false,
        page: None,
        overrides: vec![Override {
            check: "replication_lag".into(),
            value: "unknown: CloudWatch has no recent sample".into(),
            by: "allow_data_loss".into(),
        }],
        previous: Some(Previous {
            run: "todo-switchover-20261025T143104.000".into(),
            title: "Switchover to ap-northeast-3, done".into(),
            differences: vec![
                difference("promoted", Some(64_000), Some(71_500)),
                difference("verified", None, Some(72_000)),
            ],
        }),
    };
    let scenario = Scenario { by_hand: Some(by_hand), write_availability: None, ..switchover };
    Report { emulated: false, scenarios: vec![scenario], ..report }
}

#[test]
fn the_page_renders_on_a_phone_and_on_a_desktop() {
    let folder = tempfile::tempdir().unwrap();
    for (name, report) in [("local", sample::report()), ("by-hand", by_hand())] {
        let expected: Vec<String> = report
            .scenarios
            .iter()
            .flat_map(|scenario| &scenario.legs)
            .flat_map(|leg| {
                let mut phases: Vec<_> = leg.phases.iter().collect();
                phases.sort_by_key(|phase| phase.at_ms);
                phases.into_iter().map(|phase| phase.name.label())
            })
            .collect();
        assert!(expected.len() > 5);
        for width in WIDTHS {
            let seen = probe(&report, width, folder.path());
            assert_eq!(seen["width"], width, "{seen}");
            assert_eq!(seen["faults"].as_array().unwrap().len(), 0, "{name} at {width}: {seen}");
            assert!(
                seen["wide"].as_i64().unwrap() <= 0,
                "{name} at {width} is wider than the screen: {seen}"
            );
            assert_eq!(seen["phases"], serde_json::json!(expected), "{name} at {width}");
        }
    }
}
