//! Who takes part in the demonstration: accounts, agents and numbers, here and at the offline phone company.

use switchboard_domain::agent::{AgentState, Label, MessageTarget, Profile, Reply, VoiceTarget};
use switchboard_domain::secret::Secret;
use switchboard_domain::web_address::StreamUrl;
use switchboard_twilio_simulator::{
    AccountSeed, NumberSeed, NumberSettings, Seed, Sid, WebhookMethod,
};

use crate::failure::Failure;

pub(super) const MAIN: &str = "AC00000000000000000000000000000001";
pub(super) const SUPPORT: &str = "AC00000000000000000000000000000002";
pub(super) const CUSTOMER: &str = "AC00000000000000000000000000000003";

/// An account. The tokens open nothing but the offline phone company.
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

/// A number, and what was configured at it before switchboard came.
pub(super) struct Line {
    pub(super) phone_number: &'static str,
    /// Its SID at the phone company.
    pub(super) sid: &'static str,
    pub(super) account: &'static str,
    pub(super) agent: Option<&'static str>,
    voice_url: &'static str,
    sms_url: &'static str,
    sms_method: WebhookMethod,
}

pub(super) const NUMBERS: [Line; 5] = [
    Line {
        phone_number: "+14155550100",
        sid: "PN00000000000000000000000000000100",
        account: MAIN,
        agent: Some("Sales"),
        voice_url: "https://old.example.com/voice?agentId=sales",
        sms_url: "https://old.example.com/sms?agentId=sales",
        sms_method: WebhookMethod::Post,
    },
    Line {
        phone_number: "+14155550101",
        sid: "PN00000000000000000000000000000101",
        account: MAIN,
        agent: Some("Support"),
        voice_url: "https://old.example.com/voice?agentId=support",
        sms_url: "",
        sms_method: WebhookMethod::Post,
    },
    Line {
        phone_number: "+14155550102",
        sid: "PN00000000000000000000000000000102",
        account: SUPPORT,
        agent: Some("Support"),
        voice_url: "",
        sms_url: "",
        sms_method: WebhookMethod::Post,
    },
    Line {
        phone_number: "+14155550103",
        sid: "PN00000000000000000000000000000103",
        account: CUSTOMER,
        agent: Some("Bakery"),
        voice_url: "https://old.example.com/voice?agentId=bakery",
        sms_url: "https://shop.example.net/inbox",
        sms_method: WebhookMethod::Get,
    },
    Line {
        phone_number: "+14155550104",
        sid: "PN00000000000000000000000000000104",
        account: CUSTOMER,
        agent: None,
        voice_url: "https://old.example.com/voice?agentId=bakery",
        sms_url: "https://shop.example.net/inbox",
        sms_method: WebhookMethod::Get,
    },
];

/// Who is called in the demonstration, and who calls.
pub(super) const CALLED: &str = NUMBERS[0].phone_number;
pub(super) const CALLER: &str = "+14155550199";

/// The same accounts and numbers at the offline phone company, as they were before switchboard came.
pub(crate) fn company() -> Seed {
    Seed { accounts: ACCOUNTS.iter().map(Account::seed).collect() }
}

impl Account {
    fn seed(&self) -> AccountSeed {
        let numbers = NUMBERS.iter().filter(|number| number.account == self.sid);
        AccountSeed {
            sid: Some(self.sid.to_owned()),
            name: self.name.to_owned(),
            auth_token: Some(Secret::new(self.token.to_owned())),
            parent: self.parent.map(ToOwned::to_owned),
            numbers: numbers.map(Line::seed).collect(),
            ..AccountSeed::default()
        }
    }
}

impl Line {
    fn seed(&self) -> NumberSeed {
        NumberSeed {
            sid: Sid::parse("PN", self.sid),
            settings: NumberSettings {
                voice_url: self.voice_url.to_owned(),
                sms_url: self.sms_url.to_owned(),
                sms_method: self.sms_method,
                ..NumberSettings::default()
            },
            ..NumberSeed::new(self.phone_number)
        }
    }
}

impl Agent {
    /// What is kept of it, with the voice server that it speaks through.
    pub(super) fn profile(&self, stream: &StreamUrl) -> Result<Profile, Failure> {
        Ok(Profile {
            name: Label::parse(self.name)?,
            external_id: Some(Label::parse(self.external_id)?),
            voice: Some(Label::parse(self.voice)?),
            model: Some(Label::parse("gpt-4o")?),
            language: Some(Label::parse("en-US")?),
            voice_target: Some(VoiceTarget::Stream(stream.clone())),
            message_target: Some(MessageTarget::Reply(Reply::parse(self.reply)?)),
            state: AgentState::Enabled,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use switchboard_domain::phone_number::PhoneNumber;
    use switchboard_twilio_simulator::Simulator;

    use super::{NUMBERS, company};
    use crate::ambient::SystemClock;

    #[test]
    fn every_number_is_at_the_phone_company_by_its_own_sid() {
        let company = Simulator::seeded(company(), Arc::new(SystemClock)).unwrap();
        for number in NUMBERS {
            let (account, there) =
                company.number(PhoneNumber::parse(number.phone_number).unwrap()).unwrap();
            assert_eq!((account.as_str(), there.sid.as_str()), (number.account, number.sid));
        }
    }
}
