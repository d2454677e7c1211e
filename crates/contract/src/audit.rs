//! The laws of [`AuditStore`](switchboard_domain::ports::AuditStore), and of what the other ports record.

use std::net::IpAddr;

use switchboard_domain::audit::{
    Action, ActorFilter, AuditEntry, AuditFilter, ChainCheck, ChainHead, FieldValue, Fields,
};
use switchboard_domain::history::Period;
use switchboard_domain::identifier::ApiKeyId;
use switchboard_domain::retention::RecordKind;

use crate::concurrent::{TASKS, at_once};
use crate::prelude::*;
use crate::{Fixture, pages, samples};

/// A key of our organization that changes something from this address.
pub(crate) fn key(fixture: &Fixture) -> Author {
    let actor = Actor::ApiKey(ApiKeyId::new(samples::at(0), [7; 10]));
    let source = IpAddr::from([203, 0, 113, 7]);
    Author::new(Scope::Organization(fixture.ours.clone()), actor, Some(source), samples::at(5))
}

/// The entries that a scope covers, oldest first.
async fn listed(fixture: &Fixture, scope: &Scope) -> Vec<AuditEntry> {
    let newest = fixture.audit().newest(scope, &AuditFilter::default(), &Page::first(1_000)).await;
    let mut entries = newest.unwrap();
    entries.reverse();
    entries
}

/// Performs a step, and returns the entries that it records.
pub(crate) async fn recorded<T>(
    fixture: &Fixture,
    step: impl Future<Output = T>,
) -> Vec<AuditEntry> {
    let before = fixture.audit().head().await.unwrap().newest;
    step.await;
    let page = Page { after: Some(before), limit: 1_000 };
    fixture.audit().chain(&page).await.unwrap()
}

/// Performs a step that succeeds, checks that it records exactly one entry by the author, and returns that entry.
pub(crate) async fn records<T: std::fmt::Debug>(
    fixture: &Fixture,
    (author, owner): (&Author, Option<&OrganizationId>),
    (action, id): (Action, &str),
    step: impl Future<Output = Result<T, StoreError>>,
) -> AuditEntry {
    let mut entries = recorded(fixture, async { step.await.unwrap() }).await;
    assert_eq!(entries.len(), 1, "{action:?}: {entries:?}");
    let entry = entries.remove(0);
    let record = &entry.record;
    assert_eq!((record.action, record.object.id.as_str()), (action, id));
    assert_eq!((&record.actor, record.source), (author.actor(), author.source()));
    assert_eq!((record.at, record.organization.as_ref()), (author.at(), owner));
    entry
}

/// Performs a step that fails, and checks that it records nothing.
pub(crate) async fn records_nothing<T: std::fmt::Debug>(
    fixture: &Fixture,
    step: impl Future<Output = Result<T, StoreError>>,
) {
    let entries = recorded(fixture, async { step.await.unwrap_err() }).await;
    assert_eq!(entries, []);
}

pub(crate) fn text<'a>(fields: &'a Fields, name: &str) -> Option<&'a str> {
    match fields.get(name) {
        Some(FieldValue::Text(text)) => Some(text),
        _ => None,
    }
}

/// Verifies the whole chain, and returns the number of its entries.
pub(crate) async fn verified(fixture: &Fixture) -> u64 {
    let mut check = ChainCheck::new(fixture.audit().head().await.unwrap());
    for entry in fixture.audit().chain(&Page::first(10_000)).await.unwrap() {
        check.next(&entry).unwrap();
    }
    check.end(fixture.audit().head().await.unwrap()).unwrap().unwrap()
}

/// An agent of ours with another name.
fn renamed(agent: &Agent, name: &str) -> Agent {
    let profile = Profile { name: samples::label(name), ..agent.profile.clone() };
    Agent { profile, ..agent.clone() }
}

#[laws(audit::audit_laws)]
pub mod laws {
    use super::*;

    /// A store that nobody has changed has no entries.
    pub async fn the_audit_log_begins_empty(fixture: &Fixture) {
        // The fixture adds an organization, so only what is about ours is empty.
        assert_eq!(listed(fixture, &fixture.us).await, []);
        verified(fixture).await;
    }

    /// Adding, changing and removing an agent is recorded once each, with the author, the address and the changed fields.
    pub async fn each_change_of_an_agent_is_recorded_once(fixture: &Fixture) {
        let (author, owner) = (key(fixture), fixture.ours.clone());
        let (agent, store) = (samples::agent(1, &owner), fixture.agents());
        let (by, id) = ((&author, Some(&owner)), agent.id.as_str());
        let added =
            records(fixture, by, (Action::AgentAdded, id), store.add(&author, &agent)).await;
        assert_eq!(added.record.before, Fields::new());
        assert_eq!(text(&added.record.after, "name"), Some(agent.profile.name.as_str()));
        let changed = renamed(&agent, "Sales");
        let step = store.change(&author, Some(&agent), &changed);
        let entry = records(fixture, by, (Action::AgentChanged, id), step).await;
        let name =
            |name: &str| Fields::from([("name".to_owned(), FieldValue::Text(name.to_owned()))]);
        assert_eq!(entry.record.before, name(agent.profile.name.as_str()));
        assert_eq!(entry.record.after, name("Sales"));
        let step = store.remove(&author, &agent.id, None);
        let removed = records(fixture, by, (Action::AgentRemoved, id), step).await;
        assert_eq!(text(&removed.record.before, "name"), Some("Sales"));
        assert_eq!(removed.record.after, Fields::new());
        assert_eq!(listed(fixture, &fixture.us).await.len(), 3);
        verified(fixture).await;
    }

    /// A write that changes nothing is no change.
    pub async fn a_write_that_changes_nothing_is_not_recorded(fixture: &Fixture) {
        let agent = fixture.agent(1, &fixture.ours).await;
        let entries = recorded(fixture, async {
            fixture.agents().change(&fixture.us, None, &agent).await.unwrap();
            fixture.gone_targets().enable_target(&fixture.us, &agent.id).await.unwrap();
        });
        assert_eq!(entries.await, []);
    }

    /// A change that fails is not recorded, for whichever reason it fails.
    pub async fn a_change_that_fails_is_not_recorded(fixture: &Fixture) {
        let agent = fixture.agent(1, &fixture.ours).await;
        let (agents, other) = (fixture.agents(), renamed(&agent, "Sales"));
        records_nothing(fixture, agents.add(&fixture.us, &agent)).await;
        records_nothing(fixture, agents.change(&fixture.them, None, &other)).await;
        records_nothing(fixture, agents.change(&fixture.us, Some(&other), &agent)).await;
        records_nothing(fixture, agents.remove(&fixture.them, &agent.id, None)).await;
        records_nothing(fixture, agents.remove(&fixture.us, &agent.id, Some(&other))).await;
        let account = fixture.account(1, &fixture.ours).await;
        fixture.number(1, &account, Some(&agent)).await;
        records_nothing(fixture, agents.remove(&fixture.us, &agent.id, None)).await;
    }

    /// An organization sees the changes of its own objects, and the operator sees those of all.
    pub async fn changes_of_another_organization_are_not_listed(fixture: &Fixture) {
        let (ours, theirs) = (fixture.ours.clone(), fixture.theirs.clone());
        fixture.agent(1, &ours).await;
        fixture.agent(2, &theirs).await;
        for (scope, owner) in [(&fixture.us, ours), (&fixture.them, theirs)] {
            let entries = listed(fixture, scope).await;
            assert!(!entries.is_empty());
            for entry in entries {
                assert_eq!(entry.record.organization.as_ref(), Some(&owner));
            }
        }
        let all = listed(fixture, &Scope::Operator).await;
        assert_eq!(u64::try_from(all.len()).unwrap(), verified(fixture).await);
    }

    /// Changes at the same time are recorded one after another, so that the chain is not broken.
    pub async fn changes_at_the_same_time_leave_an_unbroken_chain(fixture: &Fixture) {
        let before = verified(fixture).await;
        let results = at_once(|n| {
            let (store, us) = (fixture.store(), fixture.us.clone());
            let agent = samples::agent(n, &fixture.ours);
            async move {
                store.agents().add(&us, &agent).await?;
                store.agents().change(&us, None, &renamed(&agent, "Sales")).await
            }
        });
        assert!(results.await.into_iter().all(|result| result.is_ok()));
        assert_eq!(verified(fixture).await, before + 2 * u64::from(TASKS));
    }

    /// The head is the newest entry, and each entry has the hash of the one before.
    pub async fn the_head_is_the_newest_entry(fixture: &Fixture) {
        fixture.agent(1, &fixture.ours).await;
        let head = fixture.audit().head().await.unwrap();
        let entries = fixture.audit().chain(&Page::first(1_000)).await.unwrap();
        let last = entries.last().unwrap();
        assert_eq!(head, ChainHead { newest: last.sequence, hash: last.hash, pruned: 0 });
    }

    /// Pages of any size return each entry once, newest first, and the chain oldest first.
    pub async fn pages_of_entries_follow_each_other(fixture: &Fixture) {
        for n in 1..=5 {
            fixture.agent(n, &fixture.ours).await;
            fixture.agent(100 + n, &fixture.theirs).await;
        }
        let mut expected = listed(fixture, &fixture.us).await;
        assert_eq!(expected.len(), 5);
        expected.reverse();
        let filter = AuditFilter::default();
        let list = async |page| fixture.audit().newest(&fixture.us, &filter, &page).await;
        pages::hold(&expected, |entry: &AuditEntry| entry.sequence, list).await;
        let all = listed(fixture, &Scope::Operator).await;
        let list = async |page| fixture.audit().chain(&page).await;
        pages::hold(&all, |entry: &AuditEntry| entry.sequence, list).await;
    }

    /// A filter selects by time, actor, object and action.
    pub async fn entries_are_selected_by_time_actor_object_and_action(fixture: &Fixture) {
        let author = key(fixture);
        let agent = fixture.agent(1, &fixture.ours).await;
        fixture.agent(2, &fixture.ours).await;
        fixture.agents().change(&author, None, &renamed(&agent, "Sales")).await.unwrap();
        let all = listed(fixture, &fixture.us).await;
        let sequences = async |filter: AuditFilter| {
            let page = Page::first(10);
            let found = fixture.audit().newest(&fixture.us, &filter, &page).await.unwrap();
            let expected: Vec<_> = all.iter().rev().filter(|one| filter.selects(one)).collect();
            assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{filter:?}");
            found.len()
        };
        let none = AuditFilter::default;
        let period = |since, until| AuditFilter { period: Period { since, until }, ..none() };
        assert_eq!(sequences(period(Some(author.at()), None)).await, 1);
        assert_eq!(sequences(period(None, Some(author.at()))).await, 2);
        let actor = |text: &str| AuditFilter { actor: ActorFilter::parse(text), ..none() };
        assert_eq!(sequences(actor(author.actor().name().unwrap())).await, 1);
        assert_eq!(sequences(actor("command_line")).await, 2);
        assert_eq!(sequences(actor("command_line:alice")).await, 0);
        assert_eq!(sequences(actor("operator_key")).await, 0);
        let object = Some(agent.id.to_string());
        assert_eq!(sequences(AuditFilter { object, ..none() }).await, 2);
        let action = Some(Action::AgentChanged);
        assert_eq!(sequences(AuditFilter { action, ..none() }).await, 1);
    }

    /// The oldest entries are deleted up to the first one that is not older, and what is left is a chain that can be verified.
    pub async fn a_chain_is_verified_from_the_oldest_entry_that_is_kept(fixture: &Fixture) {
        let (before, retention) = (verified(fixture).await, fixture.retention());
        let at = |second| {
            let actor = Actor::CommandLine(None);
            Author::new(Scope::Operator, actor, None, samples::at(second))
        };
        for (n, second) in (1..).zip([1, 2, 9, 3, 4]) {
            let agent = samples::agent(n, &fixture.ours);
            fixture.agents().add(&at(second), &agent).await.unwrap();
        }
        let (kind, older) = (RecordKind::Audit, samples::at(5));
        assert_eq!(retention.count_older(kind, older).await.unwrap(), before + 2);
        assert_eq!(retention.delete_older(kind, older, 1).await.unwrap(), 1);
        assert_eq!(verified(fixture).await, before + 4);
        let deleted = retention.delete_older(kind, older, 100).await.unwrap();
        assert_eq!(u64::from(deleted), before + 1);
        assert_eq!(verified(fixture).await, 3);
        assert_eq!(retention.delete_older(kind, older, 100).await.unwrap(), 0);
        let deleted = retention.delete_older(kind, samples::at(99), 100).await.unwrap();
        assert_eq!(deleted, 3);
        assert_eq!(verified(fixture).await, 0);
        fixture.agent(9, &fixture.ours).await;
        assert_eq!(verified(fixture).await, 1);
    }

    /// A prompt is recorded as its length and digest if it is long.
    pub async fn a_long_prompt_is_not_copied_into_the_log(fixture: &Fixture) {
        let prompt = samples::long_prompt();
        let agent = Agent { prompt, ..samples::agent(1, &fixture.ours) };
        fixture.agents().add(&fixture.us, &agent).await.unwrap();
        let entries = listed(fixture, &fixture.us).await;
        let recorded = text(&entries[0].record.after, "prompt").unwrap();
        assert!(recorded.contains(" characters, SHA-256 "), "{recorded}");
    }
}
