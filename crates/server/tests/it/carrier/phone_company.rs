//! `simulate twilio`: the phone company as a process of its own.

use tempfile::TempDir;

use crate::carrier::rig::{Ended, Process, program};

const NONE: [(&str, &str); 0] = [];

fn start(folder: &TempDir, more: &[&str]) -> Process {
    let arguments = [&["simulate", "twilio", "--listen", "127.0.0.1:0"], more].concat();
    Process::start(program(folder.path(), NONE, &arguments))
}

/// The base of its URLs, as it tells what to set.
async fn base(company: &mut Process) -> String {
    let told =
        |line: &str| line.trim().strip_prefix("export TWILIO_API_URL=").map(ToOwned::to_owned);
    company.told("it tells what to set", told).await
}

async fn status(url: &str, user: &str, password: &str) -> u16 {
    let _installed = rustls::crypto::ring::default_provider().install_default();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    http.get(url).basic_auth(user, Some(password)).send().await.unwrap().status().as_u16()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demonstrations_accounts_are_there_until_a_signal_comes() {
    let folder = tempfile::tempdir().unwrap();
    let mut company = start(&folder, &[]);
    let base = base(&mut company).await;
    let account = "AC00000000000000000000000000000001";
    let token = "11111111111111111111111111111111";
    company
        .told("the last number is told", |line| line.contains("+14155550104").then_some(()))
        .await;
    let told = company.out().join("\n");
    assert!(told.contains(&format!("{account}  Main, auth token {token}")), "{told}");
    assert!(told.contains(&format!("subaccount of {account}")), "{told}");
    let url = format!("{base}/2010-04-01/Accounts/{account}/IncomingPhoneNumbers.json");
    assert_eq!(status(&url, account, token).await, 200);
    assert_eq!(status(&url, account, "no token").await, 401);
    company.signal("TERM");
    assert!(company.ended().await.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seed_says_what_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let seed = r#"{"accounts": [
        {"name": "Known", "sid": "AC000000000000000000000000000000e1", "auth_token": "5ec2e7f00d5ec2e7f00d5ec2e7f00d55",
         "numbers": [{"phone_number": "+442079460958"}]},
        {"name": "Made up"}]}"#;
    std::fs::write(folder.path().join("seed.json"), seed).unwrap();
    let mut company = start(&folder, &["--seed", "seed.json"]);
    let base = base(&mut company).await;
    let made_up = |line: &str| {
        let (sid, token) = line.split_once("  Made up, auth token ")?;
        Some((sid.to_owned(), token.to_owned()))
    };
    let (sid, token) = company.told("what is made up is told", made_up).await;
    let told = company.out().join("\n");
    assert!(told.contains("+442079460958") && !told.contains("5ec2e7f00d"), "{told}");
    let url = format!("{base}/2010-04-01/Accounts/{sid}.json");
    assert_eq!(status(&url, &sid, &token).await, 200);
    company.signal("INT");
    assert!(company.ended().await.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_makes_no_phone_company_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("half.json", r#"{"accounts": ["#);
    write("odd.json", r#"{"accounts": [{"name": "Main", "numbers": [{"phone_number": "0800"}]}]}"#);
    let run = |arguments: &[&str]| -> Ended {
        let arguments = [&["simulate", "twilio"], arguments].concat();
        program(folder.path(), NONE, &arguments).output().unwrap().into()
    };
    run(&["--seed", "none.json"]).with(1).tells(&["--seed none.json cannot be read"]);
    run(&["--seed", "half.json"]).with(1).tells(&["--seed half.json is no seed"]);
    run(&["--seed", "odd.json"]).with(1).tells(&["account Main has a phone number that is none"]);
    run(&["--listen", "here"]).with(2).tells(&["--listen is not an IP address with a port"]);
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    run(&["--listen", &address]).with(1).tells(&["cannot listen on", "choose another --listen"]);
}
