//! The laws of what the ports record in the audit log: each change once, with its author, and no secret and no contact.

use std::fmt::Write as _;

use switchboard_domain::agent::AgentParameters;
use switchboard_domain::api_key::{ApiKey, KeyDigest, KeyScopes};
use switchboard_domain::audit::{Action, AuditEntry, AuditFilter, FieldValue, Fields};
use switchboard_domain::event::EventTypes;
use switchboard_domain::identifier::{ApiKeyId, SubscriptionId};
use switchboard_domain::number::RepairPolicy;
use switchboard_domain::organization::Organization;
use switchboard_domain::ports::{AgentSecret, SubscriptionSecret};
use switchboard_domain::signature::PublicUrl;
use switchboard_domain::source_networks::SourceNetworks;
use switchboard_domain::subscription::{Subscription, SubscriptionState};

use crate::audit::{key, recorded, records, records_nothing, text, verified};
use crate::prelude::*;
use crate::{Fixture, samples};

/// A text that is in every secret of these laws, and in no entry.
const SECRET: &str = "sealed-secret";

fn sealed(n: u32) -> Sealed {
    Sealed::from_bytes(format!("{SECRET} {n}").into_bytes())
}

fn api_key(organization: Option<&OrganizationId>) -> ApiKey {
    ApiKey {
        id: ApiKeyId::new(samples::at(1), [9; 10]),
        organization: organization.cloned(),
        name: samples::label("ci"),
        scopes: KeyScopes::parse("read").unwrap(),
        networks: SourceNetworks::default(),
        created_at: samples::at(1),
        expires_at: None,
        revoked_at: None,
        last_used_at: None,
    }
}

fn subscription(fixture: &Fixture) -> Subscription {
    Subscription {
        id: SubscriptionId::new(samples::at(1), [9; 10]),
        organization: fixture.ours.clone(),
        url: WebUrl::parse(&format!("https://example.com/events?key={SECRET}")).unwrap(),
        types: EventTypes::all(),
        state: SubscriptionState::Enabled,
        created_at: samples::at(1),
    }
}

fn is(value: &str) -> FieldValue {
    FieldValue::Text(value.to_owned())
}

/// The values of one field before and after a change.
fn both<'a>(entry: &'a AuditEntry, name: &str) -> (Option<&'a str>, Option<&'a str>) {
    (text(&entry.record.before, name), text(&entry.record.after, name))
}

#[laws(audit_entries::audit_entry_laws)]
pub mod laws {
    use super::*;

    /// Accounts are recorded with the fields that changed; of their tokens, only that they changed.
    pub async fn each_change_of_an_account_is_recorded_once(fixture: &Fixture) {
        let (author, owner) = (key(fixture), fixture.ours.clone());
        let by = (&author, Some(&owner));
        let account = samples::account(1, &owner);
        let (accounts, sid) = (fixture.accounts(), account.sid.as_str());
        let step = accounts.add(&author, &account);
        let added = records(fixture, by, (Action::AccountAdded, sid), step).await;
        assert_eq!(both(&added, "name"), (None, Some(account.name.as_str())));
        assert_eq!(both(&added, "sealed_token"), (None, Some("set")));
        let tokens = SealedTokens { primary: sealed(2), next: None };
        let changed = Account { tokens, ..account.clone() };
        let step = accounts.change(&author, Some(&account), &changed);
        let entry = records(fixture, by, (Action::AccountChanged, sid), step).await;
        let set = |name: &str, value| (name.to_owned(), value);
        let before = [set("sealed_token", is("set")), set("sealed_next_token", is("set"))];
        let after =
            [set("sealed_token", is("changed")), set("sealed_next_token", FieldValue::Null)];
        assert_eq!((&entry.record.before, &entry.record.after), (&before.into(), &after.into()));
        records_nothing(fixture, accounts.change(&author, Some(&account), &changed)).await;
        records_nothing(fixture, accounts.add(&author, &changed)).await;
        records_nothing(fixture, accounts.remove(&fixture.them, account.sid, None)).await;
        let step = accounts.remove(&author, account.sid, None);
        let removed = records(fixture, by, (Action::AccountRemoved, sid), step).await;
        assert_eq!(removed.record.after, Fields::new());
        verified(fixture).await;
    }

    /// Numbers are recorded when they are added, assigned, configured and removed.
    pub async fn each_change_of_a_number_is_recorded_once(fixture: &Fixture) {
        let (author, owner) = (key(fixture), fixture.ours.clone());
        let by = (&author, Some(&owner));
        let account = fixture.account(1, &owner).await;
        let agent = fixture.agent(1, &owner).await;
        let number = samples::number(1, &account, None);
        let (numbers, sender) = (fixture.numbers(), number.sender);
        let id = sender.as_str();
        let step = numbers.add(&author, &number);
        let added = records(fixture, by, (Action::NumberAdded, id), step).await;
        assert_eq!(both(&added, "account_sid"), (None, Some(account.sid.as_str())));
        let step = numbers.assign(&author, sender, Some(samples::assignment(&agent)));
        let assigned = records(fixture, by, (Action::NumberAssigned, id), step).await;
        assert_eq!(both(&assigned, "agent_id"), (None, Some(agent.id.as_str())));
        let configurations = fixture.configurations();
        let adopted = samples::adopted(1);
        let step = configurations.take(&author, sender, None, Some(adopted.clone()));
        let taken = records(fixture, by, (Action::NumberConfigured, id), step).await;
        assert_eq!(both(&taken, "adopted"), (None, Some("set")));
        records_nothing(fixture, configurations.take(&author, sender, None, None)).await;
        let step = configurations.take(&author, sender, Some(&adopted), None);
        records(fixture, by, (Action::NumberRestored, id), step).await;
        let step = configurations.set_policy(&author, sender, RepairPolicy::Automatic);
        let policy = records(fixture, by, (Action::NumberRepairChanged, id), step).await;
        assert_eq!(both(&policy, "repair_policy"), (Some("manual"), Some("automatic")));
        let step = numbers.assign(&author, sender, None);
        records(fixture, by, (Action::NumberUnassigned, id), step).await;
        records_nothing(fixture, numbers.assign(&fixture.them, sender, None)).await;
        let again = recorded(fixture, async { numbers.assign(&author, sender, None).await });
        assert_eq!(again.await, [], "it was unassigned already");
        let step = numbers.remove(&author, sender, SavedConfiguration::Refuse);
        records(fixture, by, (Action::NumberRemoved, id), step).await;
        verified(fixture).await;
    }

    /// Organizations are recorded as their own.
    pub async fn each_change_of_an_organization_is_recorded_once(fixture: &Fixture) {
        let author = samples::operator();
        let id = samples::organization(7);
        let by = (&author, Some(&id));
        let (name, created_at) = (samples::label("Acme"), samples::at(1));
        let new = Organization { id: id.clone(), name, created_at };
        let organizations = fixture.organizations();
        let step = organizations.add(&author, &new);
        records(fixture, by, (Action::OrganizationAdded, id.as_str()), step).await;
        records_nothing(fixture, organizations.add(&author, &new)).await;
        let renamed = Organization { name: samples::label("Ajax"), ..new.clone() };
        let step = organizations.rename(&author, Some(&new), &renamed);
        let entry = records(fixture, by, (Action::OrganizationRenamed, id.as_str()), step).await;
        assert_eq!(both(&entry, "name"), (Some("Acme"), Some("Ajax")));
        records_nothing(fixture, organizations.remove(&author, &id, Some(&new))).await;
        let step = organizations.remove(&author, &id, None);
        records(fixture, by, (Action::OrganizationRemoved, id.as_str()), step).await;
    }

    /// API keys are recorded when they are added and revoked, those of operators without an organization.
    pub async fn each_change_of_an_api_key_is_recorded_once(fixture: &Fixture) {
        let digest = KeyDigest::new_key(&[7; 32]).1;
        let operator = samples::operator();
        for (author, owner) in [(&key(fixture), Some(&fixture.ours)), (&operator, None)] {
            let mut new = api_key(owner);
            let n = u8::from(owner.is_some());
            new.id = ApiKeyId::new(samples::at(1), [n; 10]);
            let digest = if owner.is_some() { digest } else { KeyDigest::new_key(&[8; 32]).1 };
            let (keys, id) = (fixture.api_keys(), new.id.as_str());
            let step = keys.add(author, &new, &digest);
            let added = records(fixture, (author, owner), (Action::ApiKeyAdded, id), step).await;
            assert_eq!(both(&added, "scopes"), (None, Some("read")));
            assert_eq!(both(&added, "digest"), (None, Some("set")));
            records_nothing(fixture, keys.add(author, &new, &digest)).await;
            records_nothing(fixture, keys.revoke(&fixture.them, &new.id, samples::at(2))).await;
            let step = keys.revoke(author, &new.id, samples::at(2));
            let revoked =
                records(fixture, (author, owner), (Action::ApiKeyRevoked, id), step).await;
            assert!(both(&revoked, "revoked_at").1.is_some());
            let again = async { keys.revoke(author, &new.id, samples::at(3)).await };
            assert_eq!(recorded(fixture, again).await, []);
        }
    }

    /// Plans are recorded by their versions, and what they are attached to is the object of an entry.
    pub async fn each_change_of_a_plan_is_recorded_once(fixture: &Fixture) {
        let (author, owner) = (key(fixture), fixture.ours.clone());
        let by = (&author, Some(&owner));
        let plan = samples::plan(1, &owner, 1);
        let (plans, id) = (fixture.plans(), plan.id.as_str());
        records(fixture, by, (Action::PlanSaved, id), plans.save(&author, &plan)).await;
        records_nothing(fixture, plans.save(&author, &plan)).await;
        let next = samples::plan(1, &owner, 2);
        let step = plans.save(&author, &next);
        let saved = records(fixture, by, (Action::PlanSaved, id), step).await;
        let version = |n| Some(FieldValue::Integer(n));
        assert_eq!(saved.record.before.get("version").cloned(), version(1));
        assert_eq!(saved.record.after.get("version").cloned(), version(2));
        let account = fixture.account(1, &owner).await;
        let number = fixture.number(1, &account, None).await;
        let places = [
            (PlanPlace::Number(number.sender), number.sender.as_str().to_owned()),
            (PlanPlace::Account(account.sid), account.sid.to_string()),
            (PlanPlace::Organization(owner.clone()), owner.to_string()),
        ];
        for (place, object) in places {
            let places = fixture.plan_places();
            let step = places.attach(&author, &place, Some(plan.id.clone()));
            let attached = records(fixture, by, (Action::PlanAttached, &object), step).await;
            assert_eq!(both(&attached, "plan_id"), (None, Some(id)));
            records_nothing(fixture, plans.remove(&author, &plan.id)).await;
            let step = places.attach(&author, &place, None);
            records(fixture, by, (Action::PlanDetached, &object), step).await;
        }
        records(fixture, by, (Action::PlanRemoved, id), plans.remove(&author, &plan.id)).await;
    }

    /// Of a list of numbers, only its size is recorded, and that its entries changed: a contact in it can be erased.
    pub async fn each_change_of_a_calendar_and_a_list_is_recorded_once(fixture: &Fixture) {
        let (author, owner) = (key(fixture), fixture.ours.clone());
        let by = (&author, Some(&owner));
        let (catalogue, name) = (fixture.catalogue(), samples::label("vip"));
        let days = vec![samples::days("2026-12-24", "2026-12-26")];
        let step =
            catalogue.set_calendar(&author, &owner, &name, &Expected::Anything, Some(days.clone()));
        records(fixture, by, (Action::CalendarSaved, "vip"), step).await;
        let again = async {
            catalogue.set_calendar(&author, &owner, &name, &Expected::Anything, Some(days)).await
        };
        assert_eq!(recorded(fixture, again).await, []);
        let step = catalogue.set_calendar(&author, &owner, &name, &Expected::Anything, None);
        records(fixture, by, (Action::CalendarRemoved, "vip"), step).await;
        records_nothing(
            fixture,
            catalogue.set_calendar(&author, &owner, &name, &Expected::Anything, None),
        )
        .await;
        let numbers = |all: &[u32]| Some(all.iter().map(|n| samples::phone(*n)).collect());
        let step =
            catalogue.set_list(&author, &owner, &name, &Expected::Anything, numbers(&[1, 2]));
        let saved = records(fixture, by, (Action::ListSaved, "vip"), step).await;
        assert_eq!(saved.record.after.get("numbers"), Some(&FieldValue::Integer(2)));
        let step =
            catalogue.set_list(&author, &owner, &name, &Expected::Anything, numbers(&[2, 3]));
        let changed = records(fixture, by, (Action::ListSaved, "vip"), step).await;
        assert_eq!(both(&changed, "entries"), (Some("set"), Some("changed")));
        let again = async {
            catalogue.set_list(&author, &owner, &name, &Expected::Anything, numbers(&[3, 2])).await
        };
        assert_eq!(recorded(fixture, again).await, []);
        let step = catalogue.set_list(&author, &owner, &name, &Expected::Anything, None);
        records(fixture, by, (Action::ListRemoved, "vip"), step).await;
        records_nothing(
            fixture,
            catalogue.set_list(&author, &owner, &name, &Expected::Anything, None),
        )
        .await;
        for n in 1..=3 {
            shows_nowhere(fixture, samples::phone(n).as_str()).await;
        }
    }

    /// Subscriptions are recorded with their changed fields; of their secrets, only that one was added.
    pub async fn each_change_of_a_subscription_is_recorded_once(fixture: &Fixture) {
        let (author, owner) = (key(fixture), fixture.ours.clone());
        let by = (&author, Some(&owner));
        let new = subscription(fixture);
        let secret = |number: i64| SubscriptionSecret {
            subscription: new.id.clone(),
            number,
            sealed: sealed(u32::try_from(number).unwrap()),
            expires_at: None,
        };
        let (subscriptions, id) = (fixture.subscriptions(), new.id.as_str());
        let first = secret(1);
        let step = subscriptions.add(&author, &new, &first, 9);
        records(fixture, by, (Action::SubscriptionAdded, id), step).await;
        records_nothing(fixture, subscriptions.add(&author, &new, &first, 9)).await;
        let url = WebUrl::parse("https://example.com/others").unwrap();
        let changed = Subscription { url, ..new.clone() };
        let step = subscriptions.update(&author, Some(&new), &changed);
        let entry = records(fixture, by, (Action::SubscriptionChanged, id), step).await;
        let before = Some("https://example.com/events");
        assert_eq!(both(&entry, "url"), (before, Some(changed.url.as_str())));
        assert_eq!(both(&entry, "url_query"), (Some("set"), None));
        records_nothing(fixture, subscriptions.update(&author, Some(&new), &changed)).await;
        let (secrets, second, now) = (fixture.subscription_secrets(), secret(2), samples::at(9));
        let step = secrets.add_secret(&author, &second, now, now);
        let added = records(fixture, by, (Action::SubscriptionSecretAdded, id), step).await;
        assert_eq!(both(&added, "secret"), (Some("set"), Some("changed")));
        records_nothing(fixture, secrets.add_secret(&author, &second, now, now)).await;
        let step = subscriptions.remove(&author, &new.id, None);
        records(fixture, by, (Action::SubscriptionRemoved, id), step).await;
        shows_nowhere(fixture, SECRET).await;
    }

    /// The limits and the secrets of an agent are recorded as changes of the agent.
    pub async fn each_change_of_what_belongs_to_an_agent_is_recorded_once(fixture: &Fixture) {
        let (author, owner) = (key(fixture), fixture.ours.clone());
        let by = (&author, Some(&owner));
        let chat = samples::chat_model();
        let url = chat.url.clone();
        let message_target = Some(switchboard_domain::agent::MessageTarget::ChatModel(chat));
        let mut agent = samples::agent(1, &owner);
        agent.profile.message_target = message_target;
        agent.profile.parameters =
            AgentParameters::new([("key".to_owned(), SECRET.to_owned())]).unwrap();
        let id = agent.id.as_str();
        let step = fixture.agents().add(&author, &agent);
        let added = records(fixture, by, (Action::AgentAdded, id), step).await;
        assert_eq!(both(&added, "parameters"), (None, Some("set")));
        let limits = AgentLimits { capacity: Some(3), ..AgentLimits::default() };
        let step = fixture.catalogue().set_limits(&author, &agent.id, &limits);
        let limited = records(fixture, by, (Action::AgentLimitsChanged, id), step).await;
        assert_eq!(limited.record.after.get("capacity"), Some(&FieldValue::Integer(3)));
        let step = fixture.chat_models().set_key(&author, &agent.id, &url, sealed(1));
        let keyed = records(fixture, by, (Action::AgentChatKeySet, id), step).await;
        assert_eq!(both(&keyed, "chat_key"), (None, Some("set")));
        let step = fixture.chat_models().set_key(&author, &agent.id, &url, sealed(2));
        let keyed = records(fixture, by, (Action::AgentChatKeySet, id), step).await;
        assert_eq!(both(&keyed, "chat_key"), (Some("set"), Some("changed")));
        let secret =
            AgentSecret { agent: agent.id.clone(), number: 1, sealed: sealed(3), expires_at: None };
        let (secrets, now) = (fixture.agent_secrets(), samples::at(9));
        let step = secrets.add(&author, &secret, now, now);
        let added = records(fixture, by, (Action::AgentSecretAdded, id), step).await;
        assert_eq!(both(&added, "secret"), (None, Some("set")));
        records_nothing(fixture, secrets.add(&author, &secret, now, now)).await;
        records_nothing(fixture, secrets.add(&fixture.them, &secret, now, now)).await;
        shows_nowhere(fixture, SECRET).await;
    }

    /// An import is one entry with counts, however much it brings.
    pub async fn an_import_is_recorded_as_counts(fixture: &Fixture) {
        let (author, owner) = (key(fixture), fixture.ours.clone());
        let account = samples::account(1, &owner);
        let numbers = (0..50).map(|n| ImportedNumber {
            sender: samples::sender(n),
            account: account.sid,
            agent: None,
            channels: Channels::VOICE_AND_SMS,
        });
        let import = Import {
            organization: owner.clone(),
            accounts: vec![account.clone()],
            agents: Vec::new(),
            numbers: numbers.collect(),
            at: samples::at(1),
        };
        let what = (Action::ImportWritten, owner.as_str());
        let step = fixture.imports().import(&author, &import);
        let entry = records(fixture, (&author, Some(&owner)), what, step).await;
        let count = |name: &str| entry.record.after.get(name).cloned();
        assert_eq!(count("accounts"), Some(FieldValue::Integer(1)));
        assert_eq!(count("numbers"), Some(FieldValue::Integer(50)));
        let nowhere = Import { organization: samples::organization(404), ..import };
        records_nothing(fixture, fixture.imports().import(&author, &nowhere)).await;
    }

    /// The public URL belongs to no organization, so only operators see its changes.
    pub async fn the_public_url_is_recorded_for_operators(fixture: &Fixture) {
        let author = samples::operator();
        let url = |text| PublicUrl::parse(text).unwrap();
        let (one, other) = (url("https://one.example.com"), url("https://other.example.com"));
        let (store, what) = (fixture.public_url(), (Action::PublicUrlChanged, "public_url"));
        let step = store.set_first(&author, &one);
        records(fixture, (&author, None), what, step).await;
        let again = async { store.set_first(&author, &other).await };
        assert_eq!(recorded(fixture, again).await, []);
        let entry = records(fixture, (&author, None), what, store.set(&author, &other)).await;
        let (before, after) = (one.as_str(), other.as_str());
        assert_eq!(both(&entry, "public_url"), (Some(before), Some(after)));
        let all = AuditFilter::default();
        let seen = fixture.audit().newest(&fixture.us, &all, &Page::first(9)).await.unwrap();
        assert_eq!(seen, []);
    }
}

/// No entry has a text.
async fn shows_nowhere(fixture: &Fixture, hidden: &str) {
    let mut digits = String::new();
    for byte in hidden.bytes() {
        write!(digits, "{byte:02x}").unwrap();
    }
    for entry in fixture.audit().chain(&Page::first(1_000)).await.unwrap() {
        for value in entry.record.before.values().chain(entry.record.after.values()) {
            let FieldValue::Text(text) = value else { continue };
            assert!(!text.contains(hidden) && !text.contains(&digits), "{:?}", entry.record.action);
        }
    }
}
