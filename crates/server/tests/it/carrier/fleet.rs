//! Ten thousand numbers in a hundred accounts.

use crate::prelude::*;

const ACCOUNTS: usize = 100;
const EACH: usize = 100;
const AT_ONCE: usize = 3;

fn name(index: usize) -> String {
    format!("AC{:032x}", 0xf00 + index)
}

fn right(index: usize) -> NumberSeed {
    NumberSeed {
        settings: NumberSettings {
            voice_url: format!("{PUBLIC_URL}/api/twilio/voice"),
            status_callback: format!("{PUBLIC_URL}/api/twilio/status"),
            sms_url: format!("{PUBLIC_URL}/api/twilio/webhook"),
            ..NumberSettings::default()
        },
        ..NumberSeed::new(format!("+1415{:07}", 5_000_000 + index))
    }
}

#[apply(on_both_stores!)]
async fn ten_thousand_numbers_are_checked_by_lists(store: Store) {
    let accounts = (0..ACCOUNTS).map(|index| {
        let numbers = (index * EACH..(index + 1) * EACH).map(right).collect();
        AccountSeed {
            sid: Some(name(index)),
            auth_token: Some(Secret::new(format!("{:032x}", 0xabc + index))),
            ..account_seed(MAIN, numbers)
        }
    });
    let seed = Seed { accounts: accounts.collect(), ..Seed::default() };
    let fleet: Vec<_> = seed.accounts.iter().flat_map(|account| &account.numbers).collect();
    let parse = |number: &&NumberSeed| {
        switchboard_domain::phone_number::PhoneNumber::parse(&number.phone_number).unwrap()
    };
    let fleet: Vec<_> = fleet.iter().map(parse).collect();
    let mut app = TestApp::with_fleet(store, seed);
    app.set("TWILIO_REQUESTS_AT_ONCE", &AT_ONCE.to_string());
    app.assign_by_import(&fleet);
    app.twilio().simulator.set_conditions(Conditions { latency_ms: 50, ..Conditions::default() });
    for drifting in [0, 4_242, 9_999] {
        app.twilio()
            .change(fleet[drifting], |there| there.voice_url = "https://drift.example".into());
    }
    app.twilio().simulator.forget_requests();

    let checked = app.run("webhooks check --json").exits(3).json();
    assert_eq!(checked["checked"], ACCOUNTS * EACH);
    let drifting = checked["numbers"].as_array().unwrap().iter();
    let drifting: Vec<_> =
        drifting.map(|number| number["phone_number"].as_str().unwrap()).collect();
    assert_eq!(drifting, [0, 4_242, 9_999].map(|index: usize| fleet[index].as_str()));

    let requests = app.twilio().simulator.requests();
    let mut paths: HashMap<&str, usize> = HashMap::new();
    for request in &requests {
        assert!(!request.is_write());
        *paths.entry(request.path.rsplit('/').next().unwrap()).or_default() += 1;
    }
    let expected = [("IncomingPhoneNumbers.json", ACCOUNTS), ("Services", ACCOUNTS)];
    assert_eq!(paths, expected.into(), "a list of each kind an account, and nothing a number");
    for index in 0..ACCOUNTS {
        let most = app.twilio().simulator.peak_concurrency(account_sid(&name(index)));
        assert!((1..=AT_ONCE).contains(&most), "{most}");
    }
}
