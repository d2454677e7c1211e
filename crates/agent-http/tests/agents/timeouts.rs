//! Timeouts and concurrency limits of decision services.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

use switchboard_domain::causes::Causes;
use switchboard_domain::ports::{DecisionService as _, OutsideError};
use tokio::time::Instant;

use crate::fixture::{
    LONG, SECRET, SHORT, ask, cause, limits, network, question, service, service_of,
};
use crate::servers::{Authority, closed_port, halting, listener};

/// Polls `meanwhile` until `happens` is ready.
async fn until<T>(happens: impl Future<Output = T>, meanwhile: impl Future) -> T {
    let (mut happens, mut meanwhile) = (pin!(happens), pin!(meanwhile));
    poll_fn(|context| {
        assert!(meanwhile.as_mut().poll(context).is_pending(), "it ended too early");
        match happens.as_mut().poll(context) {
            Poll::Ready(happened) => Poll::Ready(happened),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

#[tokio::test]
async fn a_service_that_does_not_respond_times_out() {
    let (_silent, accepts) = listener().await;
    let (hears, _) = halting("").await;
    let (begins, _) = halting("HTTP/1.1 200 OK\r\ncontent-length: 17\r\n\r\n{\"agent\"").await;
    for address in [accepts, hears, begins] {
        let asked_at = Instant::now();
        let answer = service().ask(&ask(&format!("http://{address}"), SHORT), &question()).await;
        assert_eq!(cause(answer), "");
        let took = asked_at.elapsed();
        assert!(took >= SHORT && took < LONG / 2, "{took:?}");
    }
}

#[tokio::test]
async fn an_unfinished_handshake_times_out() {
    let (_silent, address) = listener().await;
    let answer = service().ask(&ask(&format!("https://{address}"), SHORT), &question()).await;
    assert_eq!(cause(answer), "");
}

#[tokio::test]
async fn an_unreachable_service_is_reported_with_its_cause() {
    let (_socket, address) = closed_port();
    let url = format!("http://{address}/s3cret");
    let error = service().ask(&ask(&url, LONG), &question()).await.unwrap_err();
    assert!(matches!(error, OutsideError::Silent { source: Some(_) }), "{error:?}");
    let shown = format!("{} {error:?}", Causes(&error));
    assert!(shown.contains("refused"), "{shown}");
    assert!(!shown.contains("s3cret") && !shown.contains("4155550"), "{shown}");
}

#[tokio::test]
async fn a_request_above_the_concurrency_limit_fails_immediately() {
    let network = network(Authority::new().certificate());
    let service = service_of(&network, limits(4, 1));
    let question = question();
    let (slow, mut coming) = halting("").await;
    let slow = ask(&format!("http://{slow}/one"), LONG);
    let mut first = pin!(service.ask(&slow, &question));
    until(coming.recv(), first.as_mut()).await.unwrap();

    let same = ask(&slow.url.as_str().replace("/one", "/two"), LONG);
    let refused = "concurrency limit reached";
    assert_eq!(cause(service.ask(&same, &question).await), refused);

    let (other, mut coming) = halting("").await;
    let other = ask(&format!("http://{other}"), LONG);
    let mut second = pin!(service.ask(&other, &question));
    until(coming.recv(), second.as_mut()).await.unwrap();
    let (_socket, third) = closed_port();
    assert_eq!(
        cause(service.ask(&ask(&format!("http://{third}"), LONG), &question).await),
        refused
    );
}

#[tokio::test]
async fn a_canceled_request_releases_its_permit() {
    let network = network(Authority::new().certificate());
    let service = service_of(&network, limits(1, 1));
    let (slow, mut coming) = halting("").await;
    let slow = ask(&format!("http://{slow}"), LONG);
    for _ in 0..3 {
        let question = question();
        let asking = service.ask(&slow, &question);
        until(coming.recv(), asking).await.unwrap();
    }
}

#[test]
fn debug_output_does_not_show_the_secret() {
    let shown = format!("{:?}", service());
    assert!(!shown.contains(str::from_utf8(&SECRET).unwrap()), "{shown}");
    assert_eq!(shown, "HttpDecisionService { .. }");
}
