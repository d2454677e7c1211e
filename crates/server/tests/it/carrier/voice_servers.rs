//! The voice servers of `examples` in other languages, each started as its documentation says, take a whole call from the
//! offline Twilio through switchboard.

use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use switchboard_twilio_simulator::phone::audio::Sound;
use switchboard_twilio_simulator::phone::{CallReport, CallStatus};
use switchboard_twilio_simulator::{CallRequest, Dispatcher};

use crate::fixture::{
    Process, PublicUrl, Store, TestApp, apply, example, node, number, on_both_stores,
    phone_network, python, three_accounts,
};

fn in_python() -> Command {
    let mut command = python();
    command.arg(example("voice-server-python/voice_server.py"));
    command
}

fn for_node() -> Command {
    let mut command = node();
    command.arg(example("voice-server-node/voice-server.js"));
    command
}

/// A call to an agent of a voice server.
struct Called {
    voice_server: Process,
    report: CallReport,
}

/// The caller speaks, and hangs up after two seconds. The voice server reads sessions from `switchboard`, or from where they
/// are.
async fn called(store: Store, mut voice_server: Command, switchboard: Option<&str>) -> Called {
    let mut app = TestApp::with_fleet(store, three_accounts());
    let public = PublicUrl::new().await;
    app.set("SWITCHBOARD_PUBLIC_URL", &public.url);
    let switchboard = switchboard.unwrap_or(&public.url);
    voice_server.args(["--listen", "127.0.0.1:0", "--switchboard", switchboard]);
    let mut voice_server = Process::start(voice_server);
    let address = |line: &str| line.strip_prefix("listening on ").map(str::to_owned);
    let address = voice_server.line("the voice server listens", address).await;
    app.run(&format!("agent set Sales --stream-url {address}/")).exits(0);
    let to = number(0).as_str().to_owned();
    app.run(&format!("number assign {to} --agent Sales")).exits(0);
    let server = app.serve().await;
    public.leads_to(server.address);

    let network = phone_network();
    let dispatcher = Dispatcher::new(Arc::clone(&app.twilio().simulator), Arc::new(network));
    let order = CallRequest {
        from: "+14155550199".to_owned(),
        to,
        speech_ms: Some(400),
        hang_up_after_ms: Some(2_000),
        ..CallRequest::default()
    };
    let report = dispatcher.call(order, &|_entry| {}).await.unwrap();
    Called { voice_server, report }
}

/// A call in which the caller hears itself.
async fn assert_echoes(store: Store, command: Command) {
    let Called { mut voice_server, report } = called(store, command, None).await;
    assert_eq!(report.status, CallStatus::Completed, "{}", report.transcript);
    let [stream] = &report.streams[..] else { panic!("{}", report.transcript) };
    // It echoes only once it has read the session.
    let said = Sound::tone(440.0, Duration::from_millis(400));
    assert!(stream.heard.starts_with(said.as_bytes()), "{}", report.transcript);
    let named = |line: &str| line.starts_with("stream opened: Sales, prompt of ").then_some(());
    voice_server.line("the agent's name came in the session", named).await;
}

/// A session that is not of the voice server's own switchboard is not read, and the caller hears nothing from it.
async fn assert_refuses(store: Store, command: Command) {
    let elsewhere = Some("https://other.example.com");
    let Called { mut voice_server, report } = called(store, command, elsewhere).await;
    let refused =
        |line: &str| line.contains("refused: the session URL does not belong").then_some(());
    voice_server.line("the stream is refused", refused).await;
    assert!(report.streams.iter().all(|stream| stream.heard.is_empty()), "{}", report.transcript);
}

#[apply(on_both_stores!)]
async fn the_voice_server_in_python_takes_a_call(store: Store) {
    assert_echoes(store, in_python()).await;
}

#[apply(on_both_stores!)]
async fn the_voice_server_for_node_takes_a_call(store: Store) {
    assert_echoes(store, for_node()).await;
}

#[apply(on_both_stores!)]
async fn the_voice_server_in_python_reads_no_session_elsewhere(store: Store) {
    assert_refuses(store, in_python()).await;
}

#[apply(on_both_stores!)]
async fn the_voice_server_for_node_reads_no_session_elsewhere(store: Store) {
    assert_refuses(store, for_node()).await;
}
