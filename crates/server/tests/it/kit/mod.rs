//! The test kit: the built program over a database of the test's own ([`TestApp`]), webhooks signed as Twilio signs
//! them ([`Webhook`]), and the Twilio simulator ([`Twilio`]).

mod answer;
mod app;
mod documented;
mod earlier;
mod endpoint;
mod finished;
mod fleet;
mod load;
mod process;
mod programs;
mod public_url;
mod seed;
mod server;
mod signing;
mod store;
mod twilio;
mod twiml;
mod webhook;
mod wire;

use std::time::{Duration, Instant};

pub(crate) use answer::Answer;
pub(crate) use app::{ENCRYPTION_KEY, PUBLIC_URL, TestApp};
pub(crate) use documented::assert_documented;
pub(crate) use earlier::EarlierDatabase;
pub(crate) use endpoint::{Endpoint, Received, Response};
pub(crate) use finished::Finished;
pub(crate) use fleet::{account_seed, account_sid, number, numbers, three_accounts};
pub(crate) use load::{Flow, Load};
pub(crate) use macro_rules_attribute::apply;
pub(crate) use process::Process;
pub(crate) use programs::{example, node, python, setting};
pub(crate) use public_url::PublicUrl;
pub(crate) use rustix::process::Signal;
pub(crate) use seed::{
    Account, DISABLED, MAIN, MAIN_SID, MAIN_TOKEN, OTHER, OTHER_SID, OTHERS, PROMPT_BYTES, SALES,
    SILENT, SUB, SUB_SID, SUB_TOKEN, SUBS, UNASSIGNED, UNKNOWN, sid,
};
pub(crate) use server::{Client, Server, http};
pub(crate) use signing::{hmac_sha256, signature};
pub(crate) use store::Store;
pub(crate) use twilio::{Twilio, incoming_call, phone_number};
pub(crate) use webhook::{Prepared, Webhook};
pub(crate) use wire::Wire;

/// The time limit for records that are written after the answer is sent.
pub(crate) const BEHIND: Duration = Duration::from_secs(5);
/// The time limit for a running server to see a change made by another process.
pub(crate) const CHANGED: Duration = Duration::from_secs(30);
/// The time limit for anything that a process does, for an unoptimized build on a busy machine.
pub(crate) const DONE: Duration = Duration::from_secs(60);

/// Polls until `ask` returns a value, and panics after the limit. The limit is the promise under test, not an estimate.
pub(crate) async fn within<T>(
    limit: Duration,
    what: &str,
    mut ask: impl AsyncFnMut() -> Option<T>,
) -> T {
    let begun = Instant::now();
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(begun.elapsed() < limit, "{what}: not within {limit:?}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Runs a test on SQLite and on Postgres, as `NAME::on_sqlite` and `NAME::on_postgres`: `#[apply(on_both_stores!)]`.
macro_rules! on_both_stores {
    ($(#[$meta:meta])* async fn $name:ident($store:ident: $type:ty $(,)?) $body:block) => {
        $(#[$meta])*
        async fn $name($store: $type) $body

        mod $name {
            #[tokio::test(flavor = "multi_thread")]
            async fn on_sqlite() {
                super::$name(crate::kit::Store::sqlite()).await;
            }
            #[tokio::test(flavor = "multi_thread")]
            async fn on_postgres() {
                super::$name(crate::kit::Store::postgres().await).await;
            }
        }
    };
    ($(#[$meta:meta])* fn $name:ident($store:ident: $type:ty $(,)?) $body:block) => {
        $(#[$meta])*
        fn $name($store: $type) $body

        mod $name {
            #[test]
            fn on_sqlite() {
                super::$name(crate::kit::Store::sqlite());
            }
            #[tokio::test(flavor = "multi_thread")]
            async fn on_postgres() {
                super::$name(crate::kit::Store::postgres().await);
            }
        }
    };
}
pub(crate) use on_both_stores;
