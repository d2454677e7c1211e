//! What takes calls and messages in place of a number's URLs is cleared when that is asked for, and comes back.

use switchboard_twilio_simulator::{
    AccountSeed, ApplicationSeed, ApplicationSettings, NumberSeed, NumberSettings, Seed,
    SenderMethod, SenderSeed, SenderWebhook, ServiceSeed, ServiceSettings, Sid,
};

use crate::carrier::rig::{Desk, MAIN, MAIN_TOKEN, PUBLIC_URL, Store, account, number};

on_both_stores! {
    everything_in_the_way_is_told_then_cleared_and_comes_back,
    a_service_that_another_number_needs_is_not_given_back_yet,
}

fn seed() -> Seed {
    let app = Sid::parse("AP", "AP000000000000000000000000000000c1");
    let old = "https://old.example.com";
    let with = |index, settings| NumberSeed { settings, ..NumberSeed::new(number(index).as_str()) };
    let texts = |indices: &[usize]| -> Vec<String> {
        indices.iter().map(|index| number(*index).as_str().to_owned()).collect()
    };
    let main = AccountSeed {
        applications: vec![ApplicationSeed {
            sid: app,
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
        ..account(
            MAIN,
            MAIN_TOKEN,
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
                        voice_application_sid: app,
                        sms_application_sid: app,
                        ..NumberSettings::default()
                    },
                ),
                with(2, NumberSettings::default()),
                with(3, NumberSettings::default()),
            ],
        )
    };
    Seed { accounts: vec![main] }
}

async fn everything_in_the_way_is_told_then_cleared_and_comes_back(store: Store) {
    let desk = Desk::over(store, seed()).await;
    let before = desk.everything().await;
    let text = |index| number(index).as_str().to_owned();
    let assign = async |index, more: &[&str]| {
        let number = text(index);
        let command = ["number", "assign", &number, "--agent", "Sales"];
        desk.run(&[&command[..], more].concat()).await
    };
    let channels = ["--channels", "voice,sms,whatsapp"];
    let told = [
        (0, &[][..], "overridden_by_trunk"),
        (1, &[], "overridden_by_application"),
        (2, &channels, "overridden_by_service"),
    ];
    for (index, more, reason) in told {
        let assigned = assign(index, more).await.with(0);
        assigned.tells(&["at Twilio it is not as it should be", reason, "--take-over"]);
    }
    assert!(desk.settings(number(0)).trunk_sid.is_some(), "nothing is cleared unasked");
    assert!(desk.settings(number(1)).voice_application_sid.is_some());
    desk.run(&["webhooks", "check"]).await.with(3);

    let planned = desk.run(&["webhooks", "plan", "--take-over"]).await.with(3);
    planned.tells(&[
        "trunk_sid  \"TK000000000000000000000000000000d1\" → (nothing)  (overridden_by_trunk)",
        "service.use_inbound_webhook_on_number  \"false\" → \"true\"  (overridden_by_service)",
    ]);
    desk.run(&["webhooks", "fix", "--take-over"]).await.with(0);
    desk.run(&["webhooks", "check"]).await.with(0);
    assert_eq!(desk.settings(number(0)).trunk_sid, None);
    let now = desk.settings(number(1));
    assert_eq!((now.voice_application_sid, now.sms_application_sid), (None, None));
    let everything = desk.everything().await;
    let account = &everything["accounts"][0];
    assert_eq!(account["services"][0]["settings"]["use_inbound_webhook_on_number"], true);
    let webhook = &account["senders"][0]["webhook"];
    assert_eq!(webhook["callback_url"], format!("{PUBLIC_URL}/api/twilio/webhook"));
    assert_eq!(webhook["callback_method"], "POST");
    assert_eq!(webhook["fallback_url"], "https://old.example.com/whatsapp/fallback");

    for index in [0, 1, 2] {
        desk.run(&["number", "release", &text(index)]).await.with(0);
    }
    assert_eq!(desk.everything().await, before);

    // The same by one command.
    for (index, more) in [(0, &[][..]), (1, &[]), (2, &channels)] {
        let more = [more, &["--take-over"]].concat();
        assign(index, &more).await.with(0).tells(&["changed at Twilio"]);
    }
    desk.run(&["webhooks", "check"]).await.with(0);
    desk.run(&["webhooks", "restore", "--all"]).await.with(0);
    assert_eq!(desk.everything().await, before);
}

async fn a_service_that_another_number_needs_is_not_given_back_yet(store: Store) {
    let desk = Desk::over(store, seed()).await;
    let before = desk.everything().await;
    let [first, second] = [2, 3].map(|index| number(index).as_str().to_owned());
    let defers = async || {
        desk.everything().await["accounts"][0]["services"][0]["settings"]["use_inbound_webhook_on_number"]
            .clone()
    };
    let assign = |number| ["number", "assign", number, "--agent", "Sales"];
    // The second one never asks for the service: it was taken over for the first one.
    for leaving in [
        &["number", "release", &first][..],
        &[&assign(&first)[..], &["--channels", "voice"]].concat(),
    ] {
        desk.run(&[&assign(&first)[..], &["--take-over"]].concat()).await.with(0);
        desk.run(&assign(&second)).await.with(0);
        desk.run(&["webhooks", "check"]).await.with(0);
        desk.run(leaving).await.with(0);
        assert_eq!(defers().await, true, "the second number needs it");
        desk.run(&["webhooks", "check"]).await.with(0);
        desk.run(&["number", "release", &second]).await.with(0);
        assert_eq!(defers().await, false, "nobody needs it any more");
        desk.run(&["number", "release", &first]).await.with(0);
        assert_eq!(desk.everything().await, before);
    }
}
