//! The program is killed in the middle of a fleet.

use std::collections::HashMap;
use std::time::Duration;

use switchboard_twilio_simulator::{Conditions, Seed};

use crate::carrier::rig::{
    Desk, MAIN, MAIN_TOKEN, PUBLIC_URL, Store, account, number, numbers, sid, within,
};

on_both_stores! { a_fix_that_is_killed_goes_on_where_it_was }

const FLEET: usize = 1_000;
/// The program is killed once so many are written.
const ENOUGH: usize = 200;
const AT_ONCE: usize = 4;

async fn a_fix_that_is_killed_goes_on_where_it_was(store: Store) {
    let seed = Seed { accounts: vec![account(MAIN, MAIN_TOKEN, numbers(0..FLEET))] };
    let mut desk = Desk::over(store, seed).await;
    desk.set("TWILIO_REQUESTS_AT_ONCE", &AT_ONCE.to_string());
    let fleet: Vec<_> = (0..FLEET).map(number).collect();
    let before: Vec<_> = fleet.iter().map(|number| desk.number(*number)).collect();
    desk.give_all(&fleet).await;
    desk.company.set_conditions(Conditions { latency_ms: 5, ..Conditions::default() });

    let mut fixing = desk.start(&["webhooks", "fix"]);
    within(Duration::from_secs(60), "some are written", async || {
        (desk.company.writes().len() >= ENOUGH).then_some(())
    })
    .await;
    fixing.signal("KILL");
    fixing.ended().await;
    let written = desk.company.writes().len();
    assert!(written < FLEET, "it was killed in the middle");
    let left = desk.run(&["webhooks", "check", "--json"]).await.with(3).json();
    assert_eq!(left["checked"], FLEET);
    assert_eq!(left["drifting"], FLEET - written, "what was written is right");

    desk.run(&["webhooks", "fix"]).await.with(0);
    desk.run(&["webhooks", "check"]).await.with(0);
    let voice_url = format!("{PUBLIC_URL}/api/twilio/voice");
    assert!(fleet.iter().all(|number| desk.settings(*number).voice_url == voice_url));
    let writes = desk.company.writes();
    let mut fields: HashMap<_, usize> = HashMap::new();
    for change in writes.iter().flat_map(|write| &write.changes) {
        *fields.entry((&change.resource, &change.field)).or_default() += 1;
    }
    assert!(fields.values().all(|count| *count == 1), "no field is written twice");
    assert_eq!(writes.len(), FLEET, "and no number");
    assert_eq!(desk.company.peak_concurrency(sid(MAIN)), AT_ONCE);

    // What was there before the crash was kept before it was written, so it comes back.
    for index in [0, ENOUGH - 1, FLEET - 1] {
        desk.run(&["webhooks", "restore", number(index).as_str()]).await.with(0);
        assert!(desk.number(number(index)) == before[index], "{index}");
    }
}
