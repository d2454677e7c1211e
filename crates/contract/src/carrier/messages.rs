//! The laws of [`MessageCarrier`](switchboard_domain::ports::carrier::MessageCarrier).

use async_trait::async_trait;
use switchboard_domain::carrier::{CarrierAccess, OutgoingMessage};
use switchboard_domain::message_template::FilledTemplate;
use switchboard_domain::ports::carrier::ComposeMessage;
use switchboard_domain::sid::ContentSid;

use super::expect_error::{assert_inactive, assert_refused, assert_unauthorized};
use super::{CarrierFixture, SentMessage};
use crate::prelude::*;

/// A text message from a sender.
fn text(from: Address, body: &str) -> OutgoingMessage {
    OutgoingMessage {
        to: Address::parse("+14155559999").unwrap(),
        from,
        service: None,
        template: None,
        body: Body::new(body),
        media: Vec::new(),
        status_callback: None,
    }
}

/// A text message from a number of the main account.
fn from_main(fixture: &CarrierFixture) -> OutgoingMessage {
    text(fixture.main().numbers[0].sender.address(), "Zoë & 世界 = 1+1?")
}

async fn create(
    fixture: &CarrierFixture,
    access: &CarrierAccess,
    message: &OutgoingMessage,
) -> MessageSid {
    fixture.messages().create(access, message).await.unwrap().unwrap()
}

/// A message that may not be sent any more when it is composed.
struct Withheld;

#[async_trait]
impl ComposeMessage for Withheld {
    async fn compose(&self) -> Option<OutgoingMessage> {
        None
    }
}

/// The message as the observer must see it after it was sent.
fn sent(sid: MessageSid, message: &OutgoingMessage) -> SentMessage {
    let callback = message.status_callback.as_ref();
    SentMessage {
        sid: sid.to_string(),
        to: message.to.to_text(),
        from: message.from.to_text(),
        body: message.body.as_str().to_owned(),
        media: message.media.iter().map(|url| url.as_str().to_owned()).collect(),
        status_callback: callback.map_or_else(String::new, |url| url.as_str().to_owned()),
    }
}

#[laws(carrier::messages::message_carrier_laws)]
pub mod laws {
    use super::*;

    /// The text is sent unchanged, and the message has the returned SID.
    pub async fn a_message_is_sent_once_as_it_is(fixture: &CarrierFixture) {
        let message = OutgoingMessage {
            status_callback: Some(WebUrl::parse("https://example.com/status?a=b&c=d").unwrap()),
            ..from_main(fixture)
        };
        let sid = create(fixture, &fixture.main().access(), &message).await;
        assert_eq!(fixture.witness.messages(fixture.main().account.sid), [sent(sid, &message)]);
    }

    /// A message that may not be sent any more when it is composed is not sent.
    pub async fn a_withheld_message_is_not_sent(fixture: &CarrierFixture) {
        let access = fixture.main().access();
        assert_eq!(fixture.messages().create(&access, &Withheld).await.unwrap(), None);
        assert_eq!(fixture.witness.messages(access.account), []);
    }

    /// All media are sent in order, with an empty body if there is no text.
    pub async fn media_are_sent_with_a_message(fixture: &CarrierFixture) {
        let url = |name| WebUrl::parse(&format!("https://example.com/{name}?a=b&c=d")).unwrap();
        let media = vec![url("one"), url("two")];
        let message = OutgoingMessage { body: Body::new(""), media, ..from_main(fixture) };
        let sid = create(fixture, &fixture.main().access(), &message).await;
        assert_eq!(fixture.witness.messages(fixture.main().account.sid), [sent(sid, &message)]);
    }

    /// Sending the same message twice creates two messages.
    pub async fn each_message_has_its_own_sid(fixture: &CarrierFixture) {
        let (access, message) = (fixture.main().access(), from_main(fixture));
        let one = create(fixture, &access, &message).await;
        let other = create(fixture, &access, &message).await;
        assert_ne!(one, other);
        assert_eq!(fixture.witness.messages(access.account).len(), 2);
    }

    /// Messages between two addresses are listed newest first with their texts; others are not.
    pub async fn sent_messages_are_listed(fixture: &CarrierFixture) {
        let (access, message) = (fixture.main().access(), from_main(fixture));
        let other =
            OutgoingMessage { to: Address::parse("+14155559998").unwrap(), ..message.clone() };
        create(fixture, &access, &other).await;
        let mut sids = Vec::new();
        for body in ["one", "two & three"] {
            let message = OutgoingMessage { body: Body::new(body), ..message.clone() };
            sids.push(create(fixture, &access, &message).await);
        }
        let sent = fixture.messages().sent(&access, &message.from, &message.to).await.unwrap();
        let found: Vec<_> =
            sent.iter().map(|sighting| (sighting.sid, sighting.body.as_str())).collect();
        assert_eq!(found, [(sids[1], "two & three"), (sids[0], "one")]);
        assert!(sent.iter().all(|sighting| sighting.created_at.seconds() > 1_700_000_000));
    }

    /// A sender of another channel sends on its channel.
    pub async fn a_sender_of_a_channel_sends_messages(fixture: &CarrierFixture) {
        let message = OutgoingMessage {
            to: Address::parse("whatsapp:+14155559999").unwrap(),
            ..text(fixture.main().senders[0].address.clone(), "hello")
        };
        let sid = create(fixture, &fixture.main().access(), &message).await;
        assert_eq!(fixture.witness.messages(fixture.main().account.sid), [sent(sid, &message)]);
    }

    /// A message of a Messaging Service is sent from the given number of its pool.
    pub async fn a_service_sends_from_a_number_of_its_pool(fixture: &CarrierFixture) {
        let pooled_service = &fixture.main().services[0];
        let is_member = |number: &&CarrierNumber| number.sid == pooled_service.pool[0];
        let number = fixture.main().numbers.iter().find(is_member).unwrap();
        let message = OutgoingMessage {
            service: Some(pooled_service.service.sid),
            ..text(number.sender.address(), "hello")
        };
        let sid = create(fixture, &fixture.main().access(), &message).await;
        assert_eq!(fixture.witness.messages(fixture.main().account.sid), [sent(sid, &message)]);
    }

    /// A sender that does not belong to the account is refused.
    pub async fn a_sender_of_nobody_or_of_another_account_is_refused(fixture: &CarrierFixture) {
        let access = fixture.main().access();
        for from in [
            fixture.sub().numbers[0].sender.address(),
            fixture.sub().senders[0].address.clone(),
            Address::parse("+14155550000").unwrap(),
        ] {
            let result = fixture.messages().create(&access, &text(from, "hello")).await;
            assert_refused(result, "message.create");
        }
        let foreign = OutgoingMessage {
            service: Some(fixture.sub().services[0].service.sid),
            ..from_main(fixture)
        };
        let result = fixture.messages().create(&access, &foreign).await;
        assert_refused(result, "message.create");
        for owner in [fixture.main(), fixture.sub()] {
            assert_eq!(fixture.witness.messages(owner.account.sid), []);
        }
    }

    /// A template is sent without a text. Twilio renders it.
    pub async fn a_template_is_accepted_without_a_text(fixture: &CarrierFixture) {
        let template = FilledTemplate {
            content: ContentSid::parse(&format!("HX{}", "1".repeat(32))).unwrap(),
            variables: vec![("1".to_owned(), "We are \"open\" é".to_owned())],
        };
        let message =
            OutgoingMessage { template: Some(template), body: Body::new(""), ..from_main(fixture) };
        create(fixture, &fixture.main().access(), &message).await;
    }

    /// A message without text and media is refused.
    pub async fn an_empty_message_is_refused(fixture: &CarrierFixture) {
        let empty = OutgoingMessage { body: Body::new(""), ..from_main(fixture) };
        let result = fixture.messages().create(&fixture.main().access(), &empty).await;
        assert_refused(result, "message.create");
    }

    /// An invalid token sends nothing.
    pub async fn wrong_credentials_are_reported(fixture: &CarrierFixture) {
        let owner = fixture.main();
        let result = fixture.messages().create(&owner.wrong(), &from_main(fixture)).await;
        assert_unauthorized(result, "message.create", owner);
        assert_eq!(fixture.witness.messages(owner.account.sid), []);
    }

    /// A suspended or closed account sends nothing.
    pub async fn an_inactive_account_is_reported(fixture: &CarrierFixture) {
        for owner in fixture.inactive() {
            let message = text(owner.numbers[0].sender.address(), "hello");
            let result = fixture.messages().create(&owner.access(), &message).await;
            assert_inactive(result, "message.create", owner);
        }
    }

    /// An API key can send messages, and so can the owner's token.
    pub async fn an_api_key_or_the_parents_token_is_enough(fixture: &CarrierFixture) {
        let owner = fixture.sub();
        let message = text(owner.numbers[0].sender.address(), "hello");
        for access in [owner.by_key(), owner.by_parent(fixture.main())] {
            create(fixture, &access, &message).await;
        }
        assert_eq!(fixture.witness.messages(owner.account.sid).len(), 2);
    }
}
