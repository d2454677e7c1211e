//! A running server: its address, its log, and its end.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::ops::Deref;
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use reqwest::Method;
use reqwest::redirect::Policy;

use super::answer::Answer;
use super::webhook::Webhook;

/// A start takes less than a second, even of this unoptimised program, unless the machine is very busy.
const STARTED: Duration = Duration::from_secs(30);
/// Twilio waits this long for an answer.
const ANSWERED: Duration = Duration::from_secs(15);

/// A running server. It is killed when this is dropped, and must not have panicked until then.
pub(crate) struct Server {
    child: Child,
    client: Client,
    log: Arc<Mutex<Vec<String>>>,
}

/// Who talks to a server.
#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) address: SocketAddr,
    http: reqwest::Client,
}

impl Deref for Server {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl Server {
    pub(super) async fn start(mut command: Command) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (log, heard) = listen(child.stderr.take().unwrap());
        let Ok(Ok(address)) = tokio::time::timeout(STARTED, heard).await else {
            drop(child.kill());
            panic!("the server does not start: {:#?}", log.lock().unwrap());
        };
        // Without a provider the client cannot be built; one that is installed already stays.
        let _installed = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            .timeout(ANSWERED)
            .build()
            .unwrap();
        Self { child, client: Client { address, http }, log }
    }

    /// A client for a task of its own.
    pub(crate) fn client(&self) -> Client {
        self.client.clone()
    }

    /// What it has written to standard error so far.
    pub(crate) fn log(&self) -> Vec<String> {
        self.log.lock().unwrap().clone()
    }

    /// Kills it as a crash would.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Tells it to leave.
    pub(crate) fn signal(&self, name: &str) {
        signal(name, self.child.id());
    }

    /// Waits for its end.
    pub(crate) async fn ended(&mut self, promise: Duration) -> ExitStatus {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(begun.elapsed() < promise, "still running after {promise:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Client {
    /// Sends a webhook.
    pub(crate) async fn send(&self, webhook: &Webhook) -> Answer {
        self.try_send(webhook).await.unwrap()
    }

    /// Sends a webhook to a server that may be gone.
    pub(crate) async fn try_send(&self, webhook: &Webhook) -> reqwest::Result<Answer> {
        let prepared = webhook.prepared();
        let method = Method::from_bytes(prepared.method.as_bytes()).unwrap();
        let mut request =
            self.http.request(method, format!("http://{}{}", self.address, prepared.target));
        for (name, value) in &prepared.headers {
            request = request.header(name, value);
        }
        read(request.body(prepared.body).send().await?).await
    }

    /// Asks for a path.
    pub(crate) async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = self.http.get(format!("http://{}{path}", self.address));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        read(request.send().await.unwrap()).await.unwrap()
    }

    /// The sum of a counter over all its series that have these labels.
    pub(crate) async fn counted(&self, name: &str, labels: &[&str]) -> u64 {
        let answer = self.get("/metrics", &[]).await;
        let series = answer.text().lines().filter_map(|line| line.strip_prefix(name));
        let chosen = series.filter(|rest| {
            rest.starts_with(['{', ' ']) && labels.iter().all(|label| rest.contains(label))
        });
        chosen.map(|rest| rest.rsplit_once(' ').unwrap().1.parse::<u64>().unwrap()).sum()
    }
}

/// Sends a signal to a process.
pub(super) fn signal(name: &str, process: u32) {
    // The shell's own `kill`: the program of that name is not installed everywhere.
    let arguments = ["-c", "kill -\"$1\" \"$2\"", "kill", name, &process.to_string()];
    assert!(Command::new("sh").args(arguments).status().unwrap().success());
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may be gone already.
        let _killed = self.child.kill();
        let _status = self.child.wait();
        if !thread::panicking() {
            let log = self.log.lock().unwrap();
            let panics: Vec<_> = log.iter().filter(|line| line.contains("panicked")).collect();
            assert!(panics.is_empty(), "the server panicked: {panics:#?}");
        }
    }
}

async fn read(response: reqwest::Response) -> reqwest::Result<Answer> {
    let status = response.status().as_u16();
    let headers = response.headers().iter();
    let mut headers: Vec<_> = headers
        .map(|(name, value)| (name.as_str().to_owned(), value.to_str().unwrap().to_owned()))
        .collect();
    headers.sort();
    let body = response.bytes().await?.to_vec();
    Ok(Answer { status, headers, body })
}

/// Gathers the log, and hears where the server listens.
fn listen(
    stderr: ChildStderr,
) -> (Arc<Mutex<Vec<String>>>, tokio::sync::oneshot::Receiver<SocketAddr>) {
    let log = Arc::new(Mutex::new(Vec::new()));
    let (told, heard) = tokio::sync::oneshot::channel();
    let kept = Arc::clone(&log);
    thread::spawn(move || {
        let mut told = Some(told);
        for line in BufReader::new(stderr).split(b'\n') {
            let Ok(line) = line else { break };
            let line = String::from_utf8_lossy(&line).into_owned();
            if let Some(address) = listening(&line)
                && let Some(told) = told.take()
            {
                // The test has given up if nobody hears.
                let _heard = told.send(address);
            }
            kept.lock().unwrap().push(line);
        }
    });
    (log, heard)
}

fn listening(line: &str) -> Option<SocketAddr> {
    let line: serde_json::Value = serde_json::from_str(line).ok()?;
    let is_it = line.get("message")? == "listening";
    line.get("address").filter(|_| is_it)?.as_str()?.parse().ok()
}
