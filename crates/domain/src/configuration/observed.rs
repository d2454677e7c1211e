//! The observed configuration of a number, and of the resources that can override it.

use super::{Configuration, Field};
use crate::carrier::{
    Capabilities, CarrierApplication, CarrierNumber, CarrierSender, MessagingService, Region,
};
use crate::sender::Sender;
use crate::sid::AccountSid;

/// A number at the carrier, with everything that can override its URLs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// The number as Twilio describes it.
    pub number: CarrierNumber,
    /// The application that gets the calls of the number, if there is one and it is known.
    pub voice_application: Option<CarrierApplication>,
    /// The application that gets the messages of the number, if there is one and it is known.
    pub sms_application: Option<CarrierApplication>,
    /// The Messaging Service whose pool contains the number.
    pub service: Option<Membership>,
    /// The sender of the number; `None` if it has none.
    pub sender: Option<CarrierSender>,
    /// The region that processes the calls of the number; `None` if it was not read.
    pub region: Option<Region>,
}

/// The membership of a number in the pool of a Messaging Service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership {
    /// The Messaging Service, whose URLs override those of the number.
    pub service: MessagingService,
    /// The count of other numbers in the pool. A change of the service also affects them.
    pub others: usize,
}

impl Observed {
    /// A `WhatsApp` or RCS sender that is no number of the account, or is configured apart from it.
    pub fn of_sender(known: &CarrierSender, sender: Sender, account: AccountSid) -> Self {
        let number = CarrierNumber {
            sid: known.sid.into(),
            sender,
            account,
            capabilities: Capabilities::default(),
            configuration: Configuration::new(),
        };
        Self { sender: Some(known.clone()), ..Self::of(number) }
    }

    /// A number that no other resource overrides.
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

    /// All fields of all observed resources.
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
