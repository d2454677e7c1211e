//! The laws of every port of the carrier, on the carrier in memory.
#![expect(clippy::unwrap_used, reason = "what was put in is there")]

use std::sync::Arc;

use switchboard_carrier_memory::MemoryCarrier;
use switchboard_contract::carrier::{CallNow, CarrierHarness, Inventory, SentMessage, Witness};
use switchboard_domain::carrier::CallUpdate;
use switchboard_domain::ports::carrier::Carrier;
use switchboard_domain::sid::{AccountSid, CallSid};

struct Memory(MemoryCarrier);

impl CarrierHarness for Memory {
    async fn holding(inventory: &Inventory) -> Self {
        let carrier = MemoryCarrier::new();
        for holding in &inventory.holdings {
            let sid = holding.account.sid;
            carrier.add_account(holding.account.clone());
            carrier.add_api_key(sid, holding.api_key.clone());
            if let Some(owner) = holding.app_owner {
                carrier.authorize(sid, owner);
            }
            holding
                .numbers
                .iter()
                .chain(&holding.short_codes)
                .for_each(|number| carrier.add_number(number.clone()));
            for (phone_number, region) in &holding.regions {
                carrier.set_region(sid, *phone_number, *region);
            }
            for application in &holding.applications {
                carrier.add_application(sid, application.clone());
            }
            for pooled in &holding.services {
                carrier.add_service(sid, pooled.service.clone(), pooled.pool.iter().copied());
            }
            holding.senders.iter().for_each(|sender| carrier.add_sender(sid, sender.clone()));
            for (message, media, file) in &holding.media {
                carrier.add_media(sid, *message, *media, file.clone());
            }
        }
        Self(carrier)
    }

    fn carrier(&self) -> Arc<dyn Carrier> {
        Arc::new(self.0.clone())
    }

    async fn call(&self, account: AccountSid) -> CallSid {
        let call = CallSid::parse(&account.as_str().replacen("AC", "CA", 1)).unwrap();
        self.0.add_call(account, call);
        call
    }

    fn witness(&self) -> Arc<dyn Witness> {
        Arc::new(Self(self.0.clone()))
    }
}

impl Witness for Memory {
    fn messages(&self, account: AccountSid) -> Vec<SentMessage> {
        let messages = self.0.messages(account).into_iter();
        let seen = messages.map(|(sid, message)| SentMessage {
            sid: sid.to_string(),
            to: message.to.to_text(),
            from: message.from.to_text(),
            body: message.body.as_str().to_owned(),
            media: message.media.iter().map(|url| url.as_str().to_owned()).collect(),
            status_callback: message
                .status_callback
                .map_or_else(String::new, |url| url.as_str().to_owned()),
        });
        seen.collect()
    }

    fn call(&self, _account: AccountSid, call: CallSid) -> CallNow {
        let call = self.0.call(call).unwrap();
        let instructions = match call.instructions {
            Some(CallUpdate::Redirect(url)) => url.as_str().to_owned(),
            Some(CallUpdate::Continue(twiml)) => twiml.into_string(),
            Some(CallUpdate::Complete) | None => String::new(),
        };
        CallNow { instructions, is_over: call.is_over }
    }
}

switchboard_contract::carrier_laws!(Memory);
