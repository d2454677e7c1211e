//! A running simulator and an API client.
#![expect(clippy::unwrap_used, reason = "a fixture fails by panicking")]

use std::net::TcpListener;
use std::sync::{Arc, Once};

use reqwest::Method;
use serde_json::Value;
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::sid::AccountSid;
use switchboard_domain::time::Timestamp;
use switchboard_twilio_simulator::{Running, Seed, Simulator, serve};

pub(crate) const MAIN: &str = "AC00000000000000000000000000000001";
pub(crate) const SUB: &str = "AC00000000000000000000000000000002";
pub(crate) const OTHER: &str = "AC00000000000000000000000000000003";
pub(crate) const TOKEN: &str = "main-token";
pub(crate) const SUB_TOKEN: &str = "sub-token";
pub(crate) const MAIN_KEY: &str = "SK00000000000000000000000000000001";
pub(crate) const STANDARD_KEY: &str = "SK00000000000000000000000000000002";
pub(crate) const NUMBER: &str = "PN00000000000000000000000000000001";
pub(crate) const SENDER: &str = "XE00000000000000000000000000000001";
pub(crate) const SERVICE: &str = "MG00000000000000000000000000000001";

/// A main account, a subaccount of it and an unrelated account; the first two have numbers.
const SEED: &str = r#"{"accounts": [
    {"sid": "AC00000000000000000000000000000001", "name": "Main", "auth_token": "main-token",
     "keys": [
        {"sid": "SK00000000000000000000000000000001", "secret": "secret", "type": "main"},
        {"sid": "SK00000000000000000000000000000002", "secret": "secret", "type": "standard"}],
     "numbers": [
        {"phone_number": "+14155550100", "sid": "PN00000000000000000000000000000001", "friendly_name": "Sales",
         "settings": {"voice_url": "https://old.example/voice", "status_callback": "https://old.example/status"}},
        {"phone_number": "+14155550101", "friendly_name": "VoiceServer only",
         "capabilities": {"voice": true, "sms": false, "mms": false, "fax": false}}],
     "applications": [{"sid": "AP00000000000000000000000000000001", "friendly_name": "App",
        "settings": {"voice_url": "https://app.example/voice"}}],
     "senders": [{"sid": "XE00000000000000000000000000000001", "sender_id": "whatsapp:+14155550100",
        "webhook": {"callback_url": "https://old.example/whatsapp", "callback_method": "POST"}}],
     "services": [{"sid": "MG00000000000000000000000000000001", "friendly_name": "All",
        "phone_numbers": ["+14155550100"], "channel_senders": ["whatsapp:+14155550100"],
        "short_codes": ["12345"]}]},
    {"sid": "AC00000000000000000000000000000002", "name": "Sub", "auth_token": "sub-token",
     "parent": "AC00000000000000000000000000000001",
     "numbers": [{"phone_number": "+14155550200", "sid": "PN00000000000000000000000000000002"}]},
    {"sid": "AC00000000000000000000000000000003", "name": "Other", "auth_token": "other-token"}]}"#;

/// A simulator, its server and a client with credentials.
pub(crate) struct Fixture {
    pub(crate) simulator: Arc<Simulator>,
    pub(crate) running: Running,
    client: reqwest::Client,
    credentials: (String, String),
}

/// A complete response.
#[derive(Debug)]
pub(crate) struct MockResponse {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) text: String,
}

impl MockResponse {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    /// The status and Twilio's code of an error.
    pub(crate) fn refusal(&self) -> (u16, u64) {
        let json = self.json();
        assert_eq!(json["status"], self.status);
        assert!(json["more_info"].as_str().unwrap().ends_with(&json["code"].to_string()));
        (self.status, json["code"].as_u64().unwrap())
    }
}

impl Fixture {
    /// A simulator with the default accounts, and a client with the main account's token.
    pub(crate) fn new() -> Self {
        Self::seeded(serde_json::from_str(SEED).unwrap())
    }

    pub(crate) fn seeded(seed: Seed) -> Self {
        static TLS: Once = Once::new();
        TLS.call_once(|| rustls::crypto::ring::default_provider().install_default().unwrap());
        let simulator = Arc::new(
            Simulator::seeded(seed, Arc::new(Timestamp::from_seconds(1_438_286_400))).unwrap(),
        );
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let running = serve(Arc::clone(&simulator), listener).unwrap();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let credentials = (MAIN.to_owned(), TOKEN.to_owned());
        Self { simulator, running, client, credentials }
    }

    /// The same simulator, called with other credentials.
    pub(crate) fn by(mut self, user: &str, password: &str) -> Self {
        self.credentials = (user.to_owned(), password.to_owned());
        self
    }

    pub(crate) async fn get(&self, path: &str) -> MockResponse {
        self.send(Method::GET, path, &[]).await.unwrap()
    }

    pub(crate) async fn post(&self, path: &str, form: &[(&str, &str)]) -> MockResponse {
        self.send(Method::POST, path, form).await.unwrap()
    }

    pub(crate) async fn delete(&self, path: &str) -> MockResponse {
        self.send(Method::DELETE, path, &[]).await.unwrap()
    }

    pub(crate) async fn post_json(&self, path: &str, body: &Value) -> MockResponse {
        let (user, password) = &self.credentials;
        let request = self
            .client
            .post(self.url(path))
            .basic_auth(user, Some(password))
            .header("Content-Type", "application/json")
            .body(body.to_string());
        read(request.send().await.unwrap()).await.unwrap()
    }

    pub(crate) async fn put_json(&self, path: &str, body: &Value) -> MockResponse {
        let request = self
            .client
            .put(self.url(path))
            .header("Content-Type", "application/json")
            .body(body.to_string());
        read(request.send().await.unwrap()).await.unwrap()
    }

    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        form: &[(&str, &str)],
    ) -> reqwest::Result<MockResponse> {
        let (user, password) = &self.credentials;
        let mut request =
            self.client.request(method, self.url(path)).basic_auth(user, Some(password));
        if !form.is_empty() {
            let body =
                url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
            request =
                request.header("Content-Type", "application/x-www-form-urlencoded").body(body);
        }
        read(request.send().await?).await
    }

    /// The full URL of a path; absolute links are returned unchanged.
    fn url(&self, path: &str) -> String {
        if path.starts_with("http") {
            path.to_owned()
        } else {
            format!("{}{path}", self.running.base())
        }
    }
}

async fn read(response: reqwest::Response) -> reqwest::Result<MockResponse> {
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Ok(MockResponse { status, headers, text: response.text().await? })
}

pub(crate) fn account(text: &str) -> AccountSid {
    AccountSid::parse(text).unwrap()
}

pub(crate) fn phone_number(text: &str) -> PhoneNumber {
    PhoneNumber::parse(text).unwrap()
}

/// The path of a 2010 resource of the main account.
pub(crate) fn main_path(rest: &str) -> String {
    format!("/2010-04-01/Accounts/{MAIN}{rest}")
}
