//! The way of every webhook: read it, hand it to its use case, render the outcome.

use std::future::poll_fn;
use std::mem;
use std::pin::pin;
use std::task::Poll;

use actix_web::http::ConnectionType;
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};
use switchboard_application::{Closed, WebhookRequest};
use switchboard_domain::rejection::Door;

use crate::desk::FrontDesk;
use crate::request::{Received, claimed_hosts};
use crate::response;

/// Takes a request through `door`: `answer` calls the use case, `render` makes the response of its answer.
pub(crate) async fn pass<T>(
    desk: &FrontDesk,
    door: Door,
    request: &HttpRequest,
    payload: Payload,
    answer: impl AsyncFnOnce(WebhookRequest<'_>) -> Result<T, Closed>,
    render: impl FnOnce(T) -> HttpResponse,
) -> HttpResponse {
    // Pinned where it is: a future that is handed on by value is kept once more in each that it goes through.
    let work = pin!(async {
        let received = match Received::read(request, payload, &desk.limits).await {
            Ok(received) => received,
            Err(unfit) => {
                desk.instruments.unfit(door);
                return response::unfit(unfit);
            }
        };
        desk.warn_if_unchecked(door);
        let hosts = || claimed_hosts(request);
        match answer(received.webhook(request, &hosts)).await {
            Ok(answer) => render(answer),
            Err(closed) => {
                desk.instruments.closed(door, &closed);
                response::closed(door, &closed)
            }
        }
    });
    let mut response = desk.instruments.guard(door, work).await;
    let_others_be_answered().await;
    if desk.is_draining() {
        response.head_mut().set_connection_type(ConnectionType::Close);
    }
    response
}

/// Lets the other requests that are at hand be answered before this answer is sent. The answers then leave one
/// right behind the other, and whoever reads them, a proxy most often, is woken once for many of them: to wake
/// a sleeper costs the kernel as much as half an answer. The server asks us a second time in any case.
async fn let_others_be_answered() {
    let mut is_asked_again = false;
    poll_fn(|context| {
        if mem::replace(&mut is_asked_again, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;

    use tokio::task::{LocalSet, spawn_local};

    use super::let_others_be_answered;

    #[tokio::test]
    async fn all_requests_at_hand_are_answered_before_the_first_answer_is_sent() {
        let order = Rc::new(RefCell::new(Vec::new()));
        let serve = |request: char| {
            let order = Rc::clone(&order);
            async move {
                order.borrow_mut().push(format!("{request} answered"));
                let_others_be_answered().await;
                order.borrow_mut().push(format!("{request} sent"));
            }
        };
        let requests = async {
            let at_hand = ['a', 'b', 'c'].map(|request| spawn_local(serve(request)));
            for request in at_hand {
                request.await.unwrap();
            }
        };
        LocalSet::new().run_until(requests).await;
        let expected = ["a answered", "b answered", "c answered", "a sent", "b sent", "c sent"];
        assert_eq!(*order.borrow(), expected);
    }
}
