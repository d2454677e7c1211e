//! Calls, messages and refused requests are listed and shown.

use crate::admin_api::records::add_others;
use crate::prelude::*;

/// The objects of a list.
fn objects(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The SIDs of a list of calls or messages.
fn sids(app: &TestApp, command: &str) -> Vec<String> {
    let listed = app.run(command).succeeded();
    objects(&listed.stdout)
        .iter()
        .map(|object| object["sid"].as_str().unwrap().to_owned())
        .collect()
}

/// Waits until the command line lists as many calls.
async fn listed(app: &TestApp, count: usize, command: &str) {
    let is_listed = async || (sids(app, command).len() == count).then_some(());
    within(BEHIND, command, is_listed).await;
}

#[apply(on_both_stores!)]
async fn calls_are_listed_filtered_paged_and_shown(store: Store) {
    let (app, server) = TestApp::served(store).await;
    for n in 1..=5 {
        let to = if n == 5 { UNASSIGNED } else { SALES };
        let answer = server.send(&Webhook::call(MAIN, to, &sid("CA", n))).await;
        assert_eq!(answer.status, 200);
    }
    let ended = Webhook::call_status(MAIN, SALES, &sid("CA", 1), "completed")
        .and("CallbackSource", "call-progress-events")
        .and("SequenceNumber", "0")
        .and("CallDuration", "42");
    assert_eq!(server.send(&ended).await.status, 204);
    app.store.holds(5, "calls").await;
    app.store.holds(1, "calls WHERE status = 'completed'").await;
    listed(&app, 5, "call list --json").await;

    let newest: Vec<_> = (1..=5).rev().map(|n| sid("CA", n)).collect();
    assert_eq!(sids(&app, "call list --json"), newest);
    // On a terminal, each call is a line, with its whole SID.
    let table = app.run_on_terminal_of(80, "call list").exits(0).stdout.replace('\r', "");
    assert_eq!(table.lines().count(), 6, "{table}");
    assert!(table.lines().all(|line| line.chars().count() <= 80), "{table}");
    assert!(newest.iter().all(|call| table.contains(&**call)), "{table}");
    for (filter, count) in [
        ("--since 1h", 5),
        ("--until 1h", 0),
        ("--agent sales", 4),
        (&*format!("--to {SALES}"), 4),
        (&*format!("--number {UNASSIGNED}"), 1),
        ("--outcome unanswered", 1),
        ("--outcome answered", 1),
        ("--outcome in_progress", 3),
        ("--reason unassigned", 1),
        (&*format!("--account {MAIN_SID}"), 5),
        ("--from +14155559999", 0),
    ] {
        assert_eq!(sids(&app, &format!("call list --json {filter}")).len(), count, "{filter}");
    }

    let page = app.run("call list --json --limit 3").exits(0);
    assert_eq!(objects(&page.stdout).len(), 3);
    let more: Value = serde_json::from_str(&page.stderr).unwrap();
    let cursor = more["next_cursor"].as_str().unwrap();
    let text = app.run("call list --limit 3").exits(0).stderr;
    assert_eq!(text, format!("more entries: repeat the command with --cursor {cursor}\n"));
    let rest = format!("call list --json --limit 3 --cursor {cursor}");
    assert_eq!(sids(&app, &rest), newest[3..]);
    app.run(&format!("call list --agent sales --cursor {cursor}"))
        .exits(2)
        .shows(&["other filters"]);
    app.run(&format!("message list --cursor {cursor}"))
        .exits(2)
        .shows(&["belongs to another list"]);

    let shown = app.run(&format!("call show {} --json", sid("CA", 1))).succeeded().json();
    let fields = [
        "sid",
        "account_sid",
        "organization",
        "number",
        "from",
        "to",
        "direction",
        "agent",
        "plan",
        "rule",
        "reason",
        "outcome",
        "attempts",
        "started_at",
        "ended_at",
        "duration_seconds",
        "timeline",
    ];
    let mut expected: Vec<_> = fields.iter().map(|field| json!(field)).collect();
    expected.sort_by_key(Value::to_string);
    let mut found: Vec<_> = shown.as_object().unwrap().keys().map(|key| json!(key)).collect();
    found.sort_by_key(Value::to_string);
    assert_eq!(found, expected);
    assert_eq!((&shown["outcome"], &shown["duration_seconds"]), (&json!("answered"), &json!(42)));
    assert_eq!(shown["agent"]["external_id"], "sales");
    assert_eq!((&shown["to"], &shown["direction"]), (&json!("…00"), &json!("inbound")));
    let text = app.run(&format!("call show {} --reveal", sid("CA", 1))).succeeded();
    text.shows(&[
        SALES,
        "the signature matches the account's token",
        "Twilio reported: completed after 42 s",
    ]);
    let text = app.run(&format!("call show {}", sid("CA", 5))).succeeded();
    text.shows(&[
        "unanswered: the number is not assigned to an agent",
        "assign it with `switchboard number assign NUMBER --agent AGENT`",
    ]);
    app.run(&format!("call show {}", sid("CA", 99))).exits(4).shows(&["rejection list"]);
    app.run("call show CA1").exits(2);
}

#[apply(on_both_stores!)]
async fn a_failed_stream_is_explained(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let call = sid("CA", 1);
    assert_eq!(server.send(&Webhook::call(MAIN, SALES, &call)).await.status, 200);
    app.store.holds(1, "calls").await;
    let error = "UPDATE calls SET connection_error = 31920, connection_ended_at = decided_at";
    app.store.execute(error).await;
    let shown = app.run(&format!("call show {call}")).succeeded();
    shown.shows(&[
        "failed: ",
        "the connection failed: Twilio's error 31920",
        "refused the WebSocket handshake",
        "with 101",
    ]);
    assert_eq!(sids(&app, "call list --outcome failed --json"), [call]);
}

#[apply(on_both_stores!)]
async fn messages_and_refused_requests_are_listed(store: Store) {
    let (app, server) = TestApp::served(store).await;
    for n in 1..=2 {
        let message = Webhook::message(MAIN, SALES, &sid("SM", n), "Are you open?");
        assert_eq!(server.send(&message).await.status, 200);
    }
    let wrong = Webhook::call(OTHER, SALES, &sid("CA", 1));
    assert_eq!(server.send(&wrong).await.status, 403);
    app.store.holds(2, "messages").await;
    app.store.holds(1, "rejections").await;
    assert_eq!(sids(&app, "message list --json"), [sid("SM", 2), sid("SM", 1)]);
    let shown = app.run(&format!("message show {} --json", sid("SM", 1))).succeeded().json();
    assert_eq!((&shown["direction"], &shown["channel"]), (&json!("inbound"), &json!("sms")));
    app.run(&format!("message show {}", sid("SM", 9))).exits(4);
    let rejections = objects(&app.run("rejection list --json").succeeded().stdout);
    assert_eq!(rejections.len(), 1);
    assert_eq!(rejections[0]["reason"], "account_mismatch");
    assert!(app.run("rejection list --reason unreadable --json").succeeded().stdout.is_empty());
    app.run("rejection list").succeeded().shows(&["account_mismatch", "switchboard number remove"]);
}

/// Each filter with a wrong value: the error names the option, the form of its value and what to do. Filters that a list
/// does not have are refused.
#[apply(on_both_stores!)]
fn wrong_filters_are_refused(store: Store) {
    const CALLS: &str = "call list,call tail";
    const MESSAGES: &str = "message list,message tail";
    const BOTH: &str = "call list,call tail,message list,message tail";
    const LISTS: &str = "call list,message list,rejection list";
    const TAILS: &str = "call tail,message tail";
    const ALL: &str = "call list,call tail,message list,message tail,rejection list";
    const ACCOUNTS: &str = "call list,call tail,message list,message tail";
    const REJECTIONS: &str = "rejection list";
    const NO_CALLS: &str = "message list,message tail,rejection list";
    const NO_MESSAGES: &str = "call list,call tail,rejection list";
    const COUNTRY: &str = "start with a plus, for example +14155550100";
    const MORE: &str = "event list,event tail,conversation list";
    const UNSUBSCRIBED: &str = "--subscription sub_01kb7y8m6q0123456789abcdef";
    const UNEXPECTED: &str = "unexpected argument";
    const FOREIGN: &str = "AC00000000000000000000000000000009";
    let app = TestApp::seeded(store);
    let account = format!("--account {FOREIGN}");
    let table: &[(&str, &str, i32, &[&str])] = &[
        (ALL, "--since yesterday", 2, &["--since", "an age such as 24h or 7d"]),
        (ALL, "--since 2026-02-30", 2, &["--since", "a day such as 2026-11-28"]),
        (ALL, "--until 5", 2, &["--until", "a time such as 2026-11-28T17:00:00Z"]),
        (ALL, "--since 1h --until 2h", 2, &["--since", "--until", "nothing can match"]),
        (TAILS, "--until 2h", 2, &["--until is in the past", "add --since"]),
        (BOTH, "--from 4155550100", 2, &["--from", COUNTRY]),
        (BOTH, "--to 4155550100", 2, &["--to", COUNTRY]),
        (BOTH, "--number 12", 2, &["--number", COUNTRY]),
        (
            BOTH,
            "--number +14155550100 --from +14155550101 --to +14155550102",
            2,
            &["--number is neither --from nor --to"],
        ),
        (BOTH, "--agent nobody", 4, &["--agent", "id, external id or name", "agent list"]),
        (BOTH, "--plan nothing", 4, &["--plan", "id or name", "route plan list"]),
        (ALL, "--account Nobody", 4, &["--account", "no account is named", "account list"]),
        (ALL, "--account AC123", 2, &["--account", "AC followed by 32 hexadecimal digits"]),
        (ACCOUNTS, &account, 4, &["--account", FOREIGN, "is unknown"]),
        // Requests of unknown accounts are refused, too.
        (REJECTIONS, &account, 0, &["no rejections match"]),
        (MORE, &account, 4, &["--account", FOREIGN, "is unknown"]),
        ("delivery list", "--agent nobody", 4, &["--agent", "agent list"]),
        ("delivery list", UNSUBSCRIBED, 4, &["no subscription", "subscription list"]),
        (MORE, "--since 1h --until 2h", 2, &["--since", "--until", "nothing can match"]),
        (CALLS, "--outcome lost", 2, &["--outcome is not one of in_progress, answered"]),
        (BOTH, "--reason lost", 2, &["--reason is not one of assigned, unknown_number"]),
        (REJECTIONS, "--reason lost", 2, &["--reason is not one of signature_missing"]),
        (CALLS, "--reason no_message_target", 2, &["--reason is not one of", "no_voice_target"]),
        (MESSAGES, "--reason no_voice_target", 2, &["--reason is not one of", "no_message_target"]),
        (LISTS, "--limit 0", 2, &["--limit", "a whole number from 1 to 1000000"]),
        (LISTS, "--limit many", 2, &["--limit", "a whole number from 1 to 1000000"]),
        (LISTS, "--limit 1000001", 2, &["--limit", "a whole number from 1 to 1000000"]),
        (LISTS, "--cursor nonsense", 2, &["--cursor is not a cursor", "this list returned"]),
        (NO_CALLS, "--outcome failed", 2, &[UNEXPECTED, "--outcome"]),
        (MESSAGES, "--status lost", 2, &["--status is not one of accepted", "undelivered"]),
        (NO_MESSAGES, "--status failed", 2, &[UNEXPECTED, "--status"]),
        (TAILS, "--limit 5", 2, &[UNEXPECTED, "--limit"]),
        (TAILS, "--cursor abc", 2, &[UNEXPECTED, "--cursor"]),
        (REJECTIONS, "--from +14155550100", 2, &[UNEXPECTED, "--from"]),
        (REJECTIONS, "--to +14155550100", 2, &[UNEXPECTED, "--to"]),
        (REJECTIONS, "--number +14155550100", 2, &[UNEXPECTED, "--number"]),
        (REJECTIONS, "--agent Sales", 2, &[UNEXPECTED, "--agent"]),
        (REJECTIONS, "--plan Front", 2, &[UNEXPECTED, "--plan"]),
    ];
    for (commands, filter, code, texts) in table {
        for command in commands.split(',') {
            app.run(&format!("{command} {filter}")).exits(*code).shows(texts);
        }
    }
    app.run("call list").succeeded().shows(&["no calls match"]);
}

/// Objects of different organizations have no record in common.
#[apply(on_both_stores!)]
async fn filters_that_contradict_are_refused(store: Store) {
    let app = TestApp::seeded(store);
    add_others(&app).await;
    let plan = r#"{"name":"Busy","otherwise":{"next":[{"reject":"busy"}]}}"#;
    app.write("busy.json", plan);
    app.run("route plan save busy.json").succeeded();
    let subscribe = ["subscription", "add", "--url", "https://example.com", "--json"];
    let subscription = app.run(&subscribe).succeeded().json()["id"].take();
    let account = format!("--account {OTHER_SID}");
    let of_account = format!("--agent sales {account}");
    let of_plan = format!("--plan Busy {account}");
    let of_subscription =
        format!("--agent support --subscription {}", subscription.as_str().unwrap());
    for (commands, filters) in [
        (
            "call list,call tail,message list,message tail,number list,sender list,conversation list",
            &of_account,
        ),
        ("call list,call tail,message list,message tail", &of_plan),
        ("call list,message tail", &"--agent support --plan Busy".to_owned()),
        ("delivery list", &of_subscription),
    ] {
        for command in commands.split(',') {
            app.run(&format!("{command} {filters}"))
                .exits(2)
                .shows(&["belong to different organizations, so nothing can match"]);
        }
    }
    app.run(&format!("call list --agent support {account}")).succeeded();
}

/// What was removed is named by its id.
#[apply(on_both_stores!)]
async fn records_of_removed_objects_are_listed(store: Store) {
    let (app, server) = TestApp::served(store).await;
    app.write("busy.json", r#"{"name":"Busy","otherwise":{"next":[{"reject":"busy"}]}}"#);
    let plan = app.run("route plan save busy.json --json").succeeded().json()["id"].take();
    app.run(&format!("route attach Busy --number {UNASSIGNED}")).succeeded();
    let agent =
        app.run(&format!("number show {SALES} --json")).succeeded().json()["agent_id"].take();
    let (assigned, planned) = (sid("CA", 1), sid("CA", 2));
    let is_planned = async || {
        let call = Webhook::call(MAIN, UNASSIGNED, &planned);
        server.send(&call).await.text().contains("Reject").then_some(())
    };
    within(BEHIND, "the plan decides", is_planned).await;
    assert_eq!(server.send(&Webhook::call(MAIN, SALES, &assigned)).await.status, 200);
    listed(&app, 2, "call list --json").await;
    drop(server);

    for number in app.store.texts("SELECT phone_number AS value FROM numbers").await {
        app.run(&format!("number remove {number} --yes")).succeeded();
    }
    app.run("agent remove sales --yes").succeeded();
    app.run("route plan remove Busy --yes").succeeded();
    app.run(&format!("account remove {SUB_SID} --yes")).succeeded();
    app.run(&format!("account remove {MAIN_SID} --yes")).succeeded();
    let of = |filter: &str| sids(&app, &format!("call list {filter} --json"));
    assert_eq!(of(&format!("--account {MAIN_SID}")), [assigned.clone(), planned.clone()]);
    assert_eq!(of(&format!("--agent {}", agent.as_str().unwrap())), [assigned]);
    assert_eq!(of(&format!("--plan {}", plan.as_str().unwrap())), [planned]);
    app.run("call list --agent sales").exits(4);
    app.run(&format!("message list --account {MAIN_SID}")).succeeded().shows(&["no messages"]);
    app.run(&format!("call list --account {SUB_SID}")).exits(4).shows(&["is unknown"]);
}

#[apply(on_both_stores!)]
async fn calls_are_followed(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let mut tail = app.start(&["call", "tail", "--since", "1h", "--json"]);
    let call = sid("CA", 1);
    assert_eq!(server.send(&Webhook::call(MAIN, SALES, &call)).await.status, 200);
    let has =
        |line: &str, outcome: &str| (line.contains(&call) && line.contains(outcome)).then_some(());
    tail.line("a new call", |line| has(line, "\"outcome\":\"in_progress\"")).await;
    let ended = Webhook::call_status(MAIN, SALES, &call, "completed")
        .and("CallbackSource", "call-progress-events")
        .and("SequenceNumber", "0");
    assert_eq!(server.send(&ended).await.status, 204);
    tail.line("its end", |line| has(line, "\"outcome\":\"answered\"")).await;
}
