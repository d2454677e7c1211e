//! Waiting for nothing but one's next turn.

use std::future::poll_fn;
use std::mem;
use std::task::Poll;

/// Lets the tasks that are ready, and what called this one, go on first.
pub(crate) async fn yield_now() {
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

    use super::yield_now;

    #[tokio::test]
    async fn all_requests_at_hand_are_answered_before_the_first_answer_is_sent() {
        let order = Rc::new(RefCell::new(Vec::new()));
        let serve = |request: char| {
            let order = Rc::clone(&order);
            async move {
                order.borrow_mut().push(format!("{request} answered"));
                yield_now().await;
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
