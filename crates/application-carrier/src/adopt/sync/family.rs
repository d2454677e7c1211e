//! Reads an account and its subaccounts at the carrier.

use std::collections::HashSet;
use std::sync::Arc;

use futures_util::{StreamExt as _, stream};
use switchboard_domain::account::Account;
use switchboard_domain::address::Channel;
use switchboard_domain::carrier::{
    AccountStatus, Capabilities, CarrierAccess, CarrierAccount, CarrierError, CarrierSender,
    ParentToken,
};
use switchboard_domain::configuration::{Field, Observed, WebhookUrls};
use switchboard_domain::ports::carrier::{Carrier, SenderCarrier, ServiceCarrier};
use switchboard_domain::sender::Sender;

use crate::adopt::{Contents, FoundAccount, FoundNumber, Inventory, Stored, Unreachable, UrlOwner};
use crate::configuration::{OpenAccess, Survey};

/// How many accounts are read concurrently.
const MAX_CONCURRENT_ACCOUNTS: usize = 8;

/// An account, with what is needed to read it and its subaccounts.
pub(super) struct Family<'a> {
    pub(super) access: &'a OpenAccess,
    pub(super) carrier: &'a dyn Carrier,
    pub(super) urls: &'a WebhookUrls,
    /// The credentials of the main account.
    pub(super) main: &'a CarrierAccess,
}

impl Family<'_> {
    /// Reads each account. An account that cannot be read does not prevent others from being read.
    pub(super) async fn read(
        &self,
        listed: Vec<CarrierAccount>,
        stored: &Stored,
    ) -> Vec<FoundAccount> {
        let looks = listed.into_iter().map(async |account| {
            let inventory = self.inventory(&account, stored).await;
            FoundAccount { account, inventory }
        });
        stream::iter(looks).buffer_unordered(MAX_CONCURRENT_ACCOUNTS).collect().await
    }

    async fn inventory(&self, account: &CarrierAccount, known: &Stored) -> Inventory<FoundNumber> {
        let stored = known.accounts.get(&account.sid);
        if account.status != AccountStatus::Active {
            return Inventory::Inactive;
        }
        let access = match self.access_to(account, stored).await {
            Ok(access) => access,
            Err(error) => return Inventory::Unreachable(Arc::new(error)),
        };
        match self.contents(&access, known).await {
            Ok(contents) => Inventory::Listed(contents),
            Err(error) => Inventory::Unreachable(Arc::new(Unreachable::Carrier(error))),
        }
    }

    async fn access_to(
        &self,
        account: &CarrierAccount,
        stored: Option<&Account>,
    ) -> Result<CarrierAccess, Unreachable> {
        if account.sid == self.main.account {
            return Ok(self.main.clone());
        }
        if let Some(stored) = stored {
            let opened = self.access.for_account(stored).await;
            return opened.map_err(Unreachable::Access);
        }
        let token = account
            .token
            .clone()
            .ok_or(Unreachable::TokenUnknown { account: account.sid, owner: account.owner })?;
        let parent = ParentToken { account: self.main.account, token: self.main.token.clone() };
        Ok(CarrierAccess {
            account: account.sid,
            region: self.main.region,
            token,
            next_token: None,
            api_key: None,
            parent: Some(parent),
        })
    }

    async fn contents(
        &self,
        access: &CarrierAccess,
        known: &Stored,
    ) -> Result<Contents<FoundNumber>, CarrierError> {
        let survey = Survey::new(self.carrier, access);
        let mut numbers = survey.numbers().await?;
        numbers.extend(survey.short_codes().await?);
        // Applications override the URLs of numbers.
        let related = survey.related_resources(&numbers, &[]).await?;
        let services = ServiceCarrier::list(self.carrier, access).await?.len();
        let whatsapp = SenderCarrier::list(self.carrier, access, Channel::WhatsApp).await?;
        let rcs = SenderCarrier::list(self.carrier, access, Channel::Rcs).await?;
        let senders = whatsapp.len() + rcs.len();
        let own: HashSet<Sender> = numbers.iter().map(|number| number.sender).collect();
        let apart = whatsapp.iter().chain(&rcs).filter_map(|sender| {
            let address = Sender::of(&sender.address)?;
            // The sender of a number of the account is one of its channels, unless it is stored apart from it.
            let is_apart = address.fallback().is_none_or(|number| !own.contains(&number))
                || known.numbers.contains_key(&address);
            is_apart.then(|| FoundNumber {
                sender: address,
                capabilities: Capabilities::default(),
                voice: UrlOwner::Unset,
                messages: self.callback(sender),
                whatsapp: None,
                rcs: None,
            })
        });
        let numbers = numbers
            .into_iter()
            .map(|number| {
                let number = related.observe(number);
                let sender = number.number.sender;
                FoundNumber {
                    sender,
                    capabilities: number.number.capabilities,
                    voice: self.voice(&number),
                    messages: self.messages(&number),
                    whatsapp: self.sender(&whatsapp, sender),
                    rcs: self.sender(&rcs, sender),
                }
            })
            .chain(apart)
            .collect();
        Ok(Contents { numbers, services, senders })
    }

    fn voice(&self, number: &Observed) -> UrlOwner {
        let set = |field| !value(number, field).is_empty();
        match &number.voice_application {
            _ if set(Field::TrunkSid) => UrlOwner::Foreign,
            Some(application) => UrlOwner::of(&application.voice_url, self.urls),
            None if set(Field::VoiceApplicationSid) => UrlOwner::Foreign,
            None => UrlOwner::of(value(number, Field::VoiceUrl), self.urls),
        }
    }

    fn messages(&self, number: &Observed) -> UrlOwner {
        match &number.sms_application {
            Some(application) => UrlOwner::of(&application.sms_url, self.urls),
            None if !value(number, Field::SmsApplicationSid).is_empty() => UrlOwner::Foreign,
            None => UrlOwner::of(value(number, Field::SmsUrl), self.urls),
        }
    }

    fn sender(&self, senders: &[CarrierSender], number: Sender) -> Option<UrlOwner> {
        let is_its = |sender: &&CarrierSender| {
            sender.address.phone_number().map(Sender::from) == Some(number)
        };
        senders.iter().find(is_its).map(|sender| self.callback(sender))
    }

    fn callback(&self, sender: &CarrierSender) -> UrlOwner {
        let url = sender.configuration.get(Field::SenderCallbackUrl).unwrap_or_default();
        UrlOwner::of(url, self.urls)
    }
}

fn value(number: &Observed, field: Field) -> &str {
    number.number.configuration.get(field).unwrap_or_default()
}
