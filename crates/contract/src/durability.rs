//! What a durable store still has when it is opened again. Of a store whose harness says that it is not durable, these
//! laws expect nothing.

use crate::prelude::*;
use crate::{Fixture, samples};

#[laws(durability::durability_laws)]
pub mod laws {
    use super::*;

    /// Accounts, agents, numbers and plans are in a store that is opened again.
    pub async fn what_operators_added_is_durable(fixture: &Fixture) {
        let account = fixture.account(1, &fixture.ours).await;
        let agent = fixture.agent(1, &fixture.ours).await;
        let number = fixture.number(1, &account, Some(&agent)).await;
        let plan = fixture.plan(1, &fixture.ours).await;
        let Some(again) = fixture.reopened().await else { return };
        let all = Scope::Operator;
        assert_eq!(again.accounts().list(&all, &Page::first(9)).await.unwrap(), [account]);
        assert_eq!(again.agents().list(&all, &Page::first(9)).await.unwrap(), [agent]);
        let listed = again.numbers().list(&all, &NumberFilter::default(), &Page::first(9)).await;
        assert_eq!(listed.unwrap(), [number]);
        assert_eq!(again.plans().list(&all, &Page::first(9)).await.unwrap(), [plan]);
    }

    /// Calls, messages and rejections are in a store that is opened again.
    pub async fn what_was_recorded_is_durable(fixture: &Fixture) {
        let sid = samples::account_sid(1);
        fixture.calls().record(&[samples::call(1, sid, &fixture.ours)]).await.unwrap();
        fixture.messages().insert_once(&samples::received(1, sid, &fixture.ours)).await.unwrap();
        fixture.rejections().record(&[samples::rejection(1, None)]).await.unwrap();
        let Some(again) = fixture.reopened().await else { return };
        let all = Scope::Operator;
        assert_eq!(again.calls().list(&all, &Page::first(9)).await.unwrap().len(), 1);
        assert_eq!(again.messages().list(&all, &Page::first(9)).await.unwrap().len(), 1);
        assert_eq!(again.rejections().list(&all, &Page::first(9)).await.unwrap().len(), 1);
    }

    /// A lease that is held is held in a store that is opened again, and changes are not told twice.
    pub async fn leases_and_versions_are_durable(fixture: &Fixture) {
        fixture.account(1, &fixture.ours).await;
        let version = fixture.changes().version().await.unwrap();
        assert!(fixture.leases().acquire("check", "one", 60).await.unwrap());
        let Some(again) = fixture.reopened().await else { return };
        assert_eq!(again.changes().version().await.unwrap(), version);
        assert!(!again.leases().acquire("check", "two", 60).await.unwrap());
    }
}
