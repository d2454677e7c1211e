//! Messages as Twilio's own form: endpoints that were written for Twilio, with its own libraries, work unchanged behind us.

use crate::fixture::{Endpoint, Response, node, python};
use crate::prelude::*;

const PYTHON: &str = r#"
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl
from twilio.request_validator import RequestValidator
from twilio.twiml.messaging_response import MessagingResponse

class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        text = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = dict(parse_qsl(text, keep_blank_values=True))
        url = f"http://{self.headers['Host']}{self.path}"
        validator = RequestValidator(os.environ["KEY"])
        if not validator.validate(url, form, self.headers["X-Twilio-Signature"]):
            return self.send_error(403)
        answer = MessagingResponse()
        answer.message(f"{form['ProfileName']} & {form['Body']}")
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
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
    const answer = new twilio.twiml.MessagingResponse();
    answer.message(`${form.ProfileName} & ${form.Body}`);
    response.writeHead(200, { "Content-Type": "text/xml" }).end(answer.toString());
  });
});
server.listen(0, "127.0.0.1", () => console.log(`listening on ${server.address().port}`));
"#;

fn in_python() -> Command {
    let mut command = python();
    command.args(["-c", PYTHON]);
    command
}

fn for_node() -> Command {
    let mut command = node();
    command.args(["-e", NODE]);
    command
}

/// An app behind the offline Twilio, whose agent Sales has this endpoint, and the secret of the endpoint.
fn app_with(store: Store, url: &str) -> (TestApp, String) {
    let app = TestApp::with_fleet_now(store, three_accounts());
    let set = format!("agent set Sales --message-twilio {url} --json");
    let set = app.run(&set).exits(0).json();
    assert_eq!(set["message_target"], json!({"kind": "twilio", "url": url}));
    let secret = set["webhook_secret"].as_str().unwrap().to_owned();
    app.assign_by_import(&[phone_number(SALES)]);
    (app, secret)
}

/// A message as Twilio sends it for WhatsApp, with a text that is awkward in forms and in XML.
fn message(n: u128) -> Webhook {
    Webhook::message(MAIN, SALES, &sid("SM", n), TEXT)
        .and("ProfileName", "Zoë")
        .and("WaId", "14155550177")
}

const TEXT: &str = "Grüße & \"mehr\" = 100 % + <1> 👋";

async fn is_answered_by(store: Store, mut handler: Command) {
    // The handler needs the key of the agent, and the agent the port of the handler.
    let placeholder = "http://127.0.0.1:9/sms";
    let (app, secret) = app_with(store, placeholder);
    handler.env("KEY", &secret);
    let mut handler = Process::start(handler);
    let port = |line: &str| line.strip_prefix("listening on ").map(str::to_owned);
    let port = handler.line("the handler listens", port).await;
    app.run(&format!("agent set Sales --message-twilio http://127.0.0.1:{port}/sms?bot=1"))
        .exits(0);
    let server = app.serve().await;
    let answer = server.send(&message(1)).await;
    assert_eq!(answer.twiml().only("Message").text, format!("Zoë & {TEXT}"));

    // The handler has the previous key, and the newest one signs.
    app.run("agent rotate-secret Sales").exits(0);
    assert_eq!(server.send(&message(2)).await.twiml().children, []);
    let attempts = attempts(&app, "bad_status").await;
    assert!(attempts.contains("403"), "{attempts}");
}

#[apply(on_both_stores!)]
async fn what_nobody_verified_is_not_signed_for_the_handler(store: Store) {
    let endpoint = Endpoint::answering(|_| Response::of("text/plain", "yes")).await;
    let (mut app, _) = app_with(store, &endpoint.url);
    app.set("TWILIO_SIGNATURE_VALIDATION", "report");
    let server = app.serve().await;
    server.send(&message(1)).await;
    assert_eq!(server.send(&message(2).unsigned()).await.twiml().only("Message").text, "yes");
    let received = endpoint.received();
    let is_signed = |n: usize| received[n].headers.contains_key("x-twilio-signature");
    assert_eq!((received.len(), is_signed(0), is_signed(1)), (2, true, false));
}

#[apply(on_both_stores!)]
async fn a_handler_with_twilio_for_python_takes_the_form_and_answers_it(store: Store) {
    is_answered_by(store, in_python()).await;
}

#[apply(on_both_stores!)]
async fn a_handler_with_twilio_for_node_takes_the_form_and_answers_it(store: Store) {
    is_answered_by(store, for_node()).await;
}

/// Waits for an attempt with this outcome.
async fn attempts(app: &TestApp, outcome: &str) -> String {
    within(Duration::from_secs(30), "the message is attempted", async || {
        let query =
            format!("SELECT attempts AS value FROM deliveries WHERE attempts LIKE '%{outcome}%'");
        app.store.texts(&query).await.pop()
    })
    .await
}

#[apply(on_both_stores!)]
async fn every_parameter_of_the_webhook_is_delivered_once_with_the_same_token(store: Store) {
    let first = AtomicUsize::new(0);
    let endpoint = Endpoint::answering(move |_| Response {
        status: if first.fetch_add(1, Ordering::SeqCst) == 0 { 503 } else { 200 },
        ..Response::of("text/xml", "<Response><Message>a</Message><Message><Body>b</Body><Media>https://example.com/c.png</Media></Message></Response>")
    })
    .await;
    let (app, _) = app_with(store, &endpoint.url);
    let server = app.serve().await;
    let webhook =
        message(1).and("ReferralSourceUrl", "https://api.example.com/m").and("Unknown[0]", "");
    assert_eq!(server.send(&webhook).await.twiml().children, []);
    let received = endpoint.receives(2).await;
    let (_, sent) = webhook.signed_parts();
    for delivery in &received {
        assert_eq!(delivery.fields(), sent);
        let content_type = &delivery.headers["content-type"];
        assert!(content_type.starts_with("application/x-www-form-urlencoded"), "{content_type}");
    }
    let token = |n: usize| received[n].headers["i-twilio-idempotency-token"].clone();
    assert!(token(0).starts_with("dlv_"), "{}", token(0));
    assert_eq!(token(0), token(1));
    let texts = within(Duration::from_secs(30), "the replies are sent", async || {
        let messages = app.twilio().simulator.messages(account_sid(MAIN_SID));
        let texts: Vec<_> = messages.iter().rev().map(|message| message.body.clone()).collect();
        Some(texts).filter(|texts| texts.len() == 2)
    });
    assert_eq!(texts.await, ["a", "b"]);
}

#[apply(on_both_stores!)]
async fn an_answer_that_is_no_reply_ends_in_a_clear_state_and_the_conversation_continues(
    store: Store,
) {
    let endpoint = Endpoint::answering(|received| {
        let fields = received.fields();
        let (_, text) = fields.iter().find(|(name, _)| name == "Body").unwrap();
        match text.as_str() {
            "redirect" => Response::of("text/xml", "<Response><Redirect>/b</Redirect></Response>"),
            "entities" => Response::of(
                "text/xml",
                "<!DOCTYPE r [<!ENTITY a \"b\">]><Response><Message>&a;</Message></Response>",
            ),
            "large" => Response::of("text/xml", &" ".repeat(70_000)),
            "json" => Response::of("application/json", "{}"),
            "silent" => Response::of("", ""),
            other => Response::of("text/plain", &format!("Re: {other}\n")),
        }
    })
    .await;
    let (app, _) = app_with(store, &endpoint.url);
    let server = app.serve().await;
    for (n, text, explanation) in [
        (1, "redirect", "is TwiML with <Redirect>, which is not followed"),
        (2, "entities", "has a document type, which TwiML cannot have"),
        (3, "large", "is larger than 64 KiB"),
        (4, "json", "is neither TwiML nor a text"),
    ] {
        let webhook = Webhook::message(MAIN, SALES, &sid("SM", n), text);
        assert_eq!(server.send(&webhook).await.twiml().children, [], "{text}");
        let list = format!("delivery list --state dead --message {} --json", sid("SM", n));
        let delivery = within(BEHIND, "the delivery is dead", async || {
            let line = app.run(&list).exits(0).stdout.lines().next().map(str::to_owned);
            line.map(|line| serde_json::from_str::<Value>(&line).unwrap())
        });
        let delivery = delivery.await;
        assert_eq!(delivery["reason"], json!("invalid_response"));
        let id = delivery["id"].as_str().unwrap();
        let shown = app.run(&format!("delivery show {id}")).exits(0).stdout;
        assert!(shown.contains(explanation), "{shown}");
    }
    let silent = Webhook::message(MAIN, SALES, &sid("SM", 5), "silent");
    assert_eq!(server.send(&silent).await.twiml().children, []);
    let next = Webhook::message(MAIN, SALES, &sid("SM", 6), "hello");
    assert_eq!(server.send(&next).await.twiml().only("Message").text, "Re: hello");
}

#[test]
fn two_message_targets_are_refused_by_their_names() {
    let app = TestApp::migrated(Store::sqlite());
    let both = "agent add --name A --message-webhook https://a.example/1 --message-twilio https://a.example/2";
    let refused = app.run(both).exits(2);
    for option in ["--message-webhook", "--message-twilio"] {
        assert!(refused.stderr.contains(option), "{}", refused.stderr);
    }
}
