//! What is at the carrier, by as few calls as tell it.

use std::collections::HashMap;

use switchboard_domain::address::{Address, Channel};
use switchboard_domain::carrier::{
    CarrierAccess, CarrierApplication, CarrierError, CarrierNumber, CarrierSender, Region,
};
use switchboard_domain::causes::Causes;
use switchboard_domain::configuration::{AdoptedConfiguration, Field, Membership, Observed, Part};
use switchboard_domain::number::Channels;
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::ports::carrier::{
    ApplicationCarrier, Carrier, NumberCarrier, SenderCarrier, ServiceCarrier,
};
use switchboard_domain::sid::{NumberSid, ServiceSid};

/// Looks at numbers of one account.
pub struct Survey<'a> {
    carrier: &'a dyn Carrier,
    access: &'a CarrierAccess,
}

/// What decides in place of numbers' own URLs, in one account.
#[derive(Default)]
pub struct Surroundings {
    applications: Vec<CarrierApplication>,
    memberships: HashMap<NumberSid, Membership>,
    senders: HashMap<PhoneNumber, CarrierSender>,
}

impl<'a> Survey<'a> {
    /// Looks by `access`.
    pub const fn new(carrier: &'a dyn Carrier, access: &'a CarrierAccess) -> Self {
        Self { carrier, access }
    }

    /// One number with all that decides for it on `channels`, and the region of its calls; none if the account does
    /// not have it.
    pub async fn number(
        &self,
        phone_number: PhoneNumber,
        channels: Option<Channels>,
    ) -> Result<Option<Observed>, CarrierError> {
        let Some(number) = NumberCarrier::find(self.carrier, self.access, phone_number).await?
        else {
            return Ok(None);
        };
        let surroundings = self.surroundings(std::slice::from_ref(&number), &[channels]).await?;
        let mut observed = surroundings.around(number);
        observed.region = self.region(phone_number).await;
        Ok(Some(observed))
    }

    /// Where the region cannot be told, a wrong one goes unnoticed, which is no reason to do nothing else.
    async fn region(&self, phone_number: PhoneNumber) -> Option<Region> {
        match NumberCarrier::region(self.carrier, self.access, phone_number).await {
            Ok(region) => region,
            Err(error) => {
                let account = self.access.account;
                tracing::debug!(account.sid = %account, error = %Causes(&error), "region of a number not told");
                None
            }
        }
    }

    /// A number that was seen before, as it is now, with those of its resources that `parts` name.
    pub async fn again(
        &self,
        before: &Observed,
        parts: &[Part],
    ) -> Result<Option<Observed>, CarrierError> {
        let phone_number = before.number.phone_number;
        let Some(number) = NumberCarrier::find(self.carrier, self.access, phone_number).await?
        else {
            return Ok(None);
        };
        let sender = before.sender.as_ref().filter(|_| parts.contains(&Part::Sender));
        let service = before.service.as_ref().filter(|_| parts.contains(&Part::Service));
        let mut now = Observed { number, ..before.clone() };
        if let Some(known) = sender {
            now.sender = SenderCarrier::fetch(self.carrier, self.access, known.sid).await?;
        }
        if let Some(known) = service {
            now.service = self.service(known.service.sid, known.others).await?;
        }
        Ok(Some(now))
    }

    /// A number with those resources that were taken over with it.
    pub async fn adopted(
        &self,
        phone_number: PhoneNumber,
        adopted: &AdoptedConfiguration,
    ) -> Result<Option<Observed>, CarrierError> {
        let Some(number) = NumberCarrier::find(self.carrier, self.access, phone_number).await?
        else {
            return Ok(None);
        };
        let mut observed = Observed::of(number);
        if let Some(sender) = adopted.sender {
            observed.sender = SenderCarrier::fetch(self.carrier, self.access, sender).await?;
        }
        if let (Some(service), Some(_)) = (adopted.service, adopted.ours.get(Field::ServiceDefers))
        {
            observed.service = self.service(service, 0).await?;
        }
        Ok(Some(observed))
    }

    async fn service(
        &self,
        sid: ServiceSid,
        others: usize,
    ) -> Result<Option<Membership>, CarrierError> {
        let services = ServiceCarrier::list(self.carrier, self.access).await?;
        let found = services.into_iter().find(|service| service.sid == sid);
        Ok(found.map(|service| Membership { service, others }))
    }

    /// All numbers of the account.
    pub async fn numbers(&self) -> Result<Vec<CarrierNumber>, CarrierError> {
        NumberCarrier::list(self.carrier, self.access).await
    }

    /// What decides for these numbers, which are answered on these channels: each list is asked for once, and only
    /// if it matters to one of them.
    pub async fn surroundings(
        &self,
        numbers: &[CarrierNumber],
        channels: &[Option<Channels>],
    ) -> Result<Surroundings, CarrierError> {
        let any =
            |channel: Channel| channels.iter().flatten().any(|channels| channels.contains(channel));
        let has_application = numbers.iter().any(|number| {
            [Field::VoiceApplicationSid, Field::SmsApplicationSid]
                .into_iter()
                .any(|field| number.configuration.get(field).is_some_and(|sid| !sid.is_empty()))
        });
        let mut surroundings = Surroundings::default();
        if has_application {
            surroundings.applications = ApplicationCarrier::list(self.carrier, self.access).await?;
        }
        if any(Channel::Sms) {
            surroundings.memberships = self.memberships().await?;
        }
        for channel in [Channel::WhatsApp, Channel::Rcs].into_iter().filter(|channel| any(*channel))
        {
            for sender in SenderCarrier::list(self.carrier, self.access, channel).await? {
                if let Address::WhatsApp(number) | Address::RcsPhone(number) = sender.address {
                    surroundings.senders.entry(number).or_insert(sender);
                }
            }
        }
        Ok(surroundings)
    }

    async fn memberships(&self) -> Result<HashMap<NumberSid, Membership>, CarrierError> {
        let mut memberships = HashMap::new();
        for service in ServiceCarrier::list(self.carrier, self.access).await? {
            let pool = ServiceCarrier::pool(self.carrier, self.access, service.sid).await?;
            let others = pool.len().saturating_sub(1);
            for number in pool {
                let membership = Membership { service: service.clone(), others };
                memberships.insert(number, membership);
            }
        }
        Ok(memberships)
    }
}

impl Surroundings {
    /// A number with what decides for it.
    pub fn around(&self, number: CarrierNumber) -> Observed {
        let application = |field| {
            let sid = number.configuration.get(field).unwrap_or_default();
            self.applications.iter().find(|application| application.sid.as_str() == sid).cloned()
        };
        Observed {
            voice_application: application(Field::VoiceApplicationSid),
            sms_application: application(Field::SmsApplicationSid),
            service: self.memberships.get(&number.sid).cloned(),
            sender: self.senders.get(&number.phone_number).cloned(),
            region: None,
            number,
        }
    }
}
