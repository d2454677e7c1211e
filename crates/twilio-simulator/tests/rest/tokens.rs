//! Rotating an auth token.

use crate::rig::{MAIN, Rig, SUB, TOKEN, account, main_path};

const SECONDARY: &str = "/v1/AuthTokens/Secondary";
const PROMOTE: &str = "/v1/AuthTokens/Promote";

#[tokio::test]
async fn a_secondary_token_opens_the_account_and_takes_the_place_of_the_primary_one() {
    let rig = Rig::new();
    let numbers = main_path("/IncomingPhoneNumbers.json");
    let made = rig.post(SECONDARY, &[]).await;
    assert_eq!(made.status, 201);
    let new = made.json()["secondary_auth_token"].as_str().unwrap().to_owned();
    assert_eq!(rig.get(&numbers).await.status, 200);
    let rig = rig.by(MAIN, &new);
    assert_eq!(rig.get(&numbers).await.status, 200);
    // It does not sign yet.
    assert_eq!(rig.company.tokens(account(MAIN)).unwrap().primary.expose(), TOKEN);
    let promoted = rig.post(PROMOTE, &[]).await;
    assert_eq!((promoted.status, promoted.json()["auth_token"].as_str().unwrap()), (200, &new[..]));
    let tokens = rig.company.tokens(account(MAIN)).unwrap();
    assert_eq!(tokens.primary.expose(), new);
    assert!(tokens.secondary.is_none());
    assert_eq!(rig.get(&numbers).await.status, 200);
    assert_eq!(rig.by(MAIN, TOKEN).get(&numbers).await.refusal(), (401, 20003));
}

#[tokio::test]
async fn there_is_one_secondary_token_at_most_and_it_can_be_deleted() {
    let rig = Rig::new();
    assert_eq!(rig.delete(SECONDARY).await.refusal(), (404, 20404));
    assert_eq!(rig.post(PROMOTE, &[]).await.refusal(), (404, 20404));
    let made = rig.post(SECONDARY, &[]).await.json();
    assert_eq!(rig.post(SECONDARY, &[]).await.status, 409);
    assert_eq!(rig.delete(SECONDARY).await.status, 204);
    let deleted = made["secondary_auth_token"].as_str().unwrap();
    let rig = rig.by(MAIN, deleted);
    assert_eq!(rig.post(PROMOTE, &[]).await.refusal(), (401, 20003));
}

#[tokio::test]
async fn rotating_one_token_leaves_the_others_and_is_told_without_them() {
    let rig = Rig::new();
    let before = rig.company.tokens(account(SUB)).unwrap();
    let made = rig.post(SECONDARY, &[]).await.json();
    rig.post(PROMOTE, &[]).await;
    let after = rig.company.tokens(account(SUB)).unwrap();
    assert_eq!(before.primary.expose(), after.primary.expose());
    let told = format!("{:?}", rig.company.writes());
    assert!(told.contains("secondary_auth_token"));
    assert!(!told.contains(made["secondary_auth_token"].as_str().unwrap()));
}
