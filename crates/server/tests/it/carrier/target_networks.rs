//! Endpoints of agents at addresses that are not allowed, and redirects to such addresses.

use crate::fixture::Endpoint;
use crate::prelude::*;

/// An app behind the offline Twilio, whose agent Sales has this endpoint. The server allows these networks.
async fn serving(store: Store, networks: &str, endpoint: &str) -> (TestApp, Server) {
    let mut app = TestApp::with_fleet_now(store, three_accounts());
    app.set("SWITCHBOARD_TARGET_NETWORKS", networks);
    app.run(&format!("agent set Sales --message-webhook {endpoint}")).exits(0);
    app.assign_by_import(&[phone_number(SALES)]);
    let server = app.serve().await;
    (app, server)
}

/// Waits for the outcome of the first attempt to deliver a message.
async fn attempts(app: &TestApp) -> String {
    within(Duration::from_secs(30), "the message is attempted", async || {
        let query = "SELECT attempts AS value FROM deliveries WHERE attempts LIKE '%outcome%'";
        app.store.texts(query).await.pop()
    })
    .await
}

#[apply(on_both_stores!)]
async fn an_endpoint_whose_name_is_of_this_machine_is_refused_unless_listed(store: Store) {
    let endpoint = Endpoint::replying().await;
    let url = endpoint.url.replace("127.0.0.1", "localhost");
    let (mut app, mut server) = serving(store, "10.0.0.0/8", &url).await;
    let first = Webhook::message(MAIN, SALES, &sid("SM", 1), "Hello?");
    assert_eq!(server.send(&first).await.status, 200);
    let attempts = attempts(&app).await;
    assert!(attempts.contains("address_refused"), "{attempts}");
    assert_eq!(endpoint.received().len(), 0);

    server.kill();
    app.set("SWITCHBOARD_TARGET_NETWORKS", "127.0.0.0/8,::1");
    let _listed = app.serve().await;
    assert_eq!(endpoint.receives(1).await[0].body(), "Hello?");
}

#[apply(on_both_stores!)]
async fn a_redirect_to_a_metadata_service_is_not_followed(store: Store) {
    let metadata = json!("http://169.254.169.254/latest/meta-data/");
    let redirecting = Endpoint::responding(move |_| (Duration::ZERO, 302, metadata.clone())).await;
    let (app, server) = serving(store, "127.0.0.0/8", &redirecting.url).await;
    let webhook = Webhook::message(MAIN, SALES, &sid("SM", 1), "Hello?");
    assert_eq!(server.send(&webhook).await.status, 200);
    let attempts = attempts(&app).await;
    assert!(attempts.contains("bad_status") && attempts.contains("302"), "{attempts}");
    assert_eq!(redirecting.received().len(), 1);
}

#[test]
fn a_hint_names_the_setting_for_an_endpoint_that_will_be_refused() {
    let mut app = TestApp::migrated(Store::sqlite());
    app.unset("SWITCHBOARD_TARGET_NETWORKS");
    let add =
        |name: &str, url: &str| format!("agent add --name {name} --message-webhook {url} --json");
    for (name, host) in [("A", "localhost:9000"), ("B", "10.0.0.7"), ("C", "0x7f.1")] {
        let done = app.run(&add(name, &format!("http://{host}/t0ken"))).exits(0);
        assert!(done.stderr.contains("SWITCHBOARD_TARGET_NETWORKS"), "{}", done.stderr);
        assert!(!done.stderr.contains("t0ken"), "{}", done.stderr);
        assert_eq!(done.json()["name"], name);
    }
    let public = app.run(&add("D", "https://agent.example.com/")).exits(0);
    assert_eq!(public.stderr, "");
    app.set("SWITCHBOARD_TARGET_NETWORKS", "10.0.0.0/8");
    assert_eq!(app.run(&add("E", "http://10.0.0.7/")).exits(0).stderr, "");
}

#[test]
fn a_hint_says_that_an_endpoint_is_reached_in_clear_text() {
    let mut app = TestApp::migrated(Store::sqlite());
    app.set("SWITCHBOARD_TARGET_NETWORKS", "10.0.0.0/8");
    let add =
        |name: &str, url: &str| format!("agent add --name {name} --message-webhook {url} --json");
    let done = app.run(&add("A", "http://agent.example.com/t0ken")).exits(0);
    let hint =
        "requests with messages go to agent.example.com in clear text; use a URL with https://";
    assert!(done.stderr.contains(hint) && !done.stderr.contains("t0ken"), "{}", done.stderr);
    let changed = app.run("agent set A --message-webhook http://other.example.com/hook").exits(0);
    assert!(changed.stderr.contains("other.example.com in clear text"), "{}", changed.stderr);
    let subscribed =
        app.run("subscription add --url http://events.example.com/ --types *").exits(0);
    assert!(
        subscribed.stderr.contains("requests with events go to events.example.com"),
        "{}",
        subscribed.stderr
    );
    for url in ["https://agent.example.com/", "http://10.0.0.7/"] {
        assert_eq!(app.run(&add(&url.len().to_string(), url)).exits(0).stderr, "", "{url}");
    }
}
