//! The message endpoints of `examples`, each started as its documentation says, verify and answer what we deliver. Those in
//! Python and JavaScript verify it with the packages of Standard Webhooks.

use message_endpoint::Secret;

use crate::fixture::{example, node, python};
use crate::prelude::*;

const TEXT: &str = "Grüße & \"mehr\" <1> 👋";

/// An app behind the offline Twilio, whose agent Sales has an endpoint, and the secret of the endpoint.
fn app(store: Store) -> (TestApp, String) {
    let app = TestApp::with_fleet_now(store, three_accounts());
    // The endpoint needs the secret of the agent, and the agent the port of the endpoint.
    let secret = set_endpoint(&app, "http://127.0.0.1:9/");
    app.assign_by_import(&[phone_number(SALES)]);
    (app, secret.unwrap())
}

fn set_endpoint(app: &TestApp, url: &str) -> Option<String> {
    let set = app.run(&format!("agent set Sales --message-webhook {url} --json")).exits(0).json();
    set["webhook_secret"].as_str().map(str::to_owned)
}

/// The endpoint answers, also while the secret is replaced, and refuses what we did not sign.
async fn assert_answers(app: &TestApp, url: &str) {
    set_endpoint(app, url);
    let server = app.serve().await;
    let answer = server.send(&Webhook::message(MAIN, SALES, &sid("SM", 1), TEXT)).await;
    assert_eq!(answer.twiml().only("Message").text, format!("You wrote: {TEXT}"));
    app.run("agent rotate-secret Sales").exits(0);
    let answer = server.send(&Webhook::message(MAIN, SALES, &sid("SM", 2), "again")).await;
    assert_eq!(answer.twiml().only("Message").text, "You wrote: again");
    let forged = http().post(url).header("webhook-id", "dlv_1").header("webhook-timestamp", "1");
    let forged = forged.header("webhook-signature", "v1,AAAA").body(r#"{"data":{"body":"x"}}"#);
    assert_eq!(forged.send().await.unwrap().status(), 401);
}

async fn program_answers(store: Store, mut program: Command, path: &str) {
    let (app, secret) = app(store);
    app.write("secret.txt", &format!("{secret}\n"));
    program
        .arg(example(path))
        .args(["--listen", "127.0.0.1:0", "--secret-file"])
        .arg(app.path("secret.txt"));
    let mut program = Process::start(program);
    let url = |line: &str| line.strip_prefix("listening on ").map(str::to_owned);
    let url = program.line("the endpoint listens", url).await;
    assert_answers(&app, &url).await;
    assert!(program.out().iter().any(|line| line.starts_with("delivery refused: ")));
}

#[apply(on_both_stores!)]
async fn the_endpoint_in_python_verifies_and_answers(store: Store) {
    program_answers(store, python(), "message-endpoint-python/message_endpoint.py").await;
}

#[apply(on_both_stores!)]
async fn the_endpoint_for_node_verifies_and_answers(store: Store) {
    program_answers(store, node(), "message-endpoint-node/message-endpoint.js").await;
}

#[apply(on_both_stores!)]
async fn the_endpoint_in_rust_verifies_and_answers(store: Store) {
    let (app, secret) = app(store);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let secret = Secret::parse(&secret).unwrap();
    // Its runtime is that of actix-web.
    std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(message_endpoint::serve(listener, secret))
    });
    assert_answers(&app, &url).await;
}
