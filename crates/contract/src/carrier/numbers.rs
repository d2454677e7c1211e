//! The laws of [`NumberCarrier`](switchboard_domain::ports::carrier::NumberCarrier).

use super::expect_error::{assert_inactive, assert_missing, assert_refused, assert_unauthorized};
use super::{CarrierFixture, Holding, samples};
use crate::prelude::*;

/// The numbers of an account, ordered as they are listed.
fn sorted(owner: &Holding) -> Vec<CarrierNumber> {
    let mut numbers = owner.numbers.clone();
    numbers.sort_by_key(|number| number.sender);
    numbers
}

/// A number with some of its fields changed.
fn changed(number: &CarrierNumber, changes: &Configuration) -> CarrierNumber {
    let configuration = changes.clone().or(&number.configuration);
    CarrierNumber { configuration, ..number.clone() }
}

/// Two fields that every number has.
fn urls() -> Configuration {
    Configuration::new()
        .with(Field::VoiceUrl, "https://example.com/new?a=b&c=%C3%A9+d")
        .with(Field::SmsUrl, "https://example.com/texts")
}

#[laws(carrier::numbers::number_carrier_laws)]
pub mod laws {
    use super::*;

    /// Each number is listed once across all pages, with all its fields.
    pub async fn every_number_of_an_account_is_listed_in_order(fixture: &CarrierFixture) {
        for owner in [fixture.main(), fixture.sub(), fixture.bare()] {
            assert_eq!(fixture.numbers().list(&owner.access()).await.unwrap(), sorted(owner));
        }
    }

    /// Finding a number returns the same as listing it.
    pub async fn a_number_is_found_as_it_is_listed(fixture: &CarrierFixture) {
        for number in [&fixture.main().numbers[0], &fixture.main().numbers[59]] {
            assert_eq!(&fixture.now(fixture.main(), number).await, number);
        }
    }

    /// A number that is a prefix of another number is found by its whole text.
    pub async fn a_number_is_distinguished_from_those_that_begin_with_it(fixture: &CarrierFixture) {
        let shorter = fixture.main().numbers.last().unwrap();
        assert_eq!(&fixture.now(fixture.main(), shorter).await, shorter);
    }

    /// A number that does not exist, that another account owns, or of which only a prefix is given
    /// is not found. This is not an error.
    pub async fn a_number_of_nobody_or_of_another_account_is_not_found(fixture: &CarrierFixture) {
        let main = fixture.main().access();
        let beginning = PhoneNumber::parse("+141555501").unwrap();
        let none: [Sender; 3] =
            [samples::phone(9).into(), beginning.into(), fixture.sub().numbers[0].sender];
        for sender in none {
            assert_eq!(fixture.numbers().find(&main, sender).await.unwrap(), None);
        }
    }

    /// Short codes have a list of their own, in which each is listed once across all pages, and are
    /// found as they are listed.
    pub async fn short_codes_are_listed_and_found(fixture: &CarrierFixture) {
        for owner in [fixture.main(), fixture.sub(), fixture.bare()] {
            let mut expected = owner.short_codes.clone();
            expected.sort_by_key(|code| code.sender);
            let listed = fixture.numbers().short_codes(&owner.access()).await.unwrap();
            assert_eq!(listed, expected);
        }
        let code = &fixture.main().short_codes[0];
        assert_eq!(&fixture.now(fixture.main(), code).await, code);
        let foreign = fixture.sub().short_codes[0].sender;
        let found = fixture.numbers().find(&fixture.main().access(), foreign).await.unwrap();
        assert_eq!(found, None);
    }

    /// The URL of a short code changes like that of a number.
    pub async fn the_url_of_a_short_code_changes(fixture: &CarrierFixture) {
        let code = &fixture.main().short_codes[1];
        let changes = Configuration::new().with(Field::SmsUrl, "https://example.com/new");
        let access = fixture.main().access();
        let after = fixture.numbers().update(&access, code.sid, &changes).await.unwrap();
        assert_eq!(after, changed(code, &changes));
        assert_eq!(fixture.now(fixture.main(), code).await, after);
        let foreign = &fixture.sub().short_codes[0];
        let refused = fixture.numbers().update(&access, foreign.sid, &changes).await;
        assert_missing(refused, "number.update", fixture.main());
    }

    /// Other senders are no numbers, so they are not found.
    pub async fn senders_of_channels_are_not_found(fixture: &CarrierFixture) {
        let access = fixture.main().access();
        for text in ["rcs:brand_agent", "whatsapp:+14155550100", "messenger:1234567890"] {
            let sender = Sender::parse(text).unwrap();
            assert_eq!(fixture.numbers().find(&access, sender).await.unwrap(), None);
        }
    }

    /// Only the given fields change, both in the response and in the number that is found
    /// afterwards.
    pub async fn only_the_fields_that_are_named_change(fixture: &CarrierFixture) {
        let number = &fixture.main().numbers[0];
        let expected = changed(number, &urls());
        let access = fixture.main().access();
        let after = fixture.numbers().update(&access, number.sid, &urls()).await.unwrap();
        assert_eq!(after, expected);
        assert_eq!(fixture.now(fixture.main(), number).await, expected);
        let other = &fixture.main().numbers[1];
        assert_eq!(&fixture.now(fixture.main(), other).await, other);
    }

    /// Each field accepts a value, and each field except the methods accepts an empty value.
    pub async fn every_field_can_be_set_and_cleared(fixture: &CarrierFixture) {
        let number = &fixture.main().numbers[0];
        let access = fixture.main().access();
        let mut expected = changed(number, &urls());
        fixture.numbers().update(&access, number.sid, &urls()).await.unwrap();
        let fields = Field::ALL.into_iter().filter(|field| field.part() == Part::Number);
        for field in fields {
            let value = match field {
                Field::VoiceApplicationSid | Field::SmsApplicationSid => {
                    fixture.main().applications[3].sid.to_string()
                }
                Field::TrunkSid => format!("TK{}", "1".repeat(32)),
                field if field.is_method() => "GET".to_owned(),
                _ => "https://example.com/field".to_owned(),
            };
            let before = expected.configuration.get(field).unwrap_or_default().to_owned();
            for value in [value, before] {
                let change = Configuration::new().with(field, value);
                expected = changed(&expected, &change);
                let after = fixture.numbers().update(&access, number.sid, &change).await.unwrap();
                assert_eq!(after, expected, "{field}");
            }
        }
    }

    /// Fields of a sender or a service are ignored.
    pub async fn fields_of_other_parts_are_passed_over(fixture: &CarrierFixture) {
        let number = &fixture.main().numbers[0];
        let access = fixture.main().access();
        let foreign = Configuration::new()
            .with(Field::SenderCallbackUrl, "https://example.com/sender")
            .with(Field::ServiceDefers, "true");
        for (changes, expected) in [
            (foreign.clone(), number.clone()),
            (Configuration::new(), number.clone()),
            (urls().or(&foreign), changed(number, &urls())),
        ] {
            let after = fixture.numbers().update(&access, number.sid, &changes).await.unwrap();
            assert_eq!(after, expected);
        }
    }

    /// A trunk replaces an application as the receiver of calls, and the other way round.
    pub async fn a_trunk_and_an_application_exclude_each_other(fixture: &CarrierFixture) {
        let number = &fixture.main().numbers[0];
        let access = fixture.main().access();
        let application = fixture.main().applications[0].sid.to_string();
        let trunk = format!("TK{}", "1".repeat(32));
        for (field, value, other) in [
            (Field::VoiceApplicationSid, &application, Field::TrunkSid),
            (Field::TrunkSid, &trunk, Field::VoiceApplicationSid),
            (Field::VoiceApplicationSid, &application, Field::TrunkSid),
        ] {
            let change = Configuration::new().with(field, value.clone());
            let after = fixture.numbers().update(&access, number.sid, &change).await.unwrap();
            assert_eq!(after.configuration.get(field), Some(&**value));
            assert_eq!(after.configuration.get(other), Some(""));
        }
    }

    /// If one value is invalid, the whole update is refused.
    pub async fn what_makes_no_sense_is_refused_whole(fixture: &CarrierFixture) {
        let number = &fixture.main().numbers[0];
        let access = fixture.main().access();
        for (field, value) in [(Field::VoiceMethod, "FROB"), (Field::VoiceUrl, "nowhere")] {
            let changes = Configuration::new().with(field, value).or(&urls());
            let result = fixture.numbers().update(&access, number.sid, &changes).await;
            assert_refused(result, "number.update");
            assert_eq!(&fixture.now(fixture.main(), number).await, number);
        }
    }

    /// A number of another account cannot be changed.
    pub async fn a_number_of_nobody_or_of_another_account_cannot_be_changed(
        fixture: &CarrierFixture,
    ) {
        let access = fixture.main().access();
        let foreign = &fixture.sub().numbers[0];
        for sid in [samples::number_sid(9), foreign.sid] {
            for changes in [urls(), Configuration::new()] {
                let result = fixture.numbers().update(&access, sid, &changes).await;
                assert_missing(result, "number.update", fixture.main());
            }
        }
        assert_eq!(&fixture.now(fixture.sub(), foreign).await, foreign);
    }

    /// The calls of a number that was never moved are processed in Virginia.
    pub async fn a_number_has_the_region_that_processes_its_calls(fixture: &CarrierFixture) {
        let access = fixture.main().access();
        for (n, region) in
            [(5_550_100, Region::Us1), (5_550_101, Region::Ie1), (5_550_102, Region::Au1)]
        {
            let found = fixture.numbers().region(&access, samples::phone(n)).await.unwrap();
            assert_eq!(found, Some(region));
        }
    }

    /// Looking up the region of a number that the account does not own is not an error.
    pub async fn a_number_of_nobody_or_of_another_account_has_no_region(fixture: &CarrierFixture) {
        let access = fixture.main().access();
        let other = fixture.sub().numbers[0].sender.as_number().unwrap();
        for phone_number in [samples::phone(9), other] {
            assert_eq!(fixture.numbers().region(&access, phone_number).await.unwrap(), None);
        }
    }

    /// An invalid token gives no access.
    pub async fn wrong_credentials_are_reported(fixture: &CarrierFixture) {
        let (owner, numbers) = (fixture.main(), fixture.numbers());
        let (access, number) = (owner.wrong(), &owner.numbers[0]);
        assert_unauthorized(numbers.list(&access).await, "number.list", owner);
        let found = numbers.find(&access, number.sender).await;
        assert_unauthorized(found, "number.find", owner);
        let after = numbers.update(&access, number.sid, &urls()).await;
        assert_unauthorized(after, "number.update", owner);
        let region = numbers.region(&access, number.sender.as_number().unwrap()).await;
        assert_unauthorized(region, "number.region", owner);
        assert_eq!(&fixture.now(owner, number).await, number);
    }

    /// The error for a suspended or closed account differs from the error for a wrong token.
    pub async fn an_inactive_account_is_reported(fixture: &CarrierFixture) {
        for owner in fixture.inactive() {
            let (access, number) = (owner.access(), &owner.numbers[0]);
            assert_inactive(fixture.numbers().list(&access).await, "number.list", owner);
            let after = fixture.numbers().update(&access, number.sid, &urls()).await;
            assert_inactive(after, "number.update", owner);
        }
    }

    /// An API key gives access to numbers and regions, whatever the token is.
    pub async fn an_api_key_is_enough(fixture: &CarrierFixture) {
        let owner = fixture.sub();
        let (access, number) = (owner.by_key(), &owner.numbers[0]);
        assert_eq!(fixture.numbers().list(&access).await.unwrap(), sorted(owner));
        let after = fixture.numbers().update(&access, number.sid, &urls()).await.unwrap();
        assert_eq!(after, changed(number, &urls()));
        let region =
            fixture.numbers().region(&access, number.sender.as_number().unwrap()).await.unwrap();
        assert_eq!(region, Some(Region::Us1));
    }

    /// The owner's token gives access to numbers, but not to regions.
    pub async fn the_parents_token_helps_where_the_own_one_is_refused(fixture: &CarrierFixture) {
        let owner = fixture.sub();
        let (access, number) = (owner.by_parent(fixture.main()), &owner.numbers[0]);
        assert_eq!(fixture.numbers().list(&access).await.unwrap(), sorted(owner));
        let after = fixture.numbers().update(&access, number.sid, &urls()).await.unwrap();
        assert_eq!(after, changed(number, &urls()));
        let region = fixture.numbers().region(&access, number.sender.as_number().unwrap()).await;
        assert_unauthorized(region, "number.region", owner);
    }
}
