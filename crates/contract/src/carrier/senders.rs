//! The laws of [`SenderCarrier`](switchboard_domain::ports::carrier::SenderCarrier).

use switchboard_domain::address::Channel;

use super::expect_error::{assert_inactive, assert_missing, assert_refused, assert_unauthorized};
use super::{CarrierFixture, Holding, samples};
use crate::prelude::*;

/// The senders of an account and a channel, ordered as they are listed.
fn sorted(owner: &Holding, channel: Channel) -> Vec<CarrierSender> {
    let of_channel = |sender: &&CarrierSender| sender.address.message_channel() == channel;
    let mut senders: Vec<_> = owner.senders.iter().filter(of_channel).cloned().collect();
    senders.sort_by_key(|sender| sender.sid);
    senders
}

/// Two fields that every sender has.
fn changes() -> Configuration {
    Configuration::new()
        .with(Field::SenderCallbackUrl, "https://example.com/new")
        .with(Field::SenderFallbackUrl, "https://example.com/fallback")
}

/// The current state of a sender.
async fn now(fixture: &CarrierFixture, owner: &Holding, sender: &CarrierSender) -> CarrierSender {
    fixture.senders().fetch(&owner.access(), sender.sid).await.unwrap().unwrap()
}

#[laws(carrier::senders::sender_carrier_laws)]
pub mod laws {
    use super::*;

    /// Each sender is listed once across all pages, without those of other channels and accounts.
    pub async fn every_sender_of_a_channel_is_listed_in_order(fixture: &CarrierFixture) {
        for owner in [fixture.main(), fixture.sub(), fixture.bare()] {
            for channel in [Channel::WhatsApp, Channel::Rcs] {
                let listed = fixture.senders().list(&owner.access(), channel).await.unwrap();
                assert_eq!(listed, sorted(owner, channel));
            }
        }
    }

    /// The list of a channel other than WhatsApp and RCS is empty.
    pub async fn other_channels_have_no_senders(fixture: &CarrierFixture) {
        for channel in [Channel::Voice, Channel::Sms, Channel::Messenger] {
            let listed = fixture.senders().list(&fixture.main().access(), channel).await.unwrap();
            assert_eq!(listed, []);
        }
    }

    /// Fetching a sender returns the same as listing it.
    pub async fn a_sender_is_fetched_as_it_is_listed(fixture: &CarrierFixture) {
        for sender in [&fixture.main().senders[0], fixture.main().senders.last().unwrap()] {
            assert_eq!(&now(fixture, fixture.main(), sender).await, sender);
        }
    }

    /// A sender that does not exist or that another account owns is not found. This is not an
    /// error.
    pub async fn a_sender_of_nobody_or_of_another_account_is_not_found(fixture: &CarrierFixture) {
        let access = fixture.main().access();
        for sender in [samples::sender_sid(9_999), fixture.sub().senders[0].sid] {
            assert_eq!(fixture.senders().fetch(&access, sender).await.unwrap(), None);
        }
    }

    /// Other fields of the webhook stay unchanged.
    pub async fn only_the_fields_that_are_named_change(fixture: &CarrierFixture) {
        let sender = &fixture.main().senders[0];
        fixture.senders().update(&fixture.main().access(), sender.sid, &changes()).await.unwrap();
        let configuration = changes().or(&sender.configuration);
        let expected = CarrierSender { configuration, ..sender.clone() };
        assert_eq!(now(fixture, fixture.main(), sender).await, expected);
        let other = &fixture.main().senders[1];
        assert_eq!(&now(fixture, fixture.main(), other).await, other);
    }

    /// Each field accepts a value, and can be cleared.
    pub async fn every_field_can_be_set_and_cleared(fixture: &CarrierFixture) {
        let sender = &fixture.main().senders[0];
        let access = fixture.main().access();
        let mut expected = sender.configuration.clone();
        for field in Field::ALL.into_iter().filter(|field| field.part() == Part::Sender) {
            let value = if field.is_method() { "PUT" } else { "https://example.com/field" };
            for value in [value, ""] {
                expected.extend([(field, value)]);
                let change = Configuration::new().with(field, value);
                fixture.senders().update(&access, sender.sid, &change).await.unwrap();
                let now = now(fixture, fixture.main(), sender).await;
                let reported = (now.configuration.get(field), now.configuration == expected);
                assert_eq!(reported, (Some(value), true), "{field}");
            }
        }
    }

    /// Fields of a number or a service are ignored.
    pub async fn fields_of_other_parts_are_passed_over(fixture: &CarrierFixture) {
        let sender = &fixture.main().senders[0];
        let foreign = Configuration::new()
            .with(Field::VoiceUrl, "https://example.com/number")
            .with(Field::ServiceDefers, "true");
        for changes in [foreign, Configuration::new()] {
            fixture.senders().update(&fixture.main().access(), sender.sid, &changes).await.unwrap();
            assert_eq!(&now(fixture, fixture.main(), sender).await, sender);
        }
    }

    /// If one value is invalid, the whole update is refused.
    pub async fn what_makes_no_sense_is_refused_whole(fixture: &CarrierFixture) {
        let sender = &fixture.main().senders[0];
        let wrong = changes().with(Field::SenderCallbackMethod, "FROB");
        let result = fixture.senders().update(&fixture.main().access(), sender.sid, &wrong).await;
        assert_refused(result, "sender.update");
        assert_eq!(&now(fixture, fixture.main(), sender).await, sender);
    }

    /// A sender of another account cannot be changed.
    pub async fn a_sender_of_nobody_or_of_another_account_cannot_be_changed(
        fixture: &CarrierFixture,
    ) {
        let access = fixture.main().access();
        let foreign = &fixture.sub().senders[0];
        for sid in [samples::sender_sid(9_999), foreign.sid] {
            for changes in [changes(), Configuration::new()] {
                let result = fixture.senders().update(&access, sid, &changes).await;
                assert_missing(result, "sender.update", fixture.main());
            }
        }
        assert_eq!(&now(fixture, fixture.sub(), foreign).await, foreign);
    }

    /// An API key gives access to senders, whatever the token is.
    pub async fn an_api_key_is_enough(fixture: &CarrierFixture) {
        let owner = fixture.sub();
        let (access, sender) = (owner.by_key(), &owner.senders[0]);
        let listed = fixture.senders().list(&access, Channel::WhatsApp).await.unwrap();
        assert_eq!(listed, sorted(owner, Channel::WhatsApp));
        assert!(fixture.senders().fetch(&access, sender.sid).await.unwrap().is_some());
        fixture.senders().update(&access, sender.sid, &changes()).await.unwrap();
    }

    /// An invalid token gives no access to senders, and neither does the owner's token.
    pub async fn wrong_credentials_are_reported(fixture: &CarrierFixture) {
        let owner = fixture.sub();
        let sender = &owner.senders[0];
        for access in [owner.wrong(), owner.by_parent(fixture.main())] {
            let listed = fixture.senders().list(&access, Channel::WhatsApp).await;
            assert_unauthorized(listed, "sender.list", owner);
            let fetched = fixture.senders().fetch(&access, sender.sid).await;
            assert_unauthorized(fetched, "sender.fetch", owner);
            let result = fixture.senders().update(&access, sender.sid, &changes()).await;
            assert_unauthorized(result, "sender.update", owner);
        }
        assert_eq!(&now(fixture, owner, sender).await, sender);
    }

    /// The error for a suspended or closed account differs from the error for a wrong token.
    pub async fn an_inactive_account_is_reported(fixture: &CarrierFixture) {
        for owner in fixture.inactive() {
            let listed = fixture.senders().list(&owner.access(), Channel::WhatsApp).await;
            assert_inactive(listed, "sender.list", owner);
        }
    }
}
