//! Every reason for drift is reported by its name.

use crate::prelude::*;

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
        ..account_seed(MAIN, numbers(0..12))
    };
    let sub = account_seed(SUB, numbers([20]));
    let other = account_seed(OTHER, numbers([30]));
    Seed {
        accounts: vec![main, AccountSeed { parent: Some(MAIN_SID.to_owned()), ..sub }, other],
        ..Seed::default()
    }
}

#[apply(on_both_stores!)]
async fn a_check_names_every_reason(store: Store) {
    let app = TestApp::with_fleet(store, seed());
    let fleet: Vec<_> = (0..12).chain([20, 30]).map(number).collect();
    // The service would be in the way of the two numbers in it, and stays.
    app.assign_by_import(&fleet);
    app.run("webhooks fix --yes").exits(3);
    let text = |index| number(index).as_str().to_owned();
    let whatsapp = ["--agent", "Sales", "--channels", "voice,sms,whatsapp"];
    app.run(&[&["number", "assign", &text(8)], &whatsapp[..]].concat()).exits(0);
    let right = app.run("webhooks check --json").exits(3).json();
    let expected = [
        (text(5), vec!["overridden_by_service".to_owned()]),
        (text(8), vec!["sender_missing".to_owned()]),
        (text(9), vec!["overridden_by_service".to_owned()]),
    ];
    assert_eq!(reasons(&right), expected.into());

    let twiml_app = Sid::parse("AP", "AP000000000000000000000000000000c1");
    let trunk = Sid::parse("TK", "TK000000000000000000000000000000d1");
    app.twilio()
        .change(number(0), |there| there.voice_url = "https://elsewhere.example.com".into());
    app.twilio().change(number(1), |there| there.sms_method = WebhookMethod::Get);
    app.twilio().change(number(2), |there| {
        there.voice_url = format!("{PUBLIC_URL}/api/twilio/voice?agentId=sales");
    });
    app.twilio().change(number(3), |there| there.trunk_sid = trunk);
    app.twilio().change(number(4), |there| there.voice_application_sid = twiml_app);
    assert!(app.twilio().simulator.move_number(number(6), account_sid(SUB_SID)));
    assert!(app.twilio().simulator.remove_number(number(7)));
    assert!(app.twilio().simulator.change_number(number(10), |there| {
        there.capabilities.sms = false;
        there.capabilities.mms = false;
    }));
    app.twilio().change(number(11), |there| {
        there.status_callback = String::new();
        there.voice_method = WebhookMethod::Get;
    });
    assert!(app.twilio().simulator.set_status(account_sid(OTHER_SID), AccountStatus::Suspended));

    let checked = app.run("webhooks check --json").exits(3).json();
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
    let planned = app.run("webhooks plan").exits(3);
    planned.shows(&[
        "SIP trunk TK000000000000000000000000000000d1 takes the calls; clear it with --take-over",
        "TwiML application AP000000000000000000000000000000c1 (Old app) takes the calls; clear it with --take-over",
        "(Campaigns) takes the messages of this and 1 other number;",
        "has no whatsapp sender; register one at Twilio, or assign the number without that channel",
        &format!("account {SUB_SID} has the number now; remove it with `switchboard number remove`"),
        "the account does not have the number at Twilio; buy it or move it there, or remove it here",
        "the number cannot carry sms; assign it without that channel",
        "unreachable: ",
    ]);
    // Fields are repaired, and other reasons are still reported.
    let fixed = app.run("webhooks fix --yes").exits(3);
    fixed.shows(&["4 changed (5 fields), 9 still different"]);
    let left = reasons(&app.run("webhooks check --json").exits(3).json());
    let still: Vec<_> = [3, 4, 5, 6, 7, 8, 9, 10, 30].map(text).into();
    assert_eq!(left.into_keys().collect::<Vec<_>>(), still);
}

#[apply(on_both_stores!)]
async fn an_assignment_tells_of_another_region(store: Store) {
    let irish =
        NumberSeed { voice_region: Some("ie1".to_owned()), ..NumberSeed::new(number(0).as_str()) };
    let seed = Seed { accounts: vec![account_seed(MAIN, vec![irish])], ..Seed::default() };
    let app = TestApp::with_fleet(store, seed);
    let text = number(0).as_str().to_owned();
    let assigned = app.run(&format!("number assign {text} --agent Sales")).exits(0);
    assigned.shows(&[
        "region_mismatch",
        "calls are processed in region ie1, but the account is set to us1; change the number's region at Twilio",
    ]);
    // The rest of it is configured all the same.
    assert_eq!(
        app.twilio().settings(number(0)).voice_url,
        format!("{PUBLIC_URL}/api/twilio/voice")
    );
}

#[apply(on_both_stores!)]
async fn what_leads_to_us_is_no_override(store: Store) {
    let twiml_app = Sid::parse("AP", "AP000000000000000000000000000000c1");
    let main = AccountSeed {
        applications: vec![ApplicationSeed {
            sid: twiml_app,
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
        ..account_seed(
            MAIN,
            vec![NumberSeed {
                settings: NumberSettings {
                    voice_application_sid: twiml_app,
                    ..NumberSettings::default()
                },
                ..NumberSeed::new(number(0).as_str())
            }],
        )
    };
    let app = TestApp::with_fleet(store, Seed { accounts: vec![main], ..Seed::default() });
    let text = number(0).as_str().to_owned();
    let all = format!("number assign {text} --agent Sales --channels voice,sms,whatsapp");
    app.run(&all).exits(0).shows(&["changed at Twilio"]);
    app.run("webhooks check").exits(0);
    assert_eq!(
        app.twilio().settings(number(0)).voice_application_sid,
        twiml_app,
        "it stays as it is"
    );
}
