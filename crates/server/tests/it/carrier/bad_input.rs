//! What goes wrong between us and the phone company is told in a sentence with the remedy, and nothing is half written.

use switchboard_twilio_simulator::{
    AccountStatus, Capabilities, Fault, FaultKind, NumberSeed, Seed,
};

use crate::carrier::rig::{
    Desk, Ended, MAIN, MAIN_TOKEN, PUBLIC_URL, SUB, Store, account, number, numbers, sid,
    three_accounts,
};

on_both_stores! {
    an_account_that_cannot_be_opened_is_told_and_nothing_is_written,
    a_number_that_is_elsewhere_is_told,
    a_number_that_cannot_carry_a_channel_is_refused,
    answers_that_make_no_sense_are_told,
    a_write_whose_answer_is_lost_is_not_repeated,
    a_phone_company_that_is_away_is_told,
    a_busy_phone_company_is_asked_again,
}

const ASSIGN: [&str; 5] = ["number", "assign", "+14155550100", "--agent", "Sales"];
const RELEASE: [&str; 3] = ["number", "release", "+14155550100"];
const CHECK: [&str; 2] = ["webhooks", "check"];
const PLAN: [&str; 2] = ["webhooks", "plan"];

/// The assignment holds, and the sentence says why it is not known at the phone company and what to do.
#[track_caller]
fn unfinished(ended: Ended, words: &[&str]) {
    let ended = ended.with(0);
    ended.tells(&["Sales (agt_", "now answers +14155550100"]);
    ended.tells(&["Twilio is not told of it yet; finish with `switchboard webhooks fix`"]);
    ended.tells(words);
}

async fn an_account_that_cannot_be_opened_is_told_and_nothing_is_written(store: Store) {
    let desk = Desk::over(store, three_accounts()).await;
    let before = desk.everything().await;
    desk.write("wrong.txt", "0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f");
    let change = ["account", "set", MAIN, "--token-file"];
    desk.run(&[&change[..], &["wrong.txt"]].concat()).await.with(0);
    let words = [MAIN, "switchboard account set"];
    unfinished(desk.run(&ASSIGN).await, &words);
    desk.run(&CHECK).await.with(3).tells(&["unreachable"]);
    desk.run(&PLAN).await.with(3).tells(&words);
    desk.run(&["webhooks", "fix"]).await.with(3).tells(&words);
    assert_eq!(desk.everything().await, before);

    desk.write("right.txt", MAIN_TOKEN);
    desk.run(&[&change[..], &["right.txt"]].concat()).await.with(0);
    assert!(desk.company.set_status(sid(MAIN), AccountStatus::Suspended));
    let words = [MAIN, "is not active at Twilio", "have it reactivated there"];
    unfinished(desk.run(&ASSIGN).await, &words);
    desk.run(&PLAN).await.with(3).tells(&["unreachable"]).tells(&words);
    assert!(desk.company.set_status(sid(MAIN), AccountStatus::Active));
    assert_eq!(desk.everything().await, before);

    desk.run(&["webhooks", "fix"]).await.with(0);
    desk.run(&CHECK).await.with(0);

    // What cannot be given back stays ours, and the agent's.
    let ours = desk.settings(number(0));
    assert!(desk.company.set_status(sid(MAIN), AccountStatus::Suspended));
    desk.run(&RELEASE).await.with(1).tells(&words);
    assert_eq!(desk.settings(number(0)), ours);
    desk.run(&["number", "show", "+14155550100"]).await.with(0).tells(&["Sales"]);
    assert!(desk.company.set_status(sid(MAIN), AccountStatus::Active));
    desk.run(&RELEASE).await.with(0);
    assert_eq!(desk.everything().await, before);
}

async fn a_number_that_is_elsewhere_is_told(store: Store) {
    let desk = Desk::over(store, three_accounts()).await;
    assert!(desk.company.move_number(number(0), sid(SUB)));
    let moved = desk.everything().await;
    let refused = desk.run(&ASSIGN).await.with(1);
    refused.tells(&[
        &format!("belongs to account {SUB} at the carrier, but to {MAIN} here"),
        "switchboard number remove",
    ]);
    let shown = desk.run(&["number", "show", "+14155550100", "--json"]).await.json();
    assert!(shown["agent_id"].is_null(), "refused before anything is written: {shown}");

    assert!(desk.company.remove_number(number(0)));
    let gone = desk.everything().await;
    assert_ne!(gone, moved);
    unfinished(
        desk.run(&ASSIGN).await,
        &[&format!("is not in account {MAIN} at the carrier; buy or move it there, or remove it")],
    );
    desk.run(&CHECK).await.with(3).tells(&["not_found"]);
    desk.run(&RELEASE).await.with(0);
    assert_eq!(desk.everything().await, gone);
    assert!(desk.company.writes().is_empty());
    desk.run(&["number", "assign", "+14155559999", "--agent", "Sales"]).await.with(1);
    desk.run(&["webhooks", "check", "+14155559999"]).await.with(1).tells(&["not known here"]);
}

async fn a_number_that_cannot_carry_a_channel_is_refused(store: Store) {
    let mute = NumberSeed {
        capabilities: Capabilities { sms: false, mms: false, ..Capabilities::default() },
        ..NumberSeed::new(number(0).as_str())
    };
    let desk =
        Desk::over(store, Seed { accounts: vec![account(MAIN, MAIN_TOKEN, vec![mute])] }).await;
    let before = desk.everything().await;
    let refused = desk.run(&ASSIGN).await.with(1);
    refused.tells(&["the number cannot carry sms; assign it without that channel"]);
    assert!(desk.company.writes().is_empty());
    let shown = desk.run(&["number", "show", "+14155550100", "--json"]).await.json();
    assert!(shown["agent_id"].is_null(), "{shown}");
    assert_eq!(desk.everything().await, before);
    desk.run(&[&ASSIGN[..], &["--channels", "voice"]].concat()).await.with(0);
    desk.run(&CHECK).await.with(0);
}

async fn answers_that_make_no_sense_are_told(store: Store) {
    let desk = Desk::over(store, three_accounts()).await;
    let before = desk.everything().await;
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
        desk.company.inject_fault(fault(does));
        unfinished(
            desk.run(&ASSIGN).await,
            &[&format!("account {MAIN} could not be read at the carrier")],
        );
        let planned = desk.run(&PLAN).await.with(3);
        planned.tells(&["! unreachable: "]);
        desk.run(&["webhooks", "fix"]).await.with(3);
        desk.company.clear_faults();
        assert_eq!(desk.everything().await, before, "{does:?}");
        desk.run(&RELEASE).await.with(0);
    }

    // More numbers than a page has, and a next page that is the first one for ever.
    let desk_numbers: Vec<_> = (0..5).map(number).collect();
    desk.give_all(&desk_numbers).await;
    desk.company.inject_fault(fault(FaultKind::PageLoop));
    let looped = desk.run(&["webhooks", "check", "--json"]).await.with(3).json();
    assert_eq!(looped["drifting"], 5, "{looped}");
    let told = looped["numbers"][0]["blockers"][0].to_string();
    assert!(told.contains("unreachable"), "{told}");
    assert!(desk.company.writes().is_empty());
    desk.company.clear_faults();
    desk.run(&["webhooks", "fix"]).await.with(0);
    desk.run(&CHECK).await.with(0);
}

async fn a_write_whose_answer_is_lost_is_not_repeated(store: Store) {
    let desk = Desk::over(store, three_accounts()).await;
    let before = desk.everything().await;
    for does in [FaultKind::CutOff, FaultKind::ServerError { status: 500, carried_out: true }] {
        desk.company.forget_requests();
        desk.company.inject_fault(Fault {
            method: Some("POST".to_owned()),
            path: "*/IncomingPhoneNumbers/*".to_owned(),
            after: 0,
            times: None,
            does,
        });
        unfinished(desk.run(&ASSIGN).await, &["could not be changed at the carrier"]);
        assert_eq!(desk.company.writes().len(), 1, "a write is not repeated blindly");
        desk.company.clear_faults();
        // It was carried out all the same, which is found out by looking.
        desk.run(&CHECK).await.with(0);
        desk.run(&["webhooks", "fix"]).await.with(0);
        assert_eq!(desk.company.writes().len(), 1);
        let voice_url = desk.settings(number(0)).voice_url;
        assert_eq!(voice_url, format!("{PUBLIC_URL}/api/twilio/voice"));
        // And what was there before it was kept.
        desk.run(&RELEASE).await.with(0);
        assert_eq!(desk.everything().await, before);
    }
}

async fn a_phone_company_that_is_away_is_told(store: Store) {
    let mut desk = Desk::over(store, three_accounts()).await;
    desk.end_company().await;
    unfinished(
        desk.run(&ASSIGN).await,
        &[&format!("account {MAIN} could not be read at the carrier")],
    );
    desk.run(&CHECK).await.with(3).tells(&["unreachable"]);
    let released = desk.run(&RELEASE).await;
    // Nothing of it was taken over yet, so there is nothing to ask.
    released.with(0).tells(&["nothing of it was taken over at Twilio"]);
}

async fn a_busy_phone_company_is_asked_again(store: Store) {
    let seed = Seed { accounts: vec![account(MAIN, MAIN_TOKEN, numbers(0..3))] };
    let desk = Desk::over(store, seed).await;
    desk.company.inject_fault(Fault {
        method: None,
        path: "*".to_owned(),
        after: 1,
        times: Some(2),
        does: FaultKind::TooManyRequests { retry_after: Some(0) },
    });
    desk.run(&ASSIGN).await.with(0).tells(&["changed at Twilio"]);
    assert!(desk.company.faults().is_empty());
    desk.run(&CHECK).await.with(0);
}
