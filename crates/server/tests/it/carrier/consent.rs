//! Contacts who have opted out get no messages, whatever was on its way to them.

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

/// Message `n` of the contact.
fn message(n: u128, body: &str) -> Webhook {
    Webhook::message(MAIN, SALES, &sid("SM", n), body)
}

fn by_whatsapp(n: u128, body: &str) -> Webhook {
    let (from, to) = (format!("whatsapp:{CALLER}"), format!("whatsapp:{SALES}"));
    message(n, body).with("From", &from).with("To", &to)
}

/// The texts in the answer to a message.
async fn answers(server: &Server, webhook: &Webhook) -> Vec<String> {
    let answer = server.send(webhook).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.twiml().children.iter().map(|message| message.text.clone()).collect()
}

fn send(app: &TestApp) -> Finished {
    let line = ["message", "send", "--from", SALES, "--to", CALLER, "--body", "News!", "--json"];
    app.run(&line)
}

/// The states and the last outcomes of the outgoing messages, oldest first.
async fn outgoing(app: &TestApp) -> Vec<(String, String)> {
    app.store.holds(0, "deliveries WHERE state IN ('pending', 'delivering')").await;
    let listed = app.run("delivery list --json").succeeded();
    let deliveries = listed.stdout.lines().rev().map(|line| serde_json::from_str(line).unwrap());
    let sent = deliveries.filter(|delivery: &Value| delivery["kind"] == "message.send");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let last = |delivery: &Value| {
        delivery["attempts"].as_array().unwrap().last().map(|made| text(&made["outcome"]))
    };
    sent.map(|delivery| (text(&delivery["state"]), last(&delivery).unwrap_or_default())).collect()
}

#[apply(on_both_stores!)]
async fn after_stop_no_agent_is_called_and_nothing_is_sent_until_start(store: Store) {
    let endpoint = Endpoint::replying().await;
    let app = app_with(store, &endpoint);
    let server = app.serve().await;
    assert_eq!(answers(&server, &message(1, "hello")).await, ["Re: hello"]);
    assert_eq!(answers(&server, &message(2, "Stop")).await, [""; 0]);
    assert_eq!(answers(&server, &message(3, "are you there?")).await, [""; 0]);
    app.store.holds(0, "deliveries WHERE state IN ('pending', 'delivering')").await;
    assert_eq!(endpoint.received().len(), 1);
    assert_eq!(send(&app).exits(5).json_error()["code"], "opted_out");
    // The same contact by WhatsApp, where switchboard confirms.
    let start = answers(&server, &by_whatsapp(4, "START")).await;
    assert!(start.len() == 1 && start[0].contains("again"), "{start:?}");
    assert_eq!(answers(&server, &message(5, "hello again")).await, ["Re: hello again"]);
    assert_eq!(endpoint.received().len(), 2);
    send(&app).exits(0);
    // A later reply waits for this message.
    app.store.holds(0, "deliveries WHERE state IN ('pending', 'delivering')").await;
    // Twilio repeats the STOP, whose answer it did not get. It is older than the START.
    assert_eq!(answers(&server, &message(2, "Stop")).await, [""; 0]);
    assert_eq!(answers(&server, &message(6, "still here")).await, ["Re: still here"]);
}

#[apply(on_both_stores!)]
async fn keywords_are_answered_once_and_only_if_twilio_does_not_answer(store: Store) {
    let endpoint = Endpoint::replying().await;
    let app = app_with(store, &endpoint);
    let server = app.serve().await;
    // Twilio answers by SMS.
    assert_eq!(answers(&server, &message(1, "HELP")).await, [""; 0]);
    let help = answers(&server, &by_whatsapp(2, "help")).await;
    assert!(help.len() == 1 && help[0].contains("STOP"), "{help:?}");
    assert_eq!(answers(&server, &by_whatsapp(2, "help")).await, [""; 0]);
    // Twilio recognized this one, in a language that switchboard does not know, and answered it.
    let arret = by_whatsapp(3, "ARRET").with("OptOutType", "STOP");
    assert_eq!(answers(&server, &arret).await, [""; 0]);
    // The contact has opted out already, so a second STOP is not confirmed.
    assert_eq!(answers(&server, &by_whatsapp(4, "STOP")).await, [""; 0]);
    assert_eq!(answers(&server, &by_whatsapp(5, "START")).await.len(), 1);
    assert_eq!(answers(&server, &by_whatsapp(6, "START")).await, [""; 0]);
    assert_eq!(answers(&server, &by_whatsapp(7, "STOP")).await.len(), 1);
    assert_eq!(endpoint.received().len(), 0);
}

#[apply(on_both_stores!)]
async fn a_late_reply_that_races_with_stop_is_not_sent(store: Store) {
    let endpoint = Endpoint::responding(|_| {
        (Duration::from_secs(9), 200, json!({"reply": {"body": "too late"}}))
    })
    .await;
    let app = app_with(store, &endpoint);
    let server = app.serve().await;
    let question = message(1, "hello?");
    let client = server.client();
    let asking = tokio::spawn(async move { client.send(&question).await });
    let data = endpoint.receives(1).await[0].data();
    assert_eq!(answers(&server, &message(2, "STOP")).await, [""; 0]);
    assert_eq!(asking.await.unwrap().twiml().children, []);
    // The reply by its URL comes after the STOP, too.
    let (url, token) = (data["reply_url"].as_str().unwrap(), data["reply_token"].as_str().unwrap());
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str()), ("idempotency-key", "later")];
    let path = url.strip_prefix(PUBLIC_URL).unwrap();
    let later = server.post(path, &headers, r#"{"reply": {"body": "later"}}"#).await;
    assert_eq!(later.status, 202, "{}", later.text());
    app.store.holds(2, "deliveries WHERE kind = 'message.send'").await;
    let canceled = ("canceled".to_owned(), "opted_out".to_owned());
    assert_eq!(outgoing(&app).await, [canceled.clone(), canceled]);
    assert_eq!(app.twilio().simulator.messages(account_sid(MAIN_SID)), []);
}

#[apply(on_both_stores!)]
async fn consent_is_listed_and_exported_and_survives_an_erasure(store: Store) {
    let endpoint = Endpoint::replying().await;
    let app = app_with(store, &endpoint);
    app.run("consent list").succeeded().shows(&["no contact has opted out or in"]);
    let server = app.serve().await;
    answers(&server, &message(1, "STOP")).await;
    let other = message(2, "STOP").with("From", "+14155550178");
    answers(&server, &other).await;
    let start = message(3, "START").with("From", "+14155550178");
    answers(&server, &start).await;
    let list = |more: &str| {
        let listed = app.run(&format!("consent list --json {more}")).succeeded();
        let lines = listed.stdout.lines().map(|line| serde_json::from_str(line).unwrap());
        lines.collect::<Vec<Value>>()
    };
    let all = list("--reveal");
    let states: Vec<_> = all.iter().map(|one| (&one["contact"], &one["state"])).collect();
    assert_eq!(
        states,
        [(&json!(CALLER), &json!("opted_out")), (&json!("+14155550178"), &json!("opted_in"))]
    );
    assert_eq!((&all[0]["sender"], &all[0]["message_sid"]), (&json!(SALES), &json!(sid("SM", 1))));
    assert_eq!(list(&format!("--contact whatsapp:{CALLER}")).len(), 1);
    assert_eq!(list("--sender +14155550999").len(), 0);
    let shown = app.run("consent list").succeeded().stdout;
    assert!(shown.contains("opted_out") && !shown.contains(CALLER), "{shown}");

    app.run("export --to out").exits(0);
    let exported = std::fs::read_to_string(app.path("out/consents.csv")).unwrap();
    let lines: Vec<_> = exported.lines().collect();
    assert_eq!(lines.len(), 3);
    assert_eq!(lines[0], "organization,sender,contact,state,changed_at,account_sid,message_sid");
    assert!(lines[1].contains(&format!(",{SALES},{CALLER},opted_out,")), "{exported}");

    app.run(&format!("erase {CALLER} --yes")).exits(0);
    assert_eq!(list("").len(), 2);
    assert_eq!(send(&app).exits(5).json_error()["code"], "opted_out");
}
