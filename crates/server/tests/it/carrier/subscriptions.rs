//! Events reach the endpoints of subscriptions: signed, at least once, in order, and those of their organization only.

use std::collections::BTreeSet;

use crate::fixture::{Endpoint, Received, Response};
use crate::prelude::*;

const ORGANIZATION: &str = "org_01m8jwaxz29rbqtyphtjq1q9h6";

async fn accepting() -> Endpoint {
    Endpoint::answering(|_| Response::of("text/plain", "thank you")).await
}

/// Subscribes an endpoint, and returns the id of the subscription and its secret.
fn subscribe(app: &TestApp, endpoint: &Endpoint, options: &str) -> (String, String) {
    let added = app.run(&format!("subscription add --url {} {options} --json", endpoint.url));
    let added = added.exits(0).json();
    (added["id"].as_str().unwrap().to_owned(), added["secret"].as_str().unwrap().to_owned())
}

fn kind(received: &Received) -> String {
    received.json()["type"].as_str().unwrap().to_owned()
}

fn kinds(received: &[Received]) -> Vec<String> {
    let mut kinds: Vec<_> = received.iter().map(kind).collect();
    kinds.sort_unstable();
    kinds
}

/// Waits until no event waits and no delivery is open.
async fn all_are_delivered(app: &TestApp) {
    within(Duration::from_secs(60), "all events are delivered", async || {
        let open = "deliveries WHERE state IN ('pending', 'delivering')";
        let waiting = app.store.count("undistributed_events").await;
        (waiting + app.store.count(open).await == 0).then_some(())
    })
    .await;
}

#[apply(on_both_stores!)]
async fn subscribers_get_signed_events_of_their_types_and_organization(store: Store) {
    let (app, server) = TestApp::served(store).await;
    app.store
        .execute(&format!(
            "INSERT INTO organizations (id, name, created_at) \
             SELECT '{ORGANIZATION}', 'Other', created_at FROM organizations"
        ))
        .await;
    let (all, calls, theirs) = (accepting().await, accepting().await, accepting().await);
    let (id, first_secret) = subscribe(&app, &all, "");
    subscribe(&app, &calls, "--types call.*");
    subscribe(&app, &theirs, &format!("--organization {ORGANIZATION}"));
    let rotated = app.run(&format!("subscription rotate-secret {id} --json")).exits(0).json();
    let second_secret = rotated["secret"].as_str().unwrap();

    let (call, message) = (sid("CA", 1), sid("SM", 1));
    for _ in 0..2 {
        server.send(&Webhook::call(MAIN, SALES, &call)).await;
        server.send(&Webhook::message(MAIN, SALES, &message, "hello")).await;
        server.send(&Webhook::message(MAIN, SALES, &sid("SM", 2), "STOP")).await;
    }
    app.store.holds(1, "calls").await;
    server.send(&Webhook::call_status(MAIN, SALES, &call, "completed")).await;

    let received = all.receives(5).await;
    calls.receives(2).await;
    all_are_delivered(&app).await;
    let expected =
        ["call.ended", "call.started", "message.received", "message.received", "optout.changed"];
    assert_eq!(kinds(&all.received()), expected);
    // Both are about the same call, so they keep their order.
    let of_call: Vec<_> = calls.received().iter().map(kind).collect();
    assert_eq!(of_call, ["call.started", "call.ended"]);
    assert_eq!(theirs.received().len(), 0);

    let listed = app.run("event list --json --reveal").succeeded();
    let listed: HashMap<String, Value> = listed
        .stdout
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .map(|event| (event["id"].as_str().unwrap().to_owned(), event))
        .collect();
    for one in &received {
        one.assert_signed_with(&first_secret);
        one.assert_signed_with(second_secret);
        let event = &listed[one.id()];
        let reported = one.json();
        assert_eq!((&reported["type"], &reported["data"]), (&event["type"], &event["data"]));
        assert_eq!(reported.as_object().unwrap().len(), 3);
    }
    let deliveries = app.run(&format!("delivery list --subscription {id} --json")).succeeded();
    let first: Value = serde_json::from_str(deliveries.stdout.lines().next().unwrap()).unwrap();
    assert_eq!((&first["kind"], &first["state"]), (&json!("event"), &json!("delivered")));
    assert_eq!(deliveries.stdout.lines().count(), 5);
    let shown = app.run(&format!("delivery show {}", first["id"].as_str().unwrap())).succeeded();
    shown.shows(&[&id, first["event"]["id"].as_str().unwrap(), "the target accepted it"]);
}

#[apply(on_both_stores!)]
async fn a_subscription_whose_endpoint_is_gone_is_disabled_until_it_is_enabled(store: Store) {
    let gone = AtomicUsize::new(1);
    let gone = Arc::new(gone);
    let is_gone = Arc::clone(&gone);
    let endpoint = Endpoint::answering(move |_| Response {
        status: if is_gone.load(Ordering::SeqCst) == 1 { 410 } else { 200 },
        ..Response::of("text/plain", "")
    })
    .await;
    let watcher = accepting().await;
    let (app, server) = TestApp::served(store).await;
    let (id, _) = subscribe(&app, &endpoint, "--types message.*");
    subscribe(&app, &watcher, "--types target.disabled,delivery.dead");
    server.send(&Webhook::message(MAIN, SALES, &sid("SM", 1), "one")).await;
    let reported = watcher.receives(2).await;
    assert_eq!(kinds(&reported), ["delivery.dead", "target.disabled"]);
    assert!(reported.iter().all(|one| one.data()["subscription_id"] == json!(id)));
    let shown = app.run(&format!("subscription show {id} --json")).succeeded().json();
    assert_eq!((&shown["state"], &shown["reason"]), (&json!("disabled"), &json!("gone")));
    app.run(&format!("subscription show {id}")).succeeded().shows(&["410", "--enable"]);
    server.send(&Webhook::message(MAIN, SALES, &sid("SM", 2), "two")).await;
    all_are_delivered(&app).await;
    assert_eq!(endpoint.received().len(), 1, "nothing more is delivered");

    gone.store(0, Ordering::SeqCst);
    let enabled = app.run(&format!("subscription set {id} --enable --json")).succeeded().json();
    assert_eq!((&enabled["state"], &enabled["reason"]), (&json!("enabled"), &Value::Null));
    let dead = format!("delivery replay --subscription {id} --since 1h --yes --json");
    app.run(&dead).succeeded();
    let again = endpoint.receives(2).await;
    assert_eq!(again[0].id(), again[1].id(), "the id is that of the event");
    server.send(&Webhook::message(MAIN, SALES, &sid("SM", 3), "three")).await;
    endpoint.receives(3).await;
    all_are_delivered(&app).await;
    assert_eq!(endpoint.received().len(), 3);

    app.run(&format!("subscription set {id} --disable")).succeeded();
    let off = app.run("subscription list --json").succeeded().list();
    assert_eq!(off[0]["reason"], "operator");
    app.run(&format!("subscription remove {id}")).exits(2).shows(&["--yes", "message.*"]);
    app.run(&format!("subscription rm {id} --yes")).succeeded();
    app.run(&format!("subscription show {id}")).exits(4).shows(&["subscription list"]);
}

#[apply(on_both_stores!)]
async fn no_event_is_lost_when_the_server_is_killed(store: Store) {
    const CRASHES: u128 = 6;
    const MESSAGES: u128 = 8;
    let endpoint = accepting().await;
    let app = TestApp::seeded(store);
    subscribe(&app, &endpoint, "--types message.received");
    let mut sent = BTreeSet::new();
    for crash in 0..CRASHES {
        let mut server = app.serve().await;
        for n in 0..MESSAGES {
            let message = sid("SM", crash * MESSAGES + n);
            let text = format!("{message} of the contact");
            let answer = server.send(&Webhook::message(MAIN, SALES, &message, &text)).await;
            assert_eq!(answer.status, 200);
            sent.insert(message);
        }
        server.kill();
    }
    let _server = app.serve().await;
    all_are_delivered(&app).await;
    let received = endpoint.received();
    let subjects: BTreeSet<_> =
        received.iter().map(|one| one.data()["message_sid"].as_str().unwrap().to_owned()).collect();
    assert_eq!(subjects, sent);
    // A repeated delivery has the id of the first one.
    let ids: BTreeSet<_> = received.iter().map(|one| one.id().to_owned()).collect();
    assert_eq!(ids.len(), sent.len());
}

#[apply(on_both_stores!)]
async fn wrong_subscriptions_are_refused_with_what_to_do(store: Store) {
    let app = TestApp::seeded(store);
    let add = "subscription add --url";
    app.run(&format!("{add} https://example.com/x --types call.*,message.lost")).exits(2).shows(&[
        "--types",
        "message.lost",
        "message.failed",
        "call.*",
    ]);
    app.run(&format!("{add} ftp://example.com/x")).exits(2).shows(&["--url", "https://"]);
    app.run(&format!("{add} https://a:b@example.com/x")).exits(2).shows(&["--url", "password"]);
    app.run(&format!("{add} https://example.com --organization {ORGANIZATION}"))
        .exits(4)
        .shows(&[ORGANIZATION, "--organization"]);
    app.run("subscription show dlv_01kb7y8m6q0123456789abcdef").exits(2).shows(&["sub_"]);
    let unknown = "sub_01kb7y8m6q0123456789abcdef";
    for command in ["show", "rotate-secret", "remove --yes", "set --enable"] {
        let refused = app.run(&format!("subscription {command} {unknown} --json")).exits(4);
        assert_eq!(refused.json_error()["code"], "subscription_not_found", "{command}");
    }
    app.run(&format!("subscription set {unknown}")).exits(2).shows(&["--types", "--disable"]);
    let private = app.run(&format!("{add} http://127.0.0.1:1/x")).succeeded();
    let secret = private.stdout.lines().find_map(|line| line.strip_prefix("secret: ")).unwrap();
    assert!(secret.starts_with("whsec_"));
    app.run("subscription list --json").succeeded().assert_hides(secret);
    let exported = app.run("export --to exported --json").succeeded().json();
    assert_eq!(exported["subscriptions"], 1);
    let listed = std::fs::read_to_string(app.path("exported/subscriptions.csv")).unwrap();
    assert!(listed.contains("http://127.0.0.1:1/x,*,enabled"), "{listed}");
    for file in std::fs::read_dir(app.path("exported")).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap_or_default();
        assert!(!text.contains(secret) && !text.contains("whsec_"));
    }
}
