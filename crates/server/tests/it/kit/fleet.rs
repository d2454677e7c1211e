//! What the simulator starts with in most tests.

use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::secret::Secret;
use switchboard_domain::sid::AccountSid;
use switchboard_twilio_simulator::{AccountSeed, NumberSeed, NumberSettings, Seed, WebhookMethod};

use super::{Account, MAIN, MAIN_SID, OTHER, SUB};

/// The number with that index: `+14155550100` is the first.
pub(crate) fn number(index: usize) -> PhoneNumber {
    PhoneNumber::parse(&format!("+1415555{:04}", 100 + index)).unwrap()
}

pub(crate) fn account_sid(text: &str) -> AccountSid {
    AccountSid::parse(text).unwrap()
}

/// A number that an legacy system has configured: its URLs, and methods that are not ours.
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

/// Numbers that an legacy system has configured.
pub(crate) fn numbers(indices: impl IntoIterator<Item = usize>) -> Vec<NumberSeed> {
    indices.into_iter().map(used).collect()
}

/// An account with numbers.
pub(crate) fn account_seed(account: Account, numbers: Vec<NumberSeed>) -> AccountSeed {
    AccountSeed {
        sid: Some(account.sid.to_owned()),
        name: "An account".to_owned(),
        auth_token: Some(Secret::new(account.token.to_owned())),
        numbers,
        ..AccountSeed::default()
    }
}

/// A main account with the numbers 0 to 4, its subaccount with 5, and another account with 6.
pub(crate) fn three_accounts() -> Seed {
    let sub = account_seed(SUB, numbers([5]));
    Seed {
        accounts: vec![
            account_seed(MAIN, numbers(0..5)),
            AccountSeed { parent: Some(MAIN_SID.to_owned()), ..sub },
            account_seed(OTHER, numbers([6])),
        ],
        ..Seed::default()
    }
}
