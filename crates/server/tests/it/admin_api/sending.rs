//! Messages are sent and delivered again as by the commands.

use super::api::{Api, added_key, code};
use crate::prelude::*;

const MESSAGES: &str = "/api/v1/messages";
const CONTACT: &str = "+14155550177";

/// A client that may send and deliver messages.
fn sender(app: &TestApp, server: &Server) -> Api {
    Api::with(server, &added_key(app, "--scopes read,route").1)
}

#[apply(on_both_stores!)]
async fn a_message_is_sent_once_for_each_key(store: Store) {
    let app = TestApp::with_fleet_now(store, three_accounts());
    let server = app.serve().await;
    let api = sender(&app, &server);
    let body = json!({ "from": SALES, "to": CONTACT, "body": "We are open." });
    let key = [("Idempotency-Key", "order-7")];
    let accepted = api.submit("POST", MESSAGES, &key, &body).await;
    assert_eq!(accepted.status, 202, "{}", accepted.text());
    let first = accepted.json();
    let location = format!("/api/v1/deliveries/{}", first["id"].as_str().unwrap());
    assert_eq!(accepted.header("location"), Some(location.as_str()));
    assert_eq!((&first["repeated"], &first["segments"]), (&json!(false), &json!(1)));
    assert_eq!(first["outgoing"]["to"], json!("…77"));
    app.store.holds(1, "deliveries WHERE state = 'delivered'").await;
    let sent = app.twilio().simulator.messages(account_sid(MAIN_SID));
    assert_eq!((sent.len(), sent[0].body.as_str()), (1, "We are open."));

    let repeated = api.submit("POST", &format!("{MESSAGES}?reveal=true"), &key, &body).await;
    assert_eq!(repeated.status, 202);
    let again = repeated.json();
    assert_eq!((&again["id"], &again["repeated"]), (&first["id"], &json!(true)));
    assert_eq!(again["outgoing"]["to"], json!(CONTACT));
    let printed = app.run(&[
        "message",
        "send",
        "--from",
        SALES,
        "--to",
        CONTACT,
        "--body",
        "We are open.",
        "--idempotency-key",
        "order-7",
        "--json",
    ]);
    let masked = api.submit("POST", MESSAGES, &key, &body).await.json();
    assert_eq!(printed.exits(0).json(), masked);
    let other = json!({ "from": SALES, "to": CONTACT, "body": "Closed." });
    let refused = api.submit("POST", MESSAGES, &key, &other).await;
    assert_eq!(code(&refused, 422), "idempotency_key_used");
    assert_eq!(app.store.count("deliveries").await, 1);
    // Messages keep their keys themselves.
    for answer in [&accepted, &repeated] {
        assert_eq!(answer.header("idempotent-replayed"), None);
    }
    assert_eq!(app.store.count("idempotency_keys").await, 0);
}

#[apply(on_both_stores!)]
async fn what_cannot_be_sent_is_a_problem_and_adds_nothing(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let api = sender(&app, &server);
    let body = |from: &str, to: &str| json!({ "from": from, "to": to, "body": "Hi" });
    for (body, status, expected, pointer) in [
        (body(UNKNOWN, CONTACT), 422, "sender_not_found", "/from"),
        (body(SALES, "whatsapp:+14155550177"), 422, "channels_differ", "/to"),
        (body(SALES, "anonymous"), 422, "contact_unreachable", "/to"),
        (body(SALES, "4155550177"), 422, "body_invalid", "/to"),
        (json!({ "from": SALES, "to": CONTACT }), 422, "body_invalid", "/body"),
        (
            json!({ "from": SALES, "to": CONTACT, "body": "x".repeat(1_601) }),
            422,
            "body_invalid",
            "/body",
        ),
        (
            json!({ "from": SALES, "to": CONTACT, "media": ["https://example.com/a.png", "file:///etc/passwd"] }),
            422,
            "body_invalid",
            "/media/1",
        ),
        (
            json!({ "from": SALES, "to": CONTACT, "body": "a", "wait": 1 }),
            422,
            "body_invalid",
            "/wait",
        ),
    ] {
        let answer = api.post(MESSAGES, &body).await;
        assert_eq!(code(&answer, status), expected, "{body}");
        assert_eq!(answer.json()["errors"][0]["pointer"], json!(pointer), "{body}");
        assert!(!answer.text().contains("4155550177"), "{}", answer.text());
    }
    let right = body(SALES, CONTACT);
    for key in ["", "é"] {
        let answer = api.submit("POST", MESSAGES, &[("Idempotency-Key", key)], &right).await;
        assert_eq!(code(&answer, 400), "idempotency_key_invalid");
    }
    let reading = Api::operator(&app, &server);
    assert_eq!(code(&reading.post(MESSAGES, &right).await, 403), "key_scope");
    assert_eq!(app.store.count("deliveries").await, 0);
    let stop = Webhook::message(MAIN, SALES, &sid("SM", 1), "STOP");
    assert_eq!(server.send(&stop).await.status, 200);
    app.store.holds(1, "consents").await;
    assert_eq!(code(&api.post(MESSAGES, &right).await, 409), "opted_out");
}

#[apply(on_both_stores!)]
async fn a_dead_delivery_is_attempted_again(store: Store) {
    let app = TestApp::with_fleet_now(store, three_accounts());
    let server = app.serve().await;
    let api = sender(&app, &server);
    let not_at_twilio = "+14155550777";
    app.run(&format!("number add {not_at_twilio} --account {MAIN_SID}")).exits(0);
    let body = json!({ "from": not_at_twilio, "to": CONTACT, "body": "We are open." });
    let sent = api.post(MESSAGES, &body).await.json();
    let shown = format!("/api/v1/deliveries/{}", sent["id"].as_str().unwrap());
    let path = format!("{shown}/replay");
    let dies = async |attempts: usize| {
        let dead = async || {
            let delivery = api.json(&shown).await;
            let made = delivery["attempts"].as_array().unwrap().len();
            (delivery["state"] == "dead" && made == attempts).then_some(())
        };
        within(Duration::from_secs(30), "the delivery is dead", dead).await;
    };
    dies(1).await;
    let replay = async |path: &str| api.request("POST", path).await;
    let answer = replay(&path).await;
    assert_eq!((answer.status, answer.json()), (200, json!({ "replayed": 1 })));
    dies(2).await;

    app.store.execute("UPDATE deliveries SET send_state = 'unknown'").await;
    assert_eq!(code(&replay(&path).await, 409), "delivery_uncertain");
    app.store.holds(1, "deliveries WHERE state = 'dead'").await;
    let answer = replay(&format!("{path}?accept_uncertain=true")).await;
    assert_eq!((answer.status, answer.json()), (200, json!({ "replayed": 1 })));
    app.store.execute("UPDATE deliveries SET state = 'delivered'").await;
    assert_eq!(code(&replay(&path).await, 409), "delivery_not_dead");
    assert_eq!(code(&replay(&format!("{path}?force=true")).await, 400), "query_invalid");
    let missing = "/api/v1/deliveries/dlv_01m8jwaxz29rbqtyphtjq1q9h6/replay";
    assert_eq!(code(&replay(missing).await, 404), "delivery_not_found");
    let reading = Api::operator(&app, &server);
    assert_eq!(code(&reading.request("POST", &path).await, 403), "key_scope");
}
