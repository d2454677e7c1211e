//! Requests to decision services and their responses.

use serde_json::{Value, json};
use standardwebhooks::Webhook;
use switchboard_domain::authentication::VerifiedBy;
use switchboard_domain::ports::{DecisionService as _, Question};
use switchboard_domain::rejection::Refusal;
use wiremock::matchers::{any, header, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::fixture::{
    LONG, NOW, OLD_SECRET, OTHER_SECRET, SECRET, agent, ask, organization, question, service, what,
};
use crate::servers::{endless, taking_one_connection};

async fn answering(answer: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(answer).mount(&server).await;
    server
}

fn naming(agent: &str) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(json!({ "agent": agent }))
}

#[tokio::test]
async fn the_request_is_a_json_post() {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/choose"))
        .and(header("content-type", "application/json"))
        .respond_with(naming("sales"))
        .mount(&server)
        .await;
    let ask = ask(&format!("{}/choose?by=skill", server.uri()), LONG);
    assert_eq!(service().ask(&ask, &question()).await.unwrap(), agent(1));

    let requests = server.received_requests().await.unwrap();
    assert_eq!(requests[0].url.query(), Some("by=skill"));
    let document: Value = requests[0].body_json().unwrap();
    let expected = json!({
        "channel": "voice",
        "event": "CA11111111111111111111111111111111",
        "to": "+14155550100",
        "from": "+14155550199",
        "candidates": [
            {"id": agent(1).as_str(), "external_id": "sales"},
            {"id": agent(2).as_str(), "external_id": null},
        ],
    });
    assert_eq!(document, expected);
}

#[tokio::test]
async fn each_signature_matches_the_reference_library() {
    let server = answering(naming(agent(2).as_str())).await;
    let answer = service().ask(&ask(&server.uri(), LONG), &question()).await;
    assert_eq!(answer.unwrap(), agent(2));

    let requests = server.received_requests().await.unwrap();
    let header = |name| requests[0].headers[name].to_str().unwrap();
    assert_eq!(header("webhook-id"), question().event.as_str());
    assert_eq!(header("webhook-timestamp"), NOW.to_string());
    // While keys are rotated, the service may know the old secret or the new one.
    let signature = |secret: [u8; 32]| {
        let webhook = Webhook::from_bytes(secret.to_vec()).unwrap();
        webhook.sign(question().event.as_str(), NOW, &requests[0].body).unwrap()
    };
    let expected = format!("{} {}", signature(SECRET), signature(OLD_SECRET));
    assert_eq!(header("webhook-signature"), expected);
}

#[tokio::test]
async fn a_request_about_what_nobody_verified_is_not_signed() {
    let wrong = Refusal::SignatureWrong;
    for verified_by in [VerifiedBy::Unchecked, VerifiedBy::Reported(wrong)] {
        let server = answering(naming("sales")).await;
        let question = Question { verified_by, ..question() };
        let answer = service().ask(&ask(&server.uri(), LONG), &question).await;
        assert_eq!(answer.unwrap(), agent(1));
        let requests = server.received_requests().await.unwrap();
        assert!(!requests[0].headers.contains_key("webhook-signature"), "{verified_by:?}");
    }
}

#[tokio::test]
async fn each_organization_signs_with_its_own_secret() {
    let server = answering(naming(agent(2).as_str())).await;
    let theirs = Question { organization: organization(2), ..question() };
    let answer = service().ask(&ask(&server.uri(), LONG), &theirs).await;
    assert_eq!(answer.unwrap(), agent(2));
    let requests = server.received_requests().await.unwrap();
    let signatures = requests[0].headers["webhook-signature"].to_str().unwrap();
    let with = |secret: [u8; 32]| {
        let webhook = Webhook::from_bytes(secret.to_vec()).unwrap();
        let signature = webhook.sign(question().event.as_str(), NOW, &requests[0].body).unwrap();
        signatures.split(' ').any(|given| given == signature)
    };
    assert!(with(OTHER_SECRET) && !with(SECRET));
}

#[tokio::test]
async fn an_agent_that_is_not_a_candidate_is_rejected() {
    let server = answering(naming(agent(3).as_str())).await;
    let answer = service().ask(&ask(&server.uri(), LONG), &question()).await;
    assert_eq!(what(answer), "the named agent is not a candidate");
}

#[tokio::test]
async fn a_status_other_than_2xx_is_rejected_with_any_body() {
    for status in [400, 404, 500, 503] {
        let body = json!({"agent": "sales"});
        let server = answering(ResponseTemplate::new(status).set_body_json(body)).await;
        let answer = service().ask(&ask(&server.uri(), LONG), &question()).await;
        assert_eq!(what(answer), "the status is not 2xx", "{status}");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = answering(naming("sales")).await;
    for status in [301, 302, 303, 307, 308] {
        let redirect = ResponseTemplate::new(status).insert_header("location", elsewhere.uri());
        let server = answering(redirect).await;
        let answer = service().ask(&ask(&server.uri(), LONG), &question()).await;
        assert_eq!(what(answer), "redirects are not followed", "{status}");
    }
    assert!(elsewhere.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_response_may_have_16_kib_and_no_more() {
    let longest = format!("{:<16384}", r#"{"agent":"sales"}"#);
    for (body, is_taken) in [(longest.clone(), true), (format!("{longest} "), false)] {
        let server = answering(ResponseTemplate::new(200).set_body_string(body)).await;
        let answer = service().ask(&ask(&server.uri(), LONG), &question()).await;
        if is_taken {
            assert_eq!(answer.unwrap(), agent(1));
        } else {
            assert_eq!(what(answer), "the response is larger than 16 KiB");
        }
    }
}

#[tokio::test]
async fn an_endless_response_is_aborted() {
    let server = endless().await;
    let answer = service().ask(&ask(&format!("http://{server}"), LONG), &question()).await;
    assert_eq!(what(answer), "the response is larger than 16 KiB");
}

#[tokio::test]
async fn consecutive_requests_share_a_connection() {
    let ask = ask(&format!("http://{}", taking_one_connection().await), LONG);
    let service = service();
    for _ in 0..3 {
        assert_eq!(service.ask(&ask, &question()).await.unwrap(), agent(1));
    }
}
