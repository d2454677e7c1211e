//! The endpoint of an agent is down for ten minutes of the database's clock, which passes by moving what is due to the past.

use std::sync::atomic::AtomicBool;

use crate::fixture::{Endpoint, Received, Response};
use crate::prelude::*;

const STEPS: u32 = 60;
const STEP_SECONDS: u32 = 10;
const CONTACTS: u32 = 20;
/// The process tests a target that has failed again and again at most so rarely, by its own clock.
const TESTED_EVERY: Duration = Duration::from_secs(60);

impl Store {
    /// Lets time pass for all deliveries that are not due yet. What a worker has locked waits for the next time.
    async fn pass(&self, seconds: u32) {
        let (now, second, unlocked) = match self {
            Self::Sqlite(_) => ("CAST(unixepoch('subsec') * 1000000 AS INTEGER)", "1000000", ""),
            _ => ("now()", "interval '1 second'", "FOR UPDATE SKIP LOCKED"),
        };
        for (table, waiting) in
            [("deliveries", "state = 'pending'"), ("delivery_queues", "holder IS NULL")]
        {
            self.execute(&format!(
                "UPDATE {table} SET due_at = due_at - {seconds} * {second} WHERE id IN \
                 (SELECT id FROM {table} WHERE due_at > {now} AND {waiting} {unlocked})"
            ))
            .await;
        }
    }
}

/// An app behind the offline Twilio, whose agents Sales and Support have this endpoint and a number each.
fn app_with(store: Store, endpoint: &Endpoint) -> TestApp {
    let app = TestApp::with_fleet_now(store, three_accounts());
    let text = |index| number(index).as_str().to_owned();
    app.write(
        "given.csv",
        &format!(
            "phone_number,account_sid,agent_external_id\n{},{MAIN_SID},sales\n{},{MAIN_SID},support\n",
            text(0),
            text(1)
        ),
    );
    app.run("import csv --numbers given.csv").exits(0);
    for agent in ["Sales", "Support"] {
        app.run(&format!("agent set {agent} --message-webhook {}", endpoint.url)).exits(0);
    }
    app
}

/// A text that is like no other: near-equal texts are a loop of two programs.
fn text(n: u32) -> String {
    format!("{:x}", u128::from(n + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835))
}

fn message(n: u32, to: usize, from: &str) -> Webhook {
    let webhook = Webhook::message(MAIN, number(to).as_str(), &sid("SM", n.into()), &text(n));
    webhook.with("From", from)
}

/// For ten minutes, Sales and Support get a message every ten seconds. Returns how long those of Support took to be
/// answered, in order.
async fn ten_minutes(app: &TestApp, server: &Server, first: u32) -> Vec<Duration> {
    let mut took = Vec::new();
    for n in first..first + STEPS {
        server.send(&message(n, 0, &format!("+1415556{:04}", n % CONTACTS))).await;
        let begun = Instant::now();
        let support = server.send(&message(n + 10_000, 1, &format!("+1415557{n:04}"))).await;
        took.push(begun.elapsed());
        let reply = format!("Re: {}", text(n + 10_000));
        assert_eq!(support.twiml().only("Message").text, reply, "Support answers");
        app.store.pass(STEP_SECONDS).await;
    }
    took.sort_unstable();
    took
}

fn of_sales(received: &Received) -> bool {
    received.data()["agent"]["name"] == "Sales"
}

#[apply(on_both_stores!)]
#[expect(clippy::print_stderr, reason = "how long it took is for people")]
async fn an_endpoint_that_is_down_for_ten_minutes_delays_no_other_agent_and_loses_nothing(
    store: Store,
) {
    let is_down = Arc::new(AtomicBool::new(false));
    let down = Arc::clone(&is_down);
    let endpoint = Endpoint::answering(move |received| {
        let mut response = Response::of("application/json", "");
        if down.load(Ordering::SeqCst) && of_sales(received) {
            response.status = 503;
        } else {
            let reply = format!("Re: {}", received.body());
            response.body = json!({"reply": {"body": reply}}).to_string();
        }
        response
    })
    .await;
    let app = app_with(store, &endpoint);
    let server = app.serve().await;
    let usual = ten_minutes(&app, &server, 0).await;
    is_down.store(true, Ordering::SeqCst);
    let before = endpoint.received().len();
    assert_eq!(before, 2 * STEPS as usize);
    let meanwhile = ten_minutes(&app, &server, 1_000).await;
    let [usual, meanwhile] = [usual, meanwhile].map(|took| (took[30], took[57]));
    eprintln!(
        "the median and the 95th percentile: usually {usual:?}, while Sales is down {meanwhile:?}"
    );
    // Support does not wait for Sales, whose attempts are seconds apart.
    assert!(meanwhile.0 < usual.0 * 2 + Duration::from_millis(100), "{meanwhile:?} {usual:?}");
    let attempts = endpoint.received()[before..].iter().filter(|one| of_sales(one)).count();
    assert!(attempts > 0, "Sales was tried");

    is_down.store(false, Ordering::SeqCst);
    let back = endpoint.received().len();
    within(TESTED_EVERY * 2, "Sales gets all messages", async || {
        app.store.pass(60).await;
        let open = "deliveries WHERE state IN ('pending', 'delivering')";
        (app.store.count(open).await == 0).then_some(())
    })
    .await;
    let mut of_contacts = BTreeMap::<String, Vec<String>>::new();
    for received in endpoint.received()[back..].iter().filter(|one| of_sales(one)) {
        let from = received.data()["from"].as_str().unwrap().to_owned();
        of_contacts.entry(from).or_default().push(received.body());
    }
    for contact in 0..CONTACTS {
        let from = format!("+1415556{contact:04}");
        let sent = (1_000..1_000 + STEPS).filter(|n| n % CONTACTS == contact).map(text);
        assert_eq!(of_contacts.remove(&from), Some(sent.collect()), "{from}");
    }
    assert!(of_contacts.is_empty(), "{of_contacts:?}");
}
