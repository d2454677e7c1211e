//! The laws of [`ConversationStore`](switchboard_domain::ports::ConversationStore) and
//! [`ContactLinkStore`](switchboard_domain::ports::ContactLinkStore).

use switchboard_domain::consent::{Consent, ConsentState};
use switchboard_domain::delivery::{
    ConversationKey, Delivery, DeliveryItem, DeliveryState, QueueOwner, SendState,
};
use switchboard_domain::event::EventValue;
use switchboard_domain::history::Period;
use switchboard_domain::identifier::ConversationId;
use switchboard_domain::message::NewDelivery;
use switchboard_domain::ports::{
    Conversation, ConversationFilter, DeliveryFilter, EventFilter, Insertion,
};

use crate::concurrent::{TASKS, at_once};
use crate::delivery_queue::{MINUTE, claim, conversation_id, expected, message, reply};
use crate::prelude::*;
use crate::{Fixture, pages, samples};

fn conversation(n: u8, organization: &OrganizationId, contact: &Address) -> Conversation {
    let ours = Address::parse("+14155550100").unwrap();
    Conversation {
        id: ConversationId::new(samples::at(0), [n; 10]),
        organization: organization.clone(),
        key: ConversationKey::new(&ours, contact),
        created_at: samples::at(n.into()),
        stopped_until: None,
    }
}

async fn found(fixture: &Fixture, conversation: &Conversation) -> ConversationId {
    fixture.conversations().find_or_add(conversation).await.unwrap()
}

/// An outgoing message in the conversation, of an agent and an account that depend on `n`.
async fn deliver(fixture: &Fixture, n: u8, conversation: &Conversation) {
    let number = u32::from(n);
    let (id, outgoing) = reply(number, number, &n.to_string(), SendState::Planned);
    let delivery = Delivery {
        id,
        organization: conversation.organization.clone(),
        account: samples::account_sid(number % 4),
        owner: QueueOwner::Conversation(conversation.id.clone()),
        agent: Some(samples::agent_id(number % 2)),
        item: DeliveryItem::Outgoing(outgoing),
        state: DeliveryState::Pending,
        attempts: Vec::new(),
        earlier_attempts: 0,
        next_attempt_at: None,
        created_at: conversation.created_at,
    };
    assert_eq!(fixture.outgoing().add(&delivery).await.unwrap(), Insertion::Inserted);
}

/// Message `n` of a contact, which proposes conversation `n`.
fn beginning(fixture: &Fixture, n: u32) -> ReceivedMessage {
    let contact = message(fixture, 1, 1).inbound;
    let message = message(fixture, n, u8::try_from(n).unwrap());
    let inbound = InboundMessage { from: contact.from, ..message.inbound };
    let message = ReceivedMessage { inbound, ..message };
    let delivery = message.delivery.clone();
    let delivery = delivery.map(|new| NewDelivery { begins_conversation: true, ..new });
    ReceivedMessage { delivery, ..message }
}

async fn id_of(fixture: &Fixture, message: &ReceivedMessage) -> Option<ConversationId> {
    let key = ConversationKey::new(&message.inbound.to, &message.inbound.from);
    fixture.conversations().id_of(&message.organization, &key).await.unwrap()
}

#[laws(conversations::conversation_laws)]
pub mod laws {
    use super::*;

    /// The latest number of a user id stands, for the organization that linked it.
    pub async fn a_contact_is_found_by_its_user_id(fixture: &Fixture) {
        let user = Address::parse("whatsapp:US.13491208655302741918").unwrap();
        let links = fixture.contact_links();
        let number_of = async |organization: &OrganizationId| {
            links.number_of(organization, &user).await.unwrap()
        };
        assert_eq!(number_of(&fixture.ours).await, None);
        for (n, second, stands) in [(1, 5, 1), (2, 4, 1), (3, 5, 3), (4, 6, 4), (4, 7, 4)] {
            let number = samples::phone(n);
            let at = samples::at(second);
            links.link(&fixture.ours, &user, number, at).await.unwrap();
            assert_eq!(number_of(&fixture.ours).await, Some(samples::phone(stands)));
        }
        assert_eq!(number_of(&fixture.theirs).await, None);
        let another = Address::parse("whatsapp:US.1349120865530274191").unwrap();
        assert_eq!(links.number_of(&fixture.ours, &another).await.unwrap(), None);
    }

    /// What a contact consented to by its user id counts for its number, once that is known, unless the number has a later
    /// consent. Nothing changes for other contacts, organizations, or by a link that is not the latest.
    pub async fn the_consent_of_a_user_id_is_carried_over_to_its_number(fixture: &Fixture) {
        let parse = |text: &str| Address::parse(text).unwrap();
        let user = parse("whatsapp:US.13491208655302741918");
        let consents = fixture.store();
        let consents = consents.consents();
        let ours = ["whatsapp:+14155550100", "whatsapp:+14155550101", "whatsapp:+14155550102"];
        let consent = |n: usize, contact: &Address, state, second| Consent {
            organization: fixture.ours.clone(),
            key: ConversationKey::new(&parse(ours[n]), contact),
            state,
            changed_at: samples::at(second),
            account: samples::account_sid(1),
            message: Some(samples::message_sid(9)),
        };
        let number = |n| Address::WhatsApp(samples::phone(n));
        let (out, back) = (ConsentState::OptedOut, ConsentState::OptedIn);
        let (stop, start) = (consent(0, &user, out, 1), consent(1, &user, back, 1));
        let (old, later) = (consent(2, &user, out, 1), consent(2, &number(1), back, 2));
        for change in [&stop, &start, &old, &later] {
            consents.record(change).await.unwrap();
        }
        let found = async |n, place| {
            let key = ConversationKey::new(&parse(ours[place]), &number(n));
            consents.find(&fixture.ours, &key).await.unwrap()
        };
        let link = async |organization, n, second| {
            let (links, at) = (fixture.contact_links(), samples::at(second));
            links.link(organization, &user, samples::phone(n), at).await.unwrap();
        };
        link(&fixture.theirs, 1, 9).await;
        assert_eq!([found(1, 0).await, found(1, 1).await], [None, None]);
        link(&fixture.ours, 1, 5).await;
        let of_number = |change: Consent| Some(change.of_number(samples::phone(1)));
        assert_eq!(found(1, 0).await, of_number(stop.clone()));
        assert_eq!(found(1, 1).await, of_number(start));
        assert_eq!(found(1, 2).await, Some(later));
        link(&fixture.ours, 2, 4).await;
        assert_eq!(found(2, 0).await, None);
        let by_user = consents.find(&fixture.ours, &stop.key).await.unwrap();
        assert_eq!(by_user, Some(stop));
    }

    /// The first id of a conversation is returned from then on.
    pub async fn a_conversation_is_added_once(fixture: &Fixture) {
        let contact = Address::parse("+14155550199").unwrap();
        let first = conversation(1, &fixture.ours, &contact);
        assert_eq!(found(fixture, &first).await, first.id);
        let again = conversation(2, &fixture.ours, &contact);
        assert_eq!(found(fixture, &again).await, first.id);
    }

    /// Another organization, and another contact of any kind, have another conversation.
    pub async fn conversations_are_told_apart(fixture: &Fixture) {
        let contact = Address::parse("+14155550199").unwrap();
        let ours = conversation(1, &fixture.ours, &contact);
        assert_eq!(found(fixture, &ours).await, ours.id);
        let theirs = conversation(2, &fixture.theirs, &contact);
        assert_eq!(found(fixture, &theirs).await, theirs.id);
        let mut known = vec![ours.key];
        for (n, address) in (3..).zip(samples::addresses()) {
            let new = conversation(n, &fixture.ours, &address);
            if !known.contains(&new.key) {
                assert_eq!(found(fixture, &new).await, new.id, "{address:?}");
                known.push(new.key);
            }
        }
    }

    /// Concurrent calls agree on one id.
    pub async fn concurrent_calls_add_one_conversation(fixture: &Fixture) {
        let contact = Address::parse("+14155550199").unwrap();
        let ids = at_once(|n| {
            let store = fixture.store();
            let new = conversation(u8::try_from(n).unwrap(), &fixture.ours, &contact);
            async move { store.conversations().find_or_add(&new).await.unwrap() }
        });
        let ids = ids.await;
        assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    }

    /// A message that begins a conversation adds it, unless the message is a duplicate.
    pub async fn a_message_begins_a_conversation(fixture: &Fixture) {
        let message = beginning(fixture, 1);
        let inserted = async |message| fixture.messages().insert_once(message).await.unwrap();
        let without = ReceivedMessage { delivery: None, ..message.clone() };
        assert_eq!(inserted(&without).await, Insertion::Inserted);
        assert_eq!(inserted(&message).await, Insertion::Duplicate);
        assert_eq!(id_of(fixture, &message).await, None);
        let second = beginning(fixture, 2);
        assert_eq!(inserted(&second).await, Insertion::Inserted);
        let begun = Conversation::begun_by(&second).unwrap();
        assert_eq!(id_of(fixture, &second).await, Some(begun.id.clone()));
        let stored = fixture.conversations().find(&fixture.us, &begun.id).await.unwrap();
        assert_eq!(stored, Some(begun));
        assert_eq!(claim(fixture, "one", MINUTE).await, [expected(&second)]);
        assert_eq!(inserted(&second).await, Insertion::Duplicate);
        let theirs = ReceivedMessage { organization: fixture.theirs.clone(), ..second };
        assert_eq!(id_of(fixture, &theirs).await, None);
    }

    /// The delivery of a message belongs to the conversation that the contact has, and so does its event.
    pub async fn a_message_joins_the_conversation_of_its_contact(fixture: &Fixture) {
        let (first, second) = (beginning(fixture, 1), beginning(fixture, 2));
        for message in [&first, &second] {
            let inserted = fixture.messages().insert_once(message).await.unwrap();
            assert_eq!(inserted, Insertion::Inserted);
            assert_eq!(id_of(fixture, message).await, Some(conversation_id(1)));
        }
        let unknown = fixture.conversations().find(&fixture.us, &conversation_id(2)).await;
        assert_eq!(unknown.unwrap(), None);
        // They are delivered one after the other.
        assert_eq!(claim(fixture, "one", MINUTE).await, [expected(&first)]);
        let filter =
            DeliveryFilter { conversation: Some(conversation_id(1)), ..Default::default() };
        let all = fixture.deliveries().newest(&fixture.us, &filter, &Page::first(9)).await;
        assert_eq!(all.unwrap().len(), 2);
        let (all, page) = (EventFilter::default(), Page::first(9));
        let events = fixture.events().newest(&fixture.us, &all, &page).await.unwrap();
        assert_eq!(events.len(), 2);
        for event in events {
            let mut fields = event.data.fields();
            let (_, named) = fields.find(|(name, _)| *name == "conversation_id").unwrap();
            assert_eq!(*named, EventValue::Text(conversation_id(1).as_str().to_owned()));
        }
    }

    /// Concurrent messages of a contact are all stored, in one conversation.
    pub async fn concurrent_messages_begin_one_conversation(fixture: &Fixture) {
        let inserted = at_once(|n| {
            let (store, message) = (fixture.store(), beginning(fixture, n));
            async move { store.messages().insert_once(&message).await.unwrap() }
        });
        assert!(inserted.await.into_iter().all(|one| one == Insertion::Inserted));
        let conversation = id_of(fixture, &beginning(fixture, 0)).await;
        assert!(conversation.is_some());
        let filter = DeliveryFilter { conversation, ..DeliveryFilter::default() };
        let all = fixture.deliveries().newest(&fixture.us, &filter, &Page::first(99)).await;
        assert_eq!(all.unwrap().len(), TASKS as usize);
    }

    /// A conversation is found by its id, as it was added, if the scope covers it.
    pub async fn a_conversation_is_found_by_its_id(fixture: &Fixture) {
        for (n, address) in (1..).zip(samples::addresses()) {
            let new = conversation(n, &fixture.ours, &address);
            if found(fixture, &new).await != new.id {
                continue;
            }
            let find =
                async |scope: &Scope| fixture.conversations().find(scope, &new.id).await.unwrap();
            assert_eq!(find(&fixture.us).await, Some(new.clone()), "{address:?}");
            assert_eq!(find(&fixture.them).await, None);
        }
        let unknown = ConversationId::new(samples::at(9), [9; 10]);
        assert_eq!(fixture.conversations().find(&fixture.us, &unknown).await.unwrap(), None);
    }

    /// A conversation is stopped until an instant, by its own organization.
    pub async fn a_conversation_is_stopped(fixture: &Fixture) {
        let contact = Address::parse("+14155550199").unwrap();
        let new = conversation(1, &fixture.ours, &contact);
        let other = conversation(2, &fixture.theirs, &contact);
        for one in [&new, &other] {
            assert_eq!(found(fixture, one).await, one.id);
        }
        let stopped_until = async |one: &Conversation| {
            let found = fixture.conversations().find(&samples::operator(), &one.id).await;
            found.unwrap().unwrap().stopped_until
        };
        for (scope, until, expected) in [
            (&fixture.them, 10, None),
            (&fixture.us, 20, Some(20)),
            (&fixture.us, 15, Some(15)),
            (&samples::operator(), 30, Some(30)),
        ] {
            let until = samples::at(until);
            fixture.conversations().stop(scope, &new.id, until).await.unwrap();
            assert_eq!(stopped_until(&new).await, expected.map(samples::at));
        }
        assert_eq!(stopped_until(&other).await, None);
        let again = conversation(3, &fixture.ours, &contact);
        assert_eq!(found(fixture, &again).await, new.id);
        assert_eq!(stopped_until(&new).await, Some(samples::at(30)));
        let unknown = ConversationId::new(samples::at(9), [9; 10]);
        fixture.conversations().stop(&fixture.us, &unknown, samples::at(1)).await.unwrap();
    }

    /// Each filter selects its conversations, newest first, page by page, without those of another organization.
    pub async fn conversations_are_listed_newest_first_by_each_filter(fixture: &Fixture) {
        let contacts = ["+14155550191", "+14155550192", "messenger:1234"];
        let mut all = Vec::new();
        for n in 1..=9_u8 {
            let owner = if n == 9 { &fixture.theirs } else { &fixture.ours };
            let contact = Address::parse(contacts[usize::from(n % 3)]).unwrap();
            let ours = Address::Phone(samples::phone(100 + u32::from(n / 3)));
            let key = ConversationKey::new(&ours, &contact);
            let created_at = samples::at(i64::from(n / 2));
            let new = Conversation { key, created_at, ..conversation(n, owner, &contact) };
            assert_eq!(found(fixture, &new).await, new.id);
            deliver(fixture, n, &new).await;
            all.push((n, new));
        }
        all.sort_by_key(|(_, one)| std::cmp::Reverse((one.created_at, one.id.clone())));
        let (since, until) = (samples::at(1), samples::at(3));
        let none = ConversationFilter::default;
        let sender = samples::phone(101).as_str().to_owned();
        let of = |contact: usize| ConversationFilter {
            contact: Some(contacts[contact].to_owned()),
            ..none()
        };
        let period = Period { since: Some(since), until: Some(until) };
        let agent = |n| Some(samples::agent_id(n));
        // Each filter, with the numbers of the conversations that it selects.
        let filters = [
            (none(), vec![1, 2, 3, 4, 5, 6, 7, 8, 9]),
            (ConversationFilter { period, ..none() }, vec![2, 3, 4, 5]),
            (of(1), vec![1, 4, 7]),
            (of(2), vec![2, 5, 8]),
            (ConversationFilter { sender: Some(sender), ..none() }, vec![3, 4, 5]),
            (ConversationFilter { agent: agent(1), ..none() }, vec![1, 3, 5, 7, 9]),
            (ConversationFilter { account: Some(samples::account_sid(2)), ..none() }, vec![2, 6]),
            (ConversationFilter { agent: agent(0), ..of(2) }, vec![2, 8]),
        ];
        for (filter, numbers) in filters {
            for scope in [&fixture.us, &fixture.them, &samples::operator()] {
                let selected = all
                    .iter()
                    .filter(|(n, one)| numbers.contains(n) && scope.covers(&one.organization))
                    .map(|(_, one)| one.clone());
                let selected: Vec<_> = selected.collect();
                let list = async |page| fixture.conversations().newest(scope, &filter, &page).await;
                let listed = list(Page::first(100)).await.unwrap();
                assert_eq!(listed, selected, "{filter:?}");
                pages::hold(&selected, |one| (one.created_at, one.id.clone()), list).await;
            }
        }
    }
}
