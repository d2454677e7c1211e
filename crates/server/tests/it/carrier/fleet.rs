//! Ten thousand numbers in a hundred accounts.

use std::collections::HashMap;

use switchboard_twilio_simulator::{Conditions, NumberSeed, NumberSettings, Seed};

use crate::carrier::rig::{Desk, PUBLIC_URL, Store, account, sid};

on_both_stores! { ten_thousand_numbers_are_checked_by_lists }

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

async fn ten_thousand_numbers_are_checked_by_lists(store: Store) {
    let accounts = (0..ACCOUNTS).map(|index| {
        let numbers = (index * EACH..(index + 1) * EACH).map(right).collect();
        account(&name(index), &format!("{:032x}", 0xabc + index), numbers)
    });
    let seed = Seed { accounts: accounts.collect() };
    let fleet: Vec<_> = seed.accounts.iter().flat_map(|account| &account.numbers).collect();
    let parse = |number: &&NumberSeed| {
        switchboard_domain::phone_number::PhoneNumber::parse(&number.phone_number).unwrap()
    };
    let fleet: Vec<_> = fleet.iter().map(parse).collect();
    let mut desk = Desk::over(store, seed).await;
    desk.set("TWILIO_REQUESTS_AT_ONCE", &AT_ONCE.to_string());
    desk.give_all(&fleet).await;
    desk.company.set_conditions(Conditions { latency_ms: 50, ..Conditions::default() });
    for drifting in [0, 4_242, 9_999] {
        desk.by_hand(fleet[drifting], |there| there.voice_url = "https://drift.example".into());
    }
    desk.company.forget_requests();

    let checked = desk.run(&["webhooks", "check", "--json"]).await.with(3).json();
    assert_eq!(checked["checked"], ACCOUNTS * EACH);
    let drifting = checked["numbers"].as_array().unwrap().iter();
    let drifting: Vec<_> =
        drifting.map(|number| number["phone_number"].as_str().unwrap()).collect();
    assert_eq!(drifting, [0, 4_242, 9_999].map(|index: usize| fleet[index].as_str()));

    let requests = desk.company.requests();
    let mut paths: HashMap<&str, usize> = HashMap::new();
    for request in &requests {
        assert!(!request.is_write());
        *paths.entry(request.path.rsplit('/').next().unwrap()).or_default() += 1;
    }
    let expected = [("IncomingPhoneNumbers.json", ACCOUNTS), ("Services", ACCOUNTS)];
    assert_eq!(paths, expected.into(), "a list of each kind an account, and nothing a number");
    for index in 0..ACCOUNTS {
        let most = desk.company.peak_concurrency(sid(&name(index)));
        assert!((1..=AT_ONCE).contains(&most), "{most}");
    }
}
