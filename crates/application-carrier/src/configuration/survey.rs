//! Reads numbers and their related resources at the carrier with as few requests as possible.

use std::collections::{HashMap, HashSet};

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
use switchboard_domain::sender::{Sender, SenderKind};
use switchboard_domain::sid::{AccountSid, NumberSid, SenderSid, ServiceSid};

/// Reads numbers of one account.
pub struct Survey<'a> {
    carrier: &'a dyn Carrier,
    access: &'a CarrierAccess,
}

/// The resources of one account that override the URLs of numbers.
#[derive(Default)]
pub struct RelatedResources {
    applications: Vec<CarrierApplication>,
    memberships: HashMap<NumberSid, Membership>,
    senders: HashMap<Sender, CarrierSender>,
}

impl<'a> Survey<'a> {
    /// Reads with these credentials.
    pub const fn new(carrier: &'a dyn Carrier, access: &'a CarrierAccess) -> Self {
        Self { carrier, access }
    }

    /// The number or sender with its region and the resources that override its URLs on `channels`, or `None` if the
    /// account does not own it.
    pub async fn number(
        &self,
        sender: Sender,
        channels: Option<Channels>,
    ) -> Result<Option<Observed>, CarrierError> {
        if is_channel_sender(sender) {
            let related = self.related_resources(&[], &[Some(sender.channels())]).await?;
            return Ok(related.observe_sender(sender, self.access.account));
        }
        let Some(number) = NumberCarrier::find(self.carrier, self.access, sender).await? else {
            return Ok(None);
        };
        let related_resources =
            self.related_resources(std::slice::from_ref(&number), &[channels]).await?;
        let mut observed = related_resources.observe(number);
        if let Some(phone_number) = sender.as_number() {
            observed.region = self.region(phone_number).await;
        }
        Ok(Some(observed))
    }

    /// The region that processes the calls of the number. An error is only logged: everything else can still be checked.
    async fn region(&self, phone_number: PhoneNumber) -> Option<Region> {
        match NumberCarrier::region(self.carrier, self.access, phone_number).await {
            Ok(region) => region,
            Err(error) => {
                let account = self.access.account;
                tracing::debug!(account.sid = %account, error = %Causes(&error), "the region of a number could not be read");
                None
            }
        }
    }

    /// Reads the number again, and those of its resources that `parts` names.
    pub async fn again(
        &self,
        before: &Observed,
        parts: &[Part],
    ) -> Result<Option<Observed>, CarrierError> {
        let sender = before.number.sender;
        if is_channel_sender(sender) {
            return match &before.sender {
                Some(known) => self.fetched(sender, known.sid).await,
                None => Ok(None),
            };
        }
        let Some(number) = NumberCarrier::find(self.carrier, self.access, sender).await? else {
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

    /// The number with the resources that were adopted with it.
    pub async fn adopted(
        &self,
        sender: Sender,
        adopted: &AdoptedConfiguration,
    ) -> Result<Option<Observed>, CarrierError> {
        if is_channel_sender(sender) {
            return match adopted.sender {
                Some(sid) => self.fetched(sender, sid).await,
                None => Ok(None),
            };
        }
        let Some(number) = NumberCarrier::find(self.carrier, self.access, sender).await? else {
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

    async fn fetched(
        &self,
        sender: Sender,
        sid: SenderSid,
    ) -> Result<Option<Observed>, CarrierError> {
        let found = SenderCarrier::fetch(self.carrier, self.access, sid).await?;
        Ok(found.map(|known| Observed::of_sender(&known, sender, self.access.account)))
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

    /// Whether the account owns the number or sender.
    pub async fn owns(&self, sender: Sender) -> Result<bool, CarrierError> {
        if is_channel_sender(sender) {
            return Ok(self.number(sender, None).await?.is_some());
        }
        Ok(NumberCarrier::find(self.carrier, self.access, sender).await?.is_some())
    }

    /// Which of these senders and short codes the account owns. Each list is requested once, and only if one of them needs
    /// it.
    pub(super) async fn owned(
        &self,
        wanted: &HashSet<Sender>,
    ) -> Result<Vec<Sender>, CarrierError> {
        let any = |kind| wanted.iter().any(|sender| sender.kind() == kind);
        let mut owned = Vec::new();
        for (kind, channel) in
            [(SenderKind::WhatsApp, Channel::WhatsApp), (SenderKind::Rcs, Channel::Rcs)]
        {
            if any(kind) {
                let senders = SenderCarrier::list(self.carrier, self.access, channel).await?;
                owned.extend(senders.iter().filter_map(|sender| Sender::of(&sender.address)));
            }
        }
        if any(SenderKind::ShortCode) {
            owned.extend(self.short_codes().await?.into_iter().map(|number| number.sender));
        }
        owned.retain(|sender| wanted.contains(sender));
        Ok(owned)
    }

    /// Every number that the account owns.
    pub async fn numbers(&self) -> Result<Vec<CarrierNumber>, CarrierError> {
        NumberCarrier::list(self.carrier, self.access).await
    }

    /// Every short code that the account owns.
    pub async fn short_codes(&self) -> Result<Vec<CarrierNumber>, CarrierError> {
        NumberCarrier::short_codes(self.carrier, self.access).await
    }

    /// The resources that override the URLs of these numbers on these channels. Each list is requested once, and only
    /// if one of the numbers needs it.
    pub async fn related_resources(
        &self,
        numbers: &[CarrierNumber],
        channels: &[Option<Channels>],
    ) -> Result<RelatedResources, CarrierError> {
        let any =
            |channel: Channel| channels.iter().flatten().any(|channels| channels.contains(channel));
        let has_application = numbers.iter().any(|number| {
            [Field::VoiceApplicationSid, Field::SmsApplicationSid]
                .into_iter()
                .any(|field| number.configuration.get(field).is_some_and(|sid| !sid.is_empty()))
        });
        let mut related_resources = RelatedResources::default();
        if has_application {
            related_resources.applications =
                ApplicationCarrier::list(self.carrier, self.access).await?;
        }
        if [Channel::Sms, Channel::WhatsApp, Channel::Rcs].into_iter().any(any) {
            related_resources.memberships = self.memberships().await?;
        }
        for channel in [Channel::WhatsApp, Channel::Rcs].into_iter().filter(|channel| any(*channel))
        {
            for sender in SenderCarrier::list(self.carrier, self.access, channel).await? {
                if let Some(address) = Sender::of(&sender.address) {
                    related_resources.senders.entry(address).or_insert(sender);
                }
            }
        }
        Ok(related_resources)
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

impl RelatedResources {
    /// The number with the resources that override its URLs.
    pub fn observe(&self, number: CarrierNumber) -> Observed {
        let application = |field| {
            let sid = number.configuration.get(field).unwrap_or_default();
            self.applications.iter().find(|application| application.sid.as_str() == sid).cloned()
        };
        Observed {
            voice_application: application(Field::VoiceApplicationSid),
            sms_application: application(Field::SmsApplicationSid),
            service: self.memberships.get(&number.sid).cloned(),
            sender: self.sender_of(number.sender).cloned(),
            region: None,
            number,
        }
    }

    /// A sender that is no number; `None` if the account does not own it.
    pub fn observe_sender(&self, sender: Sender, account: AccountSid) -> Option<Observed> {
        let known = self.senders.get(&sender)?;
        let service = self.memberships.get(&known.sid.into()).cloned();
        Some(Observed { service, ..Observed::of_sender(known, sender, account) })
    }

    /// The `WhatsApp` sender of a number, or its RCS sender.
    fn sender_of(&self, number: Sender) -> Option<&CarrierSender> {
        let number = number.as_number()?;
        let addresses = [Address::WhatsApp(number), Address::RcsPhone(number)];
        addresses.iter().filter_map(Sender::of).find_map(|address| self.senders.get(&address))
    }
}

/// Whether a sender has no number or short code at the carrier, only settings of its channel.
pub(super) fn is_channel_sender(sender: Sender) -> bool {
    matches!(sender.kind(), SenderKind::WhatsApp | SenderKind::Rcs)
}
