//! What happened: the lists and objects are those that the commands print.

use super::api::{Api, code};
use super::objects::pages_of;
use super::records::{our_call, our_message, served_with_records};
use crate::prelude::*;

/// What a list prints with `--json`.
fn printed(app: &TestApp, command: &str) -> Value {
    let listed = app.run(&format!("{command} --json")).exits(0).stdout;
    listed.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()).collect()
}

#[apply(on_both_stores!)]
async fn histories_are_those_of_the_commands(store: Store) {
    let (app, server) = served_with_records(store).await;
    let api = Api::operator(&app, &server);
    for (path, command, count) in [
        ("/api/v1/calls", "call list", 3),
        ("/api/v1/messages", "message list", 3),
        ("/api/v1/conversations", "conversation list", 2),
        ("/api/v1/deliveries", "delivery list", 4),
        ("/api/v1/rejections", "rejection list", 3),
        ("/api/v1/events", "event list", 7),
    ] {
        let all = printed(&app, command);
        assert!(all.as_array().unwrap().len() >= count, "{path}: {all}");
        for limit in [1, 3, 200] {
            assert_eq!(json!(pages_of(&api, path, "", limit).await), all, "{path} {limit}");
        }
        if path != "/api/v1/rejections" {
            let revealed = printed(&app, &format!("{command} --reveal"));
            assert_ne!(revealed, all, "{path}");
            assert_eq!(api.json(&format!("{path}?reveal=true")).await["data"], revealed, "{path}");
            assert_eq!(api.json(&format!("{path}?reveal=false")).await["data"], all, "{path}");
        }
    }
}

#[apply(on_both_stores!)]
async fn histories_are_filtered_as_by_the_commands(store: Store) {
    let (app, server) = served_with_records(store).await;
    let api = Api::operator(&app, &server);
    let sales = app.run("agent show sales --json").exits(0).json()["id"].take();
    let sales = sales.as_str().unwrap();
    let number = SALES.replace('+', "%2B");
    for (path, query, command) in [
        ("calls", format!("agent_id={sales}"), "call list --agent sales".to_owned()),
        ("calls", format!("to={number}"), format!("call list --to {SALES}")),
        ("calls", format!("number={number}"), format!("call list --number {SALES}")),
        ("calls", "outcome=answered".to_owned(), "call list --outcome answered".to_owned()),
        ("calls", "reason=unassigned".to_owned(), "call list --reason unassigned".to_owned()),
        (
            "calls",
            format!("account_sid={OTHER_SID}&since=1h"),
            format!("call list --account {OTHER_SID} --since 1h"),
        ),
        ("messages", "reason=unassigned".to_owned(), "message list --reason unassigned".to_owned()),
        ("messages", "status=received".to_owned(), "message list --status received".to_owned()),
        (
            "messages",
            "from=%2B14155550177".to_owned(),
            "message list --from +14155550177".to_owned(),
        ),
        (
            "conversations",
            format!("sender={number}"),
            format!("conversation list --sender {SALES}"),
        ),
        (
            "conversations",
            format!("agent_id={sales}"),
            "conversation list --agent sales".to_owned(),
        ),
        ("deliveries", "state=delivered".to_owned(), "delivery list --state delivered".to_owned()),
        (
            "deliveries",
            format!("message_sid={}", our_message()),
            format!("delivery list --message {}", our_message()),
        ),
        (
            "rejections",
            format!("account_sid={MAIN_SID}"),
            format!("rejection list --account {MAIN_SID}"),
        ),
        (
            "rejections",
            "reason=account_unknown".to_owned(),
            "rejection list --reason account_unknown".to_owned(),
        ),
        (
            "events",
            "type=message.received".to_owned(),
            "event list --type message.received".to_owned(),
        ),
        (
            "events",
            format!("subject={}", our_call()),
            format!("event list --subject {}", our_call()),
        ),
    ] {
        let expected = printed(&app, &command);
        assert!(!expected.as_array().unwrap().is_empty(), "{command}");
        let found = api.json(&format!("/api/v1/{path}?{query}")).await;
        assert_eq!(found["data"], expected, "{command}");
    }
    for path in ["calls", "messages", "conversations", "deliveries", "rejections", "events"] {
        let early = api.json(&format!("/api/v1/{path}?until=2020-01-01")).await;
        assert_eq!(early, json!({ "data": [], "next_cursor": null }), "{path}");
    }
}

#[apply(on_both_stores!)]
async fn one_record_is_that_of_the_command(store: Store) {
    let (app, server) = served_with_records(store).await;
    let api = Api::operator(&app, &server);
    let conversation = api.json("/api/v1/conversations").await["data"][0]["id"].clone();
    let delivery = api.json("/api/v1/deliveries").await["data"][0]["id"].clone();
    for (path, command) in [
        (format!("calls/{}", our_call()), format!("call show {}", our_call())),
        (format!("messages/{}", our_message()), format!("message show {}", our_message())),
        (
            format!("conversations/{}", conversation.as_str().unwrap()),
            format!("conversation show {}", conversation.as_str().unwrap()),
        ),
        (
            format!("deliveries/{}", delivery.as_str().unwrap()),
            format!("delivery show {}", delivery.as_str().unwrap()),
        ),
    ] {
        let shown = app.run(&format!("{command} --json")).exits(0).json();
        assert_eq!(api.json(&format!("/api/v1/{path}")).await, shown, "{command}");
        let revealed = app.run(&format!("{command} --reveal --json")).exits(0).json();
        assert_eq!(api.json(&format!("/api/v1/{path}?reveal=true")).await, revealed, "{command}");
    }
    let last = format!("/api/v1/conversations/{}?limit=1", conversation.as_str().unwrap());
    assert_eq!(api.json(&last).await["turns"].as_array().unwrap().len(), 1);
}

/// A call that a plan decided tells of its rules, and a call that no plan decided of the plan that its number has now.
#[apply(on_both_stores!)]
async fn a_call_tells_how_it_was_decided(store: Store) {
    let app = TestApp::seeded(store);
    let plan = r#"{"name":"Plan","rules":[{"name":"Berlin","when":{"caller":{"prefixes":["+4930"]}},"then":{"next":[{"reject":"busy"}]}}],"otherwise":{"agents":["sales"]}}"#;
    app.write("plan.json", plan);
    app.run("route plan save plan.json").exits(0);
    app.run(&format!("route attach Plan --number {SALES}")).exits(0);
    let server = app.serve().await;
    for (number, to) in [(1, SALES), (2, UNASSIGNED)] {
        assert_eq!(server.send(&Webhook::call(MAIN, to, &sid("CA", number))).await.status, 200);
    }
    app.store.holds(2, "calls").await;
    app.run(&format!("route attach Plan --number {UNASSIGNED}")).exits(0);
    let api = Api::operator(&app, &server);
    for (number, kind, detail) in [
        (1, "rule", "rule 1 \"Berlin\" does not match: "),
        (2, "plan", "the routing plan \"Plan\" decides for this number now"),
    ] {
        let call = sid("CA", number);
        let shown = api.json(&format!("/api/v1/calls/{call}")).await;
        assert_eq!(shown, app.run(&format!("call show {call} --json")).exits(0).json());
        let mut timeline = shown["timeline"].as_array().unwrap().iter();
        let entry = timeline.find(|entry| entry["kind"] == kind).unwrap();
        assert!(entry["detail"].as_str().unwrap().starts_with(detail), "{entry}");
        assert_eq!(timeline.next().unwrap()["kind"], "decision");
    }
}

#[apply(on_both_stores!)]
async fn a_wrong_filter_of_a_history_gets_a_problem(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let api = Api::operator(&app, &server);
    for (path, pointer) in [
        ("calls?since=yesterday", "/since"),
        ("calls?since=1h&until=2h", "/since"),
        ("calls?from=4155550100", "/from"),
        ("calls?number=12", "/number"),
        ("calls?agent_id=sales", "/agent_id"),
        ("calls?plan_id=Plan", "/plan_id"),
        ("calls?account_sid=Main", "/account_sid"),
        ("calls?reason=keyword", "/reason"),
        ("calls?outcome=good", "/outcome"),
        ("calls?reveal=yes", "/reveal"),
        ("calls?from=%2B12125550101&to=%2B12125550102&number=%2B12125550103", "/number"),
        ("messages?reason=no_voice_target", "/reason"),
        ("messages?outcome=answered", "/outcome"),
        ("messages?status=good", "/status"),
        ("calls?status=failed", "/status"),
        ("conversations?contact=4155550100", "/contact"),
        ("conversations?sender=4155550101", "/sender"),
        ("deliveries?state=gone", "/state"),
        ("deliveries?message_sid=SM1", "/message_sid"),
        ("deliveries?subscription_id=sub_1", "/subscription_id"),
        ("rejections?reason=assigned", "/reason"),
        ("events?type=calls", "/type"),
    ] {
        let answer = api.get(&format!("/api/v1/{path}")).await;
        assert_eq!(code(&answer, 400), "query_invalid", "{path}");
        assert_eq!(answer.json()["errors"][0]["pointer"], json!(pointer), "{path}");
    }
    for (path, expected) in [
        ("rejections?reveal=true", "query_invalid"),
        ("calls?plan=Plan", "query_invalid"),
        ("calls?cursor=MS5jYWxscw", "cursor_invalid"),
    ] {
        assert_eq!(code(&api.get(&format!("/api/v1/{path}")).await, 400), expected, "{path}");
    }
    for (path, expected) in [
        ("calls/CA1", "call_not_found"),
        ("messages/%FF", "message_not_found"),
        ("conversations/dlv_01kb7y8m6q0123456789abcdef", "conversation_not_found"),
        ("deliveries/%27%20OR%201=1", "delivery_not_found"),
    ] {
        assert_eq!(code(&api.get(&format!("/api/v1/{path}")).await, 404), expected, "{path}");
    }
}
