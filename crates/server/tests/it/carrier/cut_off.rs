//! Twilio accepts messages, but its answers are cut off: each contact gets each message once.

use crate::prelude::*;

const MESSAGES: usize = 100;
/// Contacts who get two messages each, of which half are equal.
const CONTACTS: usize = MESSAGES / 2;

fn contact(n: usize) -> String {
    format!("+141555{:05}", 60_000 + n % CONTACTS)
}

fn text(n: usize) -> String {
    if n % CONTACTS < CONTACTS / 2 {
        "Your table is ready.".to_owned()
    } else {
        format!("Table {n}")
    }
}

/// Sends all messages, and returns what each contact got.
async fn sent_despite_cut_offs(store: Store) -> BTreeMap<(String, String), usize> {
    let app = TestApp::with_fleet_now(store, three_accounts());
    app.twilio().simulator.inject_fault(Fault {
        method: Some("POST".to_owned()),
        path: "*/Messages.json".to_owned(),
        after: 0,
        times: Some(u32::try_from(MESSAGES).unwrap()),
        does: FaultKind::CutOff,
    });
    for n in 0..MESSAGES {
        let (to, text) = (contact(n), text(n));
        app.run(&["message", "send", "--from", SALES, "--to", &to, "--body", &text]).exits(0);
    }
    let _server = app.serve().await;
    within(Duration::from_secs(120), "all outcomes are settled", async || {
        let open = "deliveries WHERE state IN ('pending', 'delivering')";
        (app.store.count(open).await == 0).then_some(())
    })
    .await;
    app.store.holds(MESSAGES, "deliveries WHERE state = 'delivered'").await;
    let mut got = BTreeMap::new();
    for message in app.twilio().simulator.messages(account_sid(MAIN_SID)) {
        *got.entry((message.to, message.body)).or_default() += 1;
    }
    got
}

fn expected() -> BTreeMap<(String, String), usize> {
    let mut expected = BTreeMap::new();
    for n in 0..MESSAGES {
        *expected.entry((contact(n), text(n))).or_default() += 1;
    }
    expected
}

#[apply(on_both_stores!)]
async fn no_contact_gets_a_message_twice_or_misses_one_whose_answer_was_cut_off(store: Store) {
    assert_eq!(sent_despite_cut_offs(store).await, expected());
}
