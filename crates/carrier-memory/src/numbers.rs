//! Numbers.

use async_trait::async_trait;
use switchboard_domain::carrier::{CarrierAccess, CarrierError, CarrierNumber, Region};
use switchboard_domain::configuration::{Configuration, Field, Part};
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::ports::carrier::NumberCarrier;
use switchboard_domain::sender::Sender;
use switchboard_domain::sid::NumberSid;

use crate::MemoryCarrier;
use crate::auth::Keys;
use crate::validation::invalid_for_number;

#[async_trait]
impl NumberCarrier for MemoryCarrier {
    async fn list(&self, access: &CarrierAccess) -> Result<Vec<CarrierNumber>, CarrierError> {
        self.ask("number.list", access, Keys::OwnOrParent, |op| {
            Ok(sorted(op.stored.numbers.values().filter(|number| !number.sid.is_short_code())))
        })
    }

    async fn short_codes(
        &self,
        access: &CarrierAccess,
    ) -> Result<Vec<CarrierNumber>, CarrierError> {
        self.ask("short_code.list", access, Keys::OwnOrParent, |op| {
            Ok(sorted(op.stored.numbers.values().filter(|number| number.sid.is_short_code())))
        })
    }

    async fn find(
        &self,
        access: &CarrierAccess,
        sender: Sender,
    ) -> Result<Option<CarrierNumber>, CarrierError> {
        self.ask("number.find", access, Keys::OwnOrParent, |op| {
            Ok(op.stored.number(sender).cloned())
        })
    }

    async fn update(
        &self,
        access: &CarrierAccess,
        number: NumberSid,
        changes: &Configuration,
    ) -> Result<CarrierNumber, CarrierError> {
        self.ask("number.update", access, Keys::OwnOrParent, |op| {
            let changes = changes.of(Part::Number);
            let Some(stored) = op.stored.numbers.get(&number) else { return Err(op.missing()) };
            if let Some(field) = invalid_for_number(op.stored, &changes) {
                return Err(op.refused(21402, &format!("{field} is not valid")));
            }
            let mut after = stored.clone();
            apply(&mut after.configuration, &changes);
            if !changes.is_empty() {
                op.stored.numbers.insert(number, after.clone());
                op.wrote(number.to_string(), changes);
            }
            Ok(after)
        })
    }

    async fn region(
        &self,
        access: &CarrierAccess,
        phone_number: PhoneNumber,
    ) -> Result<Option<Region>, CarrierError> {
        self.ask("number.region", access, Keys::Own, |op| {
            let region = op.stored.regions.get(&phone_number).copied().unwrap_or_default();
            Ok(op.stored.number(phone_number.into()).map(|_| region))
        })
    }
}

fn sorted<'a>(numbers: impl Iterator<Item = &'a CarrierNumber>) -> Vec<CarrierNumber> {
    let mut numbers: Vec<_> = numbers.cloned().collect();
    numbers.sort_by_key(|number| number.sender);
    numbers
}

/// A trunk and an application for calls exclude each other: setting one clears the other
/// (Twilio, "`IncomingPhoneNumber` resource: `TrunkSid`").
fn apply(configuration: &mut Configuration, changes: &Configuration) {
    for (field, value) in changes.iter() {
        configuration.extend([(field, value)]);
        let excluded = match field {
            Field::VoiceApplicationSid => Field::TrunkSid,
            Field::TrunkSid => Field::VoiceApplicationSid,
            _ => continue,
        };
        if !value.is_empty() {
            configuration.extend([(excluded, "")]);
        }
    }
}
