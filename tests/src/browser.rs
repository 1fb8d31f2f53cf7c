//! A browser that tests open pages in: Chromium, by way of ChromeDriver on this machine.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

/// What a machine without a browser is told.
const MISSING: &str = "no browser is tested: chromium, chromedriver or axe-core is missing, which .ci/browser installs";

/// A browser with one window.
#[derive(Debug)]
pub struct Browser {
    driver: Child,
    port: u16,
    session: String,
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.ask("DELETE", "", &Value::Null);
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

impl Browser {
    /// A browser that keeps what it has to in a folder of its own. Nothing, and that is said, if none is installed; where
    /// `CI` is set that is a failure.
    pub fn start(folder: &Path) -> Option<Self> {
        let _ = std::fs::remove_dir_all(folder);
        std::fs::create_dir_all(folder).expect("a folder of the test's own");
        let driver = Command::new("chromedriver").arg("--port=0").stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let there = |name: &str| {
            std::env::var_os("PATH")
                .is_some_and(|all| std::env::split_paths(&all).any(|path| path.join(name).is_file()))
        };
        let Some(mut driver) = driver.ok().filter(|_| there("chromium")) else {
            missing();
            return None;
        };
        let mut said = BufReader::new(driver.stdout.take().expect("it is piped")).lines();
        let port = said.find_map(|line| line.ok()?.strip_suffix('.')?.rsplit_once("on port ")?.1.parse().ok());
        let mut browser = Self { driver, port: port.expect("ChromeDriver says its port"), session: String::new() };
        // What it says later is read, or it would wait.
        std::thread::spawn(move || said.for_each(drop));
        let profile = format!("--user-data-dir={}", folder.display());
        let args = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--hide-scrollbars",
            &profile,
        ];
        let wanted = json!({"capabilities": {"alwaysMatch": {
            "browserName": "chrome",
            "goog:loggingPrefs": {"browser": "ALL"},
            "goog:chromeOptions": {"args": args, "binary": "/usr/bin/chromium"},
        }}});
        let made = browser.ask("POST", "", &wanted).expect("a session");
        made["sessionId"].as_str().expect("a session").clone_into(&mut browser.session);
        Some(browser)
    }

    /// Opens a file.
    pub fn open(&self, path: &Path) {
        let path = path.canonicalize().expect("a file that is there");
        self.post("/url", &json!({"url": format!("file://{}", path.display())}));
    }

    /// What a function's body returns.
    pub fn run(&self, script: &str) -> Value {
        self.post("/execute/sync", &json!({"script": script, "args": []}))
    }

    /// What a function's body gives to its last argument, `arguments[0]`.
    pub fn wait_for(&self, script: &str) -> Value {
        self.post("/execute/async", &json!({"script": script, "args": []}))
    }

    /// Clicks the element that a selector finds.
    pub fn click(&self, selector: &str) {
        self.post(&format!("/element/{}/click", self.element(selector)), &json!({}));
    }

    /// Types into the element that a selector finds, after what was there is gone.
    pub fn write(&self, selector: &str, text: &str) {
        let element = self.element(selector);
        self.post(&format!("/element/{element}/clear"), &json!({}));
        self.post(&format!("/element/{element}/value"), &json!({"text": text}));
    }

    /// Light or dark, and the window's size: of a phone, or of a screen.
    pub fn seen(&self, dark: bool, phone: bool) {
        let scheme = if dark { "dark" } else { "light" };
        let media = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        let (width, height) = if phone { (360, 740) } else { (1200, 900) };
        let size = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": phone});
        for (command, params) in [("Emulation.setEmulatedMedia", media), ("Emulation.setDeviceMetricsOverride", size)] {
            self.post("/goog/cdp/execute", &json!({"cmd": command, "params": params}));
        }
    }

    /// What the console was told since it was last asked.
    pub fn console(&self) -> Vec<String> {
        let entries = self.post("/se/log", &json!({"type": "browser"}));
        entries.as_array().into_iter().flatten().map(|entry| entry["message"].to_string()).collect()
    }

    /// What axe-core finds wrong, of that which is serious or worse: the rule, and the first element.
    pub fn inaccessible(&self, axe: &str) -> Vec<String> {
        let script = format!(
            "{axe};const done = arguments[arguments.length - 1];axe.run().then(found => done(found.violations\
             .filter(it => ['serious', 'critical'].includes(it.impact)).map(it => `${{it.id}}: ${{it.nodes[0].html}}`)))"
        );
        let found = self.wait_for(&script);
        let found = found.as_array().expect("what axe finds");
        found.iter().map(|it| it.as_str().unwrap_or_default().to_owned()).collect()
    }

    fn element(&self, selector: &str) -> String {
        let found = self.post("/element", &json!({"using": "css selector", "value": selector}));
        let id = found.as_object().and_then(|it| it.values().next()).and_then(Value::as_str);
        id.unwrap_or_else(|| panic!("no element {selector}")).to_owned()
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        self.ask("POST", path, body).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// What the driver answers.
    fn ask(&self, method: &str, path: &str, body: &Value) -> Result<Value, String> {
        let text = |error: std::io::Error| error.to_string();
        let session = if self.session.is_empty() { String::new() } else { format!("/{}", self.session) };
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).map_err(text)?;
        stream.set_read_timeout(Some(Duration::from_mins(1))).map_err(text)?;
        let head = format!(
            "{method} /session{session}{path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n",
            self.port,
            body.len()
        );
        stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes())).map_err(text)?;
        let mut reader = BufReader::new(stream);
        let mut length = 0;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).map_err(text)?;
            let line = line.trim_end().to_ascii_lowercase();
            if line.is_empty() {
                break;
            }
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().map_err(|_| line.clone())?;
            }
        }
        let mut answer = vec![0; length];
        reader.read_exact(&mut answer).map_err(text)?;
        let mut answer: Value = serde_json::from_slice(&answer).map_err(|error| error.to_string())?;
        match answer["value"].take() {
            Value::Object(it) if it.contains_key("error") => Err(Value::Object(it).to_string()),
            value => Ok(value),
        }
    }
}

/// The text of axe-core, which checks whether everybody can use a page, from the folder that `.ci/browser` puts it in. As with
/// [`Browser::start`].
pub fn axe(target: &Path) -> Option<String> {
    let text = std::fs::read_to_string(target.join("browser/node_modules/axe-core/axe.min.js")).ok();
    if text.is_none() {
        missing();
    }
    text
}

fn missing() {
    assert!(std::env::var_os("CI").is_none(), "{MISSING}");
    eprintln!("{MISSING}");
}
