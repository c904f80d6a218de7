//! A headless Chromium, spoken to over its own debugging pipe: a page that goes on by itself cannot be dumped once it is still.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// How many browsers may crash while they start.
const BROWSERS: usize = 3;
/// How often the page is looked at.
const LOOK: Duration = Duration::from_millis(200);

fn chromium() -> PathBuf {
    let folders: Vec<PathBuf> =
        std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()).collect();
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let mut found = names.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    found
        .find(|path| path.is_file())
        .expect("no Chromium: apt-get install chromium (make setup-test does it)")
}

/// A page in a browser of its own.
pub(crate) struct Page {
    browser: Child,
    to: File,
    from: BufReader<File>,
    session: Option<Value>,
    asked: u64,
    /// What went wrong in the page so far.
    pub(crate) faults: Vec<String>,
}

impl Page {
    /// Opens it; `folder` is for the browser's own files. A browser that crashes while it starts says nothing of the page.
    pub(crate) fn open(url: &str, folder: &Path) -> Self {
        let mut browsers = (0..BROWSERS).map(|browser| folder.join(format!("browser-{browser}")));
        browsers.find_map(|folder| Self::start(url, &folder)).expect("a browser that does not crash")
    }

    fn start(url: &str, folder: &Path) -> Option<Self> {
        std::fs::create_dir(folder).unwrap();
        let pipes = ["to", "from"].map(|name| folder.join(name));
        assert!(Command::new("mkfifo").args(&pipes).status().unwrap().success());
        let browser = Command::new("sh")
            .args(["-c", "exec \"$0\" \"$@\" 3<\"$TO\" 4>\"$FROM\""])
            .arg(chromium())
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"])
            .args(["--remote-debugging-pipe", "about:blank"])
            .arg(format!("--user-data-dir={}", folder.join("profile").display()))
            .envs([("TO", &pipes[0]), ("FROM", &pipes[1])])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // In the order in which the shell opens them: each waits for the other end.
        let to = File::options().write(true).open(&pipes[0]).unwrap();
        let from = BufReader::new(File::open(&pipes[1]).unwrap());
        let mut page = Self { browser, to, from, session: None, asked: 0, faults: Vec::new() };
        let target = page.try_ask("Target.createTarget", &json!({ "url": "about:blank" }))?;
        let target = json!({ "targetId": target["targetId"], "flatten": true });
        page.session = Some(page.try_ask("Target.attachToTarget", &target)?["sessionId"].clone());
        for domain in ["Runtime", "Log", "Page"] {
            page.try_ask(&format!("{domain}.enable"), &json!({}))?;
        }
        page.try_ask("Page.navigate", &json!({ "url": url }))?;
        Some(page)
    }

    /// The viewport's size in pixels, and whether the person likes it dark.
    pub(crate) fn look(&mut self, width: u32, height: u32, dark: bool) {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 700 });
        self.ask("Emulation.setDeviceMetricsOverride", &size);
        let scheme = if dark { "dark" } else { "light" };
        let feature = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.ask("Emulation.setEmulatedMedia", &feature);
    }

    /// The value of that expression in the page.
    pub(crate) fn value(&mut self, expression: &str) -> Value {
        let asked = json!({ "expression": expression, "returnByValue": true });
        self.ask("Runtime.evaluate", &asked)["result"]["value"].take()
    }

    /// Waits until the expression is true.
    pub(crate) fn wait(&mut self, what: &str, within: Duration, expression: &str) {
        let began = Instant::now();
        while self.value(expression) != Value::Bool(true) {
            let shown = || "document.body.innerText.slice(0, 3000)";
            if began.elapsed() > within {
                let shown = self.value(shown());
                panic!("{what} did not come within {within:?}; faults: {:?}; the page: {shown}", self.faults);
            }
            std::thread::sleep(LOOK);
        }
    }

    /// Moves to that element and presses Enter, as somebody without a mouse does.
    pub(crate) fn press(&mut self, selector: &str) {
        let focused = self.value(&format!(
            "(() => {{ const it = document.querySelector({selector:?}); it.focus(); return document.activeElement === it; }})()"
        ));
        assert_eq!(focused, true, "{selector} cannot be focused");
        for kind in ["keyDown", "keyUp"] {
            let key = json!({ "type": kind, "key": "Enter", "code": "Enter", "text": "\r", "windowsVirtualKeyCode": 13 });
            self.ask("Input.dispatchKeyEvent", &key);
        }
    }

    fn ask(&mut self, method: &str, parameters: &Value) -> Value {
        self.try_ask(method, parameters).unwrap_or_else(|| panic!("the browser ended at {method}"))
    }

    /// Nothing where the browser ended.
    fn try_ask(&mut self, method: &str, parameters: &Value) -> Option<Value> {
        self.asked += 1;
        let mut request = json!({ "id": self.asked, "method": method, "params": parameters });
        if let Some(session) = &self.session {
            request["sessionId"] = session.clone();
        }
        self.to.write_all(format!("{request}\0").as_bytes()).ok()?;
        loop {
            let mut message = Vec::new();
            self.from.read_until(0, &mut message).ok()?;
            message.pop()?;
            let mut message: Value = serde_json::from_slice(&message).unwrap();
            self.note(&message);
            if message["id"] == self.asked {
                assert!(message["error"].is_null(), "{method}: {message}");
                return Some(message["result"].take());
            }
        }
    }

    fn note(&mut self, message: &Value) {
        let parameters = &message["params"];
        match message["method"].as_str() {
            Some("Runtime.exceptionThrown") => self.faults.push(parameters["exceptionDetails"].to_string()),
            Some("Log.entryAdded") if parameters["entry"]["level"] == "error" => {
                self.faults.push(parameters["entry"].to_string());
            }
            _ => {}
        }
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.browser.kill();
        let _ = self.browser.wait();
    }
}
