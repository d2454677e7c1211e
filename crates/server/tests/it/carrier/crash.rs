//! Crash safety of `webhooks fix`.

use crate::prelude::*;

const FLEET: usize = 1_000;
/// The program is killed once so many are written.
const ENOUGH: usize = 200;
const AT_ONCE: usize = 4;

#[apply(on_both_stores!)]
async fn a_killed_fix_resumes_where_it_stopped(store: Store) {
    let seed = Seed { accounts: vec![account_seed(MAIN, numbers(0..FLEET))], ..Seed::default() };
    let mut app = TestApp::with_fleet(store, seed);
    app.set("TWILIO_REQUESTS_AT_ONCE", &AT_ONCE.to_string());
    let fleet: Vec<_> = (0..FLEET).map(number).collect();
    let before: Vec<_> = fleet.iter().map(|number| app.twilio().number(*number)).collect();
    app.assign_by_import(&fleet);
    app.twilio().simulator.set_conditions(Conditions { latency_ms: 5, ..Conditions::default() });

    let mut fixing = app.start(&["webhooks", "fix", "--yes"]);
    within(Duration::from_secs(60), "some are written", async || {
        (app.twilio().simulator.writes().len() >= ENOUGH).then_some(())
    })
    .await;
    fixing.signal(Signal::KILL);
    fixing.ended(DONE).await;
    let written = app.twilio().simulator.writes().len();
    assert!(written < FLEET, "it was killed in the middle");
    let left = app.run("webhooks check --json").exits(3).json();
    assert_eq!(left["checked"], FLEET);
    assert_eq!(left["drifting"], FLEET - written, "what was written is right");

    app.run("webhooks fix --yes").exits(0);
    app.run("webhooks check").exits(0);
    let voice_url = format!("{PUBLIC_URL}/api/twilio/voice");
    assert!(fleet.iter().all(|number| app.twilio().settings(*number).voice_url == voice_url));
    let writes = app.twilio().simulator.writes();
    let mut fields: HashMap<_, usize> = HashMap::new();
    for change in writes.iter().flat_map(|write| &write.changes) {
        *fields.entry((&change.resource, &change.field)).or_default() += 1;
    }
    assert!(fields.values().all(|count| *count == 1), "no field is written twice");
    assert_eq!(writes.len(), FLEET, "and no number");
    assert_eq!(app.twilio().simulator.peak_concurrency(account_sid(MAIN_SID)), AT_ONCE);

    // Each snapshot was stored before its number was written, so it can be restored.
    for index in [0, ENOUGH - 1, FLEET - 1] {
        app.run(&["webhooks", "restore", number(index).as_str()]).exits(0);
        assert!(app.twilio().number(number(index)) == before[index], "{index}");
    }
}
