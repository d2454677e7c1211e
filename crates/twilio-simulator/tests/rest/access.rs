//! Who reaches what.

use switchboard_twilio_simulator::AccountStatus;

use crate::rig::{
    MAIN, MAIN_KEY, NUMBER, OTHER, Rig, STANDARD_KEY, SUB, SUB_TOKEN, TOKEN, account, main_path,
};

const NUMBERS: &str = "/IncomingPhoneNumbers.json";

fn numbers_of(sid: &str) -> String {
    format!("/2010-04-01/Accounts/{sid}{NUMBERS}")
}

#[tokio::test]
async fn only_the_right_credentials_open_an_account() {
    for (user, password) in
        [(MAIN, "wrong"), (MAIN, ""), (SUB, TOKEN), ("nobody", TOKEN), (MAIN_KEY, "wrong")]
    {
        let rig = Rig::new().by(user, password);
        let answer = rig.get(&numbers_of(MAIN)).await;
        assert_eq!(answer.refusal(), (401, 20003), "{user}");
        assert!(answer.headers.contains_key("WWW-Authenticate"));
    }
    let rig = Rig::new();
    assert_eq!(rig.get(&numbers_of(MAIN)).await.status, 200);
    assert_eq!(rig.by(MAIN_KEY, "secret").get(&numbers_of(MAIN)).await.status, 200);
}

#[tokio::test]
async fn a_main_accounts_token_reaches_a_subaccount_on_2010_paths_only() {
    let rig = Rig::new();
    let listed = rig.get(&numbers_of(SUB)).await.json();
    assert_eq!(listed["incoming_phone_numbers"][0]["phone_number"], "+14155550200");
    // Other hosts know nothing but the account of the credentials.
    let services = rig.get("/v1/Services").await.json();
    assert_eq!(services["services"][0]["account_sid"], MAIN);
    let region = rig.get("/v2/PhoneNumbers/+14155550200").await;
    assert_eq!(region.refusal(), (404, 20404));
    let rig = rig.by(SUB, SUB_TOKEN);
    assert_eq!(rig.get("/v2/PhoneNumbers/+14155550200").await.json()["voice_region"], "us1");
    assert_eq!(rig.get("/v1/Services").await.json()["services"], serde_json::json!([]));
}

#[tokio::test]
async fn neither_keys_nor_strangers_nor_subaccounts_reach_another_account() {
    let rig = Rig::new().by(MAIN_KEY, "secret");
    assert_eq!(rig.get(&numbers_of(SUB)).await.refusal(), (401, 20003));
    let rig = rig.by(OTHER, "other-token");
    assert_eq!(rig.get(&numbers_of(MAIN)).await.refusal(), (401, 20003));
    let rig = rig.by(SUB, SUB_TOKEN);
    assert_eq!(rig.get(&numbers_of(MAIN)).await.refusal(), (401, 20003));
}

#[tokio::test]
async fn a_standard_key_reaches_no_accounts_and_no_tokens() {
    let rig = Rig::new().by(STANDARD_KEY, "secret");
    assert_eq!(rig.get(&numbers_of(MAIN)).await.status, 200);
    for path in ["/2010-04-01/Accounts.json".to_owned(), main_path(".json")] {
        assert_eq!(rig.get(&path).await.refusal(), (401, 20003), "{path}");
    }
    assert_eq!(rig.post("/v1/AuthTokens/Secondary", &[]).await.refusal(), (401, 20003));
}

#[tokio::test]
async fn the_accounts_of_a_main_account_are_its_own_and_its_subaccounts() {
    let rig = Rig::new();
    let listed = rig.get("/2010-04-01/Accounts.json").await.json();
    let sids: Vec<_> =
        listed["accounts"].as_array().unwrap().iter().map(|one| &one["sid"]).collect();
    assert_eq!(sids, [SUB, MAIN]);
    assert_eq!(listed["accounts"][0]["owner_account_sid"], MAIN);
    assert_eq!(listed["accounts"][0]["auth_token"], SUB_TOKEN);
    let none = rig.get("/2010-04-01/Accounts.json?Status=suspended").await.json();
    assert_eq!(none["accounts"], serde_json::json!([]));
    // An API key sees its own account, and no token.
    let listed = rig.by(MAIN_KEY, "secret").get("/2010-04-01/Accounts.json").await.json();
    assert_eq!(listed["accounts"].as_array().unwrap().len(), 1);
    assert_eq!(listed["accounts"][0].get("auth_token"), None);
}

#[tokio::test]
async fn a_suspended_account_is_closed_to_itself_and_made_active_by_its_main_account() {
    let rig = Rig::new().by(SUB, SUB_TOKEN);
    assert!(rig.company.set_status(account(SUB), AccountStatus::Suspended));
    assert_eq!(rig.get(&numbers_of(SUB)).await.refusal(), (401, 20005));
    let rig = rig.by(MAIN, TOKEN);
    assert_eq!(rig.get(&numbers_of(SUB)).await.refusal(), (401, 20005));
    let path = format!("/2010-04-01/Accounts/{SUB}.json");
    assert_eq!(rig.get(&path).await.json()["status"], "suspended");
    let answer = rig.post(&path, &[("Status", "active")]).await;
    assert_eq!(answer.json()["status"], "active");
    assert_eq!(rig.get(&numbers_of(SUB)).await.status, 200);
    // What is closed stays so, and suspending the main account suspends all.
    assert_eq!(rig.post(&path, &[("Status", "closed")]).await.json()["status"], "closed");
    assert_eq!(rig.post(&path, &[("Status", "active")]).await.status, 400);
    rig.company.set_status(account(MAIN), AccountStatus::Suspended);
    assert_eq!(rig.get(&numbers_of(MAIN)).await.refusal(), (401, 20005));
}

#[tokio::test]
async fn a_subaccount_can_be_opened() {
    let rig = Rig::new();
    let made = rig.post("/2010-04-01/Accounts.json", &[("FriendlyName", "New")]).await;
    assert_eq!(made.status, 201);
    let (sid, token) = (made.json()["sid"].clone(), made.json()["auth_token"].clone());
    let (sid, token) = (sid.as_str().unwrap(), token.as_str().unwrap());
    assert_eq!(rig.by(sid, token).get(&numbers_of(sid)).await.status, 200);
}

#[tokio::test]
async fn what_is_not_there_or_somebody_elses_is_not_found() {
    let rig = Rig::new();
    for path in [
        main_path("/IncomingPhoneNumbers/PN00000000000000000000000000000009.json"),
        // The subaccount's.
        main_path("/IncomingPhoneNumbers/PN00000000000000000000000000000002.json"),
        main_path("/IncomingPhoneNumbers/nonsense.json"),
        // Without its ending a 2010 path answers XML, which nobody here reads.
        main_path(&format!("/IncomingPhoneNumbers/{NUMBER}")),
        main_path("/Unknown.json"),
        "/v1/Services/MG00000000000000000000000000000009".to_owned(),
        "/v3/Nothing".to_owned(),
        "/".to_owned(),
    ] {
        assert_eq!(rig.get(&path).await.refusal(), (404, 20404), "{path}");
    }
    assert_eq!(rig.delete(&main_path(NUMBERS)).await.refusal(), (405, 20004));
}
