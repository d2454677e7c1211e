//! Chat models that reply to messages. A server of the test checks each request by the types that `OpenAI` publishes, and its
//! answers are what `OpenAI`'s own package makes. Another server was written by others.

use crate::fixture::{Endpoint, Response, python};
use crate::prelude::*;

const KEY: &str = "sk-test-0123456789";

/// A server of chat completions. It refuses what `OpenAI`'s types do not have, another key, and for one model the name
/// `max_tokens`, as `OpenAI` does for its newer models.
const PYTHON: &str = r#"
import json, os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from openai.types import CompletionUsage
from openai.types.chat import ChatCompletion, ChatCompletionMessage
from openai.types.chat.chat_completion import Choice
from openai.types.chat.completion_create_params import CompletionCreateParamsNonStreaming
from pydantic import ConfigDict, TypeAdapter, ValidationError

CompletionCreateParamsNonStreaming.__pydantic_config__ = ConfigDict(extra="forbid", strict=True)
published = TypeAdapter(CompletionCreateParamsNonStreaming)

class Handler(BaseHTTPRequestHandler):
    def answer(self, status, body):
        body = body if isinstance(body, str) else json.dumps(body)
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body.encode())))
        self.end_headers()
        self.wfile.write(body.encode())

    def refuse(self, status, message, param=None):
        error = {"message": message, "type": "invalid_request_error", "param": param, "code": None}
        print(f"refused {status} {message}", flush=True)
        self.answer(status, {"error": error})

    def do_POST(self):
        text = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path != "/v1/chat/completions":
            return self.refuse(404, "no such path")
        if self.headers["Authorization"] != f"Bearer {os.environ['KEY']}":
            return self.refuse(401, "wrong key")
        if self.headers["Content-Type"] != "application/json":
            return self.refuse(415, "wrong content type")
        try:
            # The messages are checked while they are read.
            list(published.validate_json(text)["messages"])
        except ValidationError as error:
            return self.refuse(400, str(error))
        request = json.loads(text)
        if request["model"] == "newer" and "max_tokens" in request:
            return self.refuse(400, "Unsupported parameter: 'max_tokens'", "max_tokens")
        limit = request.get("max_tokens") or request["max_completion_tokens"]
        content = json.dumps([[message["role"], message["content"]] for message in request["messages"]] + [limit])
        message = ChatCompletionMessage(role="assistant", content=content)
        choice = Choice(index=0, message=message, finish_reason="stop")
        usage = CompletionUsage(prompt_tokens=9, completion_tokens=40, total_tokens=49)
        completion = ChatCompletion(id="chatcmpl-1", object="chat.completion", created=1,
            model=request["model"], choices=[choice], usage=usage)
        self.answer(200, completion.model_dump_json())

    def log_message(self, *_):
        pass

server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(f"listening on {server.server_port}", flush=True)
server.serve_forever()
"#;

/// A running server of chat completions, and its base URL.
async fn model_server() -> (Process, String) {
    let mut command = python();
    command.args(["-c", PYTHON]).env("KEY", KEY);
    let mut server = Process::start(command);
    let port = |line: &str| line.strip_prefix("listening on ").map(str::to_owned);
    let port = server.line("the model listens", port).await;
    (server, format!("http://127.0.0.1:{port}/v1"))
}

/// A running server that others have written: `llmock`, which reads requests by its own models of them, knows how long a
/// prompt may be, and limits requests. With these further options.
async fn foreign_server(options: &[&str]) -> (Process, String) {
    let mut command = python();
    command.args(["-m", "llmock.cli", "serve", "--host", "127.0.0.1", "--port", "0"]);
    command.args(["--response-style", "echo"]).args(options);
    let mut server = Process::start(command);
    let base = |line: &str| {
        let (_, rest) = line.split_once("running on ")?;
        rest.split(' ').next().map(str::to_owned)
    };
    let base = server.line("the model listens", base).await;
    (server, format!("{base}/v1"))
}

/// An app behind the offline Twilio, whose agent Sales has a chat model, with these further options.
fn app_with(store: Store, url: &str, options: &str) -> TestApp {
    let app = TestApp::with_fleet_now(store, three_accounts());
    app.write("key.txt", &format!("{KEY}\n"));
    app.write("prompt.txt", "You sell shoes.");
    app.run(&format!("agent set Sales --prompt-file prompt.txt --chat-url {url} --chat-key-file key.txt {options}"))
        .exits(0)
        .assert_hides(KEY);
    app.assign_by_import(&[phone_number(SALES)]);
    app
}

fn message(n: u128, text: &str) -> Webhook {
    Webhook::message(MAIN, SALES, &sid("SM", n), text)
}

/// Waits for the first delivery in this state, and returns what `delivery show` says about it.
async fn explained(app: &TestApp, state: &str) -> String {
    let list = format!("delivery list --state {state} --json");
    let line = within(BEHIND, "the delivery ends", async || {
        app.run(&list).exits(0).stdout.lines().next().map(str::to_owned)
    });
    let delivery: Value = serde_json::from_str(&line.await).unwrap();
    app.run(&format!("delivery show {}", delivery["id"].as_str().unwrap())).exits(0).stdout
}

#[apply(on_both_stores!)]
async fn a_model_gets_what_openai_publishes_and_its_text_is_the_reply(store: Store) {
    let (_model, url) = model_server().await;
    let app = app_with(store, &url, "--chat-model small --chat-max-tokens 64");
    let server = app.serve().await;
    let [image, of] = ["ME", "MM"].map(|prefix| sid(prefix, 1));
    let path = format!("/2010-04-01/Accounts/{MAIN_SID}/Messages/{of}/Media/{image}");
    let first = message(1, "Hi! 👋")
        .with("NumMedia", "1")
        .and("MediaUrl0", &format!("https://api.twilio.com{path}"))
        .and("MediaContentType0", "image/png");
    let answer = server.send(&first).await;
    let said = answer.twiml().only("Message").text.clone();
    let read: Value = serde_json::from_str(&said).unwrap();
    let asked = "Hi! 👋\n[attachment: image/png]";
    assert_eq!(read, json!([["system", "You sell shoes."], ["user", asked], 64]));

    // The reply is part of the conversation once Twilio has taken the answer.
    within(BEHIND, "the reply is delivered", async || {
        let delivered = "deliveries WHERE kind = 'message.send' AND state = 'delivered'";
        (app.store.count(delivered).await == 1).then_some(())
    })
    .await;
    app.run("agent set Sales --chat-model newer").exits(0);
    let answer = server.send(&message(2, "How much?")).await;
    let read: Value = serde_json::from_str(&answer.twiml().only("Message").text).unwrap();
    let expected = json!([
        ["system", "You sell shoes."],
        ["user", asked],
        ["assistant", said],
        ["user", "How much?"],
        64
    ]);
    assert_eq!(read, expected);
}

#[apply(on_both_stores!)]
async fn a_limit_of_tokens_and_a_removed_key_end_in_clear_states(store: Store) {
    let (_model, url) = model_server().await;
    let app = app_with(store, &url, "--chat-model small --chat-daily-limit 40");
    let server = app.serve().await;
    assert_eq!(server.send(&message(1, "one")).await.twiml().children.len(), 1);
    assert_eq!(server.send(&message(2, "two")).await.twiml().children, []);
    let shown = explained(&app, "dead").await;
    assert!(
        shown.contains("limit of completion tokens") && shown.contains("--chat-daily-limit"),
        "{shown}"
    );

    // The key is not sent to another URL, and the model refuses a request without one.
    app.run(&format!("agent set Sales --chat-url {url}/ --chat-daily-limit 90")).exits(0);
    assert_eq!(server.send(&message(3, "three")).await.twiml().children, []);
    app.store.holds(2, "deliveries WHERE state = 'dead'").await;
    let shown = explained(&app, "dead").await;
    assert!(shown.contains("refused the key") && shown.contains("--chat-key-file"), "{shown}");
    app.run("agent set Sales --chat-key-file key.txt").exits(0);
    assert_eq!(server.send(&message(4, "four")).await.twiml().children.len(), 1);
    let database = app
        .store
        .texts("SELECT message_chat AS value FROM agents WHERE message_chat IS NOT NULL")
        .await;
    assert!(database.iter().all(|text| !text.contains(KEY)), "{database:?}");
}

#[apply(on_both_stores!)]
async fn a_server_that_others_have_written_answers_and_refuses_what_is_too_long(store: Store) {
    let (_model, url) = foreign_server(&["--context-window", "200"]).await;
    let app = app_with(store, &url, "--chat-model small --chat-max-tokens 64");
    let server = app.serve().await;
    let answer = server.send(&message(1, "Do you sell boots? 👢")).await;
    assert_eq!(
        answer.twiml().only("Message").text,
        "Hello! You said: You sell shoes. Do you sell boots? 👢"
    );
    let long = message(2, &"And boots? ".repeat(140)).with("From", "+14155560002");
    assert_eq!(server.send(&long).await.twiml().children, []);
    let shown = explained(&app, "dead").await;
    assert!(shown.contains("400"), "{shown}");
    let next = message(3, "And you?").with("From", "+14155560003");
    assert_eq!(server.send(&next).await.twiml().children.len(), 1);
}

#[apply(on_both_stores!)]
async fn the_limit_of_a_server_that_others_have_written_is_waited_for(store: Store) {
    let (_model, url) = foreign_server(&["--rpm", "1"]).await;
    let app = app_with(store, &url, "--chat-model small");
    let server = app.serve().await;
    assert_eq!(server.send(&message(1, "one")).await.twiml().children.len(), 1);
    assert_eq!(server.send(&message(2, "two")).await.twiml().children, []);
    let shown = explained(&app, "pending").await;
    assert!(shown.contains("429"), "{shown}");
}

#[apply(on_both_stores!)]
async fn a_model_that_fails_is_asked_again_and_what_is_no_completion_is_not(store: Store) {
    let attempts = AtomicUsize::new(0);
    let endpoint = Endpoint::answering(move |_| match attempts.fetch_add(1, Ordering::SeqCst) {
        0 => Response {
            status: 429,
            header: ("retry-after", "1".to_owned()),
            ..Response::of("", "")
        },
        1 => Response::of("application/json", r#"{"choices":[{"message":{"content":"Hello"}}]}"#),
        _ => Response::of("text/html", "<html>Bad gateway</html>"),
    })
    .await;
    let app = app_with(store, &endpoint.url, "--chat-model small");
    let server = app.serve().await;
    assert_eq!(server.send(&message(1, "one")).await.twiml().children, []);
    let sent = within(Duration::from_secs(30), "the reply is sent", async || {
        app.twilio().simulator.messages(account_sid(MAIN_SID)).pop().map(|message| message.body)
    });
    assert_eq!(sent.await, "Hello");
    assert_eq!(server.send(&message(2, "two")).await.twiml().children, []);
    let shown = explained(&app, "dead").await;
    assert!(shown.contains("is not a chat completion"), "{shown}");
}

#[test]
fn a_chat_model_is_described_by_its_options() {
    let app = TestApp::over(Store::sqlite());
    app.run("migrate").exits(0);
    app.write("key.txt", KEY);
    let add = |options: &str| app.run(&format!("agent add --name A --json {options}"));
    let url = "--chat-url https://models.example.com/v1";
    let both = add(&format!("--chat-model m {url} --message-twilio https://a.example")).exits(2);
    assert!(
        both.stderr.contains("--chat-") && both.stderr.contains("--message-twilio"),
        "{}",
        both.stderr
    );
    for (options, named) in [
        ("--chat-model m", "--chat-url"),
        (url, "--chat-model"),
        ("--chat-key-file key.txt", "--chat-model"),
    ] {
        let refused = add(options).exits(2);
        assert!(refused.stderr.contains(named), "{}", refused.stderr);
    }
    let wrong = add(&format!("--chat-model m {url} --chat-max-tokens 0")).exits(2);
    assert!(wrong.stderr.contains("from 1 to"), "{}", wrong.stderr);
    let added = add(&format!("--chat-model m {url} --chat-key-file key.txt")).exits(0);
    added.assert_hides(KEY);
    let target = json!({"kind": "chat_model", "model": "m", "url": "https://models.example.com/v1", "max_tokens": 1024, "daily_limit": 200_000});
    assert_eq!(added.json()["message_target"], target);
    assert_eq!(added.json()["webhook_secret"], Value::Null);
    let shown = app.run("agent show A").exits(0);
    assert!(
        shown.stdout.contains("chat model m at https://models.example.com/v1"),
        "{}",
        shown.stdout
    );
    shown.assert_hides(KEY);
}
