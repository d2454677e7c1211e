//! Overrides (SIP trunks, TwiML applications, messaging services) are cleared with `--take-over`, and restored.

use crate::prelude::*;
use switchboard_twilio_simulator::{SenderMethod, SenderWebhook};

fn seed() -> Seed {
    let twiml_app = Sid::parse("AP", "AP000000000000000000000000000000c1");
    let old = "https://old.example.com";
    let with = |index, settings| NumberSeed { settings, ..NumberSeed::new(number(index).as_str()) };
    let texts = |indices: &[usize]| -> Vec<String> {
        indices.iter().map(|index| number(*index).as_str().to_owned()).collect()
    };
    let main = AccountSeed {
        applications: vec![ApplicationSeed {
            sid: twiml_app,
            friendly_name: "Old app".to_owned(),
            settings: ApplicationSettings {
                voice_url: format!("{old}/app"),
                ..ApplicationSettings::default()
            },
        }],
        senders: vec![SenderSeed {
            sender_id: format!("whatsapp:{}", number(2).as_str()),
            webhook: SenderWebhook {
                callback_url: Some(format!("{old}/whatsapp")),
                callback_method: Some(SenderMethod::Put),
                fallback_url: Some(format!("{old}/whatsapp/fallback")),
                ..SenderWebhook::default()
            },
            ..SenderSeed::default()
        }],
        services: vec![ServiceSeed {
            friendly_name: "Campaigns".to_owned(),
            settings: ServiceSettings {
                inbound_request_url: format!("{old}/campaigns"),
                ..ServiceSettings::default()
            },
            phone_numbers: texts(&[2, 3]),
            ..ServiceSeed::default()
        }],
        ..account_seed(
            MAIN,
            vec![
                with(
                    0,
                    NumberSettings {
                        trunk_sid: Sid::parse("TK", "TK000000000000000000000000000000d1"),
                        voice_url: format!("{old}/voice"),
                        ..NumberSettings::default()
                    },
                ),
                with(
                    1,
                    NumberSettings {
                        voice_application_sid: twiml_app,
                        sms_application_sid: twiml_app,
                        ..NumberSettings::default()
                    },
                ),
                with(2, NumberSettings::default()),
                with(3, NumberSettings::default()),
            ],
        )
    };
    Seed { accounts: vec![main], ..Seed::default() }
}

#[apply(on_both_stores!)]
async fn every_override_is_reported_then_cleared_and_restored(store: Store) {
    let app = TestApp::with_fleet(store, seed());
    let before = app.twilio().everything().await;
    let text = |index| number(index).as_str().to_owned();
    let assign = async |index, more: &[&str]| {
        let number = text(index);
        let command = ["number", "assign", &number, "--agent", "Sales"];
        app.run(&[&command[..], more].concat())
    };
    let channels = ["--channels", "voice,sms,whatsapp"];
    let reported = [
        (0, &[][..], "overridden_by_trunk"),
        (1, &[], "overridden_by_application"),
        (2, &channels, "overridden_by_service"),
    ];
    for (index, more, reason) in reported {
        let assigned = assign(index, more).await.exits(0);
        assigned.shows(&["its configuration at Twilio differs", reason, "--take-over"]);
    }
    assert!(app.twilio().settings(number(0)).trunk_sid.is_some(), "nothing is cleared unasked");
    assert!(app.twilio().settings(number(1)).voice_application_sid.is_some());
    app.run("webhooks check").exits(3);

    let planned = app.run("webhooks plan --take-over").exits(3);
    planned.shows(&[
        "trunk_sid  \"TK000000000000000000000000000000d1\" → (nothing)  (overridden_by_trunk)",
        "service.use_inbound_webhook_on_number  \"false\" → \"true\"  (overridden_by_service)",
    ]);
    app.run("webhooks fix --take-over --yes").exits(0);
    app.run("webhooks check").exits(0);
    assert_eq!(app.twilio().settings(number(0)).trunk_sid, None);
    let now = app.twilio().settings(number(1));
    assert_eq!((now.voice_application_sid, now.sms_application_sid), (None, None));
    let everything = app.twilio().everything().await;
    let account = &everything["accounts"][0];
    assert_eq!(account["services"][0]["settings"]["use_inbound_webhook_on_number"], true);
    let webhook = &account["senders"][0]["webhook"];
    assert_eq!(webhook["callback_url"], format!("{PUBLIC_URL}/api/twilio/webhook"));
    assert_eq!(webhook["callback_method"], "POST");
    assert_eq!(webhook["fallback_url"], "https://old.example.com/whatsapp/fallback");

    for index in [0, 1, 2] {
        app.run(&["number", "release", &text(index), "--yes"]).exits(0);
    }
    assert_eq!(app.twilio().everything().await, before);

    // The same by one command.
    for (index, more) in [(0, &[][..]), (1, &[]), (2, &channels)] {
        let more = [more, &["--take-over"]].concat();
        assign(index, &more).await.exits(0).shows(&["changed at Twilio"]);
    }
    app.run("webhooks check").exits(0);
    app.run("webhooks restore --all --yes").exits(0);
    assert_eq!(app.twilio().everything().await, before);
}

#[apply(on_both_stores!)]
async fn a_service_that_another_number_needs_is_not_given_back_yet(store: Store) {
    let app = TestApp::with_fleet(store, seed());
    let before = app.twilio().everything().await;
    let [first, second] = [2, 3].map(|index| number(index).as_str().to_owned());
    let defers = async || {
        app.twilio().everything().await["accounts"][0]["services"][0]["settings"]["use_inbound_webhook_on_number"]
            .clone()
    };
    let assign = |number| ["number", "assign", number, "--agent", "Sales"];
    // The second one never asks for the service: it was taken over for the first one.
    for leaving in [
        &["number", "release", &first, "--yes"][..],
        &[&assign(&first)[..], &["--channels", "voice"]].concat(),
    ] {
        app.run(&[&assign(&first)[..], &["--take-over"]].concat()).exits(0);
        app.run(&assign(&second)).exits(0);
        app.run("webhooks check").exits(0);
        app.run(leaving).exits(0);
        assert_eq!(defers().await, true, "the second number needs it");
        app.run("webhooks check").exits(0);
        app.run(&format!("number release {second} --yes")).exits(0);
        assert_eq!(defers().await, false, "nobody needs it any more");
        app.run(&format!("number release {first} --yes")).exits(0);
        assert_eq!(app.twilio().everything().await, before);
    }
}
