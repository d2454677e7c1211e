//! What was seen at the carrier of one number and of what decides in its place.

use super::{Configuration, Field};
use crate::carrier::{CarrierApplication, CarrierNumber, CarrierSender, MessagingService, Region};

/// A number at the carrier, with everything that can override its URLs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// The number.
    pub number: CarrierNumber,
    /// The application that takes its calls, where one does and is known.
    pub voice_application: Option<CarrierApplication>,
    /// The application that takes its messages, where one does and is known.
    pub sms_application: Option<CarrierApplication>,
    /// The Messaging Service whose pool it is in.
    pub service: Option<Membership>,
    /// Its sender, where it has one.
    pub sender: Option<CarrierSender>,
    /// The region that processes its calls, where that was asked for.
    pub region: Option<Region>,
}

/// A number's place in the pool of a Messaging Service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership {
    /// The service.
    pub service: MessagingService,
    /// How many other numbers are in the pool: what is changed about the service is changed for them.
    pub others: usize,
}

impl Observed {
    /// A number that nothing else decides for.
    pub const fn of(number: CarrierNumber) -> Self {
        Self {
            number,
            voice_application: None,
            sms_application: None,
            service: None,
            sender: None,
            region: None,
        }
    }

    /// Every field of every resource that was seen.
    pub fn configuration(&self) -> Configuration {
        let mut all = self.number.configuration.clone();
        if let Some(sender) = &self.sender {
            all = all.or(&sender.configuration);
        }
        if let Some(membership) = &self.service {
            let webhook = membership.service.inbound_webhook;
            all.extend([(Field::ServiceDefers, webhook.as_setting())]);
        }
        all
    }
}
