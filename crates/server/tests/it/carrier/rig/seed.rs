//! What the phone company starts with in most tests.

use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::secret::Secret;
use switchboard_domain::sid::AccountSid;
use switchboard_twilio_simulator::{AccountSeed, NumberSeed, NumberSettings, Seed, WebhookMethod};

/// The main account.
pub(crate) const MAIN: &str = "AC000000000000000000000000000000a1";
/// Its subaccount.
pub(crate) const SUB: &str = "AC000000000000000000000000000000a2";
/// Somebody else's account.
pub(crate) const OTHER: &str = "AC000000000000000000000000000000b1";
/// The token of the main account.
pub(crate) const MAIN_TOKEN: &str = "1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a";

/// The number with that index: `+14155550100` is the first.
pub(crate) fn number(index: usize) -> PhoneNumber {
    PhoneNumber::parse(&format!("+1415555{:04}", 100 + index)).unwrap()
}

pub(crate) fn sid(text: &str) -> AccountSid {
    AccountSid::parse(text).unwrap()
}

/// A number as somebody left it: with URLs of the earlier system, and methods that are not ours.
fn used(index: usize) -> NumberSeed {
    NumberSeed {
        settings: NumberSettings {
            voice_url: format!("https://old.example.com/voice?agentId=agent-{index}"),
            voice_method: WebhookMethod::Get,
            voice_fallback_url: "https://old.example.com/fallback".to_owned(),
            status_callback: "https://old.example.com/status".to_owned(),
            status_callback_method: WebhookMethod::Get,
            sms_url: "https://somebody.example.net/inbox".to_owned(),
            sms_method: WebhookMethod::Get,
            voice_caller_id_lookup: true,
            ..NumberSettings::default()
        },
        ..NumberSeed::new(number(index).as_str())
    }
}

/// Numbers as somebody left them.
pub(crate) fn numbers(indices: impl IntoIterator<Item = usize>) -> Vec<NumberSeed> {
    indices.into_iter().map(used).collect()
}

/// An account with numbers.
pub(crate) fn account(sid: &str, token: &str, numbers: Vec<NumberSeed>) -> AccountSeed {
    AccountSeed {
        sid: Some(sid.to_owned()),
        name: "An account".to_owned(),
        auth_token: Some(Secret::new(token.to_owned())),
        numbers,
        ..AccountSeed::default()
    }
}

/// A main account with the numbers 0 to 4, its subaccount with 5, and another account with 6.
pub(crate) fn three_accounts() -> Seed {
    let sub = account(SUB, "2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a", numbers([5]));
    Seed {
        accounts: vec![
            account(MAIN, MAIN_TOKEN, numbers(0..5)),
            AccountSeed { parent: Some(MAIN.to_owned()), ..sub },
            account(OTHER, "1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b", numbers([6])),
        ],
    }
}
