//! A number from its assignment to its release.

use crate::prelude::*;

#[apply(on_both_stores!)]
async fn a_number_is_configured_repaired_and_given_back(store: Store) {
    let app = TestApp::with_fleet(store, three_accounts());
    let [first, text] = [number(0); 2].map(|number| number);
    let text = text.as_str().to_owned();
    let before = app.twilio().everything().await;
    let others = app.twilio().number(number(1));

    let assigned = app.run(&format!("number assign {text} --agent Sales")).exits(0);
    assigned.shows(&["assigned", "changed at Twilio: voice_url, voice_method"]);
    let ours = app.twilio().settings(first);
    assert_eq!(ours.voice_url, format!("{PUBLIC_URL}/api/twilio/voice"));
    assert_eq!(ours.sms_url, format!("{PUBLIC_URL}/api/twilio/webhook"));
    assert_eq!(ours.status_callback, format!("{PUBLIC_URL}/api/twilio/status"));
    let methods = [ours.voice_method, ours.sms_method, ours.status_callback_method];
    assert_eq!(methods, [WebhookMethod::Post; 3]);
    // What belongs to others stays.
    assert_eq!(ours.voice_fallback_url, "https://old.example.com/fallback");
    assert!(ours.voice_caller_id_lookup);
    assert_eq!(app.twilio().number(number(1)), others);
    app.run("webhooks check").exits(0).shows(&["the number is configured correctly"]);

    app.twilio().change(first, |there| there.voice_url = "https://elsewhere.example.com/v".into());
    let checked = app.run("webhooks check").exits(3);
    checked.shows(&[&text, "wrong_url"]);
    let planned = app.run("webhooks plan").exits(3);
    let line = format!(
        "voice_url  \"https://elsewhere.example.com/v\" → \"{PUBLIC_URL}/api/twilio/voice\"  (wrong_url)"
    );
    planned.shows(&[&text, &line]);
    app.twilio().take_writes();
    let dry = app.run("webhooks fix --dry-run").exits(3);
    dry.shows(&[&line]);
    assert!(app.twilio().take_writes().is_empty(), "a dry run writes nothing");

    app.run("webhooks fix --yes").exits(0).shows(&[&line, "1 changed (1 field)"]);
    let writes = app.twilio().take_writes();
    assert_eq!(writes.len(), 1);
    assert_eq!(writes[0].sent, ["VoiceUrl"], "what is right is not written again");
    assert_eq!(app.twilio().settings(first), ours);
    app.run("webhooks check").exits(0);
    app.run("webhooks fix --yes").exits(0);
    assert!(app.twilio().take_writes().is_empty());

    app.run(&format!("number release {text} --yes"))
        .exits(0)
        .shows(&["previous configuration at Twilio"]);
    assert_eq!(app.twilio().everything().await, before);
    let shown = app.run(&format!("number show {text} --json")).exits(0).json();
    assert!(shown["agent_id"].is_null(), "{shown}");
    app.twilio().take_writes();
    app.run(&format!("number release {text} --yes")).exits(0);
    assert!(app.twilio().take_writes().is_empty());
}

#[apply(on_both_stores!)]
async fn another_agent_changes_nothing_at_twilio(store: Store) {
    let app = TestApp::with_fleet(store, three_accounts());
    let text = number(0).as_str().to_owned();
    app.run(&format!("number assign {text} --agent Sales")).exits(0);
    app.twilio().simulator.forget_requests();
    for agent in ["Support", "Sales", "support"] {
        let assigned = app.run(&format!("number assign {text} --agent {agent}")).exits(0);
        assigned.shows(&["it was already configured at Twilio"]);
    }
    assert!(app.twilio().simulator.requests().is_empty(), "nobody asked it");
}

#[apply(on_both_stores!)]
async fn a_channel_that_is_left_out_is_given_back(store: Store) {
    let app = TestApp::with_fleet(store, three_accounts());
    let (first, text) = (number(0), number(0).as_str().to_owned());
    let before = app.twilio().settings(first);
    app.run(&format!("number assign {text} --agent Sales")).exits(0);
    let ours = app.twilio().settings(first);
    let voice = format!("number assign {text} --agent Sales --channels voice");
    app.run(&voice).exits(0);
    let now = app.twilio().settings(first);
    assert_eq!((&now.voice_url, &now.status_callback), (&ours.voice_url, &ours.status_callback));
    assert_eq!((&now.sms_url, now.sms_method), (&before.sms_url, before.sms_method));
    app.run("webhooks check").exits(0);
    // The channel is not ours any more, so changes of it are not drift.
    app.twilio().change(first, |there| there.sms_url = "https://somebody.example.net/2".into());
    app.run("webhooks check").exits(0);
    app.run(&format!("number release {text} --yes")).exits(0);
    let after = app.twilio().settings(first);
    assert_eq!(after.sms_url, "https://somebody.example.net/2");
    assert_eq!((after.voice_url, after.voice_method), (before.voice_url, before.voice_method));
}

#[apply(on_both_stores!)]
async fn numbers_of_subaccounts_and_of_other_customers_are_configured_with_their_own_tokens(
    store: Store,
) {
    let app = TestApp::with_fleet(store, three_accounts());
    let before = app.twilio().everything().await;
    for index in [0, 5, 6] {
        let text = number(index).as_str().to_owned();
        app.run(&format!("number assign {text} --agent Sales")).exits(0);
        let voice_url = app.twilio().settings(number(index)).voice_url;
        assert_eq!(voice_url, format!("{PUBLIC_URL}/api/twilio/voice"), "{index}");
    }
    let checked = app.run("webhooks check --json").exits(0).json();
    assert_eq!((&checked["checked"], &checked["right"]), (&3.into(), &3.into()));
    app.run("webhooks restore --all --yes").exits(0);
    assert_eq!(app.twilio().everything().await, before);
    app.run("webhooks check").exits(3).shows(&["legacy_agent_id"]);
    app.run("webhooks fix --yes").exits(0);
    app.run("webhooks check").exits(0);
}
