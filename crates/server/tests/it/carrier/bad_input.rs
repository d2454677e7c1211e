//! Failures at Twilio are reported with a remedy, and nothing is half written.

use crate::prelude::*;
use switchboard_twilio_simulator::Capabilities;

const ASSIGN: [&str; 5] = ["number", "assign", "+14155550100", "--agent", "Sales"];
const RELEASE: [&str; 4] = ["number", "release", "+14155550100", "--yes"];
const CHECK: [&str; 2] = ["webhooks", "check"];
const PLAN: [&str; 2] = ["webhooks", "plan"];

/// The assignment holds, and the sentence says why it is not known at the Twilio simulator and what to do.
#[track_caller]
fn unfinished(ended: Finished, words: &[&str]) {
    ended
        .exits(0)
        .shows(&["assigned +14155550100 to Sales (agt_"])
        .shows(&["it could not be configured at Twilio; finish with `switchboard webhooks fix`"])
        .shows(words);
}

#[apply(on_both_stores!)]
async fn an_account_that_cannot_be_opened_is_reported_and_nothing_is_written(store: Store) {
    let app = TestApp::with_fleet(store, three_accounts());
    let before = app.twilio().everything().await;
    app.write("wrong.txt", "0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f");
    let change = ["account", "set", MAIN_SID, "--token-file"];
    app.run(&[&change[..], &["wrong.txt", "--no-verify"]].concat()).exits(0);
    let words = [MAIN_SID, "switchboard account set"];
    unfinished(app.run(&ASSIGN), &words);
    app.run(&CHECK).exits(3).shows(&["unreachable"]);
    app.run(&PLAN).exits(3).shows(&words);
    app.run("webhooks fix --yes").exits(3).shows(&words);
    assert_eq!(app.twilio().everything().await, before);

    app.write("right.txt", MAIN_TOKEN);
    app.run(&[&change[..], &["right.txt"]].concat()).exits(0);
    assert!(app.twilio().simulator.set_status(account_sid(MAIN_SID), AccountStatus::Suspended));
    let words = [MAIN_SID, "is not active at Twilio"];
    unfinished(app.run(&ASSIGN), &[words[0], words[1], "reactivate the account at Twilio"]);
    let planned = app.run(&PLAN).exits(3).shows(&["unreachable"]).shows(&words);
    planned.shows(&["check that the account is active"]);
    assert!(app.twilio().simulator.set_status(account_sid(MAIN_SID), AccountStatus::Active));
    assert_eq!(app.twilio().everything().await, before);

    app.run("webhooks fix --yes").exits(0);
    app.run(&CHECK).exits(0);

    // What cannot be given back stays ours, and the agent's.
    let ours = app.twilio().settings(number(0));
    assert!(app.twilio().simulator.set_status(account_sid(MAIN_SID), AccountStatus::Suspended));
    app.run(&RELEASE).fails().shows(&words);
    assert_eq!(app.twilio().settings(number(0)), ours);
    app.run("number show +14155550100").exits(0).shows(&["Sales"]);
    assert!(app.twilio().simulator.set_status(account_sid(MAIN_SID), AccountStatus::Active));
    app.run(&RELEASE).exits(0);
    assert_eq!(app.twilio().everything().await, before);
}

#[apply(on_both_stores!)]
async fn a_number_that_is_elsewhere_is_reported(store: Store) {
    let app = TestApp::with_fleet(store, three_accounts());
    assert!(app.twilio().simulator.move_number(number(0), account_sid(SUB_SID)));
    let moved = app.twilio().everything().await;
    let refused = app.run(&ASSIGN).fails();
    refused.shows(&[
        &format!("belongs to account {SUB_SID} at Twilio, but to {MAIN_SID} here"),
        "switchboard number remove",
    ]);
    let shown = app.run("number show +14155550100 --json").json();
    assert!(shown["agent_id"].is_null(), "refused before anything is written: {shown}");

    assert!(app.twilio().simulator.remove_number(number(0)));
    let gone = app.twilio().everything().await;
    assert_ne!(gone, moved);
    unfinished(
        app.run(&ASSIGN),
        &[&format!(
            "is not in account {MAIN_SID} at Twilio; buy the number in account {MAIN_SID} or move it there"
        )],
    );
    app.run(&CHECK).exits(3).shows(&["not_found"]);
    app.run(&RELEASE).exits(0);
    assert_eq!(app.twilio().everything().await, gone);
    assert!(app.twilio().simulator.writes().is_empty());
    app.run("number assign +14155559999 --agent Sales").fails();
    app.run("webhooks check +14155559999").fails().shows(&["is unknown"]);
}

#[apply(on_both_stores!)]
async fn a_number_that_cannot_carry_a_channel_is_refused(store: Store) {
    let mute = NumberSeed {
        capabilities: Capabilities { sms: false, mms: false, ..Capabilities::default() },
        ..NumberSeed::new(number(0).as_str())
    };
    let app = TestApp::with_fleet(
        store,
        Seed { accounts: vec![account_seed(MAIN, vec![mute])], ..Seed::default() },
    );
    let before = app.twilio().everything().await;
    let refused = app.run(&ASSIGN).fails();
    refused.shows(&["the number cannot carry sms", "without that channel"]);
    assert!(app.twilio().simulator.writes().is_empty());
    let shown = app.run("number show +14155550100 --json").json();
    assert!(shown["agent_id"].is_null(), "{shown}");
    assert_eq!(app.twilio().everything().await, before);
    app.run(&[&ASSIGN[..], &["--channels", "voice"]].concat()).exits(0);
    app.run(&CHECK).exits(0);
}

#[apply(on_both_stores!)]
async fn answers_that_make_no_sense_are_reported(store: Store) {
    let app = TestApp::with_fleet(store, three_accounts());
    let before = app.twilio().everything().await;
    let fault = |does| Fault {
        method: Some("GET".to_owned()),
        path: "*".to_owned(),
        after: 0,
        times: None,
        does,
    };
    let cases = [
        FaultKind::Html { status: 200 },
        FaultKind::Html { status: 502 },
        FaultKind::CutOff,
        FaultKind::ServerError { status: 503, carried_out: false },
    ];
    for does in cases {
        app.twilio().simulator.inject_fault(fault(does));
        unfinished(
            app.run(&ASSIGN),
            &[&format!("reading the configuration of account {MAIN_SID} failed at Twilio")],
        );
        let planned = app.run(&PLAN).exits(3);
        planned.shows(&["! unreachable: "]);
        app.run("webhooks fix --yes").exits(3);
        app.twilio().simulator.clear_faults();
        assert_eq!(app.twilio().everything().await, before, "{does:?}");
        app.run(&RELEASE).exits(0);
    }

    // More numbers than a page has, and a next page that is the first one for ever.
    let desk_numbers: Vec<_> = (0..5).map(number).collect();
    app.assign_by_import(&desk_numbers);
    app.twilio().simulator.inject_fault(fault(FaultKind::PageLoop));
    let looped = app.run("webhooks check --json").exits(3).json();
    assert_eq!(looped["drifting"], 5, "{looped}");
    let reported = looped["numbers"][0]["blockers"][0].to_string();
    assert!(reported.contains("unreachable"), "{reported}");
    assert!(app.twilio().simulator.writes().is_empty());
    app.twilio().simulator.clear_faults();
    app.run("webhooks fix --yes").exits(0);
    app.run(&CHECK).exits(0);
}

#[apply(on_both_stores!)]
async fn a_write_whose_answer_is_lost_is_not_repeated(store: Store) {
    let app = TestApp::with_fleet(store, three_accounts());
    let before = app.twilio().everything().await;
    for does in [FaultKind::CutOff, FaultKind::ServerError { status: 500, carried_out: true }] {
        app.twilio().simulator.forget_requests();
        app.twilio().simulator.inject_fault(Fault {
            method: Some("POST".to_owned()),
            path: "*/IncomingPhoneNumbers/*".to_owned(),
            after: 0,
            times: None,
            does,
        });
        unfinished(app.run(&ASSIGN), &["changing the configuration of account"]);
        assert_eq!(app.twilio().simulator.writes().len(), 1, "a write is not repeated blindly");
        app.twilio().simulator.clear_faults();
        // It was carried out all the same, which is found out by looking.
        app.run(&CHECK).exits(0);
        app.run("webhooks fix --yes").exits(0);
        assert_eq!(app.twilio().simulator.writes().len(), 1);
        let voice_url = app.twilio().settings(number(0)).voice_url;
        assert_eq!(voice_url, format!("{PUBLIC_URL}/api/twilio/voice"));
        // The snapshot from before the write is intact.
        app.run(&RELEASE).exits(0);
        assert_eq!(app.twilio().everything().await, before);
    }
}

#[apply(on_both_stores!)]
async fn an_unreachable_twilio_is_reported(store: Store) {
    let mut app = TestApp::with_fleet(store, three_accounts());
    app.stop_twilio().await;
    unfinished(
        app.run(&ASSIGN),
        &[&format!("reading the configuration of account {MAIN_SID} failed at Twilio")],
    );
    app.run(&CHECK).exits(3).shows(&["unreachable"]);
    let released = app.run(&RELEASE);
    // Nothing of it was taken over yet, so there is nothing to ask.
    released.exits(0).shows(&["has no saved configuration"]);
}

#[apply(on_both_stores!)]
async fn a_rate_limited_request_is_retried(store: Store) {
    let seed = Seed { accounts: vec![account_seed(MAIN, numbers(0..3))], ..Seed::default() };
    let app = TestApp::with_fleet(store, seed);
    app.twilio().simulator.inject_fault(Fault {
        method: None,
        path: "*".to_owned(),
        after: 1,
        times: Some(2),
        does: FaultKind::TooManyRequests { retry_after: Some(0) },
    });
    app.run(&ASSIGN).exits(0).shows(&["changed at Twilio"]);
    assert!(app.twilio().simulator.faults().is_empty());
    app.run(&CHECK).exits(0);
}
