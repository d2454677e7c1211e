//! What every test needs: a database, the built program over it, and a phone company.

mod desk;
mod earlier;
mod server;

pub(crate) use desk::{
    Desk, MAIN, MAIN_TOKEN, PUBLIC_URL, SUB, SUB_TOKEN, Store, number, seed, sid,
};
pub(crate) use earlier::Earlier;
pub(crate) use server::Server;

/// Stamps each of these tests for both databases.
macro_rules! on_both_stores {
    ($($test:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                super::$test(crate::adopt::rig::Store::sqlite()).await;
            })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                super::$test(crate::adopt::rig::Store::postgres().await).await;
            })+
        }
    };
}
