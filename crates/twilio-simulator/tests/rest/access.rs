//! Authentication and authorization.

use switchboard_twilio_simulator::AccountStatus;

use crate::fixture::{
    Fixture, MAIN, MAIN_KEY, NUMBER, OTHER, STANDARD_KEY, SUB, SUB_TOKEN, TOKEN, account, main_path,
};

const NUMBERS: &str = "/IncomingPhoneNumbers.json";

fn numbers_of(sid: &str) -> String {
    format!("/2010-04-01/Accounts/{sid}{NUMBERS}")
}

#[tokio::test]
async fn only_valid_credentials_authenticate() {
    for (user, password) in
        [(MAIN, "wrong"), (MAIN, ""), (SUB, TOKEN), ("nobody", TOKEN), (MAIN_KEY, "wrong")]
    {
        let fixture = Fixture::new().by(user, password);
        let answer = fixture.get(&numbers_of(MAIN)).await;
        assert_eq!(answer.refusal(), (401, 20003), "{user}");
        assert!(answer.headers.contains_key("WWW-Authenticate"));
    }
    let fixture = Fixture::new();
    assert_eq!(fixture.get(&numbers_of(MAIN)).await.status, 200);
    assert_eq!(fixture.by(MAIN_KEY, "secret").get(&numbers_of(MAIN)).await.status, 200);
}

#[tokio::test]
async fn a_main_accounts_token_accesses_a_subaccount_only_on_2010_paths() {
    let fixture = Fixture::new();
    let listed = fixture.get(&numbers_of(SUB)).await.json();
    assert_eq!(listed["incoming_phone_numbers"][0]["phone_number"], "+14155550200");
    // Other APIs access only the account of the credentials.
    let services = fixture.get("/v1/Services").await.json();
    assert_eq!(services["services"][0]["account_sid"], MAIN);
    let region = fixture.get("/v2/PhoneNumbers/+14155550200").await;
    assert_eq!(region.refusal(), (404, 20404));
    let fixture = fixture.by(SUB, SUB_TOKEN);
    assert_eq!(fixture.get("/v2/PhoneNumbers/+14155550200").await.json()["voice_region"], "us1");
    assert_eq!(fixture.get("/v1/Services").await.json()["services"], serde_json::json!([]));
}

#[tokio::test]
async fn keys_other_accounts_and_subaccounts_cannot_access_another_account() {
    let fixture = Fixture::new().by(MAIN_KEY, "secret");
    assert_eq!(fixture.get(&numbers_of(SUB)).await.refusal(), (401, 20003));
    let fixture = fixture.by(OTHER, "other-token");
    assert_eq!(fixture.get(&numbers_of(MAIN)).await.refusal(), (401, 20003));
    let fixture = fixture.by(SUB, SUB_TOKEN);
    assert_eq!(fixture.get(&numbers_of(MAIN)).await.refusal(), (401, 20003));
}

#[tokio::test]
async fn a_standard_key_cannot_access_accounts_and_tokens() {
    let fixture = Fixture::new().by(STANDARD_KEY, "secret");
    assert_eq!(fixture.get(&numbers_of(MAIN)).await.status, 200);
    for path in ["/2010-04-01/Accounts.json".to_owned(), main_path(".json")] {
        assert_eq!(fixture.get(&path).await.refusal(), (401, 20003), "{path}");
    }
    assert_eq!(fixture.post("/v1/AuthTokens/Secondary", &[]).await.refusal(), (401, 20003));
}

#[tokio::test]
async fn a_main_account_lists_itself_and_its_subaccounts() {
    let fixture = Fixture::new();
    let listed = fixture.get("/2010-04-01/Accounts.json").await.json();
    let sids: Vec<_> =
        listed["accounts"].as_array().unwrap().iter().map(|one| &one["sid"]).collect();
    assert_eq!(sids, [SUB, MAIN]);
    assert_eq!(listed["accounts"][0]["owner_account_sid"], MAIN);
    assert_eq!(listed["accounts"][0]["auth_token"], SUB_TOKEN);
    let none = fixture.get("/2010-04-01/Accounts.json?Status=suspended").await.json();
    assert_eq!(none["accounts"], serde_json::json!([]));
    // An API key sees its own account, without the token.
    let listed = fixture.by(MAIN_KEY, "secret").get("/2010-04-01/Accounts.json").await.json();
    assert_eq!(listed["accounts"].as_array().unwrap().len(), 1);
    assert_eq!(listed["accounts"][0].get("auth_token"), None);
}

#[tokio::test]
async fn a_suspended_account_is_reactivated_by_its_main_account() {
    let fixture = Fixture::new().by(SUB, SUB_TOKEN);
    assert!(fixture.simulator.set_status(account(SUB), AccountStatus::Suspended));
    assert_eq!(fixture.get(&numbers_of(SUB)).await.refusal(), (401, 20005));
    let fixture = fixture.by(MAIN, TOKEN);
    assert_eq!(fixture.get(&numbers_of(SUB)).await.refusal(), (401, 20005));
    let path = format!("/2010-04-01/Accounts/{SUB}.json");
    assert_eq!(fixture.get(&path).await.json()["status"], "suspended");
    let answer = fixture.post(&path, &[("Status", "active")]).await;
    assert_eq!(answer.json()["status"], "active");
    assert_eq!(fixture.get(&numbers_of(SUB)).await.status, 200);
    // A closed account stays closed, and suspending the main account suspends its subaccounts.
    assert_eq!(fixture.post(&path, &[("Status", "closed")]).await.json()["status"], "closed");
    assert_eq!(fixture.post(&path, &[("Status", "active")]).await.status, 400);
    fixture.simulator.set_status(account(MAIN), AccountStatus::Suspended);
    assert_eq!(fixture.get(&numbers_of(MAIN)).await.refusal(), (401, 20005));
}

#[tokio::test]
async fn a_subaccount_can_be_created() {
    let fixture = Fixture::new();
    let made = fixture.post("/2010-04-01/Accounts.json", &[("FriendlyName", "New")]).await;
    assert_eq!(made.status, 201);
    let (sid, token) = (made.json()["sid"].clone(), made.json()["auth_token"].clone());
    let (sid, token) = (sid.as_str().unwrap(), token.as_str().unwrap());
    assert_eq!(fixture.by(sid, token).get(&numbers_of(sid)).await.status, 200);
}

#[tokio::test]
async fn missing_resources_and_those_of_other_accounts_are_not_found() {
    let fixture = Fixture::new();
    for path in [
        main_path("/IncomingPhoneNumbers/PN00000000000000000000000000000009.json"),
        // A number of the subaccount.
        main_path("/IncomingPhoneNumbers/PN00000000000000000000000000000002.json"),
        main_path("/IncomingPhoneNumbers/nonsense.json"),
        // Without `.json` Twilio answers in XML, which is not supported.
        main_path(&format!("/IncomingPhoneNumbers/{NUMBER}")),
        main_path("/Unknown.json"),
        "/v1/Services/MG00000000000000000000000000000009".to_owned(),
        "/v3/Nothing".to_owned(),
        "/".to_owned(),
    ] {
        assert_eq!(fixture.get(&path).await.refusal(), (404, 20404), "{path}");
    }
    assert_eq!(fixture.delete(&main_path(NUMBERS)).await.refusal(), (405, 20004));
}
