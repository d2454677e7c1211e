//! What every test needs: a database, the built program over it, and a phone company.

mod desk;
mod ended;
mod endpoint;
mod process;
mod seed;
mod store;

use std::time::{Duration, Instant};

pub(crate) use desk::{Desk, PUBLIC_URL};
pub(crate) use ended::Ended;
pub(crate) use endpoint::Endpoint;
pub(crate) use process::{Process, program};
pub(crate) use seed::{
    MAIN, MAIN_TOKEN, OTHER, SUB, account, number, numbers, sid, three_accounts,
};
pub(crate) use store::Store;

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
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Stamps each of these tests for both databases.
macro_rules! on_both_stores {
    ($($test:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                super::$test(crate::carrier::rig::Store::sqlite()).await;
            })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                super::$test(crate::carrier::rig::Store::postgres().await).await;
            })+
        }
    };
}
