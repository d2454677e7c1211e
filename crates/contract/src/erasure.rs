//! The laws of [`ErasureStore`](switchboard_domain::ports::ErasureStore).

use std::time::Duration;

use switchboard_domain::delivery::{
    AttemptResult, Busy, ConversationKey, Delivery, DeliveryItem, DeliveryState, Next, Outgoing,
    OutgoingContent, QueueOwner, SendProgress, SendState,
};
use switchboard_domain::erasure::{Contact, ErasureCounts, Mention};
use switchboard_domain::identifier::{ConversationId, DeliveryId};
use switchboard_domain::message::MessageRecord;
use switchboard_domain::plan::CatalogueNames;
use switchboard_domain::ports::{Insertion, Recorded};

use crate::delivery_queue::{self, template};
use crate::prelude::*;
use crate::{Fixture, samples};

/// Addresses of every kind that a contact can have, each of a different contact.
const CONTACTS: [&str; 5] =
    ["+14155550142", "whatsapp:US.123456", "client:jo", "sip:jo@example.com", "messenger:1234"];

fn address(text: &str) -> Address {
    Address::parse_caller(text).unwrap()
}

fn contact(text: &str) -> Contact {
    Contact::of(&address(text)).unwrap()
}

/// A call of account `account` between two addresses.
async fn call(fixture: &Fixture, n: u32, account: u32, sides: (&str, &str)) -> CallRecord {
    let owner = if account == 9 { &fixture.theirs } else { &fixture.ours };
    let call = CallRecord {
        from: Some(address(sides.0)),
        to: Some(address(sides.1)),
        ..samples::call(n, samples::account_sid(account), owner)
    };
    fixture.calls().record(std::slice::from_ref(&call)).await.unwrap();
    call
}

/// A message to our organization from an address.
async fn message(fixture: &Fixture, n: u32, from: &str) -> ReceivedMessage {
    let mut message = samples::received(n, samples::account_sid(1), &fixture.ours);
    message.inbound.from = address(from);
    message.parameters = Body::new(&format!("From={from}"));
    fixture.messages().insert_once(&message).await.unwrap();
    message
}

/// An outgoing message of our organization, in a conversation of its own.
fn outgoing(fixture: &Fixture, n: u8, to: &str) -> Delivery {
    Delivery {
        id: DeliveryId::new(samples::at(0), [n; 10]),
        organization: fixture.ours.clone(),
        account: samples::account_sid(1),
        owner: QueueOwner::Conversation(ConversationId::new(samples::at(0), [n; 10])),
        agent: None,
        item: DeliveryItem::Outgoing(Outgoing {
            in_reply_to: None,
            reply_key: format!("key {n}"),
            from: address("+14155550100"),
            to: address(to),
            content: OutgoingContent {
                template: Some(template("a name")),
                ..OutgoingContent::of_text("a text")
            },
            progress: SendProgress::without_sid(SendState::Planned),
        }),
        state: DeliveryState::Pending,
        attempts: Vec::new(),
        earlier_attempts: 0,
        next_attempt_at: None,
        created_at: samples::at(0),
    }
}

async fn found_call(fixture: &Fixture, call: &CallRecord) -> CallRecord {
    fixture.call_by_sid(&samples::operator(), call.call).await.unwrap().unwrap()
}

async fn found_message(fixture: &Fixture, message: MessageSid) -> MessageRecord {
    fixture.message_by_sid(&samples::operator(), message).await.unwrap().unwrap()
}

/// The expected record of an erased call.
fn erased(call: &CallRecord) -> CallRecord {
    CallRecord { from: Some(Address::Erased), facts: Some(CallerFacts::default()), ..call.clone() }
}

async fn erase(fixture: &Fixture, scope: &Scope, contact: &Contact) -> ErasureCounts {
    let mut counts = ErasureCounts::default();
    // A batch may contain records of one side only.
    loop {
        let batch = fixture.erasure().erase_contact(scope, contact, 100).await.unwrap();
        if batch == ErasureCounts::default() {
            return counts;
        }
        counts = counts.plus(batch);
    }
}

async fn set_list(fixture: &Fixture, name: &str, numbers: &[u32]) {
    let numbers = Some(numbers.iter().map(|n| samples::phone(*n)).collect());
    let name = samples::label(name);
    fixture
        .catalogue()
        .set_list(&fixture.us, &fixture.ours, &name, &Expected::Anything, numbers)
        .await
        .unwrap();
}

#[laws(erasure::erasure_laws)]
pub mod laws {
    use super::*;

    /// An outgoing message to the contact loses its recipient and its text, and is not sent any more. Others stay.
    pub async fn outgoing_messages_are_erased_and_not_sent(fixture: &Fixture) {
        let (ours, theirs) = ("+14155550142", "+14155550143");
        for (n, to) in [(1, ours), (2, theirs)] {
            let outgoing = outgoing(fixture, n, to);
            assert_eq!(fixture.outgoing().add(&outgoing).await.unwrap(), Insertion::Inserted);
        }
        let counts = fixture.erasure().count_contact(&fixture.us, &contact(ours)).await.unwrap();
        assert_eq!(counts, ErasureCounts { deliveries: 1, ..ErasureCounts::default() });
        assert_eq!(erase(fixture, &fixture.us, &contact(ours)).await, counts);
        let find = |n| async move {
            let id = outgoing(fixture, n, ours).id;
            fixture.deliveries().find(&fixture.us, &id).await.unwrap().unwrap()
        };
        let (erased, other) = (find(1).await, find(2).await);
        assert_eq!((erased.state, other.state), (DeliveryState::Canceled, DeliveryState::Pending));
        let DeliveryItem::Outgoing(erased) = erased.item else { panic!("not outgoing") };
        assert_eq!((erased.to, erased.content), (Address::Erased, OutgoingContent::of_text("")));
        let holder = LeaseHolder::named("one");
        let claimed = fixture
            .delivery_queue()
            .claim(&holder, Duration::from_secs(60), 9, &Busy::default())
            .await
            .unwrap();
        let ids: Vec<_> = claimed.into_iter().map(|delivery| delivery.id).collect();
        assert_eq!(ids, [other.id]);
    }

    /// A message that joins the erased conversation of its contact begins it again.
    pub async fn a_contact_who_writes_again_has_a_conversation(fixture: &Fixture) {
        let first = delivery_queue::message(fixture, 1, 1);
        let second = delivery_queue::message(fixture, 2, 1);
        assert_eq!(fixture.messages().insert_once(&first).await.unwrap(), Insertion::Inserted);
        erase(fixture, &fixture.us, &contact(&first.inbound.from.to_text())).await;
        for expected in [Insertion::Inserted, Insertion::Duplicate] {
            assert_eq!(fixture.messages().insert_once(&second).await.unwrap(), expected);
        }
        let joined = &second.delivery.as_ref().unwrap().conversation;
        let found = fixture.conversations().find(&fixture.us, joined).await.unwrap().unwrap();
        assert_eq!(found.key, ConversationKey::new(&second.inbound.to, &second.inbound.from));
    }

    /// An erased call loses the address of the contact and what was reported about the caller, on
    /// either side. Everything else is kept.
    pub async fn a_call_stays_without_the_contact(fixture: &Fixture) {
        for (n, text) in (1..).zip(CONTACTS) {
            let from = call(fixture, n * 10, 1, (text, "+14155550100")).await;
            let to = call(fixture, n * 10 + 1, 1, ("+14155550100", text)).await;
            let other = call(fixture, n * 10 + 2, 1, ("+14155550143", "+14155550100")).await;
            let contact = contact(text);
            let counts = fixture.erasure().count_contact(&fixture.us, &contact).await.unwrap();
            assert_eq!((counts.calls, counts.messages, counts.list_entries), (2, 0, 0), "{text}");
            assert_eq!(found_call(fixture, &from).await, from, "counting changes nothing");
            assert_eq!(erase(fixture, &fixture.us, &contact).await.calls, 2);
            assert_eq!(found_call(fixture, &from).await, erased(&from));
            let expected =
                CallRecord { from: to.from.clone(), to: Some(Address::Erased), ..erased(&to) };
            assert_eq!(found_call(fixture, &to).await, expected);
            assert_eq!(found_call(fixture, &other).await, other, "another contact");
        }
    }

    /// An erased message also loses its text and parameters.
    pub async fn a_message_stays_without_the_contact(fixture: &Fixture) {
        for (n, text) in (1..).zip(CONTACTS) {
            let received = message(fixture, n, text).await;
            let sid = received.inbound.message;
            let before = found_message(fixture, sid).await;
            assert_eq!(erase(fixture, &fixture.us, &contact(text)).await.messages, 1, "{text}");
            let expected = MessageRecord {
                from: Some(Address::Erased),
                body: Some(Body::new("")),
                parameters: Some(Body::new("")),
                ..before
            };
            assert_eq!(found_message(fixture, sid).await, expected);
        }
        // A message of which only a status is known has no text.
        let account = samples::account_sid(1);
        let sent = samples::progress(99, account, &fixture.ours, MessageStatus::Sent, 7);
        fixture.messages().progress(&sent).await.unwrap();
        let text = sent.to.as_ref().unwrap().to_text();
        assert_eq!(erase(fixture, &fixture.us, &contact(&text)).await.messages, 1);
        let found = found_message(fixture, sent.message).await;
        assert_eq!((found.to, found.body), (Some(Address::Erased), None));
    }

    /// What links a user id and a number is erased by either, in what the scope covers.
    pub async fn a_contact_is_not_known_by_its_user_id_any_more(fixture: &Fixture) {
        let user = address("whatsapp:US.123456");
        let number = address("+525512345678");
        // The older spelling of the same number.
        let linked = PhoneNumber::parse("+5215512345678").unwrap();
        let links = fixture.contact_links();
        for erased in [&user, &number] {
            for organization in [&fixture.ours, &fixture.theirs] {
                let at = samples::at(1);
                links.link(organization, &user, linked, at).await.unwrap();
            }
            erase(fixture, &fixture.us, &Contact::of(erased).unwrap()).await;
            let left = links.number_of(&fixture.ours, &user).await.unwrap();
            assert_eq!(left, None, "by {erased:?}");
            let left = links.number_of(&fixture.theirs, &user).await.unwrap();
            assert_eq!(left, Some(linked));
        }
    }

    /// The addresses of a contact that are linked are found by each of them, in what the scope covers.
    pub async fn linked_addresses_are_found(fixture: &Fixture) {
        let user = address("whatsapp:US.123456");
        let number = samples::phone(1);
        let at = samples::at(1);
        fixture.contact_links().link(&fixture.ours, &user, number, at).await.unwrap();
        for known in [&user, &Address::Phone(number)] {
            let contact = Contact::of(known).unwrap();
            let linked =
                async |scope| fixture.erasure().linked_addresses(scope, &contact).await.unwrap();
            let found = linked(&fixture.us).await;
            assert!(found.contains(&user) && found.contains(&Address::WhatsApp(number)));
            assert_eq!(linked(&fixture.them).await, []);
        }
    }

    /// The reply of an endpoint that was asked before the erasure is not stored after it, and neither is a later one.
    pub async fn no_reply_is_added_after_the_erasure(fixture: &Fixture) {
        let received = delivery_queue::receive(fixture, 1, 1).await;
        let claimed = delivery_queue::claimed(fixture, "one").await;
        assert_eq!(claimed.len(), 1);
        erase(fixture, &fixture.us, &contact(&received.inbound.from.to_text())).await;
        let reply = |id, state| delivery_queue::reply(id, 1, &id.to_string(), state);
        let answered = AttemptResult {
            replies: vec![reply(11, SendState::Offered), reply(12, SendState::Planned)],
            ..delivery_queue::result(1, Next::Delivered)
        };
        let recorded = delivery_queue::record(fixture, "one", &answered).await;
        assert_eq!(recorded, Recorded::Queued);
        let (id, outgoing) = reply(13, SendState::Planned);
        let item = DeliveryItem::Outgoing(outgoing);
        let late = Delivery { id, item, ..delivery_queue::expected(&received) };
        assert_eq!(fixture.outgoing().add(&late).await.unwrap(), Insertion::Duplicate);
        for id in [11, 12, 13] {
            assert_eq!(delivery_queue::find(fixture, id).await, None);
        }
    }

    /// A phone number is erased on every channel, and in SIP addresses whose user is that number.
    pub async fn a_number_is_erased_on_every_channel(fixture: &Fixture) {
        let number = "+14155550142";
        let channels = ["+14155550142", "whatsapp:+14155550142", "rcs:+14155550142", "14155550142"];
        for (n, text) in (1..).zip(channels) {
            call(fixture, n, 1, (text, "+14155550100")).await;
        }
        let sip = "sip:+14155550142@carrier.example.com";
        call(fixture, 10, 1, (sip, "+14155550100")).await;
        message(fixture, 11, sip).await;
        let other = call(fixture, 12, 1, ("sip:+14155550143@carrier.example.com", "+14155550100"));
        let other = other.await;
        let contact = contact(number);
        let sips = fixture.erasure().sip_addresses(&fixture.us, &contact).await.unwrap();
        assert!(!sips.is_empty() && sips.iter().all(|one| *one == address(sip)), "{sips:?}");
        let theirs = fixture.erasure().sip_addresses(&fixture.them, &contact).await.unwrap();
        assert_eq!(theirs, []);
        let counts = erase(fixture, &fixture.us, &contact.with(sips)).await;
        assert_eq!((counts.calls, counts.messages), (5, 1));
        assert_eq!(found_call(fixture, &other).await, other);
    }

    /// Later requests about the same call or message do not restore the erased data.
    pub async fn later_requests_bring_nothing_back(fixture: &Fixture) {
        let text = "+14155550142";
        let kept = call(fixture, 1, 1, (text, "+14155550100")).await;
        let received = message(fixture, 2, text).await;
        let sent =
            samples::progress(3, samples::account_sid(1), &fixture.ours, MessageStatus::Sent, 7);
        let sent = MessageProgress { to: Some(address(text)), ..sent };
        fixture.messages().progress(&sent).await.unwrap();
        erase(fixture, &samples::operator(), &contact(text)).await;
        fixture.calls().record(std::slice::from_ref(&kept)).await.unwrap();
        fixture.messages().insert_once(&received).await.unwrap();
        let delivered = MessageProgress { status: MessageStatus::Delivered, ..sent };
        fixture.messages().progress(&delivered).await.unwrap();
        assert_eq!(found_call(fixture, &kept).await, erased(&kept));
        let found = found_message(fixture, received.inbound.message).await;
        assert_eq!((found.from, found.body), (Some(Address::Erased), Some(Body::new(""))));
        let found = found_message(fixture, delivered.message).await;
        assert_eq!(found.to, Some(Address::Erased));
        assert_eq!(found.status, MessageStatus::Delivered);
        let counts = fixture.erasure().count_contact(&samples::operator(), &contact(text)).await;
        assert_eq!(counts.unwrap(), ErasureCounts::default());
    }

    /// An organization erases only its own records. The operator erases those of all organizations.
    pub async fn a_contact_is_erased_in_what_the_scope_covers(fixture: &Fixture) {
        let text = "+14155550142";
        let ours = call(fixture, 1, 1, (text, "+14155550100")).await;
        let theirs = call(fixture, 2, 9, (text, "+14155550100")).await;
        assert_eq!(erase(fixture, &fixture.us, &contact(text)).await.calls, 1);
        assert_eq!(found_call(fixture, &ours).await, erased(&ours));
        assert_eq!(found_call(fixture, &theirs).await, theirs);
        assert_eq!(erase(fixture, &samples::operator(), &contact(text)).await.calls, 1);
        assert_eq!(found_call(fixture, &theirs).await, erased(&theirs));
    }

    /// A batch changes at most `limit` calls and `limit` messages.
    pub async fn batches_are_limited(fixture: &Fixture) {
        let text = "+14155550142";
        for n in 1..=5 {
            call(fixture, n, 1, (text, "+14155550100")).await;
            message(fixture, n, text).await;
        }
        let contact = contact(text);
        let mut batches = Vec::new();
        for _ in 0..4 {
            let batch = fixture.erasure().erase_contact(&fixture.us, &contact, 2).await.unwrap();
            batches.push((batch.calls, batch.messages));
        }
        assert_eq!(batches, [(2, 2), (2, 2), (1, 1), (0, 0)]);
    }

    /// The contact is removed from lists with other numbers, which appears in the change log. A
    /// list without other numbers and plans that contain the contact are reported and stay
    /// unchanged.
    pub async fn lists_lose_the_contact_and_plans_are_reported(fixture: &Fixture) {
        set_list(fixture, "several", &[1, 2]).await;
        set_list(fixture, "only", &[1]).await;
        set_list(fixture, "others", &[2, 3]).await;
        let number = samples::phone(1);
        let plan = SavedPlan {
            document: format!("{{\"caller\": \"{}\"}}", number.as_str()).into(),
            ..samples::plan(1, &fixture.ours, 1)
        };
        fixture.plans().save(&fixture.us, &plan).await.unwrap();
        fixture.plans().save(&fixture.us, &samples::plan(2, &fixture.ours, 1)).await.unwrap();
        let contact = contact(number.as_str());
        let counts = fixture.erasure().count_contact(&fixture.us, &contact).await.unwrap();
        assert_eq!(counts.list_entries, 1);
        fixture
            .records(&[Change::Everything], async {
                fixture.erasure().erase_contact(&fixture.us, &contact, 10).await
            })
            .await;
        let names = CatalogueNames {
            lists: ["several", "only", "others"].map(samples::label).to_vec(),
            ..CatalogueNames::default()
        };
        let mut lists = fixture.catalogue().materials(&fixture.ours, &names).await.unwrap().lists;
        lists.sort();
        let list = |name, numbers: &[u32]| {
            (samples::label(name), numbers.iter().map(|n| samples::phone(*n)).collect::<Vec<_>>())
        };
        assert_eq!(lists, [list("only", &[1]), list("others", &[2, 3]), list("several", &[2])]);
        let expected = [
            Mention::OnlyEntry { organization: fixture.ours.clone(), list: samples::label("only") },
            Mention::Plan { organization: fixture.ours.clone(), plan: plan.name, version: 1 },
        ];
        assert_eq!(fixture.erasure().mentions(&fixture.us, &contact).await.unwrap(), expected);
        assert_eq!(fixture.erasure().mentions(&fixture.them, &contact).await.unwrap(), []);
        fixture.erasure().overwrite_erased().await.unwrap();
    }
}
