//! `call show` tells what happened to ten kinds of calls and what to do, so that somebody who never saw the product
//! understands it.

use crate::prelude::*;

/// A number with a fallback chain, and one whose plan cannot be read.
const CHAINED: &str = UNASSIGNED;
const BROKEN: &str = SILENT;
const CHAIN: &str =
    r#"{"rules": [], "otherwise": {"agents": ["sales", "support"], "strategy": "priority"}}"#;

/// A status callback at the end of a call.
fn ended(to: &str, call: &str, status: &str, seconds: &str) -> Webhook {
    Webhook::call_status(MAIN, to, call, status).and("CallDuration", seconds)
}

/// What Twilio asks at the action URL when a stream failed with an error.
fn failed(to: &str, call: &str, action: &str, code: &str) -> Webhook {
    let target = action.strip_prefix(PUBLIC_URL).unwrap();
    Webhook::connected(MAIN, to, call)
        .at(target)
        .and("StreamEvent", "stream-error")
        .and("ErrorCode", code)
}

/// Ten calls of one server.
struct TenCalls {
    app: TestApp,
    server: Server,
}

impl TenCalls {
    async fn new(store: Store) -> Self {
        let app = TestApp::seeded(store);
        app.write("chain.json", CHAIN);
        for (name, number) in [("Chain", CHAINED), ("Broken", BROKEN)] {
            app.run(&format!("route plan save chain.json --name {name}")).succeeded();
            app.run(&format!("route attach {name} --number {number}")).succeeded();
        }
        app.store
            .execute("UPDATE routing_plan_versions SET document = '{' WHERE name = 'Broken'")
            .await;
        let server = app.serve().await;
        Self { app, server }
    }

    /// Sends the request for TwiML, and returns the answer.
    async fn begins(&self, call: Webhook) -> Answer {
        let answer = self.server.send(&call).await;
        assert_eq!(answer.status, 200);
        answer
    }

    async fn sends(&self, webhook: Webhook, status: u16) {
        assert_eq!(self.server.send(&webhook).await.status, status);
    }

    /// The voice server reads the session.
    async fn opens(&self, answer: &Answer, call: &str) {
        let twiml = answer.twiml();
        let token = twiml.stream().parameter("sessionToken").unwrap();
        let given = [("Authorization", &*format!("Bearer {token}"))];
        let session = format!("/api/voice/sessions/{call}");
        assert_eq!(self.server.get(&session, &given).await.status, 200);
    }

    /// What `call show` prints, once it has the last of these texts; it has to have all of them.
    async fn shown(&self, call: &str, texts: &[&str]) -> String {
        let command = format!("call show {call}");
        let last = texts.last().copied().unwrap_or_default();
        let shown = within(BEHIND, &command, async || {
            let shown = self.app.run(&command);
            (shown.code == Some(0) && shown.stdout.contains(last)).then_some(shown.stdout)
        });
        let shown = shown.await;
        for text in texts {
            assert!(shown.contains(text), "{text:?} is not in {shown}");
        }
        shown
    }
}

/// The action URL of an answer.
fn action(answer: &Answer) -> String {
    answer.twiml().only("Connect").attribute("action").unwrap().to_owned()
}

#[apply(on_both_stores!)]
async fn ten_kinds_of_calls_are_told(store: Store) {
    let ten = TenCalls::new(store).await;
    let mut told: Vec<(&str, String)> = Vec::new();
    let call = |n| sid("CA", n);

    let answer = ten.begins(Webhook::call(MAIN, SALES, &call(1))).await;
    ten.opens(&answer, &call(1)).await;
    ten.sends(Webhook::connected(MAIN, SALES, &call(1)), 200).await;
    ten.sends(ended(SALES, &call(1), "completed", "42"), 204).await;
    let texts = ["answered: ", "the voice server read the session", "completed after 42 s"];
    told.push(("answered", ten.shown(&call(1), &texts).await));

    let answer = ten.begins(Webhook::call(MAIN, CHAINED, &call(2))).await;
    let next = ten.begins(failed(CHAINED, &call(2), &action(&answer), "31902")).await;
    ten.opens(&next, &call(2)).await;
    let target = action(&next).strip_prefix(PUBLIC_URL).unwrap().to_owned();
    ten.sends(Webhook::connected(MAIN, CHAINED, &call(2)).at(&target), 200).await;
    ten.sends(ended(CHAINED, &call(2), "completed", "30"), 204).await;
    let texts = ["fell_back: ", "attempt 2: sent to ", "completed after 30 s"];
    told.push(("fell back", ten.shown(&call(2), &texts).await));

    let answer = ten.begins(Webhook::call(MAIN, SALES, &call(3))).await;
    ten.sends(failed(SALES, &call(3), &action(&answer), "31920"), 200).await;
    ten.sends(ended(SALES, &call(3), "completed", "1"), 204).await;
    let texts = ["failed: ", "31920", "refused the WebSocket handshake", "completed after 1 s"];
    told.push(("stream refused", ten.shown(&call(3), &texts).await));

    ten.begins(Webhook::call(MAIN, SALES, &call(4))).await;
    ten.sends(Webhook::connected(MAIN, SALES, &call(4)), 200).await;
    ten.sends(ended(SALES, &call(4), "completed", "1"), 204).await;
    let texts = [
        "answered, but probably silent",
        "did not read the session",
        "probably heard nothing",
        "completed after 1 s",
    ];
    told.push(("silent", ten.shown(&call(4), &texts).await));

    ten.begins(Webhook::call(MAIN, DISABLED, &call(5))).await;
    ten.sends(ended(DISABLED, &call(5), "busy", "0"), 204).await;
    let texts = ["decided: not connected to an agent", "the agent is disabled", "switchboard agent set", "busy"];
    told.push(("busy", ten.shown(&call(5), &texts).await));

    let withheld = |webhook: Webhook| webhook.with("From", "anonymous").with("Caller", "anonymous");
    let answer = ten.begins(withheld(Webhook::call(MAIN, SALES, &call(6)))).await;
    ten.opens(&answer, &call(6)).await;
    ten.sends(withheld(ended(SALES, &call(6), "completed", "9")), 204).await;
    let texts = ["anonymous", "completed after 9 s"];
    told.push(("withheld", ten.shown(&call(6), &texts).await));

    let forged = Webhook::call(OTHER, OTHERS, &call(7)).signed_with(MAIN_TOKEN);
    ten.sends(forged, 403).await;
    ten.app.store.holds(1, "rejections").await;
    let unknown = ten.app.run(&format!("call show {}", call(7))).exits(4);
    let rejections = ten.app.run("rejection list").succeeded().stdout;
    assert!(rejections.contains("signature_wrong"), "{rejections}");
    told.push(("rejected by signature", format!("{}\n{rejections}", unknown.stderr)));

    ten.begins(Webhook::call(MAIN, UNKNOWN, &call(8))).await;
    ten.sends(ended(UNKNOWN, &call(8), "busy", "0"), 204).await;
    let texts = ["the number is unknown", "switchboard number add"];
    told.push(("number unknown", ten.shown(&call(8), &texts).await));

    ten.begins(Webhook::call(MAIN, BROKEN, &call(9))).await;
    ten.sends(ended(BROKEN, &call(9), "busy", "0"), 204).await;
    let texts = ["cannot be read", "busy"];
    told.push(("plan unreadable", ten.shown(&call(9), &texts).await));

    let simulate = format!(
        "simulate voice --to {SALES} --from +14155550177 --no-stream --json --url http://{}",
        ten.server.address
    );
    let _report = ten.app.run(&simulate);
    let simulated = within(BEHIND, "the simulated call is listed", async || {
        let listed = ten.app.run("call list --json --limit 100").succeeded().stdout;
        let objects = listed.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let mut sids = objects.map(|object| object["sid"].as_str().unwrap().to_owned());
        sids.find(|sid| !sid.starts_with("CA000000000000000000000000000000"))
    });
    let simulated = simulated.await;
    told.push(("simulated", ten.shown(&simulated, &["(simulated)", "nothing; to test the voice server"]).await));

    for (kind, text) in &told {
        assert!(text.contains("what to do") || *kind == "rejected by signature", "{kind}: {text}");
    }
}
