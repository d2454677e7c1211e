//! Lists and their links.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::error::Error;

use serde_json::json;
use switchboard_domain::carrier::{Capabilities, CarrierError, CarrierNumber, Region};
use switchboard_domain::configuration::Field;
use switchboard_domain::ports::carrier::{NumberCarrier, ServiceCarrier};
use wiremock::ResponseTemplate;

use crate::fixture::{Fixture, access, answering, number, page, phone};

/// The numbers of the account.
async fn listed(fixture: &Fixture) -> Vec<CarrierNumber> {
    NumberCarrier::list(&fixture.carrier, &access()).await.unwrap()
}

/// The paths and queries of all requests.
async fn asked(server: &wiremock::MockServer) -> Vec<String> {
    let requests = server.received_requests().await.unwrap();
    let target = |request: &wiremock::Request| {
        format!("{}?{}", request.url.path(), request.url.query().unwrap_or_default())
    };
    requests.iter().map(target).collect()
}

#[tokio::test]
async fn missing_null_and_new_fields_are_accepted() {
    let (fixture, _server) = answering([page(&[number()], None)]).await;
    let listed = listed(&fixture).await;
    assert_eq!(listed.len(), 1);
    let only_voice = Capabilities { voice: true, sms: false, mms: false };
    assert_eq!((listed[0].sender, listed[0].capabilities), (phone(), only_voice));
    let configuration = &listed[0].configuration;
    assert_eq!(configuration.get(Field::VoiceUrl), Some("https://example.com/voice"));
    assert_eq!(configuration.get(Field::SmsUrl), Some(""));
    assert_eq!(configuration.get(Field::TrunkSid), Some(""));
}

#[tokio::test]
async fn links_are_followed_unchanged_on_the_same_host() {
    let old = "/2010-04-01/Accounts/x/IncomingPhoneNumbers.json?PageToken=PA%2B1&Page=1";
    let (fixture, server) = answering([page(&[number()], Some(old)), page(&[], None)]).await;
    listed(&fixture).await;
    assert_eq!(asked(&server).await[1], old);

    let new = "/v1/Services?PageSize=1000&Page=1&PageToken=DNMG%2F1";
    let link = format!("https://messaging.twilio.com{new}");
    let meta = |next: Option<String>| {
        ResponseTemplate::new(200).set_body_json(
            json!({"services": [], "meta": {"next_page_url": next, "key": "services"}}),
        )
    };
    let (fixture, server) = answering([meta(Some(link)), meta(None)]).await;
    ServiceCarrier::list(&fixture.carrier, &access()).await.unwrap();
    assert_eq!(asked(&server).await, ["/v1/Services?PageSize=1000", new]);
}

#[tokio::test]
async fn a_link_to_another_host_is_not_followed() {
    for (link, expected) in [
        (
            "http://127.0.0.1:9/steal",
            "its link to the next page points to a host that is not Twilio's",
        ),
        (
            "https://twilio.com.example.com/x",
            "its link to the next page points to a host that is not Twilio's",
        ),
        ("//127.0.0.1:9/steal", "its link to the next page is not a URL"),
        ("@127.0.0.1:9/steal", "its link to the next page is not a URL"),
    ] {
        let (fixture, server) = answering([page(&[number()], Some(link))]).await;
        let error = NumberCarrier::list(&fixture.carrier, &access()).await.unwrap_err();
        assert!(matches!(error, CarrierError::Unreadable { operation: "number.list", .. }));
        assert_eq!(error.source().unwrap().to_string(), expected, "{link}");
        assert_eq!(asked(&server).await.len(), 1);
    }
}

#[tokio::test]
async fn a_loop_over_several_pages_is_detected() {
    let links = ["/a.json?Page=1", "/a.json?Page=2", "/a.json?Page=1"];
    let pages = links.map(|link| page(&[number()], Some(link)));
    let (fixture, _server) = answering(pages).await;
    let error = NumberCarrier::list(&fixture.carrier, &access()).await.unwrap_err();
    assert_eq!(error.source().unwrap().to_string(), "its pages form a cycle");
}

#[tokio::test]
async fn short_codes_are_skipped() {
    let mut short_code = number();
    short_code["phone_number"] = json!("12345");
    let mut nameless = number();
    nameless["phone_number"] = json!(null);
    let (fixture, _server) = answering([page(&[short_code, nameless, number()], None)]).await;
    assert_eq!(listed(&fixture).await.len(), 1);
}

#[tokio::test]
async fn an_invalid_sid_is_an_error_that_names_the_field() {
    let mut wrong = number();
    wrong["sid"] = json!("PN1");
    let (fixture, _server) = answering([page(&[wrong], None)]).await;
    let error = NumberCarrier::list(&fixture.carrier, &access()).await.unwrap_err();
    assert_eq!(error.source().unwrap().to_string(), "its field sid cannot be read");
}

#[tokio::test]
async fn a_number_without_a_region_is_in_virginia_and_an_unknown_region_is_an_error() {
    let route = |region| ResponseTemplate::new(200).set_body_json(json!({"voice_region": region}));
    let (fixture, server) =
        answering([route(json!(null)), route(json!("IE1")), route(json!("xx9"))]).await;
    let access = access();
    let region = || fixture.carrier.region(&access, phone().as_number().unwrap());
    assert_eq!(region().await.unwrap(), Some(Region::Us1));
    assert_eq!(region().await.unwrap(), Some(Region::Ie1));
    let error = region().await.unwrap_err();
    assert_eq!(error.source().unwrap().to_string(), "its field voice_region cannot be read");
    assert_eq!(asked(&server).await[0], "/v2/PhoneNumbers/+14155550142?");
}
