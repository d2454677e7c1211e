//! A running server, called as the phone company calls it.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use switchboard_domain::signature::{SigningKey, sign_url};
use switchboard_twilio_simulator::Simulator;
use url::form_urlencoded;

use super::number;

/// A start takes less than a second, even of this unoptimised program, unless the machine is very busy.
const STARTED: Duration = Duration::from_secs(30);

/// A running server. It is killed when this is dropped.
pub(crate) struct Server {
    child: Child,
    address: String,
    company: Arc<Simulator>,
    http: reqwest::Client,
}

impl Server {
    pub(super) async fn start(mut command: Command, company: Arc<Simulator>) -> Self {
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let log = BufReader::new(child.stderr.take().unwrap());
        let (tell, told) = tokio::sync::oneshot::channel();
        // Somebody has to read on, or the server waits for that.
        std::thread::spawn(move || {
            let mut tell = Some(tell);
            for line in log.lines().map_while(Result::ok) {
                if let Some(address) = listening(&line)
                    && let Some(tell) = tell.take()
                {
                    tell.send(address).unwrap();
                }
            }
        });
        let address = tokio::time::timeout(STARTED, told).await.unwrap().unwrap();
        // Without a provider the client cannot be built; one that is installed already stays.
        let _installed = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { child, address, company, http }
    }

    /// Calls a number: by the URL that it has at the phone company, signed with the token that its account has there
    /// now. What comes back is the status and the TwiML.
    pub(crate) async fn call(&self, to: &str, call: u128) -> (u16, String) {
        let (account, there) = self.company.number(number(to)).unwrap();
        let token = self.company.tokens(account).unwrap().primary;
        let url = there.settings.voice_url;
        let call = format!("CA{call:032x}");
        let fields = [
            ("AccountSid", account.as_str()),
            ("ApiVersion", "2010-04-01"),
            ("CallSid", &call),
            ("CallStatus", "ringing"),
            ("Direction", "inbound"),
            ("From", "+14155550177"),
            ("To", to),
        ];
        let signature = sign_url(&SigningKey::new(&token).unwrap(), &url, fields);
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        // Whatever the host is, a proxy leads to the server.
        let target = url.splitn(4, '/').nth(3).unwrap();
        let request = self.http.post(format!("http://{}/{target}", self.address));
        let request = request
            .header("X-Twilio-Signature", signature)
            .header("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8");
        let response = request.body(body).send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may be gone already.
        let _killed = self.child.kill();
        let _status = self.child.wait();
    }
}

/// Where a server listens, if the line of its log says so.
fn listening(line: &str) -> Option<String> {
    let line: serde_json::Value = serde_json::from_str(line).ok()?;
    let is_it = line.get("message")? == "listening";
    Some(line.get("address").filter(|_| is_it)?.as_str()?.to_owned())
}
