//! Numbers that only a routing plan decides for are configured at Twilio as assigned numbers are.

use serde_json::json;

use crate::fixture::{
    MAIN_SID, PUBLIC_URL, Store, TestApp, apply, number, on_both_stores, three_accounts,
};

/// A plan of the account is checked, planned and fixed for all of its numbers. Its end restores what was there.
#[apply(on_both_stores!)]
async fn numbers_of_a_plan_are_checked_fixed_and_restored(store: Store) {
    let app = TestApp::with_fleet(store, three_accounts());
    let first = number(0).as_str().to_owned();
    let before = app.twilio().everything().await;
    app.write("busy.json", r#"{"name": "Clinic", "otherwise": {"next": [{"reject": "busy"}]}}"#);
    app.run("route plan save busy.json").exits(0);
    app.run(&format!("route attach Clinic --account {MAIN_SID}"))
        .exits(0)
        .shows(&["not configured at Twilio yet: 5 numbers"]);

    app.run("webhooks check").exits(3).shows(&[&first, "(plan Clinic (pln_", "of the account)"]);
    let planned = app.run("webhooks plan --json").exits(3).json();
    assert_eq!(planned["checked"], 5);
    assert_eq!(planned["numbers"][0]["plan"]["name"], "Clinic");
    assert_eq!(planned["numbers"][0]["plan"]["attached_to"], "account");
    assert_eq!(planned["numbers"][0]["agent_id"], json!(null));
    app.run("webhooks plan --out plan.json").exits(3);
    app.run("webhooks fix --plan plan.json").exits(0).shows(&["5 changed"]);
    let ours = app.twilio().settings(number(0));
    assert_eq!(ours.voice_url, format!("{PUBLIC_URL}/api/twilio/voice"));
    assert_eq!(ours.sms_url, format!("{PUBLIC_URL}/api/twilio/webhook"));
    app.run("webhooks check").exits(0).shows(&["all 5 numbers are configured correctly"]);

    // An agent comes and goes: the plan still needs the webhooks.
    app.run(&format!("number assign {first} --agent Sales")).exits(0);
    app.run(&format!("number unassign {first} --yes"))
        .exits(0)
        .shows(&["keeps its configuration at Twilio"]);
    assert_eq!(app.twilio().settings(number(0)), ours);
    app.run("webhooks check").exits(0);

    app.run(&format!("route detach --account {MAIN_SID} --yes")).exits(0);
    app.run("webhooks check").exits(3).shows(&["channel_off", "(nobody)"]);
    app.run("webhooks restore --all --yes").exits(0);
    assert_eq!(app.twilio().everything().await, before);
}

/// A number without SMS is configured for calls only, so it does not drift forever.
#[apply(on_both_stores!)]
async fn a_number_of_a_plan_is_configured_for_what_it_can_carry(store: Store) {
    let mut seed = three_accounts();
    seed.accounts[0].numbers[1].capabilities.sms = false;
    seed.accounts[0].numbers[1].capabilities.mms = false;
    let app = TestApp::with_fleet(store, seed);
    let (second, before) = (number(1).as_str().to_owned(), app.twilio().settings(number(1)));
    app.write("busy.json", r#"{"name": "Own", "otherwise": {"next": [{"reject": "busy"}]}}"#);
    app.run("route plan save busy.json").exits(0);
    app.run(&format!("route attach Own --number {second}")).exits(0);
    app.run(&format!("webhooks fix {second}")).exits(0);
    let now = app.twilio().settings(number(1));
    assert_eq!(now.voice_url, format!("{PUBLIC_URL}/api/twilio/voice"));
    assert_eq!(now.sms_url, before.sms_url);
    app.run("webhooks check").exits(0);
}
