//! Every reason for which a number is not as it should be is told by its name.

use std::collections::BTreeMap;

use serde_json::Value;
use switchboard_twilio_simulator::{
    AccountSeed, AccountStatus, ApplicationSeed, ApplicationSettings, NumberSeed, NumberSettings,
    Seed, SenderSeed, ServiceSeed, ServiceSettings, Sid, WebhookMethod,
};

use crate::carrier::rig::{
    Desk, MAIN, MAIN_TOKEN, OTHER, PUBLIC_URL, SUB, Store, account, number, numbers, sid,
};

on_both_stores! {
    a_check_names_every_reason,
    an_assignment_tells_of_another_region,
    what_leads_to_us_is_no_override,
}

/// The reasons of each number that is not right.
fn reasons(look: &Value) -> BTreeMap<String, Vec<String>> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let of = |number: &Value| {
        let parts = ["changes", "blockers"].map(|part| number[part].as_array().unwrap());
        let mut reasons: Vec<_> =
            parts.into_iter().flatten().map(|part| text(&part["reason"])).collect();
        reasons.dedup();
        (text(&number["phone_number"]), reasons)
    };
    look["numbers"].as_array().unwrap().iter().map(of).collect()
}

fn seed() -> Seed {
    let main = AccountSeed {
        applications: vec![ApplicationSeed {
            sid: Sid::parse("AP", "AP000000000000000000000000000000c1"),
            friendly_name: "Old app".to_owned(),
            settings: ApplicationSettings {
                voice_url: "https://old.example.com/app".to_owned(),
                ..ApplicationSettings::default()
            },
        }],
        services: vec![ServiceSeed {
            friendly_name: "Campaigns".to_owned(),
            settings: ServiceSettings {
                inbound_request_url: "https://campaigns.example.net/in".to_owned(),
                ..ServiceSettings::default()
            },
            phone_numbers: vec![number(5).as_str().to_owned(), number(9).as_str().to_owned()],
            ..ServiceSeed::default()
        }],
        ..account(MAIN, MAIN_TOKEN, numbers(0..12))
    };
    let sub = account(SUB, "2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a", numbers([20]));
    let other = account(OTHER, "1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b", numbers([30]));
    Seed { accounts: vec![main, AccountSeed { parent: Some(MAIN.to_owned()), ..sub }, other] }
}

async fn a_check_names_every_reason(store: Store) {
    let desk = Desk::over(store, seed()).await;
    let fleet: Vec<_> = (0..12).chain([20, 30]).map(number).collect();
    // The service would be in the way of the two numbers in it, and stays.
    desk.give_all(&fleet).await;
    desk.run(&["webhooks", "fix"]).await.with(3);
    let text = |index| number(index).as_str().to_owned();
    let whatsapp = ["--agent", "Sales", "--channels", "voice,sms,whatsapp"];
    desk.run(&[&["number", "assign", &text(8)], &whatsapp[..]].concat()).await.with(0);
    let right = desk.run(&["webhooks", "check", "--json"]).await.with(3).json();
    let expected = [
        (text(5), vec!["overridden_by_service".to_owned()]),
        (text(8), vec!["sender_missing".to_owned()]),
        (text(9), vec!["overridden_by_service".to_owned()]),
    ];
    assert_eq!(reasons(&right), expected.into());

    let app = Sid::parse("AP", "AP000000000000000000000000000000c1");
    let trunk = Sid::parse("TK", "TK000000000000000000000000000000d1");
    desk.by_hand(number(0), |there| there.voice_url = "https://elsewhere.example.com".into());
    desk.by_hand(number(1), |there| there.sms_method = WebhookMethod::Get);
    desk.by_hand(number(2), |there| {
        there.voice_url = format!("{PUBLIC_URL}/api/twilio/voice?agentId=sales");
    });
    desk.by_hand(number(3), |there| there.trunk_sid = trunk);
    desk.by_hand(number(4), |there| there.voice_application_sid = app);
    assert!(desk.company.move_number(number(6), sid(SUB)));
    assert!(desk.company.remove_number(number(7)));
    assert!(desk.company.change_number(number(10), |there| {
        there.capabilities.sms = false;
        there.capabilities.mms = false;
    }));
    desk.by_hand(number(11), |there| {
        there.status_callback = String::new();
        there.voice_method = WebhookMethod::Get;
    });
    assert!(desk.company.set_status(sid(OTHER), AccountStatus::Suspended));

    let checked = desk.run(&["webhooks", "check", "--json"]).await.with(3).json();
    let expected: [(usize, &[&str]); 13] = [
        (0, &["wrong_url"]),
        (1, &["wrong_method"]),
        (2, &["legacy_agent_id"]),
        (3, &["overridden_by_trunk"]),
        (4, &["overridden_by_application"]),
        (5, &["overridden_by_service"]),
        (6, &["moved_account"]),
        (7, &["not_found"]),
        (8, &["sender_missing"]),
        (9, &["overridden_by_service"]),
        (10, &["capability_missing"]),
        (11, &["wrong_method", "wrong_url"]),
        (30, &["unreachable"]),
    ];
    let named = |(index, reasons): (usize, &[&str])| {
        (text(index), reasons.iter().map(|reason| (*reason).to_owned()).collect())
    };
    assert_eq!(reasons(&checked), expected.map(named).into());
    assert_eq!((&checked["checked"], &checked["right"]), (&14.into(), &1.into()));

    // In words, with the remedy where people have to do something.
    let planned = desk.run(&["webhooks", "plan"]).await.with(3);
    planned.tells(&[
        "SIP trunk TK000000000000000000000000000000d1 takes the calls; clear it with --take-over",
        "TwiML application AP000000000000000000000000000000c1 (Old app) takes the calls; clear it with --take-over",
        "(Campaigns) takes the messages of this and 1 other numbers",
        "has no whatsapp sender; register one at Twilio, or assign the number without that channel",
        &format!("account {SUB} has the number now; remove it here with `switchboard number remove`"),
        "the account does not have the number at Twilio; buy or move it there, or remove it here",
        "the number cannot carry sms; assign it without that channel",
        "unreachable: ",
    ]);
    // What fields mend is mended, and the rest stays told.
    let fixed = desk.run(&["webhooks", "fix"]).await.with(3);
    fixed.tells(&["4 changed (5 fields), 9 not as they should be"]);
    let left = reasons(&desk.run(&["webhooks", "check", "--json"]).await.with(3).json());
    let still: Vec<_> = [3, 4, 5, 6, 7, 8, 9, 10, 30].map(text).into();
    assert_eq!(left.into_keys().collect::<Vec<_>>(), still);
}

async fn an_assignment_tells_of_another_region(store: Store) {
    let irish =
        NumberSeed { voice_region: Some("ie1".to_owned()), ..NumberSeed::new(number(0).as_str()) };
    let seed = Seed { accounts: vec![account(MAIN, MAIN_TOKEN, vec![irish])] };
    let desk = Desk::over(store, seed).await;
    let text = number(0).as_str().to_owned();
    let assigned = desk.run(&["number", "assign", &text, "--agent", "Sales"]).await.with(0);
    assigned.tells(&[
        "region_mismatch",
        "calls are processed in ie1, the account is kept for us1; change one of them",
    ]);
    // The rest of it is configured all the same.
    assert_eq!(desk.settings(number(0)).voice_url, format!("{PUBLIC_URL}/api/twilio/voice"));
}

async fn what_leads_to_us_is_no_override(store: Store) {
    let app = Sid::parse("AP", "AP000000000000000000000000000000c1");
    let main = AccountSeed {
        applications: vec![ApplicationSeed {
            sid: app,
            friendly_name: "Ours".to_owned(),
            settings: ApplicationSettings {
                voice_url: format!("{PUBLIC_URL}/api/twilio/voice"),
                ..ApplicationSettings::default()
            },
        }],
        services: vec![ServiceSeed {
            friendly_name: "Deferring".to_owned(),
            settings: ServiceSettings {
                use_inbound_webhook_on_number: true,
                ..ServiceSettings::default()
            },
            phone_numbers: vec![number(0).as_str().to_owned()],
            ..ServiceSeed::default()
        }],
        senders: vec![SenderSeed {
            sender_id: format!("whatsapp:{}", number(0).as_str()),
            ..SenderSeed::default()
        }],
        ..account(
            MAIN,
            MAIN_TOKEN,
            vec![NumberSeed {
                settings: NumberSettings {
                    voice_application_sid: app,
                    ..NumberSettings::default()
                },
                ..NumberSeed::new(number(0).as_str())
            }],
        )
    };
    let desk = Desk::over(store, Seed { accounts: vec![main] }).await;
    let text = number(0).as_str().to_owned();
    let all = ["number", "assign", &text, "--agent", "Sales", "--channels", "voice,sms,whatsapp"];
    desk.run(&all).await.with(0).tells(&["changed at Twilio"]);
    desk.run(&["webhooks", "check"]).await.with(0);
    assert_eq!(desk.settings(number(0)).voice_application_sid, app, "it stays as it is");
}
