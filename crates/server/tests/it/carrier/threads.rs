//! Messages of both directions are listed and shown with their deliveries, and as threads; dead deliveries are replayed.

use crate::fixture::Endpoint;
use crate::prelude::*;

const CALLER: &str = "+14155550177";

/// An app behind the offline Twilio, whose agent Sales has this endpoint.
fn app_with(store: Store, endpoint: &Endpoint) -> TestApp {
    let app = TestApp::with_fleet_now(store, three_accounts());
    app.run(&format!("agent set Sales --message-webhook {}", endpoint.url)).exits(0);
    app.assign_by_import(&[phone_number(SALES)]);
    app
}

/// The objects of a list.
fn objects(app: &TestApp, command: &str) -> Vec<Value> {
    let listed = app.run(&format!("{command} --json")).succeeded();
    listed.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

async fn all_are_final(app: &TestApp) {
    app.store.holds(0, "deliveries WHERE state IN ('pending', 'delivering')").await;
}

/// The direction and the text of each turn. A call has no text.
fn sides(turns: &Value) -> Vec<(&str, &str)> {
    let turns = turns.as_array().unwrap().iter();
    turns
        .map(|turn| {
            (turn["direction"].as_str().unwrap(), turn["body"].as_str().unwrap_or_default())
        })
        .collect()
}

/// A call is a turn of the conversation, and its agent reads the messages of both sides.
#[apply(on_both_stores!)]
async fn calls_and_messages_of_a_contact_are_one_thread(store: Store) {
    let endpoint = Endpoint::replying().await;
    let app = app_with(store, &endpoint);
    app.run("agent set Sales --stream-url wss://voice.example.com/sales").exits(0);
    let server = app.serve().await;
    server.send(&Webhook::message(MAIN, SALES, &sid("SM", 1), "Are you open?")).await;
    let written = [("inbound", "Are you open?"), ("outbound", "Re: Are you open?")];
    app.store.holds(1, "deliveries WHERE kind = 'message.send'").await;

    let call = sid("CA", 1);
    let twiml = server.send(&Webhook::call(MAIN, SALES, &call).with("From", CALLER)).await.twiml();
    let bearer = format!("Bearer {}", twiml.stream().parameter("sessionToken").unwrap());
    let path = format!("/api/voice/sessions/{call}");
    let session = server.get(&path, &[("Authorization", &bearer)]).await.json();
    assert_eq!(sides(&session["conversation"]["turns"]), written);
    let completed = Webhook::call_status(MAIN, SALES, &call, "completed")
        .with("From", CALLER)
        .with("CallDuration", "93");
    assert_eq!(server.send(&completed).await.status, 204);
    app.store.holds(1, "calls WHERE duration_seconds = 93").await;

    server.send(&Webhook::message(MAIN, SALES, &sid("SM", 2), "Thanks")).await;
    let turns = endpoint.receives(2).await[1].data()["conversation"]["turns"].take();
    assert_eq!(sides(&turns), [written[0], written[1], ("inbound", "")]);
    assert_eq!((&turns[2]["channel"], &turns[1]["channel"]), (&json!("voice"), &json!("sms")));
    let outcome = json!({"sid": call, "outcome": "answered", "duration_seconds": 93});
    assert_eq!((&turns[2]["call"], &turns[1]["call"]), (&outcome, &Value::Null));

    all_are_final(&app).await;
    let conversation = &objects(&app, "conversation list")[0]["id"];
    let show = format!("conversation show {}", conversation.as_str().unwrap());
    let thread = app.run(&format!("{show} --json")).succeeded().json();
    let all = [
        written[0],
        written[1],
        ("inbound", ""),
        ("inbound", "Thanks"),
        ("outbound", "Re: Thanks"),
    ];
    assert_eq!(sides(&thread["turns"]), all);
    let called = &thread["turns"][2];
    assert_eq!((&called["sid"], &called["status"]), (&json!(call), &json!("answered")));
    assert_eq!((&called["channel"], &called["body"]), (&json!("voice"), &Value::Null));
    assert_eq!(called["agent"]["name"], "Sales");
    app.run(&show).succeeded().shows(&["voice  answered", &call]);
}

#[apply(on_both_stores!)]
async fn a_conversation_shows_both_directions_with_their_states(store: Store) {
    let endpoint = Endpoint::responding(|body| {
        // Too late for the webhook, so the reply is sent by REST.
        let delay = if body == "slow" { Duration::from_secs(9) } else { Duration::ZERO };
        (delay, 200, json!({"reply": {"body": format!("Re: {body}")}}))
    })
    .await;
    let app = app_with(store, &endpoint);
    let server = app.serve().await;
    let messages = [sid("SM", 1), sid("SM", 2)];
    server.send(&Webhook::message(MAIN, SALES, &messages[0], "hello")).await;
    server.send(&Webhook::message(MAIN, SALES, &messages[1], "slow")).await;
    all_are_final(&app).await;
    app.run(&[
        "message",
        "send",
        "--from",
        SALES,
        "--to",
        CALLER,
        "--body",
        "Anything else?",
        "--wait",
        "30",
    ])
    .succeeded();
    all_are_final(&app).await;

    let outbound: Vec<_> = objects(&app, "message list")
        .into_iter()
        .filter(|message| message["direction"] == "outbound")
        .collect();
    let bodies: Vec<_> = outbound.iter().map(|message| message["body"].as_str().unwrap()).collect();
    assert_eq!(bodies, ["Anything else?", "Re: slow"]);
    let reply = &outbound[1];
    assert_eq!((&reply["status"], &reply["agent"]["name"]), (&json!("queued"), &json!("Sales")));
    let reply_sid = reply["sid"].as_str().unwrap();
    let status =
        Webhook::message_status(MAIN, SALES, reply_sid, "undelivered").with("ErrorCode", "30006");
    assert_eq!(server.send(&status).await.status, 204);

    let shown = app.run(&format!("message show {} --json", messages[1])).succeeded().json();
    let conversation = shown["conversation"].as_str().unwrap();
    assert_eq!(shown["delivery"], shown["delivery_details"]["id"]);
    assert_eq!(shown["delivery_details"]["state"], "delivered");
    assert_eq!(shown["delivery_details"]["attempts"].as_array().unwrap().len(), 1);
    let replies = shown["replies"].as_array().unwrap();
    assert_eq!((replies.len(), &replies[0]["sid"]), (1, &json!(reply_sid)));
    assert_eq!(
        (&replies[0]["status"], &replies[0]["error"]["code"]),
        (&json!("undelivered"), &json!(30_006))
    );
    let sent = app.run(&format!("message show {reply_sid} --json")).succeeded().json();
    assert_eq!((&sent["direction"], &sent["body"]), (&json!("outbound"), &json!("Re: slow")));
    assert_eq!(
        (&sent["status"], &sent["conversation"]),
        (&json!("undelivered"), &json!(conversation))
    );
    assert_eq!(sent["delivery"], replies[0]["delivery"]);

    let show = format!("conversation show {conversation}");
    let thread = app.run(&format!("{show} --json")).succeeded().json();
    assert_eq!(
        sides(&thread["turns"]),
        [
            ("inbound", "hello"),
            ("outbound", "Re: hello"),
            ("inbound", "slow"),
            ("outbound", "Re: slow"),
            ("outbound", "Anything else?"),
        ]
    );
    assert_eq!(thread["turns"][3]["status"], "undelivered");
    let text = app.run(&show).succeeded().stdout;
    assert!(text.contains("contact       …77") && text.contains("  Re: slow"), "{text}");
    assert!(!text.contains(CALLER), "{text}");
    let end = app.run(&format!("{show} --limit 1 --reveal")).succeeded().stdout;
    assert!(end.contains(CALLER) && end.contains("Anything else?"), "{end}");
    assert!(!end.contains("Re: slow"), "{end}");
    app.run("conversation show cnv_00000000000000000000000000").exits(4);
}

#[apply(on_both_stores!)]
async fn conversations_are_listed_by_each_filter_and_erased(store: Store) {
    let endpoint = Endpoint::replying().await;
    let app = app_with(store, &endpoint);
    let server = app.serve().await;
    for (n, contact, text) in [(1, CALLER, "hi"), (2, "+14155550178", "ho")] {
        let message = Webhook::message(MAIN, SALES, &sid("SM", n), text).with("From", contact);
        server.send(&message).await;
    }
    let listed = |filter: &str| {
        let found = objects(&app, &format!("conversation list {filter}"));
        found.iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let all = listed("");
    assert_eq!(all.len(), 2);
    let conversation = all[1].as_str();
    for filter in [
        format!("--contact {CALLER}"),
        format!("--contact whatsapp:{CALLER} --sender {SALES}"),
        format!("--contact {CALLER} --agent Sales --account {MAIN_SID} --since 1h"),
    ] {
        assert_eq!(listed(&filter), [conversation], "{filter}");
    }
    for filter in ["--until 1h", "--sender +14155550999", "--agent Support"] {
        assert_eq!(listed(filter), [""; 0], "{filter}");
    }
    app.run("conversation list --limit 1").exits(0).shows(&[&all[0], "--cursor"]);

    all_are_final(&app).await;
    app.run(&format!("erase {CALLER} --yes")).exits(0);
    assert_eq!(listed("").len(), 1);
    for table in ["deliveries", "messages"] {
        let left = format!("{table} WHERE body = 'Re: hi' OR to_address = '{CALLER}'");
        assert_eq!(app.store.count(&left).await, 0, "{table}");
    }
}

#[apply(on_both_stores!)]
async fn a_dead_delivery_is_replayed_by_its_message(store: Store) {
    let attempts = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&attempts);
    let endpoint = Endpoint::responding(move |_| {
        let status = if counted.fetch_add(1, Ordering::SeqCst) == 0 { 410 } else { 200 };
        (Duration::ZERO, status, Value::Null)
    })
    .await;
    let app = app_with(store, &endpoint);
    let server = app.serve().await;
    let message = sid("SM", 1);
    server.send(&Webhook::message(MAIN, SALES, &message, "hello")).await;
    all_are_final(&app).await;
    let shown = app.run(&format!("message show {message}")).succeeded();
    shown.shows(&["dead, gone", "attempt 1", "what to do"]);
    // An endpoint that is gone gets no more messages until it is enabled.
    server.send(&Webhook::message(MAIN, SALES, &sid("SM", 2), "again")).await;
    all_are_final(&app).await;
    assert_eq!(attempts.load(Ordering::SeqCst), 1);
    let shown = app.run(&format!("message show {}", sid("SM", 2))).succeeded();
    shown.shows(&["dead, target_disabled", "--enable-target"]);
    let shown = app.run("agent show Sales --json").succeeded().json();
    assert!(shown["message_target_disabled_at"].is_string(), "{shown}");
    app.run("agent show Sales").succeeded().shows(&["disabled since", "--enable-target"]);
    app.run("agent set Sales --enable-target").succeeded();
    let shown = app.run("agent show Sales --json").succeeded().json();
    assert_eq!(shown["message_target_disabled_at"], Value::Null);
    let replay = format!("message replay {message} --json");
    assert_eq!(app.run(&replay).succeeded().json()["replayed"], 1);
    all_are_final(&app).await;
    assert_eq!(attempts.load(Ordering::SeqCst), 2);
    assert_eq!(app.run(&replay).exits(5).json_error()["code"], "delivery_not_dead");
    let unknown = format!("message replay {} --json", sid("SM", 9));
    assert_eq!(app.run(&unknown).exits(4).json_error()["code"], "message_not_found");
    // A status callback of a message that was not sent from here.
    let foreign = sid("SM", 5);
    server.send(&Webhook::message_status(MAIN, SALES, &foreign, "sent")).await;
    let foreign = format!("message replay {foreign} --json");
    assert_eq!(app.run(&foreign).exits(5).json_error()["code"], "delivery_missing");
}
