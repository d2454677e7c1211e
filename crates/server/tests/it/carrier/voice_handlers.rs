//! Agents whose own handlers answer calls: handlers that were written for Twilio work unchanged behind us.

use crate::fixture::{Endpoint, Received, Response, signature};
use crate::prelude::*;

/// Whether a posted form is signed with this secret.
fn is_signed(received: &Received, url: &str, secret: &str) -> bool {
    received.headers["x-twilio-signature"] == signature(secret, url, &received.fields())
}

/// A call of Sales.
fn call(n: u128) -> Webhook {
    Webhook::call(MAIN, SALES, &sid("CA", n))
}

/// An app behind the offline Twilio, whose agent Sales has this handler, and the secret of the agent.
fn app_with(store: Store, url: &str) -> (TestApp, String) {
    let app = TestApp::with_fleet_now(store, three_accounts());
    let set = app.run(&format!("agent set Sales --voice-twilio {url} --json")).exits(0).json();
    assert_eq!(set["voice_target"], json!({"kind": "twilio", "url": url}));
    let secret = set["webhook_secret"].as_str().unwrap().to_owned();
    app.assign_by_import(&[phone_number(SALES)]);
    (app, secret)
}

#[apply(on_both_stores!)]
async fn a_handler_gets_the_signed_webhook_and_its_twiml_is_passed_on(store: Store) {
    let answer = "<?xml version=\"1.0\"?>\n<Response><Say voice=\"alice\">Hello &amp; <emphasis>welcome</emphasis></Say>\
        <Dial callerId=\"+14155550100\">+14155550142</Dial></Response>";
    let endpoint = Endpoint::answering(move |_| Response::of("text/xml", answer)).await;
    let (app, secret) = app_with(store, &endpoint.url);
    let server = app.serve().await;
    let webhook = call(1).and("CallerName", "Zoë & \"Co\"").and("Unknown[0]", "");
    let twiml = server.send(&webhook).await.twiml();
    let [say, dial] = &twiml.children[..] else { panic!("{twiml:?}") };
    assert_eq!((say.attribute("voice"), say.text.as_str()), (Some("alice"), "Hello & "));
    assert_eq!(say.only("emphasis").text, "welcome");
    let shown_as = dial.attribute("callerId");
    assert_eq!((shown_as, dial.text.as_str()), (Some("+14155550100"), "+14155550142"));
    server.send(&webhook).await.twiml();
    let received = endpoint.received();
    let (_, sent) = webhook.signed_parts();
    for request in &received {
        assert_eq!(request.fields(), sent);
        assert!(is_signed(request, &endpoint.url, &secret), "{request:?}");
    }
    let token = |n: usize| received[n].headers["i-twilio-idempotency-token"].clone();
    assert_eq!((token(0), token(0).len()), (token(1), 36));
    let shown = app.run("agent show Sales").exits(0).stdout;
    assert!(shown.contains("Twilio's form to http://127.0.0.1"), "{shown}");
    let explained = app.run(&format!("route explain --to {SALES} --from +14155550177")).exits(0);
    assert!(explained.stdout.contains("Twilio's form to"), "{}", explained.stdout);
}

#[apply(on_both_stores!)]
async fn an_answer_that_is_no_twiml_is_a_busy_signal_and_the_call_says_why(store: Store) {
    let endpoint = Endpoint::answering(|received| {
        let fields = received.fields();
        let (_, kind) = fields.iter().find(|(name, _)| name == "Kind").unwrap();
        match kind.as_str() {
            "html" => Response::of("text/html", "<html><body>Sorry</body></html>"),
            "message" => Response::of("text/xml", "<Response><Message>Hi</Message></Response>"),
            "large" => Response::of("text/xml", &" ".repeat(50_000_000)),
            "redirect" => Response {
                status: 302,
                header: ("location", "http://169.254.169.254/latest/meta-data/".to_owned()),
                ..Response::of("", "")
            },
            "slow" => {
                Response { delay: Duration::from_secs(20), ..Response::of("text/plain", "Hi") }
            }
            "empty" => Response::of("", ""),
            other => Response::of("text/plain", &format!("You said {other}")),
        }
    })
    .await;
    let (app, _) = app_with(store, &endpoint.url);
    let server = app.serve().await;
    for (n, kind, explanation) in [
        (1, "html", "not TwiML: its root element is not <Response>"),
        (2, "message", "is TwiML with <Message>, which answers messages and not calls"),
        (3, "large", "the response of the handler is larger than 64 KiB"),
        (4, "redirect", "the handler answered 302"),
        (5, "slow", "the handler did not answer in time"),
    ] {
        let begun = Instant::now();
        let twiml = server.send(&call(n).and("Kind", kind)).await.twiml();
        assert_eq!(twiml.only("Reject").attribute("reason"), Some("busy"), "{kind}");
        assert!(begun.elapsed() < Duration::from_secs(15), "{kind}: Twilio is gone");
        let sid = sid("CA", n);
        let shown = within(BEHIND, "the failure is recorded", async || {
            let shown = app.run(&format!("call show {sid}")).stdout;
            Some(shown).filter(|shown| shown.contains(explanation))
        });
        shown.await;
        let call = app.run(&format!("call show {sid} --json")).exits(0).json();
        assert_eq!(
            (&call["outcome"], &call["reason"]),
            (&json!("unanswered"), &json!("handler_failed"))
        );
    }
    assert_eq!(server.send(&call(6).and("Kind", "empty")).await.twiml().children, []);
    let spoken = server.send(&call(7).and("Kind", "<yes>")).await.twiml();
    assert_eq!(spoken.only("Say").text, "You said <yes>");
}

/// Sales, then Support.
const PLAN: &str =
    r#"{"rules": [], "otherwise": {"agents": ["Sales", "Support"], "strategy": "priority"}}"#;

#[apply(on_both_stores!)]
async fn the_next_agent_of_the_plan_follows_a_handler_that_is_down(store: Store) {
    let endpoint = Endpoint::answering(|_| Response { status: 500, ..Response::of("", "") }).await;
    let (app, _) = app_with(store, &endpoint.url);
    app.run("agent set Support --stream-url wss://voice.example.com/support").exits(0);
    app.write("plan.json", PLAN);
    app.run("route plan save plan.json --name Chain").exits(0);
    app.run(&format!("route attach Chain --number {SALES}")).exits(0);
    let server = app.serve().await;
    let twiml = server.send(&call(1)).await.twiml();
    assert_eq!(
        twiml.only("Connect").only("Stream").attribute("url"),
        Some("wss://voice.example.com/support")
    );
    assert_eq!(endpoint.received().len(), 1);
    let show = format!("call show {}", sid("CA", 1));
    let lines = [
        "attempt 1: sent to agent Sales (",
        "attempt 1 failed: the handler answered 500",
        "attempt 2: sent to agent Support (",
    ];
    // The attempts and the failure are written one after the other.
    let shown = within(BEHIND, "the attempts and the failure are recorded", async || {
        let shown = app.run(&show).stdout;
        lines.iter().all(|line| shown.contains(line)).then_some(())
    });
    shown.await;
}

#[test]
fn two_voice_targets_are_refused_by_their_names() {
    let app = TestApp::migrated(Store::sqlite());
    let both =
        "agent add --name A --stream-url wss://a.example/1 --voice-twilio https://a.example/2";
    let refused = app.run(both).exits(2);
    for option in ["--stream-url", "--voice-twilio"] {
        assert!(refused.stderr.contains(option), "{}", refused.stderr);
    }
}

#[test]
fn one_secret_serves_calls_and_messages_and_a_private_address_is_hinted_at() {
    let mut app = TestApp::migrated(Store::sqlite());
    app.unset("SWITCHBOARD_TARGET_NETWORKS");
    let add = "agent add --name A --voice-twilio http://10.0.0.7/voice --json";
    let added = app.run(add).exits(0);
    assert!(added.json()["webhook_secret"].as_str().unwrap().starts_with("whsec_"));
    assert!(added.stderr.contains("calls are not delivered to 10.0.0.7"), "{}", added.stderr);
    let set = app.run("agent set A --message-twilio https://agents.example.com/sms --json");
    assert!(set.exits(0).json()["webhook_secret"].is_null());
}
