//! A running server, and a client of it.

use std::net::SocketAddr;
use std::ops::Deref;
use std::process::ExitStatus;
use std::time::Duration;

use reqwest::Method;
use reqwest::redirect::Policy;
use rustix::process::Signal;

use super::answer::Answer;
use super::process::Process;
use super::webhook::Webhook;

/// Twilio waits this long for an answer.
const ANSWERED: Duration = Duration::from_secs(15);

/// A process that serves. It is a [`Client`] of itself.
pub(crate) struct Server {
    process: Process,
    client: Client,
}

/// Sends requests to a server. Clones share their connections.
#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) address: SocketAddr,
    /// The admin listener, unless it is off.
    pub(crate) admin: Option<SocketAddr>,
    http: reqwest::Client,
}

impl Deref for Server {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl Server {
    /// Waits until the process listens.
    pub(super) async fn of(mut process: Process) -> Self {
        let (address, admin) = process.line("the server listens", listening).await;
        Self { process, client: Client { address, admin, http: http() } }
    }

    /// A client for a task of its own.
    pub(crate) fn client(&self) -> Client {
        self.client.clone()
    }

    /// Lines of its log so far.
    pub(crate) fn log(&self) -> Vec<String> {
        self.process.log()
    }

    /// Waits for a line of its log from which `read` returns a value.
    pub(crate) async fn line<T>(&mut self, what: &str, read: impl Fn(&str) -> Option<T>) -> T {
        self.process.line(what, read).await
    }

    /// Kills it as a crash would.
    pub(crate) fn kill(&mut self) {
        self.process.kill();
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        self.process.signal(signal);
    }

    /// Waits for its end.
    pub(crate) async fn ended(&mut self, limit: Duration) -> ExitStatus {
        self.process.ended(limit).await
    }
}

impl Client {
    /// Sends a webhook.
    pub(crate) async fn send(&self, webhook: &Webhook) -> Answer {
        self.try_send(webhook).await.unwrap()
    }

    /// Sends a webhook to a server that may have stopped.
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

    /// A client of the admin listener.
    pub(crate) fn admin(&self) -> Self {
        Self { address: self.admin.unwrap(), ..self.clone() }
    }

    /// Requests a path.
    pub(crate) async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.request("GET", path, headers).await
    }

    /// Requests a path by a method, without a body.
    pub(crate) async fn request(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
    ) -> Answer {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let mut request = self.http.request(method, format!("http://{}{path}", self.address));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        read(request.send().await.unwrap()).await.unwrap()
    }

    /// Posts a body to a path.
    pub(crate) async fn post(&self, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        self.submit("POST", path, headers, body).await
    }

    /// Requests a path by a method, with a body.
    pub(crate) async fn submit(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let mut request = self.http.request(method, format!("http://{}{path}", self.address));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        read(request.body(body.to_owned()).send().await.unwrap()).await.unwrap()
    }

    /// The sum of a counter over all its series that have these labels.
    pub(crate) async fn counted(&self, name: &str, labels: &[&str]) -> u64 {
        let answer = self.admin().get("/metrics", &[]).await;
        let series = answer.text().lines().filter_map(|line| line.strip_prefix(name));
        let chosen = series.filter(|rest| {
            rest.starts_with(['{', ' ']) && labels.iter().all(|label| rest.contains(label))
        });
        chosen.map(|rest| rest.rsplit_once(' ').unwrap().1.parse::<u64>().unwrap()).sum()
    }
}

/// An HTTP client that follows no redirects.
pub(crate) fn http() -> reqwest::Client {
    // Without a provider the client cannot be built; one that is installed already stays.
    let _installed = rustls::crypto::ring::default_provider().install_default();
    let builder = reqwest::Client::builder().redirect(Policy::none()).no_proxy();
    builder.timeout(ANSWERED).build().unwrap()
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

/// The addresses that a server listens on, if the log line says so.
fn listening(line: &str) -> Option<(SocketAddr, Option<SocketAddr>)> {
    let line: serde_json::Value = serde_json::from_str(line).ok()?;
    let is_it = line.get("message")? == "listening";
    let address = |name: &str| line.get(name)?.as_str()?.parse().ok();
    Some((address("address").filter(|_| is_it)?, address("admin_address")))
}
