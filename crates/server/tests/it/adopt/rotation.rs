//! A token is rotated while calls come in, and none of them is refused.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use serde_json::json;
use switchboard_twilio_simulator::{Fault, FaultKind};

use crate::adopt::rig::{Desk, MAIN, MAIN_TOKEN, PUBLIC_URL, Server, Store, sid};

on_both_stores! {
    no_call_is_refused_while_a_token_is_rotated,
    a_rotation_whose_promotion_seems_to_fail_is_finished_by_the_next_run,
    without_calls_both_tokens_stay,
    a_token_of_the_settings_is_not_rotated,
}

const NUMBER: &str = "+14155550100";
const CALLERS: u64 = 4;
const ROTATE: [&str; 5] = ["account", "rotate-token", MAIN, "--settle", "3"];

async fn desk(store: Store) -> Desk {
    let voice_url = format!("{PUBLIC_URL}/api/twilio/voice");
    let accounts = json!([{"sid": MAIN, "name": "Main", "auth_token": MAIN_TOKEN, "numbers": [
        {"phone_number": NUMBER, "settings": {"voice_url": voice_url}},
    ]}]);
    let desk = Desk::with_main(store, &accounts).await;
    desk.run(&["agent", "add", "--name", "Sales"]).await.with(0);
    desk.run(&["number", "add", NUMBER, "--account", MAIN]).await.with(0);
    desk.run(&["number", "assign", NUMBER, "--agent", "Sales", "--channels", "voice"])
        .await
        .with(0);
    desk
}

/// Callers who call one after the other until they are told to stop.
struct Callers {
    stop: Arc<AtomicBool>,
    calls: Arc<AtomicU64>,
    tasks: Vec<tokio::task::JoinHandle<()>>,
}

impl Callers {
    fn of(server: &Arc<Server>) -> Self {
        let (stop, calls) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let tasks = (0..CALLERS).map(|_| {
            let (server, stop, calls) = (Arc::clone(server), Arc::clone(&stop), Arc::clone(&calls));
            tokio::spawn(async move {
                while !stop.load(Ordering::Relaxed) {
                    let call = calls.fetch_add(1, Ordering::Relaxed);
                    let (status, twiml) = server.call(NUMBER, call.into()).await;
                    assert_eq!(status, 200, "call {call} was refused");
                    assert!(twiml.contains("<Stream "), "{twiml}");
                }
            })
        });
        let tasks = tasks.collect();
        Self { stop, calls, tasks }
    }

    async fn stop(self) -> u64 {
        self.stop.store(true, Ordering::Relaxed);
        for task in self.tasks {
            task.await.unwrap();
        }
        self.calls.load(Ordering::Relaxed)
    }
}

/// The new token is the only one, here and at the phone company.
async fn assert_rotated(desk: &Desk) {
    let tokens = desk.company.tokens(sid(MAIN)).unwrap();
    assert_ne!(tokens.primary.expose(), MAIN_TOKEN);
    assert!(tokens.secondary.is_none());
    let shown = desk.run(&["account", "show", MAIN, "--json"]).await.with(0).json();
    assert_eq!(shown["has_next_token"], false);
    // What is kept opens the account.
    desk.run(&["account", "sync", MAIN]).await.with(0);
}

async fn no_call_is_refused_while_a_token_is_rotated(store: Store) {
    let desk = desk(store).await;
    let server = Arc::new(desk.serve().await);
    let callers = Callers::of(&server);
    let rotated = desk.run(&[&ROTATE[..], &["--verify-within", "60"]].concat()).await.with(0);
    rotated.tells(&[
        "made a new auth token; both are accepted",
        "promoted the new auth token",
        "a webhook came that it has signed",
        "has a new auth token, and only that one",
    ]);
    assert_rotated(&desk).await;
    let calls = callers.stop().await;
    assert!(calls > 100, "{calls} calls are no load");
    // A second rotation, of which the first one's webhooks show nothing.
    let callers = Callers::of(&server);
    desk.run(&ROTATE).await.with(0).tells(&["a webhook came that it has signed"]);
    callers.stop().await;
    assert_rotated(&desk).await;
}

async fn a_rotation_whose_promotion_seems_to_fail_is_finished_by_the_next_run(store: Store) {
    let desk = desk(store).await;
    let server = Arc::new(desk.serve().await);
    let callers = Callers::of(&server);
    desk.company.inject_fault(Fault {
        method: Some("POST".to_owned()),
        path: "*/AuthTokens/Promote".to_owned(),
        after: 0,
        times: Some(1),
        does: FaultKind::ServerError { status: 500, carried_out: true },
    });
    desk.run(&ROTATE)
        .await
        .with(1)
        .tells(&["promoting the next auth token of account", "the same command goes on from here"]);
    let json = desk.run(&[&ROTATE[..], &["--json"]].concat()).await.with(0).json();
    assert_eq!(json, json!({"account_sid": MAIN, "finished": true}));
    callers.stop().await;
    assert_rotated(&desk).await;
}

async fn without_calls_both_tokens_stay(store: Store) {
    let desk = desk(store).await;
    let rotate = ["account", "rotate-token", MAIN, "--settle", "0"];
    let waiting = [&rotate[..], &["--verify-within", "1"]].concat();
    desk.run(&waiting).await.with(3).tells(&["so both stay accepted"]);
    let shown = desk.run(&["account", "show", MAIN, "--json"]).await.with(0).json();
    assert_eq!(shown["has_next_token"], true);
    desk.run(&waiting).await.with(3).tells(&["was promoted earlier"]);
    desk.run(&[&rotate[..], &["--skip-verify"]].concat()).await.with(0);
    assert_rotated(&desk).await;
    desk.run(&[&waiting[..], &["--skip-verify"]].concat()).await.with(2);
}

async fn a_token_of_the_settings_is_not_rotated(store: Store) {
    let mut desk = desk(store).await;
    desk.set("TWILIO_ACCOUNT_SID", MAIN);
    desk.set("TWILIO_AUTH_TOKEN", MAIN_TOKEN);
    desk.run(&ROTATE).await.with(1).tells(&["take TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN out"]);
    assert!(desk.company.tokens(sid(MAIN)).unwrap().secondary.is_none());
}
