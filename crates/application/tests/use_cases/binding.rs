//! The number's account, the account in the request and the account whose token signed the request
//! must be the same.

use crate::prelude::*;
use switchboard_domain::ports::{Import, ImportedNumber};

const ACCOUNTS: u32 = 8;

/// Every kind of request about a number, and whether the number is the recipient.
fn ways(named: &TestAccount, number: &str) -> Vec<(Endpoint, &'static str, Fields)> {
    let inbound = call(named, CALLER, number);
    let outbound = with(call(named, number, CALLER), "Direction", "outbound-api");
    let text = message(named, CALLER, number, "hello");
    let sent = with(message(named, number, CALLER, "hello"), "MessageStatus", "delivered");
    let mut ways = vec![
        (Endpoint::Voice, VOICE, inbound.clone()),
        (Endpoint::Voice, VOICE, outbound.clone()),
        (Endpoint::Message, MESSAGE, text.clone()),
        (
            Endpoint::Message,
            MESSAGE,
            with(text, "MessagingServiceSid", "MG0123456789abcdef0123456789abcdef"),
        ),
        (Endpoint::Status, STATUS, inbound.clone()),
        (Endpoint::Status, STATUS, outbound.clone()),
        (Endpoint::Status, STATUS, sent),
        (Endpoint::Connected, CONNECTED, inbound),
        (Endpoint::Connected, CONNECTED, outbound),
    ];
    for prefix in ["whatsapp", "rcs"] {
        let fields =
            message(named, &format!("{prefix}:{CALLER}"), &format!("{prefix}:{number}"), "hello");
        ways.push((Endpoint::Message, MESSAGE, fields));
    }
    ways
}

async fn pass(
    app: &TestApp,
    endpoint: Endpoint,
    request: &Request,
) -> Result<(), switchboard_application::WebhookError> {
    match endpoint {
        Endpoint::Voice => app.voice(request).await.map(drop),
        Endpoint::Message => app.message(request).await.map(drop),
        Endpoint::Status => app.status(request).await.map(drop),
        Endpoint::Connected => app.connected(request).await.map(drop),
        Endpoint::Handler => app.follow(request).await.map(drop),
    }
}

fn number_of(index: u32) -> String {
    format!("+1415555{index:04}")
}

/// Accounts with one number each. Every second account is a subaccount of the previous one.
async fn neighbours() -> (TestApp, Vec<TestAccount>) {
    let app = TestApp::empty().await;
    let sales = agent(1, "Sales");
    app.add_agent(&sales).await;
    let mut accounts: Vec<TestAccount> = vec![];
    for index in 0..ACCOUNTS {
        let neighbour = match accounts.last() {
            Some(parent) if index % 2 == 1 => subaccount(index + 1, parent),
            _ => account(index + 1),
        };
        app.add_account(&neighbour).await;
        app.add_number(&number_of(index), &neighbour, Some(&sales)).await;
        accounts.push(neighbour);
    }
    (app, accounts)
}

#[tokio::test]
async fn each_account_is_verified_at_every_endpoint_for_its_own_number_only() {
    let (app, accounts) = neighbours().await;
    for (own, signer) in (0..).zip(&accounts) {
        for index in 0..ACCOUNTS {
            for (endpoint, target, fields) in ways(signer, &number_of(index)) {
                let result =
                    pass(&app, endpoint, &Request::post(target, &fields).signed_by(signer)).await;
                if own == index {
                    assert!(result.is_ok(), "{endpoint:?} of its own number: {result:?}");
                } else {
                    assert_eq!(refusal(result), Refusal::AccountMismatch, "{endpoint:?}");
                }
            }
        }
    }
    // Each account has its own call and its own message, and nothing else.
    assert_eq!(app.calls().await.len(), accounts.len());
    assert_eq!(app.messages().await.len(), accounts.len());
}

#[tokio::test]
async fn each_account_is_refused_at_every_endpoint_when_it_names_another_one() {
    let (app, accounts) = neighbours().await;
    for signer in &accounts {
        for (index, named) in (0..).zip(&accounts).filter(|(_, named)| named.sid != signer.sid) {
            for (endpoint, target, fields) in ways(named, &number_of(index)) {
                let result =
                    pass(&app, endpoint, &Request::post(target, &fields).signed_by(signer)).await;
                assert_eq!(refusal(result), Refusal::SignatureWrong, "{endpoint:?}");
            }
        }
    }
    assert_eq!(app.calls().await, []);
    assert_eq!(app.messages().await, []);
}

#[tokio::test]
async fn a_hundred_accounts_are_told_apart() {
    let app = TestApp::empty().await;
    let accounts: Vec<_> = (1..=100).map(account).collect();
    for account in &accounts {
        let row = crate::fixture::row(&app.keyring, account, None);
        app.store.accounts().add(&operator(), &row).await.unwrap();
    }
    app.directory.refresh().await.unwrap();
    let target = &accounts[41];
    app.add_number(&number_of(0), target, None).await;
    let naming = Request::post(VOICE, &call(target, CALLER, &number_of(0)));
    for signer in &accounts {
        let named = app.voice(&naming.clone().signed_by(signer)).await;
        let itself = app
            .voice(&Request::post(VOICE, &call(signer, CALLER, &number_of(0))).signed_by(signer))
            .await;
        if signer.sid == target.sid {
            assert!(named.is_ok() && itself.is_ok());
        } else {
            assert_eq!(
                (refusal(named), refusal(itself)),
                (Refusal::SignatureWrong, Refusal::AccountMismatch)
            );
        }
    }
}

#[tokio::test]
async fn a_number_that_moved_to_another_account_is_refused_to_the_old_one_at_the_next_request() {
    let (app, accounts) = neighbours().await;
    let request =
        Request::post(VOICE, &call(&accounts[0], CALLER, &number_of(0))).signed_by(&accounts[0]);
    app.voice(&request).await.unwrap();
    let moved = ImportedNumber {
        sender: sender(&number_of(0)),
        account: accounts[2].sid,
        agent: None,
        channels: Channels::VOICE_AND_SMS,
    };
    let import = Import {
        organization: default_organization(),
        accounts: vec![],
        agents: vec![],
        numbers: vec![moved],
        at: NOW,
    };
    app.store.imports().import(&operator(), &import).await.unwrap();
    app.watcher.catch_up().await.unwrap();
    assert_eq!(refusal(app.voice(&request).await), Refusal::AccountMismatch);
    let noted = app.rejections().await;
    assert_eq!(noted.len(), 1);
    assert_eq!((noted[0].account, noted[0].endpoint), (Some(accounts[0].sid), Endpoint::Voice));
}

#[tokio::test]
async fn a_status_without_either_side_is_taken_for_the_account_that_signed() {
    let (app, accounts) = neighbours().await;
    let bare = fields(&[
        ("AccountSid", accounts[0].sid.as_str()),
        ("CallSid", crate::requests::CALL),
        ("CallStatus", "completed"),
    ]);
    app.status(&Request::post(STATUS, &bare).signed_by(&accounts[0])).await.unwrap();
    assert_eq!(
        app.calls().await.iter().map(|record| record.account).collect::<Vec<_>>(),
        [accounts[0].sid]
    );
}
