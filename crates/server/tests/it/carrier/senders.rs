//! Senders that are no phone numbers: they are added, assigned, configured, checked, written to and answered like numbers.

use switchboard_twilio_simulator::ShortCodeSeed;

use crate::fixture::Endpoint;
use crate::prelude::*;

const RCS: &str = "rcs:acme_agent";
const CODE: &str = "12345";
const WHATSAPP: &str = "whatsapp:+14155550190";
const PAGE: &str = "messenger:1234567890";

fn seed() -> Seed {
    let mut seed = three_accounts();
    let main = &mut seed.accounts[0];
    for sender_id in [RCS, WHATSAPP, &format!("whatsapp:{}", number(0).as_str())] {
        main.senders.push(SenderSeed { sender_id: sender_id.to_owned(), ..SenderSeed::default() });
    }
    let code = ShortCodeSeed { short_code: CODE.to_owned(), ..ShortCodeSeed::default() };
    main.short_codes.push(code);
    seed
}

fn app(store: Store) -> TestApp {
    TestApp::with_fleet_now(store, seed())
}

/// The URL that Twilio calls for messages to a sender; empty if there is none.
fn url(app: &TestApp, sender: &str) -> String {
    let (simulator, main) = (&app.twilio().simulator, account_sid(MAIN_SID));
    match simulator.short_code(main, sender) {
        Some(code) => code.settings.sms_url,
        None => simulator.sender(main, sender).unwrap().webhook.callback_url.unwrap_or_default(),
    }
}

/// A message of a contact to a sender.
fn message(to: &str, from: &str, number: u128, body: &str) -> Webhook {
    Webhook::message(MAIN, to, &sid("SM", number), body).with("From", from)
}

/// A sender from its addition to its removal.
async fn lives(store: Store, sender: &str, contact: &str, field: &str) {
    let endpoint = Endpoint::responding(|body| {
        let delay = if body == "slow" { 9 } else { 0 };
        (Duration::from_secs(delay), 200, json!({"reply": {"body": format!("Re: {body}")}}))
    })
    .await;
    let app = app(store);
    app.run(&format!("agent set Sales --message-webhook {}", endpoint.url)).exits(0);
    app.run(&format!("sender add {sender} --account {MAIN_SID}")).succeeded().shows(&[
        &format!("{sender} of account {MAIN_SID}"),
        "assign it to an agent with `switchboard sender assign`",
    ]);
    let again = app.run(&format!("sender add {sender} --account {MAIN_SID} --json")).exits(5);
    assert_eq!(again.json_error()["code"], "number_exists");

    let assigned = app.run(&format!("sender assign {sender} --agent Sales")).exits(0);
    assigned.shows(&["changed at Twilio: ", field]);
    let ours = format!("{PUBLIC_URL}/api/twilio/webhook");
    assert_eq!(url(&app, sender), ours);
    let shown = app.run(&format!("sender show {sender} --json")).succeeded().json();
    assert_eq!((&shown["phone_number"], &shown["answered_by"]), (&json!(sender), &json!("agent")));
    let listed = app.run("sender list --json").succeeded().list();
    assert_eq!((listed.as_array().unwrap().len(), &listed[0]), (1, &shown));
    let numbers = app.run("number list --json").succeeded().stdout;
    assert!(!numbers.contains(sender), "{numbers}");
    app.run(&format!("webhooks check {sender}")).exits(0);
    app.run("webhooks check").exits(0);

    let server = app.serve().await;
    let early = server.send(&message(sender, contact, 1, "hello")).await;
    assert_eq!(early.twiml().only("Message").text, "Re: hello");
    let late = server.send(&message(sender, contact, 2, "slow")).await;
    assert_eq!(late.twiml().children, []);
    let sent = within(Duration::from_secs(30), "the late reply is sent", async || {
        app.twilio().simulator.messages(account_sid(MAIN_SID)).pop()
    })
    .await;
    assert_eq!((&*sent.from, &*sent.to, &*sent.body), (sender, contact, "Re: slow"));
    let data = endpoint.received()[0].data();
    assert_eq!((&data["to"], &data["from"]), (&json!(sender), &json!(contact)));
    assert_eq!((&data["agent"]["name"], &data["account_sid"]), (&json!("Sales"), &json!(MAIN_SID)));
    let accepted = ["message", "send", "--from", sender, "--to", contact, "--body", "News"];
    app.run(&[&accepted[..], &["--wait", "30"]].concat()).exits(0);
    let threads = app.run("conversation list --json").succeeded().stdout;
    assert_eq!(threads.lines().count(), 1, "{threads}");

    // Another account is refused, whatever it signs.
    let foreign = Webhook::message(OTHER, sender, &sid("SM", 3), "hello").with("From", contact);
    assert_eq!(server.send(&foreign).await.status, 403);
    assert_eq!(endpoint.received().len(), 2);

    app.run(&format!("sender unassign {sender} --yes")).exits(0);
    assert_eq!(url(&app, sender), "");
    app.run(&format!("sender remove {sender} --yes")).exits(0);
    let gone = app.run(&format!("sender show {sender} --json")).exits(4);
    assert_eq!(gone.json_error()["code"], "number_not_found");
}

#[apply(on_both_stores!)]
async fn an_rcs_sender_is_configured_written_to_and_answered(store: Store) {
    lives(store, RCS, "rcs:+14155550177", "sender.callback_url").await;
}

#[apply(on_both_stores!)]
async fn a_short_code_is_configured_written_to_and_answered(store: Store) {
    lives(store, CODE, "+14155550177", "sms_url").await;
}

#[apply(on_both_stores!)]
async fn a_whatsapp_sender_without_a_number_of_ours_is_answered(store: Store) {
    lives(store, WHATSAPP, "whatsapp:+14155550177", "sender.callback_url").await;
}

/// A WhatsApp sender of a number is a channel of the number, until it is added by itself.
#[apply(on_both_stores!)]
async fn a_whatsapp_sender_of_a_number_can_have_another_agent(store: Store) {
    let app = app(store);
    let text = number(0).as_str().to_owned();
    let sender = format!("whatsapp:{text}");
    app.run(&format!("number assign {text} --agent Sales --channels sms,whatsapp")).exits(0);
    let server = app.serve().await;
    let whatsapp = |n, body| message(&sender, "whatsapp:+14155550177", n, body);
    assert_eq!(server.send(&whatsapp(1, "a")).await.twiml().only("Message").text, "Hello");
    app.run(&format!("sender add {sender} --account {MAIN_SID}")).exits(0);
    app.run(&format!("sender assign {sender} --agent Support --channels whatsapp")).exits(0);
    within(Duration::from_secs(10), "the change is known", async || {
        static NEXT: AtomicUsize = AtomicUsize::new(2);
        let n = NEXT.fetch_add(1, Ordering::SeqCst) as u128;
        let answer = server.send(&whatsapp(n, "b")).await;
        (answer.twiml().only("Message").text == "Hi").then_some(())
    })
    .await;
    let sms = server.send(&message(&text, "+14155550177", 900, "c")).await;
    assert_eq!(sms.twiml().only("Message").text, "Hello");
}

#[apply(on_both_stores!)]
async fn drift_of_senders_is_found_planned_and_fixed(store: Store) {
    let app = app(store);
    for sender in [RCS, CODE] {
        app.run(&format!("sender add {sender} --account {MAIN_SID}")).exits(0);
    }
    app.run(&format!("import csv --numbers {}", senders_file(&app))).exits(0);
    let checked = app.run("webhooks check --json").exits(3).stdout;
    for sender in [RCS, CODE] {
        assert!(checked.contains(sender), "{checked}");
    }
    app.run(&format!("webhooks plan {RCS}")).exits(3).shows(&[RCS, "sender.callback_url"]);
    app.run("webhooks plan --out plan.json").exits(3);
    app.run("webhooks fix --plan plan.json --yes").exits(0);
    app.run("webhooks check").exits(0);
    for sender in [RCS, CODE] {
        assert_eq!(url(&app, sender), format!("{PUBLIC_URL}/api/twilio/webhook"));
        app.run(&format!("webhooks restore {sender} --yes")).exits(0);
        assert_eq!(url(&app, sender), "");
    }
}

/// Writes the file that assigns the senders to Sales.
fn senders_file(app: &TestApp) -> &'static str {
    let row = |sender| format!("{sender},{MAIN_SID},sales\n");
    let rows = format!("phone_number,account_sid,agent_external_id\n{}{}", row(RCS), row(CODE));
    app.write("senders.csv", &rows);
    "senders.csv"
}

#[apply(on_both_stores!)]
async fn senders_are_found_at_twilio_imported_and_exported(store: Store) {
    let app = app(store);
    let sync = format!("account sync {MAIN_SID} --import --json");
    let synced = app.run(&sync).exits(0).json();
    assert_eq!(synced["imported"]["senders"], 3, "{synced}");
    let listed = app.run("sender list --json").succeeded().list();
    let senders: Vec<_> =
        listed.as_array().unwrap().iter().map(|one| &one["phone_number"]).collect();
    // The WhatsApp sender of a number of the account is a channel of the number.
    assert_eq!(senders, [CODE, RCS, WHATSAPP]);
    assert_eq!(app.run(&sync).exits(0).json()["imported"]["senders"], 0);
    for sender in [CODE, RCS, WHATSAPP] {
        app.run(&format!("sender assign {sender} --agent Sales")).exits(0);
    }
    app.run("export --to exported").exits(0);
    let exported = std::fs::read_to_string(app.path("exported/numbers.csv")).unwrap();
    for line in [format!("{CODE},{MAIN_SID},sales,sms,"), format!("{RCS},{MAIN_SID},sales,rcs,")] {
        assert!(exported.contains(&line), "{exported}");
    }
    app.run(&format!("sender remove {CODE} --force --yes")).exits(0);
    app.run("import csv --numbers exported/numbers.csv").exits(0);
    let shown = app.run(&format!("sender show {CODE} --json")).succeeded().json();
    assert_eq!((&shown["agent_name"], &shown["channels"]["sms"]), (&json!("Sales"), &json!(true)));
}

/// Twilio has no API for Messenger pages, so `check` says what to compare by hand. They are answered all the same.
#[apply(on_both_stores!)]
async fn a_messenger_page_is_added_by_hand_and_answered(store: Store) {
    let app = app(store);
    app.run(&format!("sender add {PAGE} --account {MAIN_SID}")).exits(0);
    let assigned = app.run(&format!("sender assign {PAGE} --agent Sales")).exits(0);
    assigned.shows(&[
        "not_readable",
        "in its Console",
        &format!("{PUBLIC_URL}/api/twilio/webhook"),
    ]);
    let checked = app.run("webhooks check").exits(3);
    checked.shows(&[PAGE, "not_readable"]);
    let why = "Twilio has no API for the webhooks of a Messenger page";
    app.run("webhooks plan").exits(3).shows(&[PAGE, why]);
    let server = app.serve().await;
    let answer = server.send(&message(PAGE, "messenger:987", 1, "hello")).await;
    assert_eq!(answer.twiml().only("Message").text, "Hello");
    app.run(&format!("sender unassign {PAGE} --yes")).exits(0);
    app.run(&format!("sender remove {PAGE} --yes")).exits(0);
}

#[apply(on_both_stores!)]
async fn what_is_no_sender_is_refused_with_the_reason(store: Store) {
    let app = app(store);
    for (sender, reason) in [
        ("client:jenny", "has a prefix that no sender has"),
        ("whatsapp:US.123456", "has no phone number; write whatsapp: and a number"),
        ("rcs:a/b", "has characters after its prefix"),
        ("4155550100", "has no country code"),
    ] {
        app.run(&format!("sender add {sender} --account {MAIN_SID}")).misused(reason);
    }
    app.run(&format!("number add {RCS} --account {MAIN_SID}"))
        .misused("not valid in a phone number");
    app.run(&format!("sender add {RCS} --account {OTHER_SID}")).exits(0);
    app.run(&format!("sender assign {RCS} --agent Sales --channels voice"))
        .misused("contains voice, which this RCS sender does not have; it has rcs");
    // The sender is in another account at Twilio.
    let assigned = app.run(&format!("sender assign {RCS} --agent Sales --json")).exits(0).json();
    assert_eq!(assigned["carrier"]["outcome"], "unfinished");
    let nobody = app.serve().await;
    // The stored account is not the one that signs.
    let answer = nobody.send(&message(RCS, "rcs:+14155550177", 1, "hello")).await;
    assert_eq!(answer.status, 403);
}
