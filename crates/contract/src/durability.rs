//! What a durable store contains after it is reopened. These laws require nothing of a store whose
//! harness declares that it is not durable.

use crate::prelude::*;
use crate::{Fixture, samples};

#[laws(durability::durability_laws)]
pub mod laws {
    use super::*;

    /// A reopened store contains the accounts, agents, numbers and plans.
    pub async fn what_operators_added_is_durable(fixture: &Fixture) {
        let account = fixture.account(1, &fixture.ours).await;
        let agent = fixture.agent(1, &fixture.ours).await;
        let number = fixture.number(1, &account, Some(&agent)).await;
        let plan = fixture.plan(1, &fixture.ours).await;
        let Some(again) = fixture.reopened().await else { return };
        let all = samples::operator();
        assert_eq!(again.accounts().list(&all, &Page::first(9)).await.unwrap(), [account]);
        assert_eq!(again.agents().list(&all, &Page::first(9)).await.unwrap(), [agent]);
        let listed = again.numbers().list(&all, &NumberFilter::default(), &Page::first(9)).await;
        assert_eq!(listed.unwrap(), [number]);
        assert_eq!(again.plans().list(&all, &Page::first(9)).await.unwrap(), [plan]);
    }

    /// A reopened store contains the calls, messages and rejections.
    pub async fn what_was_recorded_is_durable(fixture: &Fixture) {
        let sid = samples::account_sid(1);
        fixture.calls().record(&[samples::call(1, sid, &fixture.ours)]).await.unwrap();
        fixture.messages().insert_once(&samples::received(1, sid, &fixture.ours)).await.unwrap();
        fixture.rejections().record(&[samples::rejection(1, None)]).await.unwrap();
        let Some(again) = fixture.reopened().await else { return };
        let all = samples::operator();
        assert_eq!(again.calls().list(&all, &Page::first(9)).await.unwrap().len(), 1);
        assert_eq!(again.messages().list(&all, &Page::first(9)).await.unwrap().len(), 1);
        assert_eq!(again.rejections().list(&all, &Page::first(9)).await.unwrap().len(), 1);
    }

    /// In a reopened store, a lease is still held, and changes are not returned twice.
    pub async fn leases_and_versions_are_durable(fixture: &Fixture) {
        fixture.account(1, &fixture.ours).await;
        let version = fixture.changes().version().await.unwrap();
        let (name, minute) = (LeaseName::WebhookCheck, std::time::Duration::from_secs(60));
        let acquired = fixture.leases().acquire(name, &LeaseHolder::named("one"), minute).await;
        assert_eq!(acquired.unwrap(), Acquisition::Acquired);
        let Some(again) = fixture.reopened().await else { return };
        assert_eq!(again.changes().version().await.unwrap(), version);
        let acquired = again.leases().acquire(name, &LeaseHolder::named("two"), minute).await;
        assert_eq!(acquired.unwrap(), Acquisition::HeldByAnother);
    }
}
