//! A new delivery is attempted at once, by whichever process is free, although all of them poll every ten minutes only.

use crate::fixture::Endpoint;
use crate::prelude::*;

const TEN_MINUTES: &str = "600000";
/// The messages of one round: more than one process delivers to one endpoint at the same time.
const MANY: u128 = 60;

/// An app behind the offline Twilio, whose agent Sales has this endpoint.
fn app_with(store: Store, endpoint: &Endpoint) -> TestApp {
    let mut app = TestApp::with_fleet_now(store, three_accounts());
    app.run(&format!("agent set Sales --message-webhook {}", endpoint.url)).exits(0);
    app.assign_by_import(&[phone_number(SALES)]);
    app.set("SWITCHBOARD_POLL_INTERVAL", TEN_MINUTES);
    app
}

/// A message of the `n`-th contact.
fn message(n: u128) -> Webhook {
    let message = Webhook::message(MAIN, SALES, &sid("SM", n), &format!("message {n}"));
    message.with("From", &format!("+1415556{n:04}"))
}

#[apply(on_both_stores!)]
async fn a_message_is_delivered_at_once_by_the_process_that_received_it(store: Store) {
    let endpoint = Endpoint::replying().await;
    let app = app_with(store, &endpoint);
    let server = app.serve().await;
    for n in 1..=5 {
        let answer = server.send(&message(n)).await;
        assert_eq!(answer.twiml().only("Message").text, format!("Re: message {n}"));
    }
}

/// An SQLite file is one process' own, so only Postgres has several servers.
#[tokio::test(flavor = "multi_thread")]
async fn messages_that_one_process_received_are_delivered_by_another_one_too() {
    let endpoint =
        Endpoint::responding(|_| (Duration::from_secs(2), 200, serde_json::Value::Null)).await;
    let app = app_with(Store::postgres().await, &endpoint);
    let servers = [app.serve().await, app.serve().await];
    // What a connection that listens asks last.
    let listening = "pg_stat_activity WHERE datname = current_database() \
         AND pid <> pg_backend_pid() AND query LIKE 'SELECT pg_backend_pid%'";
    within(BEHIND, "both listen", async || (app.store.count(listening).await == 2).then_some(()))
        .await;
    // In the first round, a process may still look at the queue because it has just begun to listen.
    for round in 1..=2 {
        let client = servers[0].client();
        let webhooks = (0..MANY).map(|n| {
            let (client, message) = (client.clone(), message(round * 1_000 + n));
            tokio::spawn(async move { client.try_send(&message).await.is_ok() })
        });
        let webhooks: Vec<_> = webhooks.collect();
        let holders = "(SELECT DISTINCT holder FROM delivery_queues WHERE holder IS NOT NULL) AS h";
        within(BEHIND, "both deliver", async || {
            (app.store.count(holders).await == 2).then_some(())
        })
        .await;
        for webhook in webhooks {
            assert!(webhook.await.unwrap());
        }
        let received = usize::try_from(round * MANY).unwrap();
        assert_eq!(endpoint.receives(received).await.len(), received);
    }
}

/// A command ends before anything is delivered.
#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_a_command_stores_is_sent_at_once_by_the_server() {
    let endpoint = Endpoint::replying().await;
    let app = app_with(Store::postgres().await, &endpoint);
    let _server = app.serve().await;
    for n in 1..=3 {
        app.run(&format!("message send --from {SALES} --to +1415556{n:04} --body hello")).exits(0);
        let sent = || app.twilio().simulator.messages(account_sid(MAIN_SID)).len();
        within(BEHIND, "it is sent", async || (sent() == n).then_some(())).await;
    }
}
