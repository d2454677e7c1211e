//! The laws of every port of the carrier.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::sync::Arc;

use serde_json::Value;
use switchboard_contract::carrier::{
    CallNow, CarrierHarness, Holding, Inventory, SentMessage, Witness,
};
use switchboard_domain::ports::carrier::Carrier;
use switchboard_domain::sid::{AccountSid, CallSid};
use switchboard_twilio_simulator::{Instructions, Simulator};

use crate::fixture::Fixture;

struct Simulated {
    fixture: Fixture,
    inventory: Inventory,
}

impl CarrierHarness for Simulated {
    async fn holding(inventory: &Inventory) -> Self {
        Self { fixture: Fixture::holding(inventory), inventory: inventory.clone() }
    }

    fn carrier(&self) -> Arc<dyn Carrier> {
        Arc::new(self.fixture.carrier.clone())
    }

    async fn call(&self, account: AccountSid) -> CallSid {
        let is_it = |holding: &&Holding| holding.account.sid == account;
        let owner = self.inventory.holdings.iter().find(is_it).unwrap();
        let call = reqwest::Client::new()
            .post(format!("{}/2010-04-01/Accounts/{account}/Calls.json", self.fixture.base))
            .basic_auth(account, Some(owner.token.expose()))
            .form(&[
                ("From", owner.numbers[0].sender.as_str()),
                ("To", "+14155559999"),
                ("Url", "https://example.com/first"),
            ]);
        let answer: Value = call.send().await.unwrap().json().await.unwrap();
        CallSid::parse(answer["sid"].as_str().unwrap()).unwrap()
    }

    fn witness(&self) -> Arc<dyn Witness> {
        Arc::new(Books(Arc::clone(&self.fixture.company)))
    }
}

struct Books(Arc<Simulator>);

impl Witness for Books {
    fn messages(&self, account: AccountSid) -> Vec<SentMessage> {
        let messages = self.0.messages(account).into_iter();
        let seen = messages.map(|message| SentMessage {
            sid: message.sid.to_string(),
            to: message.to,
            from: message.from,
            body: message.body,
            media: message.media,
            status_callback: message.status_callback,
        });
        seen.collect()
    }

    fn call(&self, account: AccountSid, call: CallSid) -> CallNow {
        let calls = self.0.calls(account);
        let call = calls.into_iter().find(|kept| kept.sid.as_str() == call.as_str()).unwrap();
        let instructions = match call.instructions {
            Instructions::Url((url, _method)) => url,
            Instructions::Twiml(document) => document,
        };
        CallNow { instructions, is_over: call.status.is_over() }
    }
}

switchboard_contract::carrier_laws!(Simulated);
