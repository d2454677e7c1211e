//! Messages are sent and deliveries replayed through the admin API as on the database.

use super::remote::Remote;
use crate::prelude::*;

const CONTACT: &str = "+14155550177";

#[apply(on_both_stores!)]
async fn a_message_is_sent_through_the_api(store: Store) {
    let app = TestApp::with_fleet_now(store, three_accounts());
    let server = app.serve().await;
    let remote = Remote::of(&app, &server);
    app.write("text.txt", "We are open from 9 to 5.\n");
    let send = format!("message send --from {SALES} --to {CONTACT}");
    let keyed = format!("{send} --body-file text.txt --idempotency-key order-7 --wait 30");
    remote.run(&keyed).exits(0).shows(&["sent as SM", "1 segment (GSM-7)"]);
    // The key is that of the message, here and there.
    remote.prints_the_same(&keyed);
    assert_eq!(app.store.count("deliveries").await, 1);
    let messages = app.twilio().simulator.messages(account_sid(MAIN_SID));
    assert_eq!((messages.len(), messages[0].body.trim()), (1, "We are open from 9 to 5."));
    for command in [
        format!("{send} --body Closed --idempotency-key order-7"),
        format!("{send} --body Closed --media file:///etc/passwd"),
        format!("{send} --body-file missing.txt"),
        send.clone(),
        format!("message send --from {UNKNOWN} --to {CONTACT} --body Hi"),
        format!("message send --from {SALES} --to whatsapp:{CONTACT} --body Hi"),
        format!("message send --from {SALES} --to anonymous --body Hi"),
        format!("message send --from {SALES} --to 4155550177 --body Hi"),
    ] {
        remote.prints_the_same(&command);
    }
    assert_eq!(app.store.count("deliveries").await, 1);
    let accepted = remote.run(&format!("{send} --body Hi --json")).exits(0).json();
    assert_eq!((&accepted["repeated"], &accepted["characters"]), (&json!(false), &json!(2)));
    app.store.holds(2, "deliveries WHERE state = 'delivered'").await;
    let template = "--template HX0123456789abcdef0123456789abcdef";
    remote.run(&format!("{send} {template}")).misused("no part of the API");
    let stop = Webhook::message(MAIN, SALES, &sid("SM", 1), "STOP").with("From", CONTACT);
    assert_eq!(server.send(&stop).await.status, 200);
    app.store.holds(1, "consents").await;
    remote.prints_the_same(&format!("{send} --body Hi"));
}

#[apply(on_both_stores!)]
async fn deliveries_are_replayed_through_the_api(store: Store) {
    let app = TestApp::with_fleet_now(store, three_accounts());
    let server = app.serve().await;
    let remote = Remote::of(&app, &server);
    // Twilio refuses each message from it.
    let not_at_twilio = "+14155550777";
    app.run(&format!("number add {not_at_twilio} --account {MAIN_SID}")).exits(0);
    let send = format!("message send --from {not_at_twilio} --to {CONTACT} --body Hi");
    let refused = remote.run(&format!("{send} --wait 30")).exits(5);
    refused.shows(&["is dead: Twilio refused the message with"]);
    // It is refused with the same words, whoever waits.
    let keyed = format!("{send} --idempotency-key order-8 --wait 30");
    app.run(&keyed).exits(5);
    remote.prints_the_same(&keyed);
    app.store.holds(2, "deliveries WHERE state = 'dead'").await;
    let dead = app.run("delivery list --state dead --json").exits(0).list();
    let id = dead[0]["id"].as_str().unwrap().to_owned();
    let missing = "dlv_01m8jwaxz29rbqtyphtjq1q9h6";
    for command in [
        format!("delivery replay {id} --dry-run"),
        format!("delivery replay {missing}"),
        "delivery replay hello".to_owned(),
        "delivery replay --since 1h --dry-run".to_owned(),
        "delivery replay --since 1h".to_owned(),
        "delivery replay --since 1h --agent nobody --yes".to_owned(),
        "delivery replay --since 1h --agent sales --yes".to_owned(),
    ] {
        remote.prints_the_same(&command);
    }
    let shown = |id: &str| app.run(&format!("delivery show {id} --json")).exits(0).json();
    let dies = async |id: &str, attempts: usize| {
        within(Duration::from_secs(30), "the delivery is dead", async || {
            let delivery = shown(id);
            let made = delivery["attempts"].as_array().unwrap().len();
            (delivery["state"] == "dead" && made == attempts).then_some(())
        })
        .await;
    };
    let replayed = remote.run(&format!("delivery replay {id}")).exits(0);
    assert_eq!(
        replayed.stdout,
        "1 delivery is attempted again at once; `switchboard delivery show` shows the result\n"
    );
    dies(&id, 2).await;
    let all = remote.run("delivery replay --since 1h --yes --json").exits(0).json();
    assert_eq!(all, json!({ "replayed": 2 }));
    dies(&id, 3).await;
    // The contact may have it already.
    app.store.execute("UPDATE deliveries SET send_state = 'unknown'").await;
    remote.prints_the_same(&format!("delivery replay {id}"));
    remote.prints_the_same(&format!("delivery replay {id} --dry-run"));
    app.store.execute("UPDATE deliveries SET state = 'delivered'").await;
    remote.prints_the_same(&format!("delivery replay {id}"));
}
