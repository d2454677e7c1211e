//! `simulate twilio`: the simulator as a process of its own.

use crate::prelude::*;

fn start(app: &TestApp, more: &[&str]) -> Process {
    app.start(&[&["simulate", "twilio", "--listen", "127.0.0.1:0"], more].concat())
}

/// The base of its URLs, which it prints as the setting to use.
async fn base(simulator: &mut Process) -> String {
    let reported =
        |line: &str| line.trim().strip_prefix("export TWILIO_API_URL=").map(ToOwned::to_owned);
    simulator.line("it says what to set", reported).await
}

async fn status(url: &str, user: &str, password: &str) -> u16 {
    http().get(url).basic_auth(user, Some(password)).send().await.unwrap().status().as_u16()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demonstrations_accounts_are_there_until_a_signal_comes() {
    let app = TestApp::without_settings();
    let mut simulator = start(&app, &[]);
    let base = base(&mut simulator).await;
    let account = "AC00000000000000000000000000000001";
    let token = "11111111111111111111111111111111";
    simulator
        .line("the last number is reported", |line| line.contains("+14155550104").then_some(()))
        .await;
    let reported = simulator.out().join("\n");
    assert!(reported.contains(&format!("{account}  Main, auth token {token}")), "{reported}");
    assert!(reported.contains(&format!("subaccount of {account}")), "{reported}");
    let url = format!("{base}/2010-04-01/Accounts/{account}/IncomingPhoneNumbers.json");
    assert_eq!(status(&url, account, token).await, 200);
    assert_eq!(status(&url, account, "no token").await, 401);
    simulator.signal(Signal::TERM);
    assert!(simulator.ended(DONE).await.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seed_says_what_is_there() {
    let app = TestApp::without_settings();
    let seed = r#"{"accounts": [
        {"name": "Known", "sid": "AC000000000000000000000000000000e1", "auth_token": "5ec2e7f00d5ec2e7f00d5ec2e7f00d55",
         "numbers": [{"phone_number": "+442079460958"}]},
        {"name": "Made up"}]}"#;
    app.write("seed.json", seed);
    let mut simulator = start(&app, &["--seed", "seed.json"]);
    let base = base(&mut simulator).await;
    let made_up = |line: &str| {
        let (sid, token) = line.split_once("  Made up, auth token ")?;
        Some((sid.to_owned(), token.to_owned()))
    };
    let (sid, token) = simulator.line("what is made up is reported", made_up).await;
    let reported = simulator.out().join("\n");
    assert!(reported.contains("+442079460958") && !reported.contains("5ec2e7f00d"), "{reported}");
    let url = format!("{base}/2010-04-01/Accounts/{sid}.json");
    assert_eq!(status(&url, &sid, &token).await, 200);
    simulator.signal(Signal::INT);
    assert!(simulator.ended(DONE).await.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invalid_seed_or_address_is_refused() {
    let app = TestApp::without_settings();
    app.write("half.json", r#"{"accounts": ["#);
    app.write(
        "odd.json",
        r#"{"accounts": [{"name": "Main", "numbers": [{"phone_number": "0800"}]}]}"#,
    );
    let run = |arguments: &[&str]| app.run(&[&["simulate", "twilio"], arguments].concat());
    run(&["--seed", "none.json"]).exits(1).shows(&["--seed none.json cannot be read"]);
    run(&["--seed", "half.json"]).exits(1).shows(&["--seed half.json is not a seed"]);
    run(&["--seed", "odd.json"]).exits(1).shows(&["account Main has an invalid phone number"]);
    run(&["--listen", "here"]).exits(2).shows(&["--listen is not an IP address with a port"]);
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    run(&["--listen", &address]).exits(1).shows(&["cannot listen on", "choose another --listen"]);
}
