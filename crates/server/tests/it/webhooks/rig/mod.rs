//! What every test needs: a store, the built program over it, and somebody who signs as Twilio does.

mod answer;
mod installation;
mod seed;
mod server;
mod signing;
mod store;
mod twiml;
mod webhook;
mod wire;

use std::time::{Duration, Instant};

pub(crate) use answer::Answer;
pub(crate) use installation::{ENCRYPTION_KEY, Installation, PUBLIC_URL};
pub(crate) use seed::{
    Account, DISABLED, MAIN, NOBODYS, OTHER, OTHERS, PROMPT_BYTES, SALES, SILENT, SUB, SUBS,
    UNASSIGNED, sid,
};
pub(crate) use server::{Client, Server};
pub(crate) use signing::{hmac_sha256, signature};
pub(crate) use store::Store;
pub(crate) use webhook::{Prepared, Webhook};
pub(crate) use wire::Wire;

/// How long what is written behind an answer may take to be in the store.
pub(crate) const BEHIND: Duration = Duration::from_secs(5);
/// How long a change that another process made may take to be seen.
pub(crate) const CHANGED: Duration = Duration::from_secs(30);

/// Asks until there is an answer. The deadline is what is promised, not a guess of how long it takes.
pub(crate) async fn within<T>(
    promise: Duration,
    what: &str,
    mut ask: impl AsyncFnMut() -> Option<T>,
) -> T {
    let begun = Instant::now();
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(begun.elapsed() < promise, "{what}: not within {promise:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Stamps each of these tests for both databases.
macro_rules! on_both_stores {
    ($($test:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                super::$test(crate::webhooks::rig::Store::sqlite()).await;
            })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                super::$test(crate::webhooks::rig::Store::postgres().await).await;
            })+
        }
    };
}
