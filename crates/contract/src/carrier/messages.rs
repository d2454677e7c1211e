//! The laws of [`MessageCarrier`](switchboard_domain::ports::carrier::MessageCarrier).

use switchboard_domain::address::Address;
use switchboard_domain::carrier::{CarrierNumber, OutgoingMessage};
use switchboard_domain::sid::MessageSid;
use switchboard_domain::web_address::WebUrl;

use super::{CarrierWorld, SentMessage, refused};

/// A text from a sender.
fn text(from: Address, body: &str) -> OutgoingMessage {
    OutgoingMessage {
        to: Address::parse("+14155559999").unwrap(),
        from,
        service: None,
        body: body.to_owned(),
        media: Vec::new(),
        status_callback: None,
    }
}

/// A text from a number of the main account.
fn from_main(world: &CarrierWorld) -> OutgoingMessage {
    text(Address::Phone(world.main().numbers[0].phone_number), "Zoë & 世界 = 1+1?")
}

/// What is seen of a message that was sent.
fn sent(sid: MessageSid, message: &OutgoingMessage) -> SentMessage {
    SentMessage {
        sid: sid.to_string(),
        to: message.to.to_text(),
        from: message.from.to_text(),
        body: message.body.clone(),
        media: message.media.iter().map(|url| url.as_str().to_owned()).collect(),
        status_callback: message.status_callback.clone().unwrap_or_default(),
    }
}

carrier_laws! {
    $
    /// Stamps the laws of `MessageCarrier` on a harness.
    message_carrier_laws in messages;

    /// To the letter, and known by the SID that is told.
    async fn a_message_is_sent_once_as_it_is(world: &CarrierWorld) {
        let message = OutgoingMessage {
            status_callback: Some("https://example.com/status?a=b&c=d".to_owned()),
            ..from_main(world)
        };
        let sid = world.messages.create(&world.main().access(), &message).await.unwrap();
        assert_eq!(world.witness.messages(world.main().account.sid), [sent(sid, &message)]);
    }

    /// All of them, in their order, and no text where there is none.
    async fn media_are_sent_with_a_message(world: &CarrierWorld) {
        let url = |name| WebUrl::parse(&format!("https://example.com/{name}?a=b&c=d")).unwrap();
        let media = vec![url("one"), url("two")];
        let message = OutgoingMessage { body: String::new(), media, ..from_main(world) };
        let sid = world.messages.create(&world.main().access(), &message).await.unwrap();
        assert_eq!(world.witness.messages(world.main().account.sid), [sent(sid, &message)]);
    }

    /// The same message twice is two messages.
    async fn each_message_has_its_own_sid(world: &CarrierWorld) {
        let (access, message) = (world.main().access(), from_main(world));
        let one = world.messages.create(&access, &message).await.unwrap();
        let other = world.messages.create(&access, &message).await.unwrap();
        assert_ne!(one, other);
        assert_eq!(world.witness.messages(access.account).len(), 2);
    }

    /// A sender of another channel sends too, on its channel.
    async fn a_sender_of_a_channel_sends_messages(world: &CarrierWorld) {
        let message = OutgoingMessage {
            to: Address::parse("whatsapp:+14155559999").unwrap(),
            ..text(world.main().senders[0].address.clone(), "hello")
        };
        let sid = world.messages.create(&world.main().access(), &message).await.unwrap();
        assert_eq!(world.witness.messages(world.main().account.sid), [sent(sid, &message)]);
    }

    /// The number that the message came to answers, and the service knows of it.
    async fn a_service_sends_from_a_number_of_its_pool(world: &CarrierWorld) {
        let keeping = &world.main().services[0];
        let is_member = |number: &&CarrierNumber| number.sid == keeping.pool[0];
        let number = world.main().numbers.iter().find(is_member).unwrap();
        let message = OutgoingMessage {
            service: Some(keeping.service.sid),
            ..text(Address::Phone(number.phone_number), "hello")
        };
        let sid = world.messages.create(&world.main().access(), &message).await.unwrap();
        assert_eq!(world.witness.messages(world.main().account.sid), [sent(sid, &message)]);
    }

    /// Nothing is sent in the name of somebody else.
    async fn a_sender_of_nobody_or_of_another_account_is_refused(world: &CarrierWorld) {
        let access = world.main().access();
        for from in [
            Address::Phone(world.sub().numbers[0].phone_number),
            world.sub().senders[0].address.clone(),
            Address::parse("+14155550000").unwrap(),
        ] {
            let result = world.messages.create(&access, &text(from, "hello")).await;
            refused::refused(result, "message.create");
        }
        let foreign =
            OutgoingMessage { service: Some(world.sub().services[0].service.sid), ..from_main(world) };
        let result = world.messages.create(&access, &foreign).await;
        refused::refused(result, "message.create");
        for owner in [world.main(), world.sub()] {
            assert_eq!(world.witness.messages(owner.account.sid), []);
        }
    }

    /// A message that says nothing is none.
    async fn an_empty_message_is_refused(world: &CarrierWorld) {
        let empty = OutgoingMessage { body: String::new(), ..from_main(world) };
        let result = world.messages.create(&world.main().access(), &empty).await;
        refused::refused(result, "message.create");
    }

    /// A token that is nobody's sends nothing.
    async fn wrong_credentials_are_told(world: &CarrierWorld) {
        let owner = world.main();
        let result = world.messages.create(&owner.wrong(), &from_main(world)).await;
        refused::unauthorized(result, "message.create", owner);
        assert_eq!(world.witness.messages(owner.account.sid), []);
    }

    /// An account that is suspended or closed sends nothing.
    async fn an_account_that_is_not_active_is_told(world: &CarrierWorld) {
        for owner in world.inactive() {
            let message = text(Address::Phone(owner.numbers[0].phone_number), "hello");
            let result = world.messages.create(&owner.access(), &message).await;
            refused::inactive(result, "message.create", owner);
        }
    }

    /// An API key sends, and so does the owner's token.
    async fn an_api_key_or_the_parents_token_is_enough(world: &CarrierWorld) {
        let owner = world.sub();
        let message = text(Address::Phone(owner.numbers[0].phone_number), "hello");
        for access in [owner.by_key(), owner.by_parent(world.main())] {
            world.messages.create(&access, &message).await.unwrap();
        }
        assert_eq!(world.witness.messages(owner.account.sid).len(), 2);
    }
}
