//! A scripted webhook server that records the requests it receives.

use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::web::{Bytes, Data};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use switchboard_domain::form::Form;
use switchboard_domain::secret::Secret;
use switchboard_domain::sid::AccountSid;
use switchboard_domain::signature::{SigningKey, sign_url};
use switchboard_domain::time::Timestamp;
use switchboard_twilio_simulator::phone::{
    Caller, HangUp, InboundCall, Pace, PhoneNetwork, Sids, Signer, Webhook,
};

pub(crate) const TOKEN: &str = "0123456789abcdef0123456789abcdef";
pub(crate) const FROM: &str = "+14155550199";
pub(crate) const TO: &str = "+14155550100";

/// A received request.
#[derive(Clone, Debug)]
pub(crate) struct ReceivedRequest {
    pub(crate) method: String,
    /// The path and the query.
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
    /// Whether it is signed with the right token.
    pub(crate) is_signed: bool,
}

impl ReceivedRequest {
    pub(crate) fn path(&self) -> &str {
        self.target.split('?').next().unwrap()
    }

    /// The value of a field, in the body of a POST or the query of a GET.
    pub(crate) fn field(&self, name: &str) -> Option<String> {
        let text = match self.method.as_str() {
            "GET" => self.target.split_once('?').map_or("", |(_, query)| query),
            _ => &self.body,
        };
        let form = Form::parse(text.as_bytes()).unwrap();
        form.fields().find(|(found, _)| *found == name).map(|(_, value)| value.to_owned())
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }
}

/// A scripted response.
#[derive(Clone, Debug)]
pub(crate) struct MockResponse {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: String,
    after: Duration,
}

impl MockResponse {
    pub(crate) fn status(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: String::new(), after: Duration::ZERO }
    }

    /// TwiML with this content of `<Response>`.
    pub(crate) fn twiml(content: &str) -> Self {
        Self::text("text/xml", &format!("<Response>{content}</Response>"))
    }

    pub(crate) fn text(content_type: &str, body: &str) -> Self {
        Self::status(200).with("Content-Type", content_type).containing(body)
    }

    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    pub(crate) fn containing(self, body: &str) -> Self {
        Self { body: body.to_owned(), ..self }
    }

    pub(crate) fn after(self, after: Duration) -> Self {
        Self { after, ..self }
    }
}

type Script = dyn Fn(&ReceivedRequest) -> MockResponse + Send + Sync;

struct ServerState {
    origin: String,
    script: Box<Script>,
    requests: Mutex<Vec<ReceivedRequest>>,
}

/// A server that runs until the test ends.
pub(crate) struct WebhookServer {
    state: Arc<ServerState>,
}

impl WebhookServer {
    pub(crate) fn responding_with(
        script: impl Fn(&ReceivedRequest) -> MockResponse + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let state =
            Arc::new(ServerState { origin, script: Box::new(script), requests: Mutex::default() });
        let data = Data::from(Arc::clone(&state));
        let app = move || {
            let app = App::new().app_data(data.clone()).default_service(web::to(answer));
            // An upgrade request has no body to wait for.
            app.route("/no-websocket", web::to(HttpResponse::NotFound))
        };
        let server = HttpServer::new(app).workers(1).disable_signals().listen(listener).unwrap();
        tokio::spawn(server.run());
        Self { state }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.state.origin)
    }

    pub(crate) fn requests(&self) -> Vec<ReceivedRequest> {
        self.state.requests.lock().unwrap().clone()
    }

    /// The paths of the received requests, in order.
    pub(crate) fn paths(&self) -> Vec<String> {
        self.requests().iter().map(|request| request.path().to_owned()).collect()
    }

    /// A call to `/voice` of this server, without waiting.
    pub(crate) fn call(&self) -> InboundCall {
        let caller = Caller { hang_up: HangUp::Never, ..Caller::default() };
        InboundCall {
            pace: Pace::NoWait,
            caller,
            ..InboundCall::new(signer(), FROM, TO, Webhook::post(self.url("/voice")))
        }
    }
}

async fn answer(request: HttpRequest, body: Bytes, state: Data<ServerState>) -> HttpResponse {
    let body = String::from_utf8(body.to_vec()).unwrap();
    let target = request.uri().to_string();
    let form = Form::parse(body.as_bytes()).unwrap();
    let key = SigningKey::new(&Secret::new(TOKEN.to_owned())).unwrap();
    let expected = sign_url(&key, &format!("{}{target}", state.origin), form.fields());
    let headers = request.headers().iter();
    let headers: Vec<_> = headers
        .map(|(name, value)| (name.as_str().to_owned(), value.to_str().unwrap().to_owned()))
        .collect();
    let given = headers.iter().find(|(name, _)| name == "x-twilio-signature");
    let is_signed = given.is_some_and(|(_, value)| *value == expected);
    let requests =
        ReceivedRequest { method: request.method().to_string(), target, headers, body, is_signed };
    let answer = (state.script)(&requests);
    state.requests.lock().unwrap().push(requests);
    tokio::time::sleep(answer.after).await;
    let mut response = HttpResponse::build(StatusCode::from_u16(answer.status).unwrap());
    for (name, value) in answer.headers {
        response.insert_header((name, value));
    }
    response.body(answer.body)
}

pub(crate) fn signer() -> Signer {
    Signer {
        account: AccountSid::parse("AC0123456789abcdef0123456789abcdef").unwrap(),
        token: Secret::new(TOKEN.to_owned()),
    }
}

/// The time that callbacks report.
pub(crate) const NOW: Timestamp = Timestamp::from_seconds(1_700_000_000);

pub(crate) fn network() -> PhoneNetwork {
    PhoneNetwork::new(Sids::seeded(1), Vec::new(), Arc::new(NOW)).unwrap()
}
