//! Tests of [`SendMessage`] with an in-memory store.
#![expect(clippy::unwrap_used, reason = "a test that unwraps says at which line it has failed")]

use std::sync::Arc;

use switchboard_application::{ConsentGate, ConversationIds};
use switchboard_application_delivery::{AcceptedMessage, NewMessage, SendError, SendMessage};
use switchboard_application_management::fixtures::{add_account, add_number, clock, sid};
use switchboard_domain::address::Address;
use switchboard_domain::consent::{Consent, ConsentState};
use switchboard_domain::delivery::{
    ConversationKey, Delivery, DeliveryItem, DeliveryState, IdempotencyKey, OutgoingContent,
    SendState,
};
use switchboard_domain::identifier::OrganizationId;
use switchboard_domain::organization::{Scope, default_organization};
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::ports::{
    ConsentStore, ContactLinkStore as _, DeliveryFilter, DeliveryHistory, Insertion, Page, Retry,
};
use switchboard_domain::time::Timestamp;
use switchboard_store_memory::{Fault, MemoryStore, operator};

const OURS: &str = "+14155550100";
const CONTACT: &str = "+14155550199";

/// A store with one number, and the use case.
async fn sender() -> (Arc<MemoryStore>, SendMessage) {
    let store = Arc::new(MemoryStore::new());
    add_account(&store, 'a').await;
    add_number(&store, OURS, 'a').await;
    let use_case = SendMessage {
        numbers: store.clone(),
        outgoing: store.clone(),
        conversations: Arc::new(ConversationIds::new(store.clone(), clock())),
        consent: ConsentGate {
            consents: store.clone(),
            messages: store.clone(),
            contacts: store.clone(),
        },
        identifiers: clock(),
        clock: clock(),
    };
    (store, use_case)
}

fn message(from: &str, to: &str, body: &str, key: Option<&str>) -> NewMessage {
    NewMessage {
        from: Address::parse(from).unwrap(),
        to: Address::parse(to).unwrap(),
        content: OutgoingContent::of_message(body, Vec::new()).unwrap(),
        key: key.map(|key| IdempotencyKey::parse(key).unwrap()),
    }
}

async fn send(use_case: &SendMessage, message: &NewMessage) -> Result<AcceptedMessage, SendError> {
    use_case.send(&operator(), message).await
}

async fn deliveries(store: &MemoryStore) -> Vec<Delivery> {
    DeliveryHistory::newest(store, &operator(), &DeliveryFilter::default(), &Page::first(100))
        .await
        .unwrap()
}

#[tokio::test]
async fn a_message_is_stored_as_a_delivery_of_the_conversation() {
    let (store, use_case) = sender().await;
    let accepted = send(&use_case, &message(OURS, CONTACT, "hello", None)).await.unwrap();
    let by_whatsapp = message(&format!("whatsapp:{OURS}"), "whatsapp:+14155550199", "hi", None);
    let other = send(&use_case, &by_whatsapp).await.unwrap();
    assert_eq!(accepted.delivery.owner, other.delivery.owner);
    let stored = deliveries(&store).await;
    assert_eq!(stored.len(), 2);
    let stored = stored.iter().find(|stored| stored.id == accepted.delivery.id).unwrap();
    let DeliveryItem::Outgoing(outgoing) = &stored.item else { panic!("{stored:?}") };
    assert_eq!(
        (stored.state, outgoing.progress.state),
        (DeliveryState::Pending, SendState::Planned)
    );
    assert_eq!((stored.account, outgoing.in_reply_to), (sid('a'), None));
    assert_eq!(outgoing.content.body.as_str(), "hello");
}

#[tokio::test]
async fn a_key_is_one_message_however_often_it_is_sent() {
    let (store, use_case) = sender().await;
    let first = send(&use_case, &message(OURS, CONTACT, "hello", Some("a"))).await.unwrap();
    let again = send(&use_case, &message(OURS, CONTACT, "hello", Some("a"))).await.unwrap();
    assert_eq!((first.insertion, again.insertion), (Insertion::Inserted, Insertion::Duplicate));
    assert_eq!(first.delivery.id, again.delivery.id);
    let other = send(&use_case, &message(OURS, CONTACT, "hello", Some("b"))).await.unwrap();
    assert_eq!(other.insertion, Insertion::Inserted);
    for (body, to) in [("goodbye", CONTACT), ("hello", "+14155550198")] {
        let refused = send(&use_case, &message(OURS, to, body, Some("a"))).await;
        assert!(matches!(refused, Err(SendError::KeyUsed)), "{refused:?}");
    }
    // The id of a delivery as a key is not the message without one.
    let without = send(&use_case, &message(OURS, CONTACT, "hello", None)).await.unwrap();
    let id = without.delivery.id.to_string();
    let named = send(&use_case, &message(OURS, CONTACT, "hello", Some(&id))).await.unwrap();
    assert_eq!(named.insertion, Insertion::Inserted);
    assert_eq!(deliveries(&store).await.len(), 4);
}

#[tokio::test]
async fn who_cannot_send_or_receive_is_refused() {
    let (store, use_case) = sender().await;
    for (from, to) in
        [("+14155550101", CONTACT), ("12345", CONTACT), ("rcs:acme", "rcs:+14155550199")]
    {
        let refused = send(&use_case, &message(from, to, "hello", None)).await;
        assert!(matches!(refused, Err(SendError::SenderUnknown { .. })), "{from}: {refused:?}");
    }
    for to in ["anonymous", "sip:jo@example.com", "client:jo", "ACME", "12345", "+123", ""] {
        let refused = send(&use_case, &message(OURS, to, "hello", None)).await;
        assert!(matches!(refused, Err(SendError::ContactUnreachable { .. })), "{to}: {refused:?}");
    }
    let refused = send(&use_case, &message(OURS, "whatsapp:+14155550199", "hello", None)).await;
    assert!(matches!(refused, Err(SendError::ChannelsDiffer { from: "sms", to: "whatsapp" })));
    let other = OrganizationId::parse("org_00000000000000000000000009").unwrap();
    let foreign = message(OURS, CONTACT, "hello", None);
    let refused = use_case.send(&Scope::Organization(other), &foreign).await;
    assert!(matches!(refused, Err(SendError::SenderUnknown { .. })), "{refused:?}");
    assert_eq!(deliveries(&store).await, []);
}

#[tokio::test]
async fn nobody_who_opted_out_gets_a_message() {
    let (store, use_case) = sender().await;
    let parse = |text| Address::parse(text).unwrap();
    let first = send(&use_case, &message(OURS, CONTACT, "hello", Some("a"))).await.unwrap();
    let consent = Consent {
        organization: default_organization(),
        key: ConversationKey::new(&parse(OURS), &parse(CONTACT)),
        state: ConsentState::OptedOut,
        changed_at: Timestamp::from_seconds(1),
        account: sid('a'),
        message: None,
    };
    ConsentStore::record(store.as_ref(), &consent).await.unwrap();
    for (from, to) in [(OURS.to_owned(), CONTACT.to_owned())]
        .into_iter()
        .chain([(format!("whatsapp:{OURS}"), format!("whatsapp:{CONTACT}"))])
    {
        let refused = send(&use_case, &message(&from, &to, "hello", None)).await;
        assert!(matches!(refused, Err(SendError::OptedOut)), "{refused:?}");
    }
    // What a repeated request returns was accepted before.
    let again = send(&use_case, &message(OURS, CONTACT, "hello", Some("a"))).await.unwrap();
    assert_eq!(again.delivery.id, first.delivery.id);
    assert_eq!(deliveries(&store).await.len(), 1);
    let start =
        Consent { state: ConsentState::OptedIn, changed_at: Timestamp::from_seconds(2), ..consent };
    ConsentStore::record(store.as_ref(), &start).await.unwrap();
    assert!(send(&use_case, &message(OURS, CONTACT, "hello", None)).await.is_ok());
}

/// By whichever of its two addresses the contact has opted out.
#[tokio::test]
async fn a_contact_who_opted_out_is_not_written_to_by_its_user_id() {
    let (store, use_case) = sender().await;
    let (ours, user) = (format!("whatsapp:{OURS}"), "whatsapp:US.13491208655302741918");
    let parse = |text: &str| Address::parse(text).unwrap();
    let by_number = message(&ours, &format!("whatsapp:{CONTACT}"), "hello", None);
    let by_user = message(&ours, user, "hello", None);
    let number = PhoneNumber::parse(CONTACT).unwrap();
    let at = Timestamp::from_seconds;
    store.link(&default_organization(), &parse(user), number, at(1)).await.unwrap();
    let first = send(&use_case, &by_number).await.unwrap().delivery;
    assert_eq!(send(&use_case, &by_user).await.unwrap().delivery.owner, first.owner);
    for (contact, time) in [(CONTACT, 2), (user, 4)] {
        let consent = |state, changed_at| Consent {
            organization: default_organization(),
            key: ConversationKey::new(&parse(&ours), &parse(contact)),
            state,
            changed_at,
            account: sid('a'),
            message: None,
        };
        let stop = consent(ConsentState::OptedOut, at(time));
        ConsentStore::record(store.as_ref(), &stop).await.unwrap();
        let refused = send(&use_case, &by_user).await;
        assert!(matches!(refused, Err(SendError::OptedOut)), "{contact}: {refused:?}");
        let start = consent(ConsentState::OptedIn, at(time + 1));
        ConsentStore::record(store.as_ref(), &start).await.unwrap();
    }
    assert!(send(&use_case, &by_user).await.is_ok());
}

#[tokio::test]
async fn nothing_is_sent_if_consent_cannot_be_read() {
    let (store, use_case) = sender().await;
    store.fail_next("consent.find", 1, Fault::Unavailable);
    let failed = send(&use_case, &message(OURS, CONTACT, "hello", None)).await.unwrap_err();
    assert_eq!(failed.retry(), Retry::Later);
    assert_eq!(deliveries(&store).await, []);
}
