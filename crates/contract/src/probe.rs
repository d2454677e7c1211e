//! The laws of [`StoreProbe`](switchboard_domain::ports::StoreProbe).

use std::time::{SystemTime, UNIX_EPOCH};

use crate::Fixture;
use crate::prelude::*;

#[laws(probe::probe_laws)]
pub mod laws {
    use super::*;

    /// The store returns its time in UTC, within a few hours of the local clock. Clocks can differ,
    /// but not by years.
    pub async fn a_store_tells_the_time_in_utc(fixture: &Fixture) {
        #[expect(
            clippy::disallowed_methods,
            reason = "the store has a clock of its own, so it is held to the real time"
        )]
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let reported = fixture.probe().time().await.unwrap().seconds();
        let difference = reported.abs_diff(i64::try_from(now).unwrap());
        assert!(difference < 2 * 60 * 60, "the store's time is {difference} seconds off");
    }

    /// The store's time advances and does not go back.
    pub async fn the_time_of_a_store_goes_on(fixture: &Fixture) {
        let before = fixture.probe().time().await.unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        assert!(fixture.probe().time().await.unwrap() > before);
    }
}
