//! No output contains a secret or a phone number, and secrets are sent only to their resources.

use serde_json::json;
use switchboard_domain::carrier::CarrierError;
use switchboard_domain::causes::Causes;
use switchboard_domain::ports::carrier::{
    AccountCarrier, NumberCarrier, ServiceCarrier, TokenCarrier,
};
use wiremock::matchers::{basic_auth, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::fixture::{
    Fixture, KEY, PARENT, TOKEN, account, answering, error, full_access, number, page, phone,
};

/// All texts of an error.
fn printed(error: &CarrierError) -> String {
    format!("{error:?} {error} {}", Causes(error))
}

fn assert_nothing_is_reported(text: &str) {
    for secret in [TOKEN, KEY, PARENT, "s3cret", phone().as_str(), "14155550142"] {
        assert!(!text.contains(secret), "{text}");
    }
}

#[tokio::test]
async fn debug_shows_no_options() {
    let fixture = Fixture::at("http://127.0.0.1:9");
    assert_nothing_is_reported(&format!("{:?}", fixture.carrier));
}

#[tokio::test]
async fn no_error_contains_a_secret_or_a_number() {
    let odd = |value| {
        page(
            &[{
                let mut number = number();
                number["sid"] = value;
                number
            }],
            None,
        )
    };
    let html = ResponseTemplate::new(200).set_body_raw("s3cret +14155550142", "text/html");
    for answer in [
        error(400, 21211, "+14155550142 is wrong"),
        error(401, 20003, "Authenticate"),
        error(401, 20005, "Account not active"),
        error(429, 20429, "Too Many Requests"),
        error(500, 20500, "+14155550142"),
        odd(json!("s3cret +14155550142")),
        odd(json!({"s3cret": "+14155550142"})),
        page(&[number()], Some("https://s3cret.example.com/+14155550142")),
        html,
    ] {
        let server = MockServer::start().await;
        Mock::given(wiremock::matchers::any()).respond_with(answer).mount(&server).await;
        let fixture = Fixture::at(&server.uri());
        let error = fixture.carrier.find(&full_access(), phone()).await.unwrap_err();
        assert_nothing_is_reported(&printed(&error));
    }
    let error = Fixture::at("http://127.0.0.1:1").carrier.find(&full_access(), phone()).await;
    assert_nothing_is_reported(&printed(&error.unwrap_err()));
}

#[tokio::test]
async fn a_token_in_a_response_is_not_shown() {
    let body = json!({
        "sid": account().as_str(),
        "owner_account_sid": account().as_str(),
        "status": "active",
        "auth_token": "s3cret-reported",
    });
    let reported = ResponseTemplate::new(200).set_body_json(&body);
    let (fixture, _server) = answering([reported]).await;
    let fetched = fixture.carrier.fetch(&full_access()).await.unwrap();
    assert_eq!(fetched.token.as_ref().unwrap().expose(), "s3cret-reported");
    assert_nothing_is_reported(&format!("{fetched:?}"));
    let odd = json!({"secondary_auth_token": {"s3cret-reported": 1}});
    let (fixture, _server) = answering([ResponseTemplate::new(201).set_body_json(&odd)]).await;
    let error = fixture.carrier.create_secondary(&full_access()).await.unwrap_err();
    assert_nothing_is_reported(&printed(&error));
}

#[tokio::test]
async fn each_resource_receives_the_credentials_that_it_accepts() {
    let server = MockServer::start().await;
    let access = full_access();
    let key = access.api_key.as_ref().unwrap().sid;
    let owner = access.parent.as_ref().unwrap().account;
    let numbers = format!("/2010-04-01/Accounts/{}/IncomingPhoneNumbers.json", account());
    let refused = || error(401, 20003, "Authenticate");
    for (at, user, password, answer) in [
        (numbers.as_str(), key.as_str(), KEY, refused()),
        (&numbers, owner.as_str(), PARENT, page(&[], None)),
        ("/v1/Services", key.as_str(), KEY, refused()),
        ("/2010-04-01/Accounts.json", account().as_str(), TOKEN, refused()),
        ("/v1/AuthTokens/Promote", account().as_str(), TOKEN, refused()),
    ] {
        let given = Mock::given(path(at)).and(basic_auth(user, password));
        given.respond_with(answer).expect(1).mount(&server).await;
    }
    let carrier = Fixture::at(&server.uri()).carrier;
    NumberCarrier::list(&carrier, &access).await.unwrap();
    for error in [
        ServiceCarrier::list(&carrier, &access).await.unwrap_err(),
        AccountCarrier::list(&carrier, &access).await.unwrap_err(),
        carrier.promote(&access).await.unwrap_err(),
    ] {
        assert!(matches!(error, CarrierError::Unauthorized { .. }), "{error:?}");
    }
    assert_eq!(server.received_requests().await.unwrap().len(), 5);
}
