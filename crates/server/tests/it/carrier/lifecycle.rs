//! A number from its assignment to its release.

use switchboard_twilio_simulator::WebhookMethod;

use crate::carrier::rig::{Desk, PUBLIC_URL, Store, number, three_accounts};

on_both_stores! {
    a_number_is_configured_repaired_and_given_back,
    another_agent_is_nothing_to_the_phone_company,
    a_channel_that_is_left_out_is_given_back,
    numbers_of_subaccounts_and_of_strangers_are_configured_with_their_own_tokens,
}

async fn a_number_is_configured_repaired_and_given_back(store: Store) {
    let desk = Desk::over(store, three_accounts()).await;
    let [first, text] = [number(0); 2].map(|number| number);
    let text = text.as_str().to_owned();
    let before = desk.everything().await;
    let others = desk.number(number(1));

    let assigned = desk.run(&["number", "assign", &text, "--agent", "Sales"]).await.with(0);
    assigned.tells(&["now answers", "changed at Twilio: voice_url, voice_method"]);
    let ours = desk.settings(first);
    assert_eq!(ours.voice_url, format!("{PUBLIC_URL}/api/twilio/voice"));
    assert_eq!(ours.sms_url, format!("{PUBLIC_URL}/api/twilio/webhook"));
    assert_eq!(ours.status_callback, format!("{PUBLIC_URL}/api/twilio/status"));
    let methods = [ours.voice_method, ours.sms_method, ours.status_callback_method];
    assert_eq!(methods, [WebhookMethod::Post; 3]);
    // What is none of ours stays.
    assert_eq!(ours.voice_fallback_url, "https://old.example.com/fallback");
    assert!(ours.voice_caller_id_lookup);
    assert_eq!(desk.number(number(1)), others);
    desk.run(&["webhooks", "check"]).await.with(0).tells(&["all 1 numbers are as they should be"]);

    desk.by_hand(first, |there| there.voice_url = "https://elsewhere.example.com/v".into());
    let checked = desk.run(&["webhooks", "check"]).await.with(3);
    checked.tells(&[&text, "wrong_url"]);
    let planned = desk.run(&["webhooks", "plan"]).await.with(3);
    let line = format!(
        "voice_url  \"https://elsewhere.example.com/v\" → \"{PUBLIC_URL}/api/twilio/voice\"  (wrong_url)"
    );
    planned.tells(&[&text, &line]);
    desk.writes();
    let dry = desk.run(&["webhooks", "fix", "--dry-run"]).await.with(3);
    dry.tells(&[&line]);
    assert!(desk.writes().is_empty(), "a dry run writes nothing");

    desk.run(&["webhooks", "fix"]).await.with(0).tells(&[&line, "1 changed (1 fields)"]);
    let writes = desk.writes();
    assert_eq!(writes.len(), 1);
    assert_eq!(writes[0].sent, ["VoiceUrl"], "what is right is not written again");
    assert_eq!(desk.settings(first), ours);
    desk.run(&["webhooks", "check"]).await.with(0);
    desk.run(&["webhooks", "fix"]).await.with(0);
    assert!(desk.writes().is_empty());

    desk.run(&["number", "release", &text]).await.with(0).tells(&["as it was before at Twilio"]);
    assert_eq!(desk.everything().await, before);
    let shown = desk.run(&["number", "show", &text, "--json"]).await.with(0).json();
    assert!(shown["agent_id"].is_null(), "{shown}");
    desk.writes();
    desk.run(&["number", "release", &text]).await.with(0);
    assert!(desk.writes().is_empty());
}

async fn another_agent_is_nothing_to_the_phone_company(store: Store) {
    let desk = Desk::over(store, three_accounts()).await;
    let text = number(0).as_str().to_owned();
    desk.run(&["number", "assign", &text, "--agent", "Sales"]).await.with(0);
    desk.company.forget_requests();
    for agent in ["Support", "Sales", "support"] {
        let assigned = desk.run(&["number", "assign", &text, "--agent", agent]).await.with(0);
        assigned.tells(&["it was configured at Twilio already"]);
    }
    assert!(desk.company.requests().is_empty(), "nobody asked it");
}

async fn a_channel_that_is_left_out_is_given_back(store: Store) {
    let desk = Desk::over(store, three_accounts()).await;
    let (first, text) = (number(0), number(0).as_str().to_owned());
    let before = desk.settings(first);
    desk.run(&["number", "assign", &text, "--agent", "Sales"]).await.with(0);
    let ours = desk.settings(first);
    let voice = ["number", "assign", &text, "--agent", "Sales", "--channels", "voice"];
    desk.run(&voice).await.with(0);
    let now = desk.settings(first);
    assert_eq!((&now.voice_url, &now.status_callback), (&ours.voice_url, &ours.status_callback));
    assert_eq!((&now.sms_url, now.sms_method), (&before.sms_url, before.sms_method));
    desk.run(&["webhooks", "check"]).await.with(0);
    // The channel is somebody else's again: what he does with it is none of our business.
    desk.by_hand(first, |there| there.sms_url = "https://somebody.example.net/2".into());
    desk.run(&["webhooks", "check"]).await.with(0);
    desk.run(&["number", "release", &text]).await.with(0);
    let after = desk.settings(first);
    assert_eq!(after.sms_url, "https://somebody.example.net/2");
    assert_eq!((after.voice_url, after.voice_method), (before.voice_url, before.voice_method));
}

async fn numbers_of_subaccounts_and_of_strangers_are_configured_with_their_own_tokens(
    store: Store,
) {
    let desk = Desk::over(store, three_accounts()).await;
    let before = desk.everything().await;
    for index in [0, 5, 6] {
        let text = number(index).as_str().to_owned();
        desk.run(&["number", "assign", &text, "--agent", "Sales"]).await.with(0);
        let voice_url = desk.settings(number(index)).voice_url;
        assert_eq!(voice_url, format!("{PUBLIC_URL}/api/twilio/voice"), "{index}");
    }
    let checked = desk.run(&["webhooks", "check", "--json"]).await.with(0).json();
    assert_eq!((&checked["checked"], &checked["right"]), (&3.into(), &3.into()));
    desk.run(&["webhooks", "restore", "--all"]).await.with(0);
    assert_eq!(desk.everything().await, before);
    desk.run(&["webhooks", "check"]).await.with(3).tells(&["legacy_agent_id"]);
    desk.run(&["webhooks", "fix"]).await.with(0);
    desk.run(&["webhooks", "check"]).await.with(0);
}
