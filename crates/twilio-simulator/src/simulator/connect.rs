//! Connect apps, and the accounts whose customers have authorized them (Twilio, Connect).

use switchboard_domain::secret::Secret;
use switchboard_domain::sid::AccountSid;

use super::account::Account;
use super::api::Simulator;
use super::sid::Sid;
use super::state::State;

/// A Connect app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectApp {
    /// The SID: `CN…`.
    pub sid: Sid,
    /// The account that owns the app. Its token gives access to the accounts that authorized the app.
    pub owner: AccountSid,
    /// Where browsers go after a customer has authorized or denied the app.
    pub authorize_redirect_url: String,
    /// Called when a customer deauthorizes the app; empty if it is not set.
    pub deauthorize_callback_url: String,
}

impl Simulator {
    /// A Connect app; `None` if it does not exist.
    pub fn connect_app(&self, app: Sid) -> Option<ConnectApp> {
        self.state().connect_apps.get(&app).cloned()
    }

    /// Authorizes an app, as a customer does in a browser, and returns the connected account. It is an account of this SID that
    /// authorized the app before, or a new subaccount of a new customer. `None` if the app or the account does not exist.
    pub fn authorize(&self, app: Sid, again: Option<AccountSid>) -> Option<AccountSid> {
        let now = self.now();
        let mut state = self.state();
        if !state.connect_apps.contains_key(&app) {
            return None;
        }
        if let Some(sid) = again {
            state.accounts.get_mut(sid)?.authorized_app = Some(app);
            return Some(sid);
        }
        let (customer, token) = (state.ids.account(), state.ids.token());
        let mut main = Account::new(customer, customer, token, now);
        "Customer".clone_into(&mut main.friendly_name);
        state.add_account(main);
        let (sid, token) = (state.ids.account(), state.ids.token());
        let mut account = Account::new(sid, customer, token, now);
        "Customer's subaccount".clone_into(&mut account.friendly_name);
        account.authorized_app = Some(app);
        state.add_account(account);
        Some(sid)
    }

    /// Deauthorizes the app of an account, as a customer does in the Console, and returns the app. `None` if the account has
    /// authorized no app.
    pub fn deauthorize(&self, account: AccountSid) -> Option<ConnectApp> {
        let mut state = self.state();
        let app = state.accounts.get_mut(account)?.authorized_app.take()?;
        state.connect_apps.get(&app).cloned()
    }

    /// The token that signs the webhooks of an account. Twilio does not document which one signs those of an account that authorized
    /// a Connect app; here it is that of the owner of the app.
    pub fn signing_token(&self, account: AccountSid) -> Option<Secret> {
        let state = self.state();
        state.accounts.get(account).map(|account| state.signing_token(account))
    }
}

impl State {
    /// The owner of the app that the account has authorized.
    pub(crate) fn app_owner(&self, account: &Account) -> Option<&Account> {
        let app = self.connect_apps.get(&account.authorized_app?)?;
        self.accounts.get(app.owner)
    }

    /// The token that signs the account's webhooks.
    pub(crate) fn signing_token(&self, account: &Account) -> Secret {
        self.app_owner(account).unwrap_or(account).tokens.primary.clone()
    }
}
