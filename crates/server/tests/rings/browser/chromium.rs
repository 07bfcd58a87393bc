use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use tempfile::TempDir;
use thirtyfour::DesiredCapabilities;
use thirtyfour::prelude::*;

use crate::support::eventually;

/// Runs before each page: writes down what goes wrong in it, across pages of one tab.
const WATCH: &str = "
    const note = (fault) => sessionStorage.faults = (sessionStorage.faults ?? '') + fault + '\\n';
    addEventListener('error', (e) => note(e.message || 'could not load ' + (e.target.src || e.target.href)), true);
    addEventListener('unhandledrejection', (e) => note('unhandled: ' + e.reason));
    addEventListener('securitypolicyviolation', (e) => note('CSP: ' + e.violatedDirective + ' ' + e.blockedURI));
    const error = console.error;
    console.error = (...words) => { note(words.join(' ')); error(...words); };
";

/// Everything that went wrong in this tab's pages so far: errors, failed loads, broken CSP.
pub(crate) async fn faults(browser: &WebDriver) -> String {
    let faults = browser
        .execute("return sessionStorage.faults ?? ''", vec![])
        .await
        .unwrap();
    faults.convert().unwrap()
}

/// A `ChromeDriver` of one test's own. Its browsers end with it.
pub(crate) struct Chromium {
    driver: Arc<Mutex<Child>>,
    port: u16,
    profiles: TempDir,
}

impl Chromium {
    pub(crate) async fn start() -> Self {
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let driver = Command::new(from_environment("TEST_CHROMEDRIVER"))
            .arg(format!("--port={port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let driver = Arc::new(Mutex::new(driver));
        end_when_it_fails(&driver);
        let started = Self {
            driver,
            port,
            profiles: TempDir::new().unwrap(),
        };
        eventually("ChromeDriver listens", || async {
            tokio::net::TcpStream::connect(("127.0.0.1", port))
                .await
                .ok()
        })
        .await;
        started
    }

    /// A fresh browser, with or without JavaScript.
    pub(crate) async fn browser(&self, javascript: bool) -> WebDriver {
        let mut capabilities = DesiredCapabilities::chrome();
        capabilities
            .set_binary(&from_environment("TEST_CHROMIUM"))
            .unwrap();
        // Kept until the driver goes, as the browser writes into it to its end.
        let profile = TempDir::new_in(&self.profiles).unwrap().keep();
        for argument in [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-first-run",
            "--window-size=1280,800",
            &format!("--user-data-dir={}", profile.display()),
        ] {
            capabilities.add_arg(argument).unwrap();
        }
        if !javascript {
            let off =
                serde_json::json!({ "profile.managed_default_content_settings.javascript": 2 });
            capabilities.add_experimental_option("prefs", off).unwrap();
        }
        let server = format!("http://127.0.0.1:{}", self.port);
        let browser = WebDriver::new(&server, capabilities).await.unwrap();
        let watch = serde_json::json!({ "source": WATCH });
        browser
            .cdp()
            .send_raw("Page.addScriptToEvaluateOnNewDocument", watch)
            .await
            .unwrap();
        browser
    }
}

/// A test that fails would drop its browsers, each of which waits two minutes for its session to end.
/// It is a process of its own, so that ends instead; `cargo xtask test` ends what it leaves.
fn end_when_it_fails(driver: &Arc<Mutex<Child>>) {
    let (report, driver) = (std::panic::take_hook(), Arc::clone(driver));
    std::panic::set_hook(Box::new(move |panic| {
        report(panic);
        end(&driver);
        std::process::exit(101);
    }));
}

/// The process may be gone already; either way it is then waited for.
fn end(driver: &Mutex<Child>) {
    let mut driver = driver.lock().unwrap();
    let _killed = driver.kill();
    let _ended = driver.wait();
}

impl Drop for Chromium {
    fn drop(&mut self) {
        end(&self.driver);
    }
}

fn from_environment(name: &str) -> String {
    std::env::var(name)
        .unwrap_or_else(|_| panic!("{name} is not set: run the tests with `cargo xtask test`"))
}
