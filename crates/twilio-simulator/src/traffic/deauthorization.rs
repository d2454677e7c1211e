//! Reports that a customer has deauthorized a Connect app.

use switchboard_domain::sid::AccountSid;

use super::Dispatcher;
use crate::phone::{Signer, Webhook};

impl Dispatcher {
    /// Deauthorizes the app of an account and calls the app's callback, signed with the token of the owner of the app. Returns
    /// `false` if the account has authorized no app.
    pub async fn deauthorize(&self, account: AccountSid) -> bool {
        let Some(app) = self.simulator.deauthorize(account) else { return false };
        let token = self.simulator.tokens(app.owner).map(|tokens| tokens.primary);
        if let Some(token) = token.filter(|_| !app.deauthorize_callback_url.is_empty()) {
            let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
            let fields = vec![
                field("AccountSid", account.as_str()),
                field("ConnectAppSid", app.sid.as_str()),
            ];
            let signer = Signer { account: app.owner, token };
            let webhook = Webhook::post(app.deauthorize_callback_url);
            self.network.status(&signer, &webhook, &fields).await;
        }
        true
    }
}
