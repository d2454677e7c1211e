//! The check of the auth tokens and API keys: whether Twilio accepts them.

use std::collections::HashMap;
use std::pin::pin;

use futures_util::{Stream, StreamExt as _, stream};
use switchboard_application_carrier::{TokenState, VerifyTokens};
use switchboard_application_management::{open_api_key, open_next, open_primary};
use switchboard_domain::account::Account;
use switchboard_domain::causes::Causes;
use switchboard_domain::counted::counted;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{AccountStore, Page};
use switchboard_domain::sealing::Keyring;

use super::check::Check;
use super::unanswered;
use crate::ambient::Ambient;
use crate::carrier_use_cases::verifying;
use crate::settings::Settings;

const NAME: &str = "Twilio tokens";
const PAGE: u32 = 500;
/// Accounts that are verified at a time.
const MAX_CONCURRENT_CHECKS: usize = 8;
/// After so many accounts without an answer, Twilio is taken to be unreachable.
const MAX_UNKNOWN: usize = 8;

/// What became of the tokens of one account.
enum Tokens {
    Valid,
    /// The primary token is wrong, but the next one is valid.
    Promoted,
    Wrong(String),
    Unknown(String),
}

/// The API key of an account whose token is valid.
async fn of_key(verifying: &VerifyTokens, keyring: &Keyring, account: &Account) -> Tokens {
    let Ok(Some(key)) = open_api_key(keyring, account) else { return Tokens::Valid };
    let sid = key.sid;
    match verifying.verify_key(account.sid, account.region, key).await {
        TokenState::Valid => Tokens::Valid,
        TokenState::Wrong(error) => {
            Tokens::Wrong(format!("API key {sid} of account {}: {}", account.sid, Causes(&error)))
        }
        TokenState::Unknown(error) => Tokens::Unknown(Causes(&error).to_string()),
    }
}

/// Verifies the tokens and API keys of every account. `None` if none can be decrypted or none is stored.
pub(super) async fn check(
    settings: &Settings,
    keyring: &Keyring,
    store: &dyn AccountStore,
) -> Option<Check> {
    let mut accounts = Vec::new();
    let mut page = Page::first(PAGE);
    loop {
        let rows = match store.list(&Scope::Operator, &page).await {
            Ok(rows) => rows,
            Err(error) => return Some(unanswered(NAME, &error)),
        };
        match rows.last() {
            Some(last) => page = Page::behind(last.sid, PAGE),
            None => break,
        }
        accounts.extend(rows);
    }
    let verifying = match verifying(settings, Ambient::system().randomness) {
        Ok(verifying) => verifying,
        Err(failure) => {
            return Some(Check::fail(NAME, failure.causes(), "check TWILIO_API_URL"));
        }
    };
    // Twilio refuses access to accounts whose customers have deauthorized the Connect app.
    accounts.retain(|account| !account.connection.is_some_and(|one| one.is_disconnected()));
    let holders: HashMap<_, _> =
        accounts.iter().map(|account| (account.sid, account.clone())).collect();
    let state = async |account: Account| {
        // A connected account is reached with the tokens of the owner of the app.
        let holder = account.connection.map_or(account.sid, |connection| connection.app.owner);
        let Some(holder) = holders.get(&holder) else {
            return Some(Tokens::Wrong(format!(
                "account {}: account {holder}, which owns the Connect app, is not stored",
                account.sid
            )));
        };
        let verify = |token| verifying.verify(account.sid, account.region, token);
        let Ok(primary) = open_primary(keyring, holder) else { return None };
        let error = match verify(primary).await {
            TokenState::Valid => return Some(of_key(&verifying, keyring, &account).await),
            TokenState::Wrong(error) => error,
            TokenState::Unknown(error) => {
                return Some(Tokens::Unknown(Causes(&error).to_string()));
            }
        };
        if let Ok(Some(next)) = open_next(keyring, holder)
            && matches!(verify(next).await, TokenState::Valid)
        {
            return Some(Tokens::Promoted);
        }
        Some(Tokens::Wrong(format!("account {}: {}", account.sid, Causes(&error))))
    };
    let count = accounts.len();
    let states = stream::iter(accounts.into_iter().map(state)).buffered(MAX_CONCURRENT_CHECKS);
    Counts::of(states).await.check(count)
}

/// The states of the tokens of all accounts.
#[derive(Default)]
struct Counts {
    valid: usize,
    promoted: usize,
    wrong: Vec<String>,
    unknown: Vec<String>,
}

impl Counts {
    /// Counts until Twilio is taken to be unreachable.
    async fn of(states: impl Stream<Item = Option<Tokens>>) -> Self {
        let mut counts = Self::default();
        let mut states = pin!(states);
        while let Some(state) = states.next().await {
            match state {
                None => {}
                Some(Tokens::Valid) => counts.valid += 1,
                Some(Tokens::Promoted) => counts.promoted += 1,
                Some(Tokens::Wrong(why)) => counts.wrong.push(why),
                Some(Tokens::Unknown(why)) => counts.unknown.push(why),
            }
            if counts.unknown.len() == MAX_UNKNOWN && counts.valid == 0 {
                break;
            }
        }
        counts
    }

    /// The check of so many accounts. `None` if no token was verified.
    fn check(self, accounts: usize) -> Option<Check> {
        let Self { valid, promoted, wrong, unknown } = self;
        Some(match (wrong.first(), unknown.first()) {
            (Some(first), _) => Check::fail(
                NAME,
                format!(
                    "{} of {} refused by Twilio; {first}",
                    wrong.len(),
                    counted(accounts, "account")
                ),
                "store the account's auth token or API key with `switchboard account set`",
            ),
            (None, Some(first)) => Check::warn(
                NAME,
                format!("unknown for {}: {first}", counted(accounts - valid - promoted, "account")),
                "check the connection to Twilio and TWILIO_API_URL, and try again",
            ),
            (None, None) if promoted > 0 => Check::warn(
                NAME,
                format!("the rotation of {} is not finished", counted(promoted, "token")),
                "continue with `switchboard account rotate-token`",
            ),
            (None, None) if valid == 0 => return None,
            (None, None) => Check::ok(
                NAME,
                format!("Twilio accepts the tokens of {}", counted(valid, "account")),
            ),
        })
    }
}
