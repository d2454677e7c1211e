//! The laws of [`SenderCarrier`](switchboard_domain::ports::carrier::SenderCarrier).

use switchboard_domain::address::Channel;
use switchboard_domain::carrier::CarrierSender;
use switchboard_domain::configuration::{Configuration, Field, Part};

use super::{CarrierWorld, Holding, refused, samples};

/// The senders of an account and a channel in the order in which they are listed.
fn sorted(owner: &Holding, channel: Channel) -> Vec<CarrierSender> {
    let of_channel = |sender: &&CarrierSender| sender.address.message_channel() == channel;
    let mut senders: Vec<_> = owner.senders.iter().filter(of_channel).cloned().collect();
    senders.sort_by_key(|sender| sender.sid);
    senders
}

/// Two fields that any sender takes.
fn changes() -> Configuration {
    Configuration::new()
        .with(Field::SenderCallbackUrl, "https://example.com/new")
        .with(Field::SenderFallbackUrl, "https://example.com/fallback")
}

/// A sender as it is now.
async fn now(world: &CarrierWorld, owner: &Holding, sender: &CarrierSender) -> CarrierSender {
    world.senders.fetch(&owner.access(), sender.sid).await.unwrap().unwrap()
}

carrier_laws! {
    $
    /// Stamps the laws of `SenderCarrier` on a harness.
    sender_carrier_laws in senders;

    /// However many pages there are, each sender is there once, and none of another channel or account.
    async fn every_sender_of_a_channel_is_listed_in_order(world: &CarrierWorld) {
        for owner in [world.main(), world.sub(), world.bare()] {
            for channel in [Channel::WhatsApp, Channel::Rcs] {
                let listed = world.senders.list(&owner.access(), channel).await.unwrap();
                assert_eq!(listed, sorted(owner, channel));
            }
        }
    }

    /// What is no channel of senders has none.
    async fn other_channels_have_no_senders(world: &CarrierWorld) {
        for channel in [Channel::Voice, Channel::Sms, Channel::Messenger] {
            let listed = world.senders.list(&world.main().access(), channel).await.unwrap();
            assert_eq!(listed, []);
        }
    }

    /// What is listed can be fetched.
    async fn a_sender_is_fetched_as_it_is_listed(world: &CarrierWorld) {
        for sender in [&world.main().senders[0], world.main().senders.last().unwrap()] {
            assert_eq!(&now(world, world.main(), sender).await, sender);
        }
    }

    /// Absence is no error, and what others have is absent.
    async fn a_sender_of_nobody_or_of_another_account_is_not_found(world: &CarrierWorld) {
        let access = world.main().access();
        for sender in [samples::sender_sid(9_999), world.sub().senders[0].sid] {
            assert_eq!(world.senders.fetch(&access, sender).await.unwrap(), None);
        }
    }

    /// Other fields of the webhook stay as they are.
    async fn only_the_fields_that_are_named_change(world: &CarrierWorld) {
        let sender = &world.main().senders[0];
        world.senders.update(&world.main().access(), sender.sid, &changes()).await.unwrap();
        let configuration = changes().or(&sender.configuration);
        let expected = CarrierSender { configuration, ..sender.clone() };
        assert_eq!(now(world, world.main(), sender).await, expected);
        let other = &world.main().senders[1];
        assert_eq!(&now(world, world.main(), other).await, other);
    }

    /// Each field takes a value, and gives it back when it is cleared.
    async fn every_field_can_be_set_and_cleared(world: &CarrierWorld) {
        let sender = &world.main().senders[0];
        let access = world.main().access();
        let mut expected = sender.configuration.clone();
        for field in Field::ALL.into_iter().filter(|field| field.part() == Part::Sender) {
            let value = if field.is_method() { "PUT" } else { "https://example.com/field" };
            for value in [value, ""] {
                expected.set(field, value);
                let change = Configuration::new().with(field, value);
                world.senders.update(&access, sender.sid, &change).await.unwrap();
                let now = now(world, world.main(), sender).await;
                let told = (now.configuration.get(field), now.configuration == expected);
                assert_eq!(told, (Some(value), true), "{field}");
            }
        }
    }

    /// What belongs to a number or to a service does not matter for a sender.
    async fn fields_of_other_parts_are_passed_over(world: &CarrierWorld) {
        let sender = &world.main().senders[0];
        let foreign = Configuration::new()
            .with(Field::VoiceUrl, "https://example.com/number")
            .with(Field::ServiceDefers, "true");
        for changes in [foreign, Configuration::new()] {
            world.senders.update(&world.main().access(), sender.sid, &changes).await.unwrap();
            assert_eq!(&now(world, world.main(), sender).await, sender);
        }
    }

    /// A value that makes no sense is refused, with all that comes with it.
    async fn what_makes_no_sense_is_refused_whole(world: &CarrierWorld) {
        let sender = &world.main().senders[0];
        let wrong = changes().with(Field::SenderCallbackMethod, "FROB");
        let result = world.senders.update(&world.main().access(), sender.sid, &wrong).await;
        refused::refused(result, "sender.update");
        assert_eq!(&now(world, world.main(), sender).await, sender);
    }

    /// What others have cannot be changed, and stays.
    async fn a_sender_of_nobody_or_of_another_account_cannot_be_changed(world: &CarrierWorld) {
        let access = world.main().access();
        let foreign = &world.sub().senders[0];
        for sid in [samples::sender_sid(9_999), foreign.sid] {
            for changes in [changes(), Configuration::new()] {
                let result = world.senders.update(&access, sid, &changes).await;
                refused::missing(result, "sender.update", world.main());
            }
        }
        assert_eq!(&now(world, world.sub(), foreign).await, foreign);
    }

    /// An API key opens senders, whatever the token is.
    async fn an_api_key_is_enough(world: &CarrierWorld) {
        let owner = world.sub();
        let (access, sender) = (owner.by_key(), &owner.senders[0]);
        let listed = world.senders.list(&access, Channel::WhatsApp).await.unwrap();
        assert_eq!(listed, sorted(owner, Channel::WhatsApp));
        assert!(world.senders.fetch(&access, sender.sid).await.unwrap().is_some());
        world.senders.update(&access, sender.sid, &changes()).await.unwrap();
    }

    /// A token that is nobody's opens nothing, and the owner's opens no senders.
    async fn wrong_credentials_are_told(world: &CarrierWorld) {
        let owner = world.sub();
        let sender = &owner.senders[0];
        for access in [owner.wrong(), owner.by_parent(world.main())] {
            let listed = world.senders.list(&access, Channel::WhatsApp).await;
            refused::unauthorized(listed, "sender.list", owner);
            let fetched = world.senders.fetch(&access, sender.sid).await;
            refused::unauthorized(fetched, "sender.fetch", owner);
            let result = world.senders.update(&access, sender.sid, &changes()).await;
            refused::unauthorized(result, "sender.update", owner);
        }
        assert_eq!(&now(world, owner, sender).await, sender);
    }

    /// An account that is suspended or closed is told from one with a wrong token.
    async fn an_account_that_is_not_active_is_told(world: &CarrierWorld) {
        for owner in world.inactive() {
            let listed = world.senders.list(&owner.access(), Channel::WhatsApp).await;
            refused::inactive(listed, "sender.list", owner);
        }
    }
}
