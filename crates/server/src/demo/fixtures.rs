//! The fixtures of the demo: accounts, agents and numbers, here and at the offline Twilio.

use switchboard_domain::agent::{Label, MessageTarget, Profile, Reply, VoiceTarget};
use switchboard_domain::secret::Secret;
use switchboard_domain::web_address::StreamUrl;
use switchboard_twilio_simulator::{
    AccountSeed, NumberSeed, NumberSettings, Seed, Sid, WebhookMethod,
};

use crate::failure::{Doing as _, Failure};

pub(super) const MAIN: &str = "AC00000000000000000000000000000001";
pub(super) const SUPPORT: &str = "AC00000000000000000000000000000002";
pub(super) const CUSTOMER: &str = "AC00000000000000000000000000000003";

/// An account. Its token is only valid at the offline Twilio.
pub(super) struct Account {
    pub(super) sid: &'static str,
    pub(super) name: &'static str,
    pub(super) token: &'static str,
    pub(super) parent: Option<&'static str>,
}

pub(super) const ACCOUNTS: [Account; 3] = [
    Account { sid: MAIN, name: "Main", token: "11111111111111111111111111111111", parent: None },
    Account {
        sid: SUPPORT,
        name: "Main, support line",
        token: "22222222222222222222222222222222",
        parent: Some(MAIN),
    },
    Account {
        sid: CUSTOMER,
        name: "A customer's own account",
        token: "33333333333333333333333333333333",
        parent: None,
    },
];

pub(super) struct Agent {
    pub(super) name: &'static str,
    external_id: &'static str,
    pub(super) prompt: &'static str,
    voice: &'static str,
    reply: &'static str,
}

pub(super) const AGENTS: [Agent; 3] = [
    Agent {
        name: "Sales",
        external_id: "sales",
        prompt: "You sell bicycles. Be brief, be kind, and offer a test ride.",
        voice: "alloy",
        reply: "Thank you for writing. When may we call you about your new bicycle?",
    },
    Agent {
        name: "Support",
        external_id: "support",
        prompt: "You help people whose bicycle is broken. Ask for the serial number first.",
        voice: "verse",
        reply: "We are sorry to hear that. Please send us the serial number under the pedals.",
    },
    Agent {
        name: "Bakery",
        external_id: "bakery",
        prompt: "You take orders for bread and cake until six in the evening.",
        voice: "coral",
        reply: "Your order is noted.",
    },
];

/// A number, and its webhook configuration before it is assigned.
pub(super) struct Number {
    pub(super) text: &'static str,
    /// Its SID at the offline Twilio.
    pub(super) sid: &'static str,
    pub(super) account: &'static str,
    pub(super) agent: Option<&'static str>,
    voice_url: &'static str,
    sms_url: &'static str,
    sms_method: WebhookMethod,
}

pub(super) const NUMBERS: [Number; 5] = [
    Number {
        text: "+14155550100",
        sid: "PN00000000000000000000000000000100",
        account: MAIN,
        agent: Some("Sales"),
        voice_url: "https://old.example.com/voice?agentId=sales",
        sms_url: "https://old.example.com/sms?agentId=sales",
        sms_method: WebhookMethod::Post,
    },
    Number {
        text: "+14155550101",
        sid: "PN00000000000000000000000000000101",
        account: MAIN,
        agent: Some("Support"),
        voice_url: "https://old.example.com/voice?agentId=support",
        sms_url: "",
        sms_method: WebhookMethod::Post,
    },
    Number {
        text: "+14155550102",
        sid: "PN00000000000000000000000000000102",
        account: SUPPORT,
        agent: Some("Support"),
        voice_url: "",
        sms_url: "",
        sms_method: WebhookMethod::Post,
    },
    Number {
        text: "+14155550103",
        sid: "PN00000000000000000000000000000103",
        account: CUSTOMER,
        agent: Some("Bakery"),
        voice_url: "https://old.example.com/voice?agentId=bakery",
        sms_url: "https://shop.example.net/inbox",
        sms_method: WebhookMethod::Get,
    },
    Number {
        text: "+14155550104",
        sid: "PN00000000000000000000000000000104",
        account: CUSTOMER,
        agent: None,
        voice_url: "https://old.example.com/voice?agentId=bakery",
        sms_url: "https://shop.example.net/inbox",
        sms_method: WebhookMethod::Get,
    },
];

/// The numbers of the call and the message that the demo shows.
pub(super) const CALLED: &str = NUMBERS[0].text;
pub(super) const CALLER: &str = "+14155550199";

/// The same accounts and numbers at the offline Twilio, with their previous webhook configurations.
pub(crate) fn offline_twilio() -> Seed {
    Seed { accounts: ACCOUNTS.iter().map(Account::seed).collect(), ..Seed::default() }
}

impl Account {
    fn seed(&self) -> AccountSeed {
        let numbers = NUMBERS.iter().filter(|number| number.account == self.sid);
        AccountSeed {
            sid: Some(self.sid.to_owned()),
            name: self.name.to_owned(),
            auth_token: Some(Secret::new(self.token.to_owned())),
            parent: self.parent.map(ToOwned::to_owned),
            numbers: numbers.map(Number::seed).collect(),
            ..AccountSeed::default()
        }
    }
}

impl Number {
    fn seed(&self) -> NumberSeed {
        NumberSeed {
            sid: Sid::parse("PN", self.sid),
            settings: NumberSettings {
                voice_url: self.voice_url.to_owned(),
                sms_url: self.sms_url.to_owned(),
                sms_method: self.sms_method,
                ..NumberSettings::default()
            },
            ..NumberSeed::new(self.text)
        }
    }
}

impl Agent {
    /// The agent with its voice server.
    pub(super) fn profile(&self, stream: &StreamUrl) -> Result<Profile, Failure> {
        let reply = Reply::parse(self.reply).doing("reading the fixtures of the demo")?;
        Ok(Profile {
            external_id: Some(label(self.external_id)?),
            voice: Some(label(self.voice)?),
            model: Some(label("gpt-4o")?),
            language: Some(label("en-US")?),
            voice_target: Some(VoiceTarget::Stream(stream.clone())),
            message_target: Some(MessageTarget::Reply(reply)),
            ..Profile::named(label(self.name)?)
        })
    }
}

fn label(text: &str) -> Result<Label, Failure> {
    Label::parse(text).doing("reading the fixtures of the demo")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use switchboard_domain::phone_number::PhoneNumber;
    use switchboard_twilio_simulator::Simulator;

    use super::{NUMBERS, offline_twilio};
    use crate::ambient::SystemClock;

    #[test]
    fn every_number_has_its_sid_at_the_offline_twilio() {
        let twilio = Simulator::seeded(offline_twilio(), Arc::new(SystemClock)).unwrap();
        for number in NUMBERS {
            let (account, there) = twilio.number(PhoneNumber::parse(number.text).unwrap()).unwrap();
            assert_eq!((account.as_str(), there.sid.as_str()), (number.account, number.sid));
        }
    }
}
