//! What the accounts of a family have at the carrier.

use std::sync::Arc;

use futures_util::{StreamExt as _, stream};
use switchboard_domain::account::Account;
use switchboard_domain::address::{Address, Channel};
use switchboard_domain::carrier::{
    AccountStatus, CarrierAccess, CarrierAccount, CarrierError, CarrierSender, ParentToken,
};
use switchboard_domain::configuration::{Field, Observed, WebhookUrls};
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::ports::carrier::{Carrier, SenderCarrier, ServiceCarrier};

use crate::adopt::{Contents, FoundAccount, FoundNumber, Kept, Reach, Unreachable, UrlOwner};
use crate::configuration::{OpenAccess, Survey};

/// How many accounts are asked at once.
const ACCOUNTS_AT_ONCE: usize = 8;

/// Asks accounts of a family.
pub(super) struct Family<'a> {
    pub(super) access: &'a OpenAccess,
    pub(super) carrier: &'a dyn Carrier,
    pub(super) urls: &'a WebhookUrls,
    /// The account that was named.
    pub(super) own: &'a CarrierAccess,
}

impl Family<'_> {
    /// What each of them has. One that cannot be asked keeps no other from being asked.
    pub(super) async fn look(&self, listed: Vec<CarrierAccount>, kept: &Kept) -> Vec<FoundAccount> {
        let looks = listed.into_iter().map(async |account| {
            let contents = self.contents(&account, kept.accounts.get(&account.sid)).await;
            FoundAccount { account, contents }
        });
        stream::iter(looks).buffer_unordered(ACCOUNTS_AT_ONCE).collect().await
    }

    async fn contents(
        &self,
        account: &CarrierAccount,
        kept: Option<&Account>,
    ) -> Reach<FoundNumber> {
        if account.status != AccountStatus::Active {
            return Reach::Inactive;
        }
        let access = match self.access_to(account, kept).await {
            Ok(access) => access,
            Err(error) => return Reach::Unreachable(Arc::new(error)),
        };
        match self.of_one(&access).await {
            Ok(contents) => Reach::Reached(contents),
            Err(error) => Reach::Unreachable(Arc::new(Unreachable::Carrier(error))),
        }
    }

    async fn access_to(
        &self,
        account: &CarrierAccount,
        kept: Option<&Account>,
    ) -> Result<CarrierAccess, Unreachable> {
        if account.sid == self.own.account {
            return Ok(self.own.clone());
        }
        if let Some(kept) = kept {
            let opened = self.access.for_account(kept).await;
            return opened.map_err(Unreachable::Access);
        }
        let token = account
            .token
            .clone()
            .ok_or(Unreachable::TokenUnknown { account: account.sid, owner: account.owner })?;
        let parent = ParentToken { account: self.own.account, token: self.own.token.clone() };
        Ok(CarrierAccess {
            account: account.sid,
            region: self.own.region,
            token,
            next_token: None,
            api_key: None,
            parent: Some(parent),
        })
    }

    async fn of_one(&self, access: &CarrierAccess) -> Result<Contents<FoundNumber>, CarrierError> {
        let survey = Survey::new(self.carrier, access);
        let numbers = survey.numbers().await?;
        // The applications, where there are any: they take calls and messages in place of a number's URLs.
        let surroundings = survey.surroundings(&numbers, &[]).await?;
        let services = ServiceCarrier::list(self.carrier, access).await?.len();
        let whatsapp = SenderCarrier::list(self.carrier, access, Channel::WhatsApp).await?;
        let rcs = SenderCarrier::list(self.carrier, access, Channel::Rcs).await?;
        let senders = whatsapp.len() + rcs.len();
        let numbers = numbers
            .into_iter()
            .map(|number| {
                let number = surroundings.around(number);
                let phone_number = number.number.phone_number;
                FoundNumber {
                    phone_number,
                    capabilities: number.number.capabilities,
                    voice: self.voice(&number),
                    messages: self.messages(&number),
                    whatsapp: self.sender(&whatsapp, phone_number),
                    rcs: self.sender(&rcs, phone_number),
                }
            })
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

    fn sender(&self, senders: &[CarrierSender], number: PhoneNumber) -> Option<UrlOwner> {
        let is_its = |sender: &&CarrierSender| matches!(sender.address, Address::WhatsApp(own) | Address::RcsPhone(own) if own == number);
        let sender = senders.iter().find(is_its)?;
        let url = sender.configuration.get(Field::SenderCallbackUrl).unwrap_or_default();
        Some(UrlOwner::of(url, self.urls))
    }
}

fn value(number: &Observed, field: Field) -> &str {
    number.number.configuration.get(field).unwrap_or_default()
}
