//! Incomplete responses, and responses of proxies.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::error::Error;

use switchboard_domain::carrier::CarrierError;
use switchboard_domain::ports::carrier::{AccountCarrier, NumberCarrier, TokenCarrier};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use wiremock::ResponseTemplate;

use crate::fixture::{Fixture, access, answering, phone};

async fn failed(answer: ResponseTemplate) -> CarrierError {
    let (fixture, _server) = answering([answer]).await;
    fixture.carrier.find(&access(), phone()).await.unwrap_err()
}

fn raw(status: u16, body: &str, content_type: &str) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_raw(body.as_bytes().to_vec(), content_type)
}

#[tokio::test]
async fn a_response_of_a_proxy_is_described() {
    let page = "<html>Please log in, s3cret</html>";
    for (answer, expected) in [
        (
            raw(200, page, "text/html"),
            "it has status 200 and content type \"text/html\" instead of JSON",
        ),
        (
            raw(403, page, "text/html"),
            "it has status 403 and content type \"text/html\" instead of JSON",
        ),
        (
            raw(200, "", "application/json"),
            "it has status 200 and content type \"application/json\" instead of JSON",
        ),
        (
            raw(200, r#"{"incoming_phone_numbers":[{"sid""#, "application/json"),
            "its JSON ends unexpectedly at line 1, column 33",
        ),
        (
            raw(200, r#"{"a":1}"#, "application/json"),
            "its JSON does not have the expected structure at line 1, column 7",
        ),
        (
            ResponseTemplate::new(302).insert_header("Location", "http://127.0.0.1:9/"),
            "it is a redirect (status 302)",
        ),
    ] {
        let error = failed(answer).await;
        assert!(
            matches!(error, CarrierError::Unreadable { operation: "number.find", .. }),
            "{error:?}"
        );
        assert_eq!(error.source().unwrap().to_string(), expected);
    }
}

#[tokio::test]
async fn a_page_of_a_proxy_is_not_taken_for_success() {
    for page in [raw(200, "<html>Please log in</html>", "text/html"), raw(200, "", "text/html")] {
        let (fixture, _server) = answering([page]).await;
        let error = fixture.carrier.promote(&access()).await.unwrap_err();
        assert!(
            matches!(error, CarrierError::Unreadable { operation: "token.promote", .. }),
            "{error:?}"
        );
    }
    let (fixture, _server) = answering([ResponseTemplate::new(204)]).await;
    fixture.carrier.delete_secondary(&access()).await.unwrap();
}

#[tokio::test]
async fn an_endless_response_is_not_read_to_its_end() {
    let endless = raw(200, &"[".repeat(17 << 20), "application/json");
    assert_eq!(failed(endless).await.source().unwrap().to_string(), "it is longer than 16 MB");
}

#[tokio::test]
async fn texts_of_twilio_are_kept_without_phone_numbers() {
    let body = r#"{"code":21211,"message":"The number +14155550142 is wrong.","status":400}"#;
    let error = failed(raw(400, body, "application/json")).await;
    let expected =
        "Twilio refused number.find: Twilio answered 400, error 21211: The number +…42 is wrong";
    assert_eq!(error.to_string(), expected);
}

#[tokio::test]
async fn an_incomplete_response_counts_as_unavailable() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let fixture = Fixture::at(&format!("http://{}", listener.local_addr().unwrap()));
    let half = tokio::spawn(async move {
        let mut asked = 0;
        while asked < 3 {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 4_096];
            let _read = stream.read(&mut request).await.unwrap();
            let answer = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{\"sid\":";
            stream.write_all(answer.as_bytes()).await.unwrap();
            stream.shutdown().await.unwrap();
            asked += 1;
        }
    });
    let error = AccountCarrier::fetch(&fixture.carrier, &access()).await.unwrap_err();
    assert!(matches!(error, CarrierError::Unavailable { source: Some(_), .. }), "{error:?}");
    half.await.unwrap();
}
