use super::{MAX_ENTRIES, Thread, ThreadEntry};
use crate::address::{Address, Channel};
use crate::call::{CallDirection, CallRecord};
use crate::delivery::{
    Delivery, DeliveryItem, DeliveryState, Outgoing, OutgoingContent, QueueOwner, SendProgress,
    SendState,
};
use crate::identifier::{ConversationId, DeliveryId};
use crate::message::{Body, Direction, MessageRecord};
use crate::organization::default_organization;
use crate::sid::{AccountSid, CallSid, MessageSid};
use crate::status::MessageStatus;
use crate::time::Timestamp;

const OURS: &str = "+14155550100";
const CONTACT: &str = "whatsapp:+14155550199";

fn account() -> AccountSid {
    AccountSid::parse("AC0123456789abcdef0123456789abcdef").unwrap()
}

fn address(text: &str) -> Address {
    Address::parse(text).unwrap()
}

fn received(at: i64, text: &str) -> MessageRecord {
    MessageRecord {
        account: account(),
        message: MessageSid::parse(&format!("SM{at:032x}")).unwrap(),
        organization: default_organization(),
        direction: Direction::Inbound,
        from: Some(address(CONTACT)),
        to: Some(address(OURS)),
        body: Some(Body::new(text)),
        parameters: None,
        agent: None,
        rule: None,
        reason: None,
        verified_by: None,
        status: MessageStatus::Received,
        error_code: None,
        first_seen_at: Timestamp::from_seconds(at),
    }
}

fn sent(at: i64, text: &str, state: DeliveryState) -> Delivery {
    let now = Timestamp::from_seconds(at);
    Delivery {
        id: DeliveryId::new(now, [0; 10]),
        organization: default_organization(),
        account: account(),
        owner: QueueOwner::Conversation(ConversationId::new(now, [0; 10])),
        agent: None,
        item: DeliveryItem::Outgoing(Outgoing {
            in_reply_to: None,
            reply_key: "1".to_owned(),
            from: address(OURS),
            to: address(CONTACT),
            content: OutgoingContent::of_text(text),
            progress: SendProgress::without_sid(SendState::Planned),
        }),
        state,
        attempts: Vec::new(),
        earlier_attempts: 0,
        next_attempt_at: None,
        created_at: now,
    }
}

fn called(at: i64, direction: CallDirection) -> CallRecord {
    let call = CallSid::parse(&format!("CA{at:032x}")).unwrap();
    let call = CallRecord::of(account(), default_organization(), call, Timestamp::from_seconds(at));
    CallRecord { direction: Some(direction), ..call }
}

fn shown<'a>(entry: &ThreadEntry<'a>) -> (i64, Direction, Channel, &'a str) {
    (entry.at().seconds(), entry.direction(), entry.channel(), entry.text())
}

#[test]
fn both_sides_and_calls_are_in_the_order_of_their_times() {
    let thread = Thread {
        received: vec![received(1, "Hello?"), received(4, "Thanks")],
        sent: vec![sent(2, "Hi", DeliveryState::Delivered), sent(5, "Bye", DeliveryState::Pending)],
        calls: vec![called(3, CallDirection::Inbound), called(6, CallDirection::OutboundApi)],
    };
    let entries: Vec<_> = thread.latest().iter().map(shown).collect();
    let (inbound, outbound) = (Direction::Inbound, Direction::Outbound);
    assert_eq!(
        entries,
        [
            (1, inbound, Channel::WhatsApp, "Hello?"),
            (2, outbound, Channel::WhatsApp, "Hi"),
            (3, inbound, Channel::Voice, ""),
            (4, inbound, Channel::WhatsApp, "Thanks"),
            (5, outbound, Channel::WhatsApp, "Bye"),
            (6, outbound, Channel::Voice, ""),
        ]
    );
}

#[test]
fn a_message_that_the_contact_does_not_get_is_left_out() {
    let states = [DeliveryState::Dead, DeliveryState::Canceled, DeliveryState::Delivering];
    let sent = states.iter().zip(1..).map(|(state, at)| sent(at, "Hi", *state)).collect();
    let thread = Thread { sent, ..Thread::default() };
    assert_eq!(thread.latest().iter().map(|entry| entry.at().seconds()).collect::<Vec<_>>(), [3]);
}

#[test]
fn the_last_entries_are_kept_and_a_reply_follows_its_message() {
    let most = i64::from(MAX_ENTRIES);
    let thread = Thread {
        received: (1..=most).map(|at| received(at, "a")).collect(),
        sent: (1..=most).map(|at| sent(at, "b", DeliveryState::Delivered)).collect(),
        calls: Vec::new(),
    };
    let texts: Vec<_> =
        thread.latest().iter().map(|entry| (entry.at().seconds(), entry.text())).collect();
    assert_eq!(texts.len(), MAX_ENTRIES as usize);
    assert_eq!(texts[..2], [(most / 2 + 1, "a"), (most / 2 + 1, "b")]);
}
