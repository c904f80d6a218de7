//! The control room as a visitor has it: a real stage, in a real browser. `make test` builds what it plays.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod browser;

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use browser::Page;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// How long a stage may take to come up, and a failover to be over, on a machine that does much besides.
const PATIENCE: Duration = Duration::from_mins(4);

const DRILL: &str = env!("CARGO_BIN_EXE_local-drill");

/// A running stage.
struct Stage {
    drill: Child,
    /// Such as `127.0.0.1:40321`.
    address: String,
    out: PathBuf,
}

impl Stage {
    fn start(out: &Path) -> Self {
        let venv = Path::new(DRILL).parent().unwrap().join("../venv");
        let errors = fs::File::create(out.join("err")).unwrap();
        let mut drill = Command::new(DRILL)
            .arg("--stage")
            .args([Path::new("--venv"), &venv, Path::new("--out"), out])
            .stdout(Stdio::piped())
            .stderr(errors)
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(drill.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let address = line.split("http://").nth(1).and_then(|rest| rest.split('/').next());
        let why = || panic!("no stage: {line}{}", fs::read_to_string(out.join("err")).unwrap_or_default());
        let address = address.unwrap_or_else(why).to_owned();
        assert!(line.contains("eval \"$(make -s stage-env)\""), "{line}");
        Self { drill, address, out: out.to_path_buf() }
    }

    /// What it answers to a request of these headers.
    fn answer(&self, request: &str, headers: &[(&str, &str)]) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let host = if headers.iter().any(|(name, _)| *name == "host") {
            String::new()
        } else {
            format!("host: {}\r\n", self.address)
        };
        let headers = headers.iter().fold(host, |all, (name, value)| format!("{all}{name}: {value}\r\n"));
        write!(stream, "{request} HTTP/1.1\r\n{headers}content-length: 0\r\nconnection: close\r\n\r\n")
            .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    fn token(&self) -> String {
        let page = self.answer("GET /", &[]);
        page.split("name=\"stage-token\" content=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
    }

    fn environment(&self) -> String {
        let output = Command::new(DRILL).arg("--stage-env").arg("--out").arg(&self.out).output().unwrap();
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
    }

    /// Ctrl-C; it says so and leaves nothing.
    fn end(mut self) {
        let endpoint = exported(&self.environment(), "AWS_ENDPOINT_URL");
        let running = || processes_of(&endpoint);
        assert!(!running().is_empty(), "functions and apps run while the stage is up");
        kill(Pid::from_raw(i32::try_from(self.drill.id()).unwrap()), Signal::SIGINT).unwrap();
        let began = Instant::now();
        let ended = loop {
            if let Some(status) = self.drill.try_wait().unwrap() {
                break status;
            }
            assert!(began.elapsed() < PATIENCE, "it does not end");
            std::thread::sleep(Duration::from_millis(50));
        };
        assert!(ended.success(), "{ended}");
        // The kernel takes a moment to end those whose parent has gone.
        while !running().is_empty() {
            assert!(began.elapsed() < PATIENCE, "left running: {:?}", running());
            std::thread::sleep(Duration::from_millis(50));
        }
        assert!(self.environment().contains("no stage runs here"), "{}", self.environment());
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        let _ = self.drill.kill();
        let _ = self.drill.wait();
    }
}

fn exported(environment: &str, name: &str) -> String {
    let line = environment.lines().find_map(|line| line.strip_prefix(&format!("export {name}=")));
    line.unwrap_or_else(|| panic!("{name} is not in {environment}")).trim_matches('\'').to_owned()
}

/// Whoever was told of that emulated AWS: the functions, the probes and the apps.
fn processes_of(endpoint: &str) -> Vec<String> {
    let told = format!("AWS_ENDPOINT_URL={endpoint}");
    let processes = fs::read_dir("/proc").unwrap().filter_map(Result::ok).filter_map(|entry| {
        let environment = fs::read(entry.path().join("environ")).ok()?;
        let environment = String::from_utf8_lossy(&environment);
        environment.split('\0').any(|line| line == told).then(|| entry.path().display().to_string())
    });
    processes.collect()
}

fn city(track: &str, city: &str) -> String {
    format!("document.querySelector('[data-track={track}]')?.dataset.city === '{city}'")
}

/// Nothing is wider than the screen, at a phone's and a desktop's width, by day and by night.
fn fits(page: &mut Page) {
    for (width, dark) in [(390, true), (390, false), (1280, true), (1280, false)] {
        page.look(width, 900, dark);
        let wide = page.value("document.documentElement.scrollWidth - innerWidth");
        assert!(wide.as_i64().unwrap() <= 0, "{wide} wider than {width}");
    }
}

fn a_visitor_kills_seouls_database_and_resets(stage: &Stage, folder: &Path) {
    let mut page = Page::open(&format!("http://{}/", stage.address), folder);
    page.look(1280, 1000, false);
    page.wait("the page", PATIENCE, "document.body.dataset.state === 'up'");
    page.wait("the record in Seoul", PATIENCE, &city("record", "Seoul"));
    page.wait(
        "the drawing",
        PATIENCE,
        "document.querySelector('#strip svg.plot path.acknowledged') !== null",
    );
    page.value("window.visitor = 'the same'");
    fits(&mut page);
    page.look(1280, 1000, false);

    page.press("[data-id='kill-database.seoul']");
    page.wait(
        "the command that it stands for",
        PATIENCE,
        "document.getElementById('stands').textContent.includes('aurora_inject_crash')",
    );
    page.wait(
        "the outage as it goes on",
        PATIENCE,
        "document.getElementById('out-tile').classList.contains('bad')",
    );
    for track in ["writer", "record", "dns", "parameter-seoul", "parameter-osaka"] {
        page.wait(&format!("{track} in Osaka"), PATIENCE, &city(track, "Osaka"));
    }
    // Nobody but the alarms asked for it, which takes longer than any pause of this machine.
    page.wait(
        "the outage counted",
        PATIENCE,
        "now.writes.longest_ms > 5000 && /s/.test(document.getElementById('longest').textContent)",
    );
    page.wait("its end", PATIENCE, "now.writes.per_second > 0");
    // In what people were told of it.
    let link = "document.querySelector('#mail a[href^=\"http://127.0.0.1:\"][href$=\".html\"]') !== null";
    page.wait("the link to the page about it", PATIENCE, link);

    page.press("[data-id='save']");
    page.wait("the report", PATIENCE, "document.getElementById('report') !== null");
    let report = stage.answer("GET /report.html", &[]);
    assert!(
        report.contains("Played by hand") && report.contains("nothing passed or failed"),
        "{report:.400}"
    );

    page.press("[data-id='reset']");
    page.wait("the beginning again", PATIENCE, "document.body.dataset.state === 'starting'");
    page.wait("a stage in its place", PATIENCE, "document.body.dataset.state === 'up'");
    page.wait("the record in Seoul again", PATIENCE, &city("record", "Seoul"));
    page.wait("a running database", PATIENCE, "now.regions[0].server === 'running' && now.writes.lost === 0");
    assert_eq!(page.value("window.visitor"), "the same", "the page was not loaded again");
    assert_eq!(page.faults, Vec::<String>::new(), "script errors");
}

fn others_may_not(stage: &Stage) {
    let token = stage.token();
    let own = ("x-stage-token", token.as_str());
    let told = |request: &str, headers: &[(&str, &str)]| {
        stage.answer(request, headers).lines().next().unwrap().to_owned()
    };
    let evil = [own, ("origin", "https://example.com")];
    assert!(told("POST /act/kill-database.seoul", &evil).contains(" 403 "));
    assert!(told("POST /act/kill-database.seoul", &[]).contains(" 403 "), "without the token");
    assert!(told("POST /act/kill-database.seoul", &[own, ("host", "evil.example")]).contains(" 421 "));
    assert!(told("GET /", &[("host", "evil.example")]).contains(" 421 "));
    assert!(told("GET /act/kill-database.seoul", &[own]).contains(" 405 "));
    let unknown = stage.answer("POST /act/explode", &[own]);
    assert!(unknown.contains(" 404 ") && unknown.contains("explode"), "{unknown}");
    let undone = stage.answer("POST /act/mend-route53", &[own]);
    assert!(undone.contains(" 409 ") && undone.contains("That is so already."), "{undone}");
    assert!(told("POST /act/lose-events", &[own]).contains(" 200 "));
    let page = stage.answer("GET /", &[]);
    assert!(page.contains("frame-ancestors 'none'") && page.contains("default-src 'none'"));
}

#[test]
fn the_control_room_shows_a_failover_and_starts_again() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    fs::create_dir(&out).unwrap();
    let stage = Stage::start(&out);
    let environment = stage.environment();
    a_visitor_kills_seouls_database_and_resets(&stage, folder.path());
    assert_eq!(stage.environment(), environment, "a terminal beside it stays where it is");
    others_may_not(&stage);
    stage.end();
}
