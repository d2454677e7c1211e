//! The laws of [`MessageStore`](switchboard_domain::ports::MessageStore).
//!
//! Messages outlive the accounts and agents that they name, so the laws add none of them. The laws
//! cannot test that a message survives a power failure. Each adapter tests this itself.

use itertools::Itertools as _;
use switchboard_domain::message::{Direction, MessageRecord};
use switchboard_domain::ports::Insertion;

use crate::concurrent::at_once;
use crate::prelude::*;
use crate::{Fixture, pages, samples};

/// The key by which messages are listed.
fn key(record: &MessageRecord) -> (AccountSid, MessageSid) {
    (record.account, record.message)
}

/// An inbound message of our organization.
fn received(fixture: &Fixture, n: u32) -> ReceivedMessage {
    samples::received(n, samples::account_sid(1), &fixture.ours)
}

/// An inbound message of our organization with different content.
fn received_with(
    fixture: &Fixture,
    n: u32,
    change: impl FnOnce(&mut InboundMessage),
) -> ReceivedMessage {
    let mut message = received(fixture, n);
    change(&mut message.inbound);
    message
}

/// A status event of a message of our organization, with the error code of its state if it failed.
fn update(fixture: &Fixture, n: u32, status: MessageStatus, second: i64) -> MessageProgress {
    let progress = samples::progress(n, samples::account_sid(1), &fixture.ours, status, second);
    let error_code = match status {
        MessageStatus::Failed => Some(30_008),
        MessageStatus::Undelivered => Some(30_003),
        _ => None,
    };
    MessageProgress { error_code, ..progress }
}

async fn advance(fixture: &Fixture, n: u32, status: MessageStatus, second: i64) {
    fixture.messages().progress(&update(fixture, n, status, second)).await.unwrap();
}

/// The expected record of an inbound message without status events.
fn record_of_received(message: &ReceivedMessage) -> MessageRecord {
    MessageRecord {
        account: message.account,
        message: message.inbound.message,
        organization: message.organization.clone(),
        direction: Direction::Inbound,
        from: Some(message.inbound.from.clone()),
        to: Some(message.inbound.to.clone()),
        body: Some(message.inbound.body.clone()),
        parameters: Some(message.parameters.clone()),
        agent: message.agent.clone(),
        rule: message.rule.clone(),
        reason: Some(message.reason),
        verified_by: Some(message.verified_by),
        status: MessageStatus::Received,
        error_code: None,
        first_seen_at: message.received_at,
    }
}

/// The expected record of a message of which only a status is known.
fn record_of_update(progress: &MessageProgress) -> MessageRecord {
    MessageRecord {
        account: progress.account,
        message: progress.message,
        organization: progress.organization.clone(),
        direction: Direction::Outbound,
        from: progress.from.clone(),
        to: progress.to.clone(),
        body: None,
        parameters: None,
        agent: None,
        rule: None,
        reason: None,
        verified_by: None,
        status: progress.status,
        error_code: progress.error_code,
        first_seen_at: progress.at,
    }
}

/// Returns the stored record of the message, if there is one.
async fn found(fixture: &Fixture, n: u32) -> Option<MessageRecord> {
    let (account, message) = (samples::account_sid(1), samples::message_sid(n));
    fixture.messages().find(&fixture.us, account, message).await.unwrap()
}

/// Stores a message and checks that it is found unchanged.
async fn survives(fixture: &Fixture, message: &ReceivedMessage) {
    assert_eq!(fixture.messages().insert_once(message).await.unwrap(), Insertion::Inserted);
    let kept = fixture
        .messages()
        .find(&fixture.us, message.account, message.inbound.message)
        .await
        .unwrap()
        .unwrap();
    // The `Debug` output of a body shows only its length, so the text is compared first.
    assert_eq!(kept.body.as_ref().map(Body::as_str), Some(message.inbound.body.as_str()));
    assert_eq!(kept, record_of_received(message));
}

#[laws(messages::message_laws)]
pub mod laws {
    use super::*;

    /// The addresses, body, agent, reason and time (to the microsecond) are stored exactly.
    pub async fn a_message_is_found_as_it_came_in(fixture: &Fixture) {
        survives(fixture, &received(fixture, 1)).await;
    }

    /// A message with media, but without text and agent, is stored exactly.
    pub async fn a_message_without_text_and_agent_is_found_as_it_came_in(fixture: &Fixture) {
        let mut message = received_with(fixture, 1, |inbound| inbound.body = Body::new(""));
        message.agent = None;
        message.reason = Reason::Unassigned;
        message.parameters = Body::new("");
        survives(fixture, &message).await;
    }

    /// Bodies are stored exactly: in several scripts, with line breaks and a replaced NUL, and much
    /// longer than Twilio sends today. So are the maximum number of media and long parameters.
    pub async fn every_body_survives(fixture: &Fixture) {
        let bodies = [" \r\n\t".to_owned(), "a\0b".to_owned(), samples::UNICODE.repeat(500)];
        for (n, body) in (1..).zip(bodies) {
            let mut message = received_with(fixture, n, |inbound| {
                inbound.body = Body::new(&body);
                inbound.media_count = u16::MAX;
            });
            message.parameters = Body::new(&format!("Body={}", samples::UNICODE.repeat(1_000)));
            survives(fixture, &message).await;
        }
    }

    /// Every form of the addresses of sender and recipient is stored exactly.
    pub async fn every_address_of_a_message_survives(fixture: &Fixture) {
        for (n, address) in (1..).zip(samples::addresses()) {
            survives(fixture, &received_with(fixture, n, |inbound| inbound.from = address.clone()))
                .await;
            survives(fixture, &received_with(fixture, 1_000 + n, |inbound| inbound.to = address))
                .await;
        }
    }

    /// Every verification and every reason are stored exactly.
    pub async fn every_reason_and_evidence_of_a_message_is_kept(fixture: &Fixture) {
        use VerifiedBy::{NextToken, OwnerToken, PrimaryToken, Unchecked};
        for (n, reason) in (1..).zip(Reason::ALL) {
            survives(fixture, &ReceivedMessage { reason, ..received(fixture, n) }).await;
        }
        let checked = [PrimaryToken, NextToken, OwnerToken, Unchecked];
        let reported = Refusal::ALL.map(VerifiedBy::Reported);
        for (n, verified_by) in (101..).zip(checked.into_iter().chain(reported)) {
            survives(fixture, &ReceivedMessage { verified_by, ..received(fixture, n) }).await;
        }
    }

    /// Looking up a message that does not exist is not an error.
    pub async fn a_message_that_was_never_recorded_is_not_found(fixture: &Fixture) {
        let (account, message) = (samples::account_sid(1), samples::message_sid(1));
        assert_eq!(
            fixture.messages().find(&Scope::Operator, account, message).await.unwrap(),
            None
        );
        assert_eq!(fixture.messages().list(&Scope::Operator, &Page::first(10)).await.unwrap(), []);
    }

    /// A repeated delivery of a message is recognized as a duplicate and does not change the stored
    /// message.
    pub async fn a_message_that_comes_again_is_kept_once(fixture: &Fixture) {
        let message = received(fixture, 1);
        survives(fixture, &message).await;
        let mut again =
            received_with(fixture, 1, |inbound| inbound.body = Body::new("something else"));
        again.received_at = samples::at(-100);
        for repeated in [&message, &again] {
            assert_eq!(
                fixture.messages().insert_once(repeated).await.unwrap(),
                Insertion::Duplicate
            );
            assert_eq!(found(fixture, 1).await, Some(record_of_received(&message)));
        }
    }

    /// Of many concurrent deliveries of a message, exactly one is the first.
    pub async fn a_message_that_comes_many_times_at_once_is_new_once(fixture: &Fixture) {
        let results = at_once(|_| {
            let (store, message) = (fixture.store(), received(fixture, 1));
            async move { store.messages().insert_once(&message).await.unwrap() }
        });
        assert_eq!(
            results.await.into_iter().filter(|kept| *kept == Insertion::Inserted).count(),
            1
        );
        assert_eq!(found(fixture, 1).await, Some(record_of_received(&received(fixture, 1))));
    }

    /// A message is identified by its account and its SID together.
    pub async fn the_same_sid_in_two_accounts_is_two_messages(fixture: &Fixture) {
        let one = received(fixture, 1);
        let two = ReceivedMessage { account: samples::account_sid(2), ..received(fixture, 1) };
        survives(fixture, &one).await;
        survives(fixture, &two).await;
        let third = samples::account_sid(3);
        assert_eq!(
            fixture.messages().find(&fixture.us, third, one.inbound.message).await.unwrap(),
            None
        );
    }

    /// Every status of a message that another system sent is stored.
    pub async fn the_status_of_a_message_that_we_never_saw_is_kept(fixture: &Fixture) {
        for (n, status) in (1..).zip(MessageStatus::ALL) {
            let progress = update(fixture, n, status, 1);
            fixture.messages().progress(&progress).await.unwrap();
            assert_eq!(found(fixture, n).await, Some(record_of_update(&progress)));
        }
        let bare = MessageProgress {
            from: None,
            to: None,
            error_code: Some(u32::MAX),
            ..update(fixture, 100, MessageStatus::Failed, 1)
        };
        fixture.messages().progress(&bare).await.unwrap();
        assert_eq!(found(fixture, 100).await, Some(record_of_update(&bare)));
    }

    /// In whatever order the states arrive, the most advanced one is stored with its error code,
    /// together with the earliest time.
    pub async fn a_message_does_not_go_back(fixture: &Fixture) {
        use MessageStatus::{Delivered, Queued, Sent, Undelivered};
        for (n, order) in (1..).zip((0..4_usize).permutations(4)) {
            let states = [Queued, Sent, Undelivered, Delivered];
            let mut so_far: Option<MessageRecord> = None;
            for (second, place) in (1..).zip(&order) {
                let progress = update(fixture, n, states[*place], second);
                fixture.messages().progress(&progress).await.unwrap();
                let now = record_of_update(&progress);
                let first_seen_at =
                    so_far.as_ref().map_or(now.first_seen_at, |record| record.first_seen_at);
                let furthest = match so_far {
                    Some(record) if record.status > now.status => record,
                    _ => now,
                };
                so_far = Some(MessageRecord { first_seen_at, ..furthest });
                assert_eq!(found(fixture, n).await, so_far, "{order:?}");
            }
        }
    }

    /// The later of two states is stored, in whatever order they arrive.
    pub async fn the_later_of_two_states_of_a_message_stands(fixture: &Fixture) {
        for (n, pair) in (1..).zip(MessageStatus::ALL.windows(2)) {
            let [earlier, later] = [pair[0], pair[1]];
            for (sid, told_first, told_last) in [(n, earlier, later), (100 + n, later, earlier)] {
                for status in [told_first, told_last] {
                    advance(fixture, sid, status, 1).await;
                }
                let expected = record_of_update(&update(fixture, sid, later, 1));
                assert_eq!(
                    found(fixture, sid).await,
                    Some(expected),
                    "{told_last:?} after {told_first:?}"
                );
            }
        }
    }

    /// A repeated status changes nothing.
    pub async fn a_status_that_comes_again_changes_nothing(fixture: &Fixture) {
        let progress = update(fixture, 1, MessageStatus::Undelivered, 1);
        for second in [1, 1, 2] {
            let again = MessageProgress { at: samples::at(second), ..progress.clone() };
            fixture.messages().progress(&again).await.unwrap();
            assert_eq!(found(fixture, 1).await, Some(record_of_update(&progress)));
        }
    }

    /// A status adds the addresses that were not known.
    pub async fn a_status_adds_the_addresses_that_were_not_known(fixture: &Fixture) {
        let known = update(fixture, 1, MessageStatus::Sent, 1);
        let unknown = MessageProgress {
            from: None,
            to: None,
            ..update(fixture, 1, MessageStatus::Delivered, 2)
        };
        fixture.messages().progress(&unknown).await.unwrap();
        fixture.messages().progress(&known).await.unwrap();
        let expected = MessageRecord {
            from: known.from,
            to: known.to,
            first_seen_at: known.at,
            ..record_of_update(&unknown)
        };
        assert_eq!(found(fixture, 1).await, Some(expected));
    }

    /// A status of an inbound message changes only its state and error code.
    pub async fn a_status_of_a_message_that_came_in_moves_it_and_nothing_else(fixture: &Fixture) {
        let message = received(fixture, 1);
        survives(fixture, &message).await;
        advance(fixture, 1, MessageStatus::Receiving, 5).await;
        assert_eq!(found(fixture, 1).await, Some(record_of_received(&message)));
        advance(fixture, 1, MessageStatus::Failed, 6).await;
        let expected = MessageRecord {
            status: MessageStatus::Failed,
            error_code: Some(30_008),
            ..record_of_received(&message)
        };
        assert_eq!(found(fixture, 1).await, Some(expected));
    }

    /// A status that arrives before its message does not make the message a duplicate. Wherever the
    /// message arrives among its states, it is inserted once, complete, and in the most advanced
    /// state.
    pub async fn a_status_that_comes_first_does_not_lose_the_message(fixture: &Fixture) {
        for (n, order) in (1..).zip((0..4_usize).permutations(4)) {
            let message = received_with(fixture, n, |inbound| {
                inbound.to = Address::parse("whatsapp:+14155550100").unwrap();
            });
            for place in &order {
                match place {
                    0 => assert_eq!(
                        fixture.messages().insert_once(&message).await.unwrap(),
                        Insertion::Inserted,
                        "{order:?}"
                    ),
                    1 => fixture
                        .messages()
                        .progress(&update(fixture, n, MessageStatus::Receiving, 90))
                        .await
                        .unwrap(),
                    2 => fixture
                        .messages()
                        .progress(&update(fixture, n, MessageStatus::Undelivered, -90))
                        .await
                        .unwrap(),
                    _ => fixture
                        .messages()
                        .progress(&update(fixture, n, MessageStatus::Failed, 91))
                        .await
                        .unwrap(),
                }
            }
            let expected = MessageRecord {
                status: MessageStatus::Undelivered,
                error_code: Some(30_003),
                first_seen_at: samples::at(-90),
                ..record_of_received(&message)
            };
            assert_eq!(found(fixture, n).await, Some(expected), "{order:?}");
            assert_eq!(
                fixture.messages().insert_once(&message).await.unwrap(),
                Insertion::Duplicate,
                "{order:?}"
            );
        }
    }

    /// A message and its states that arrive concurrently lead to one complete message in the most
    /// advanced state.
    pub async fn a_message_and_its_states_can_come_at_once(fixture: &Fixture) {
        let message = received(fixture, 1);
        let results = at_once(|n| {
            let (store, message) = (fixture.store(), message.clone());
            let status = MessageStatus::ALL[n as usize % MessageStatus::ALL.len()];
            let progress =
                MessageProgress { at: message.received_at, ..update(fixture, 1, status, 0) };
            async move {
                if n % 4 == 0 {
                    return store.messages().insert_once(&message).await.unwrap()
                        == Insertion::Inserted;
                }
                store.messages().progress(&progress).await.unwrap();
                false
            }
        });
        assert_eq!(results.await.into_iter().filter(|is_new| *is_new).count(), 1);
        // Every fourth task delivers the message instead of a status, so some states are not sent,
        // including the last one.
        let expected =
            MessageRecord { status: MessageStatus::Delivered, ..record_of_received(&message) };
        assert_eq!(found(fixture, 1).await, Some(expected));
    }

    /// Knowing the account and SID of a message of another organization does not give access to it.
    pub async fn a_message_of_another_organization_is_not_found(fixture: &Fixture) {
        let account = samples::account_sid(1);
        let message = samples::received(1, account, &fixture.theirs);
        let progress = samples::progress(2, account, &fixture.theirs, MessageStatus::Sent, 1);
        fixture.messages().insert_once(&message).await.unwrap();
        fixture.messages().progress(&progress).await.unwrap();
        for (n, expected) in [(1, record_of_received(&message)), (2, record_of_update(&progress))] {
            assert_eq!(found(fixture, n).await, None);
            for scope in [&fixture.them, &samples::operator()] {
                let found =
                    fixture.messages().find(scope, account, expected.message).await.unwrap();
                assert_eq!(found.as_ref(), Some(&expected));
            }
        }
    }

    /// The latest messages of a contact are found by any of its addresses, oldest first.
    pub async fn the_latest_messages_of_a_contact_are_found_in_their_order(fixture: &Fixture) {
        let ours = [Address::Phone(samples::phone(100))];
        let contact = [Address::Phone(samples::phone(199)), Address::WhatsApp(samples::phone(199))];
        let mut sent = Vec::new();
        for n in [4, 1, 3, 2, 5] {
            let mut message = received_with(fixture, n, |inbound| {
                inbound.from = contact[usize::from(n % 2 == 0)].clone();
                inbound.to = ours[0].clone();
            });
            message.received_at = samples::at(n.into());
            fixture.messages().insert_once(&message).await.unwrap();
            sent.push(message);
        }
        sent.sort_by_key(|message| message.received_at);
        let other =
            received_with(fixture, 6, |inbound| inbound.from = Address::Phone(samples::phone(198)));
        let elsewhere = received_with(fixture, 7, |inbound| {
            inbound.from = contact[0].clone();
            inbound.to = Address::Phone(samples::phone(101));
        });
        let theirs = ReceivedMessage {
            organization: fixture.theirs.clone(),
            account: samples::account_sid(9),
            ..sent[0].clone()
        };
        for message in [&other, &elsewhere, &theirs] {
            fixture.messages().insert_once(message).await.unwrap();
        }
        // A status alone has no text.
        advance(fixture, 8, MessageStatus::Delivered, 9).await;
        let found = async |contact: &[Address], limit| {
            fixture
                .messages()
                .latest_of_contact(&fixture.ours, contact, &ours, limit)
                .await
                .unwrap()
        };
        let expected: Vec<_> = sent.iter().map(record_of_received).collect();
        assert_eq!(found(&contact, 10).await, expected);
        assert_eq!(found(&contact, 2).await, expected[3..]);
        assert_eq!(found(&contact[1..], 10).await, [expected[1].clone(), expected[3].clone()]);
        assert_eq!(found(&[], 10).await, []);
    }

    /// An organization lists only its own messages. The operator lists all of them.
    pub async fn messages_of_another_organization_are_not_listed(fixture: &Fixture) {
        let mine = received(fixture, 2);
        let [first, last] =
            [1, 3].map(|n| samples::received(n, samples::account_sid(1), &fixture.theirs));
        for message in [&mine, &first, &last] {
            fixture.messages().insert_once(message).await.unwrap();
        }
        let [first, mine, last] = [first, mine, last].map(|message| record_of_received(&message));
        let listed = async |scope| fixture.messages().list(scope, &Page::first(10)).await.unwrap();
        assert_eq!(listed(&fixture.us).await, std::slice::from_ref(&mine));
        assert_eq!(listed(&fixture.them).await, [first.clone(), last.clone()]);
        assert_eq!(listed(&Scope::Operator).await, [first, mine, last]);
    }

    /// Pages of any size return each message once, ordered by account and SID. `MM…` sorts before
    /// `SM…`.
    pub async fn pages_of_messages_follow_each_other(fixture: &Fixture) {
        let mut expected = Vec::new();
        for (account, n) in [(1, 5), (1, 7), (2, 1), (2, 5), (2, 9), (3, 3)] {
            let media = MessageSid::parse(&format!("MM{n:032x}")).unwrap();
            for sid in [media, samples::message_sid(n)] {
                let mut message =
                    samples::received(n, samples::account_sid(account), &fixture.ours);
                message.inbound.message = sid;
                expected.push(message);
            }
        }
        expected.sort_by_key(|message| (message.account, message.inbound.message));
        for message in expected.iter().rev() {
            fixture.messages().insert_once(message).await.unwrap();
            let account = samples::account_sid(9);
            let foreign = ReceivedMessage {
                organization: fixture.theirs.clone(),
                account,
                ..message.clone()
            };
            fixture.messages().insert_once(&foreign).await.unwrap();
        }
        let expected: Vec<_> = expected.iter().map(record_of_received).collect();
        let list = async |page| fixture.messages().list(&fixture.us, &page).await;
        pages::hold(&expected, key, list).await;
    }
}
