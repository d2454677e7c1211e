//! Endpoints that answer a message wrongly, or whose reply cannot be sent: each delivery ends in a state that
//! `delivery show` explains, and the conversation continues.

use switchboard_twilio_simulator::ScriptedPhone;

use crate::fixture::{Endpoint, Received, Response};
use crate::prelude::*;

/// Longer than the answer budget, shorter than the timeout of a request.
const LATE: Duration = Duration::from_secs(9);
/// Longer than the timeout of a request.
const SILENCE: Duration = Duration::from_secs(60);
/// Two attempts that time out, and the wait between them.
const ATTEMPTED_AGAIN: Duration = Duration::from_secs(60);
/// The time for one byte of a response that is too slow as a whole.
const DRIP: Duration = Duration::from_secs(1);
const LANDLINE: &str = "+14155550130";

fn replying(body: &str) -> Response {
    Response::of("application/json", &json!({ "reply": { "body": body } }).to_string())
}

/// The first answer to a text is the one that the text names; later ones are replies.
async fn endpoint() -> Endpoint {
    let asked = Mutex::new(BTreeSet::new());
    Endpoint::answering(move |received: &Received| {
        let text = received.body();
        if !asked.lock().unwrap().insert(text.clone()) {
            return replying(&format!("Re: {text}"));
        }
        let json = |body: &str| Response::of("application/json", body);
        match text.as_str() {
            "HTML" => Response::of("text/html", "<html><body>Welcome!</body></html>"),
            "50 MB" => json(&" ".repeat(50 * 1024 * 1024)),
            "slow drip" => Response { pause: DRIP, ..replying("drip") },
            "redirect" => Response {
                status: 302,
                header: ("location", "http://169.254.169.254/latest/meta-data/".to_owned()),
                ..json("")
            },
            "silence" => Response { delay: SILENCE, ..replying("too late") },
            "invalid JSON" => json(r#"{"reply": {"body": "#),
            "unknown field" => json(r#"{"reply": {"text": "hi"}}"#),
            "media at file:" => json(r#"{"reply": {"media": ["file:///etc/passwd"]}}"#),
            "2,000 characters" => replying(&"0123456789".repeat(200)),
            "emoji" => replying("👍"),
            "landline" => Response { delay: LATE, ..replying("Can you read this?") },
            other => replying(&format!("Re: {other}")),
        }
    })
    .await
}

/// The app, its server, and Sales, which answers by the endpoint.
async fn serving(store: Store, endpoint: &Endpoint) -> (TestApp, Server) {
    let mut seed = three_accounts();
    let landline =
        ScriptedPhone { address: LANDLINE.to_owned(), landline: true, ..ScriptedPhone::default() };
    seed.phones.push(landline);
    let app = TestApp::with_fleet_now(store, seed);
    app.run(&format!("agent set Sales --message-webhook {}", endpoint.url)).exits(0);
    app.assign_by_import(&[phone_number(SALES)]);
    let server = app.serve().await;
    (app, server)
}

/// A contact who writes to Sales.
struct Contact<'a> {
    app: &'a TestApp,
    client: Client,
    number: String,
    first: u128,
}

impl Contact<'_> {
    /// The texts of the answer to the n-th message.
    async fn writes(&self, n: u128, text: &str) -> Vec<String> {
        let webhook = Webhook::message(MAIN, SALES, &sid("SM", self.first + n), text);
        let answer = self.client.send(&webhook.with("From", &self.number)).await;
        answer.twiml().children.iter().map(|message| message.text.clone()).collect()
    }

    /// Waits until the delivery of the first message, or of a reply to it, is in this state, and `delivery show` explains it.
    async fn is_explained(&self, kind: &str, state: &str, explanation: &str) {
        let list = format!("delivery list --message {} --json", sid("SM", self.first));
        within(ATTEMPTED_AGAIN, explanation, async || {
            let listed = self.app.run(&list).exits(0).stdout;
            let listed = listed.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
            let is_meant = |one: &Value| one["kind"] == kind && one["state"] == state;
            let delivery = listed.into_iter().find(is_meant)?;
            let id = delivery["id"].as_str().unwrap();
            self.app.run(&["delivery", "show", id]).exits(0).shows(&[explanation]);
            Some(())
        })
        .await;
    }

    /// Writes once more, and waits for the reply, by TwiML or by REST.
    async fn continues(&self) {
        let text = format!("hello from {}", self.first);
        let answer = self.writes(1, &text).await;
        let reply = format!("Re: {text}");
        if answer == [reply.clone()] {
            return;
        }
        within(ATTEMPTED_AGAIN, "the next message is answered", async || {
            let sent = self.app.twilio().simulator.messages(account_sid(MAIN_SID));
            sent.iter().any(|message| message.body == reply).then_some(())
        })
        .await;
    }
}

#[apply(on_both_stores!)]
async fn each_bad_answer_is_explained_and_the_conversation_continues(store: Store) {
    let endpoint = endpoint().await;
    let (app, server) = serving(store, &endpoint).await;
    let (received, sent) = ("message.received", "message.send");
    let cases = [
        ("HTML", received, "dead", "is not a JSON object"),
        ("50 MB", received, "dead", "is larger than 256 KiB"),
        ("slow drip", received, "delivered", "did not answer in time"),
        ("redirect", received, "delivered", "a redirect (302), which is not followed"),
        ("silence", received, "delivered", "did not answer in time"),
        ("invalid JSON", received, "dead", "is not a JSON object"),
        ("unknown field", received, "dead", "whose fields are \"body\" and \"media\""),
        (
            "media at file:",
            received,
            "dead",
            "a URL in \"media\" that does not start with https://",
        ),
        ("2,000 characters", received, "delivered", "the target accepted it"),
        ("emoji", received, "delivered", "the target accepted it"),
        ("landline", sent, "dead", "landline"),
    ];
    let conversations = cases.iter().zip(0..).map(async |((text, kind, state, explanation), n)| {
        let number = match *text {
            "landline" => LANDLINE.to_owned(),
            _ => format!("+1415555{:04}", 140 + n),
        };
        let contact = Contact { app: &app, client: server.client(), number, first: 10 * (n + 1) };
        let answer = contact.writes(0, text).await;
        match *text {
            "2,000 characters" => {
                let lengths: Vec<_> = answer.iter().map(String::len).collect();
                assert_eq!(lengths, [1_600, 400]);
            }
            "emoji" => assert_eq!(answer, ["👍"]),
            _ => assert_eq!(answer, [""; 0], "{text}"),
        }
        contact.is_explained(kind, state, explanation).await;
        contact.continues().await;
    });
    join_all(conversations).await;
}

/// A reply that comes after STOP is not sent, and after START the conversation continues.
#[apply(on_both_stores!)]
async fn a_reply_after_the_opt_out_is_explained_and_the_conversation_continues(store: Store) {
    let endpoint = Endpoint::responding(|body| match body {
        "later" => (Duration::ZERO, 204, Value::Null),
        other => (Duration::ZERO, 200, json!({"reply": {"body": format!("Re: {other}")}})),
    })
    .await;
    let (app, server) = serving(store, &endpoint).await;
    let contact = Contact {
        app: &app,
        client: server.client(),
        number: "+14155550139".to_owned(),
        first: 10,
    };
    assert_eq!(contact.writes(0, "later").await, [""; 0]);
    let data = endpoint.receives(1).await[0].data();
    contact.writes(2, "STOP").await;
    let (url, token) = (data["reply_url"].as_str().unwrap(), data["reply_token"].as_str().unwrap());
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str()), ("idempotency-key", "1")];
    let path = url.strip_prefix(PUBLIC_URL).unwrap();
    let accepted = server.post(path, &headers, r#"{"reply": {"body": "Here I am."}}"#).await;
    assert_eq!(accepted.status, 202, "{}", accepted.text());
    contact.is_explained("message.send", "canceled", "has opted out of messages").await;
    contact.writes(3, "START").await;
    contact.continues().await;
    let sent = app.twilio().simulator.messages(account_sid(MAIN_SID));
    assert!(sent.iter().all(|message| message.body != "Here I am."), "{sent:?}");
}
