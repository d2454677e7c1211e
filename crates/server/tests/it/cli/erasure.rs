//! Old records are deleted, and a contact is erased without a trace.

use crate::prelude::*;

const CONTACT: &str = "+14155550942";
const NAME: &str = "Erika Mustermann";
const CITY: &str = "WALLDORF";

/// A call of the contact.
fn call(n: u128) -> Webhook {
    Webhook::call(MAIN, SALES, &sid("CA", n))
        .with("From", CONTACT)
        .with("Caller", CONTACT)
        .with("FromCity", CITY)
        .with("CallerCity", CITY)
}

/// A message of the contact.
fn message(n: u128, from: &str) -> Webhook {
    Webhook::message(MAIN, SALES, &sid("SM", n), &format!("This is {NAME}, {n}"))
        .with("From", from)
        .with("FromCity", CITY)
}

/// Everything that the database has, in its tables and in its files.
async fn everything(app: &TestApp) -> Vec<u8> {
    if let Store::Sqlite(folder) = &app.store {
        let mut all = Vec::new();
        for name in ["switchboard.db", "switchboard.db-wal", "switchboard.db-shm"] {
            all.extend(std::fs::read(folder.path().join(name)).unwrap_or_default());
        }
        return all;
    }
    let tables = app
        .store
        .texts("SELECT tablename::text AS value FROM pg_tables WHERE schemaname = 'public'")
        .await;
    let mut all = Vec::new();
    for table in tables {
        let rows = format!("SELECT one::text AS value FROM \"{table}\" AS one");
        for row in app.store.texts(&rows).await {
            all.extend(row.into_bytes());
        }
    }
    all
}

/// How often a text occurs.
fn occurrences(all: &[u8], text: &str) -> usize {
    all.windows(text.len()).filter(|window| *window == text.as_bytes()).count()
}

#[apply(on_both_stores!)]
async fn a_contact_is_erased_without_a_trace(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let digits = &CONTACT[1..];
    for n in 0..120 {
        // Others call in between, so that the contact's rows are on pages with theirs.
        let other = Webhook::call(MAIN, SALES, &sid("CA", 1_000 + n));
        assert_eq!(server.send(&other).await.status, 200);
        assert_eq!(server.send(&call(n * 7)).await.status, 200);
        assert_eq!(server.send(&message(n * 7, CONTACT)).await.status, 200);
    }
    let whatsapp = format!("whatsapp:{CONTACT}");
    assert_eq!(server.send(&message(5_000, &whatsapp)).await.status, 200);
    let sip = format!("sip:{CONTACT}@carrier.example.com");
    let by_sip = call(5_001).with("From", &sip).with("Caller", &sip);
    assert_eq!(server.send(&by_sip).await.status, 200);
    app.store.holds(241, "calls").await;
    app.write("callers.txt", &format!("{CONTACT}\n+14155550943\n"));
    app.run("route list set known callers.txt").succeeded();
    for text in [digits, NAME, CITY] {
        assert!(occurrences(&everything(&app).await, text) > 0, "{text} is stored");
    }

    let dry = app.run(&format!("erase {CONTACT} --dry-run --json")).succeeded().json();
    let impact =
        "erases the contact from 121 calls, 121 messages, 1 conversation and 1 number list";
    assert_eq!(dry["impact"][0], impact);
    app.run(&format!("erase {CONTACT}")).exits(2).shows(&["--yes", impact]);
    let erased = app.run(&format!("erase {CONTACT} --yes --json")).succeeded().json();
    assert_eq!((&erased["calls"], &erased["messages"]), (&json!(121), &json!(121)));
    assert_eq!((&erased["list_entries"], &erased["remaining"]), (&json!(1), &json!([])));
    let all = everything(&app).await;
    for text in [digits, NAME, CITY] {
        assert_eq!(occurrences(&all, text), 0, "{text} is left");
        assert!(!server.log().iter().any(|line| line.contains(text)), "{text} is logged");
    }

    // What arrives later about the call brings nothing back, and the rest is still there.
    let status = Webhook::call_status(MAIN, SALES, &sid("CA", 0), "completed")
        .with("From", CONTACT)
        .with("Caller", CONTACT);
    assert_eq!(server.send(&status).await.status, 204);
    assert_eq!(server.send(&message(0, CONTACT)).await.status, 200);
    app.store.holds(1, "calls WHERE status = 'completed'").await;
    assert_eq!(occurrences(&everything(&app).await, digits), 0, "it was brought back");
    assert_eq!(app.store.count("calls").await, 241);
    let shown = app.run(&format!("call show {} --reveal", sid("CA", 0))).succeeded();
    shown.shows(&["erased", "completed"]);
    let listed = app.run("call list --limit 1000 --json").succeeded();
    let erased = listed.stdout.lines().filter(|line| line.contains("\"from\":\"erased\"")).count();
    assert_eq!(erased, 121);
    app.run(&format!("erase {CONTACT} --yes")).succeeded().shows(&["0 calls, 0 messages"]);
}

#[apply(on_both_stores!)]
async fn what_is_no_contact_is_not_erased(store: Store) {
    let app = TestApp::seeded(store);
    app.run(&format!("erase {SALES} --yes")).exits(1).shows(&["not a contact"]);
    app.run("erase anonymous --yes").exits(1).shows(&["identifies no contact"]);
    app.run("erase 4155550142 --yes").exits(2);
    for contact in ["client:jo", "sip:jo@example.com", "whatsapp:US.123"] {
        app.run(&format!("erase {contact}")).succeeded().shows(&["0 calls"]);
    }
    // A list that has nobody else decides calls, and an empty one is not valid.
    app.write("callers.txt", &format!("{CONTACT}\n"));
    app.run("route list set known callers.txt").succeeded();
    let refused = app.run(&format!("erase {CONTACT} --yes"));
    refused.exits(1).shows(&["not erased", "known", "switchboard route list"]);
}

/// Makes a call, a message and rejections that are 500 days old, and others that are new.
async fn aged(store: Store) -> (TestApp, Server) {
    let (app, server) = TestApp::served(store).await;
    for n in 1..=3 {
        assert_eq!(server.send(&call(n)).await.status, 200);
        assert_eq!(server.send(&message(n, CONTACT)).await.status, 200);
    }
    let wrong = Webhook::call(OTHER, SALES, &sid("CA", 9)).signed_with(MAIN_TOKEN);
    assert_eq!(server.send(&wrong).await.status, 403);
    app.store.holds(3, "calls").await;
    app.store.holds(1, "rejections").await;
    let days = match &app.store {
        Store::Sqlite(_) => "500 * 86400 * 1000000",
        _ => "interval '500 days'",
    };
    let newest = sid("CA", 3);
    for aging in [
        format!("UPDATE calls SET first_seen_at = first_seen_at - {days} WHERE sid <> '{newest}'"),
        format!("UPDATE messages SET first_seen_at = first_seen_at - {days}"),
        format!("UPDATE rejections SET at = at - {days}"),
        format!("UPDATE events SET at = at - {days} WHERE kind = 'message.received'"),
    ] {
        app.store.execute(&aging).await;
    }
    (app, server)
}

#[apply(on_both_stores!)]
async fn old_records_are_pruned(store: Store) {
    let (mut app, _server) = aged(store).await;
    let old = "2 calls, 3 messages, 1 refused request, 0 deliveries, 3 events, 0 jobs and 0 audit entries";
    app.run("prune --dry-run").succeeded().shows(&[old]);
    app.run("prune").exits(2).shows(&["--yes", old]);
    app.set("SWITCHBOARD_RETENTION", "calls=forever,messages=400d");
    let pruned = app.run("prune --yes --json").succeeded().json();
    assert_eq!(
        pruned,
        json!({"calls": 0, "messages": 3, "rejections": 1, "deliveries": 0, "events": 3, "jobs": 0, "audit": 0})
    );
    assert_eq!(app.store.count("calls").await, 3);
    app.set("SWITCHBOARD_RETENTION", "calls=2y,message=1d");
    app.run("prune --yes").exits(2).shows(&["SWITCHBOARD_RETENTION", "2y"]);
    app.unset("SWITCHBOARD_RETENTION");
    app.run("prune --yes").succeeded().shows(&["deleted 2 calls, 0 messages"]);
    app.run("prune").succeeded().shows(&["deleted 0 calls"]);
    assert_eq!(app.store.count("calls").await, 1);
}

#[apply(on_both_stores!)]
async fn a_server_deletes_old_records(store: Store) {
    let (app, mut server) = aged(store).await;
    server.kill();
    let _server = app.serve().await;
    app.store.holds(1, "calls").await;
    app.store.holds(0, "messages").await;
    app.store.holds(0, "rejections").await;
}

/// An erasure keeps that the contact wants no messages, and says so.
#[apply(on_both_stores!)]
async fn consents_are_counted_and_kept(store: Store) {
    let (app, server) = TestApp::served(store).await;
    let stop = message(1, CONTACT).with("Body", "STOP");
    assert_eq!(server.send(&stop).await.status, 200);
    app.store.holds(1, "consents").await;
    let kept = "keeps 1 consent of the contact";
    app.run(&format!("erase {CONTACT} --dry-run")).succeeded().shows(&["1 message", kept]);
    let erased = app.run(&format!("erase {CONTACT} --yes --json")).succeeded().json();
    assert_eq!((&erased["messages"], &erased["kept_consents"]), (&json!(1), &json!(1)));
    assert_eq!(app.store.count("consents").await, 1);
}
