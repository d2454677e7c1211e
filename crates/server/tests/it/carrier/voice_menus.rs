//! Whole calls to agents with handlers: what the caller does reaches the handler through us, signed again.

use crate::fixture::{Endpoint, Response, node, python, signature};
use crate::prelude::*;
use switchboard_twilio_simulator::phone::{
    CallReport, DialOutcome, InboundCall, Input, Method, Pace, Signer, Webhook as Hook,
};

/// A server behind its public URL, and the number 0, which is assigned to Sales.
struct Line {
    app: TestApp,
    _server: Server,
    public: PublicUrl,
    secret: String,
}

impl Line {
    /// Sales has this handler.
    async fn to(store: Store, handler: &str) -> Self {
        let (app, public, secret) = Self::prepared(store, handler).await;
        let server = app.serve().await;
        public.leads_to(server.address);
        Self { app, _server: server, public, secret }
    }

    async fn prepared(store: Store, handler: &str) -> (TestApp, PublicUrl, String) {
        let mut app = TestApp::with_fleet(store, three_accounts());
        let public = PublicUrl::new().await;
        app.set("SWITCHBOARD_PUBLIC_URL", &public.url);
        let set = format!("agent set Sales --voice-twilio {handler} --json");
        let secret = app.run(&set).exits(0).json()["webhook_secret"].as_str().unwrap().to_owned();
        app.run(&format!("number assign {} --agent Sales", number(0).as_str())).exits(0);
        (app, public, secret)
    }

    /// A call without pauses.
    fn call(&self) -> InboundCall {
        let to =
            |path: &str| Hook { url: format!("{}{path}", self.public.url), method: Method::Post };
        let signer =
            Signer { account: account_sid(MAIN_SID), token: Secret::new(MAIN_TOKEN.to_owned()) };
        let called = number(0).as_str().to_owned();
        let mut call = InboundCall::new(signer, "+14155550199", called, to("/api/twilio/voice"));
        call.status_callback = Some(to("/api/twilio/status"));
        call.pace = Pace::NoWait;
        call
    }
}

async fn put_through(call: InboundCall) -> CallReport {
    phone_network().call(call, &|_entry| {}).await
}

/// What the caller hears, one after the other.
fn heard(report: &CallReport) -> Vec<&str> {
    fn said(event: &Event) -> Option<&str> {
        match event {
            Event::Verb { text } => text.strip_prefix("Say: "),
            _ => None,
        }
    }
    report.transcript.events().filter_map(said).collect()
}

fn purposes(report: &CallReport) -> Vec<(Purpose, Option<u16>)> {
    let request = |event: &Event| match event {
        Event::Request(request) => Some((request.purpose, request.status)),
        _ => None,
    };
    report.transcript.events().filter_map(request).collect()
}

#[apply(on_both_stores!)]
async fn a_menu_of_a_handler_is_walked_through_and_a_dialed_phone_is_reported(store: Store) {
    let endpoint = Endpoint::answering(|received| {
        let body = match received.line.as_str() {
            "POST /messages" => {
                "<Response><Gather numDigits=\"1\" action=\"/menu?x=1\"><Say>Press 1</Say></Gather></Response>"
            }
            "POST /menu?x=1" => {
                "<Response><Say>Connecting</Say><Dial action=\"done\" method=\"GET\">\
                 <Number statusCallback=\"/leg\" statusCallbackEvent=\"answered completed\">+14155550142</Number></Dial></Response>"
            }
            "POST /leg" => "",
            get if get.starts_with("GET /done?") => "<Response><Say>Bye</Say><Hangup/></Response>",
            other => panic!("{other}"),
        };
        Response::of("text/xml", body)
    })
    .await;
    let line = Line::to(store, &endpoint.url).await;
    let mut call = line.call();
    call.caller.inputs = vec![Input::Digits("1".to_owned())];
    call.caller.dial_outcomes = vec![DialOutcome::Answered(7)];
    let report = put_through(call).await;
    assert_eq!(report.status, CallStatus::Completed, "{}", report.transcript);
    assert_eq!(heard(&report), ["Press 1", "Connecting", "Bye"], "{}", report.transcript);
    let (action, status) = ((Purpose::Action, Some(200)), (Purpose::Status, Some(204)));
    let incoming = (Purpose::Incoming, Some(200));
    assert_eq!(purposes(&report), [incoming, action, status, status, action, status]);

    let received = endpoint.received();
    let base = endpoint.url.strip_suffix("/messages").unwrap();
    for request in &received {
        let (method, path) = request.line.split_once(' ').unwrap();
        let fields = if method == "GET" { Vec::new() } else { request.fields() };
        let expected = signature(&line.secret, &format!("{base}{path}"), &fields);
        assert_eq!(request.headers["x-twilio-signature"], expected, "{}", request.line);
        assert!(!request.line.contains("next="), "{}", request.line);
    }
    let field = |n: usize, name: &str| {
        let found = received[n].fields().into_iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value)
    };
    assert_eq!(field(1, "Digits").as_deref(), Some("1"));
    assert_eq!(field(2, "ParentCallSid"), Some(report.sid.clone()));
    assert!(received[4].line.contains("DialCallStatus=completed"), "{}", received[4].line);
    let shown = within(BEHIND, "the end of the call is recorded", async || {
        let shown = line.app.run(&format!("call show {} --json", report.sid)).stdout;
        let call = serde_json::from_str::<Value>(&shown).ok()?;
        Some(call).filter(|call| call["outcome"] != json!("in_progress"))
    });
    assert_eq!(shown.await["outcome"], json!("answered"));
}

#[apply(on_both_stores!)]
async fn a_handler_that_fails_in_the_menu_ends_with_an_apology(store: Store) {
    let endpoint = Endpoint::answering(|received| match received.line.as_str() {
        "POST /messages" => Response::of(
            "text/xml",
            "<Response><Gather action=\"/menu\"><Say>Press 1</Say></Gather></Response>",
        ),
        _ => Response { status: 502, ..Response::of("text/html", "<html/>") },
    })
    .await;
    let line = Line::to(store, &endpoint.url).await;
    let mut call = line.call();
    call.caller.inputs = vec![Input::Digits("1".to_owned())];
    let report = put_through(call).await;
    let heard = heard(&report);
    assert!(heard[1].starts_with("We are sorry."), "{}", report.transcript);
    let show = format!("call show {}", report.sid);
    let shown = within(BEHIND, "the failure is recorded", async || {
        let shown = line.app.run(&show).stdout;
        Some(shown).filter(|shown| shown.contains("attempt 1 failed: the handler answered 502"))
    });
    shown.await;
}

/// Twilio's request for a link that was changed is refused, and listed.
#[apply(on_both_stores!)]
async fn a_forged_link_is_refused_and_listed(store: Store) {
    let gather = "<Response><Gather action=\"/menu\"/></Response>";
    let endpoint = Endpoint::answering(move |_| Response::of("text/xml", gather)).await;
    let app = TestApp::with_fleet_now(store, three_accounts());
    app.run(&format!("agent set Sales --voice-twilio {}", endpoint.url)).exits(0);
    app.assign_by_import(&[phone_number(SALES)]);
    let server = app.serve().await;
    let call = Webhook::call(MAIN, SALES, &sid("CA", 1));
    let twiml = server.send(&call).await.twiml();
    let link = twiml.only("Gather").attribute("action").unwrap();
    let target = link.strip_prefix(PUBLIC_URL).unwrap().to_owned();
    let genuine = call.clone().at(&target).with("CallStatus", "in-progress");
    assert_eq!(server.send(&genuine).await.status, 200);
    let as_get = call.clone().with("CallStatus", "in-progress").by_get().at(&target);
    assert_eq!(server.send(&as_get).await.status, 200);
    let forged = genuine.clone().at(&target.replace("next=t.", "next=c."));
    let refused = server.send(&forged).await;
    assert_eq!((refused.status, refused.text()), (403, ""));
    let of_others = Webhook::call(OTHER, OTHERS, &sid("CA", 2)).at(&target);
    assert_eq!(server.send(&of_others).await.status, 403);
    assert_eq!(endpoint.received().len(), 3);
    let listed = within(BEHIND, "the refusal is listed", async || {
        let listed = app.run("rejection list --reason link_wrong").stdout;
        Some(listed).filter(|listed| listed.contains("handler"))
    });
    listed.await;
}

const PYTHON: &str = r#"
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl
from twilio.request_validator import RequestValidator
from twilio.twiml.voice_response import Gather, VoiceResponse

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer({})

    def do_POST(self):
        text = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.answer(dict(parse_qsl(text, keep_blank_values=True)))

    def answer(self, form):
        url = f"http://{self.headers['Host']}{self.path}"
        validator = RequestValidator(os.environ["KEY"])
        if not validator.validate(url, form, self.headers["X-Twilio-Signature"]):
            return self.send_error(403)
        answer = VoiceResponse()
        if self.path.startswith("/voice"):
            gather = Gather(num_digits=1, action="/menu?x=1", method=os.environ["METHOD"])
            gather.say(f"Hello {form['From']} & welcome")
            answer.append(gather)
        else:
            digits = form.get("Digits") or dict(parse_qsl(self.path.split("?")[1]))["Digits"]
            answer.say(f"You pressed {digits}")
        self.send_response(200)
        self.send_header("Content-Type", "text/xml")
        self.end_headers()
        self.wfile.write(str(answer).encode())

server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(f"listening on {server.server_port}", flush=True)
server.serve_forever()
"#;
const NODE: &str = r#"
const http = require("http");
const twilio = require("twilio");
const server = http.createServer((request, response) => {
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    const form = Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString()));
    const url = `http://${request.headers.host}${request.url}`;
    const signature = request.headers["x-twilio-signature"];
    if (!twilio.validateRequest(process.env.KEY, signature, url, form)) {
      response.writeHead(403).end();
      return;
    }
    const answer = new twilio.twiml.VoiceResponse();
    if (request.url.startsWith("/voice")) {
      answer.gather({ numDigits: 1, action: "/menu?x=1", method: process.env.METHOD })
        .say(`Hello ${form.From} & welcome`);
    } else {
      const digits = form.Digits || new URL(url).searchParams.get("Digits");
      answer.say(`You pressed ${digits}`);
    }
    response.writeHead(200, { "Content-Type": "text/xml" }).end(answer.toString());
  });
});
server.listen(0, "127.0.0.1", () => console.log(`listening on ${server.address().port}`));
"#;

async fn is_walked_through(store: Store, mut handler: Command, method: &str) {
    // The handler needs the key of the agent, and the agent the port of the handler.
    let (app, public, secret) = Line::prepared(store, "http://127.0.0.1:9/voice").await;
    handler.env("KEY", &secret).env("METHOD", method);
    let mut handler = Process::start(handler);
    let port = |line: &str| line.strip_prefix("listening on ").map(str::to_owned);
    let port = handler.line("the handler listens", port).await;
    app.run(&format!("agent set Sales --voice-twilio http://127.0.0.1:{port}/voice?bot=1"))
        .exits(0);
    let server = app.serve().await;
    public.leads_to(server.address);
    let line = Line { app, _server: server, public, secret };
    let mut call = line.call();
    call.caller.inputs = vec![Input::Digits("4".to_owned())];
    let report = put_through(call).await;
    let expected = ["Hello +14155550199 & welcome", "You pressed 4"];
    assert_eq!(heard(&report), expected, "{}", report.transcript);
}

#[apply(on_both_stores!)]
async fn a_handler_with_twilio_for_python_is_walked_through_by_post(store: Store) {
    let mut command = python();
    command.args(["-c", PYTHON]);
    is_walked_through(store, command, "POST").await;
}

#[apply(on_both_stores!)]
async fn a_handler_with_twilio_for_python_is_walked_through_by_get(store: Store) {
    let mut command = python();
    command.args(["-c", PYTHON]);
    is_walked_through(store, command, "GET").await;
}

#[apply(on_both_stores!)]
async fn a_handler_with_twilio_for_node_is_walked_through_by_post(store: Store) {
    let mut command = node();
    command.args(["-e", NODE]);
    is_walked_through(store, command, "POST").await;
}
