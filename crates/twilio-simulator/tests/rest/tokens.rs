//! Auth token rotation.

use crate::fixture::{Fixture, MAIN, SUB, TOKEN, account, main_path};

const SECONDARY: &str = "/v1/AuthTokens/Secondary";
const PROMOTE: &str = "/v1/AuthTokens/Promote";

#[tokio::test]
async fn a_secondary_token_authenticates_and_replaces_the_primary_one_when_promoted() {
    let fixture = Fixture::new();
    let numbers = main_path("/IncomingPhoneNumbers.json");
    let made = fixture.post(SECONDARY, &[]).await;
    assert_eq!(made.status, 201);
    let new = made.json()["secondary_auth_token"].as_str().unwrap().to_owned();
    assert_eq!(fixture.get(&numbers).await.status, 200);
    let fixture = fixture.by(MAIN, &new);
    assert_eq!(fixture.get(&numbers).await.status, 200);
    // The secondary token does not sign webhooks.
    assert_eq!(fixture.simulator.tokens(account(MAIN)).unwrap().primary.expose(), TOKEN);
    let promoted = fixture.post(PROMOTE, &[]).await;
    assert_eq!((promoted.status, promoted.json()["auth_token"].as_str().unwrap()), (200, &new[..]));
    let tokens = fixture.simulator.tokens(account(MAIN)).unwrap();
    assert_eq!(tokens.primary.expose(), new);
    assert!(tokens.secondary.is_none());
    assert_eq!(fixture.get(&numbers).await.status, 200);
    assert_eq!(fixture.by(MAIN, TOKEN).get(&numbers).await.refusal(), (401, 20003));
}

#[tokio::test]
async fn there_is_at_most_one_secondary_token_and_it_can_be_deleted() {
    let fixture = Fixture::new();
    assert_eq!(fixture.delete(SECONDARY).await.refusal(), (404, 20404));
    assert_eq!(fixture.post(PROMOTE, &[]).await.refusal(), (404, 20404));
    let made = fixture.post(SECONDARY, &[]).await.json();
    assert_eq!(fixture.post(SECONDARY, &[]).await.status, 409);
    assert_eq!(fixture.delete(SECONDARY).await.status, 204);
    let deleted = made["secondary_auth_token"].as_str().unwrap();
    let fixture = fixture.by(MAIN, deleted);
    assert_eq!(fixture.post(PROMOTE, &[]).await.refusal(), (401, 20003));
}

#[tokio::test]
async fn rotating_one_token_leaves_other_accounts_unchanged_and_is_recorded_without_tokens() {
    let fixture = Fixture::new();
    let before = fixture.simulator.tokens(account(SUB)).unwrap();
    let made = fixture.post(SECONDARY, &[]).await.json();
    fixture.post(PROMOTE, &[]).await;
    let after = fixture.simulator.tokens(account(SUB)).unwrap();
    assert_eq!(before.primary.expose(), after.primary.expose());
    let received = format!("{:?}", fixture.simulator.writes());
    assert!(received.contains("secondary_auth_token"));
    assert!(!received.contains(made["secondary_auth_token"].as_str().unwrap()));
}
