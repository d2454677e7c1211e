//! All accounts, with indexes by phone number and API key.

use std::collections::HashMap;

use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::sid::AccountSid;

use super::account::{Account, AccountStatus};
use super::connect::ConnectApp;
use super::live_calls::LiveCalls;
use super::number::IncomingPhoneNumber;
use super::paged_store::PagedStore;
use super::scripted_phone::ScriptedPhones;
use super::short_code::ShortCode;
use super::sid::{IdGenerator, Sid};

/// All accounts, with indexes by phone number and API key.
#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) accounts: PagedStore<Account>,
    pub(crate) ids: IdGenerator,
    pub(crate) live: LiveCalls,
    pub(crate) phones: ScriptedPhones,
    pub(crate) connect_apps: HashMap<Sid, ConnectApp>,
    /// The messages that are on their way to scripted phones.
    pub(crate) outbox: Vec<(AccountSid, Sid)>,
    owners: HashMap<PhoneNumber, (AccountSid, Sid)>,
    keys: HashMap<Sid, AccountSid>,
}

impl State {
    /// Adds an account and indexes its API keys.
    pub(crate) fn add_account(&mut self, account: Account) {
        self.keys.extend(account.keys.iter().map(|key| (key.sid, account.sid)));
        self.accounts.put(account);
    }

    /// Adds a number to an account. Does nothing if the account does not exist.
    pub(crate) fn add_number(&mut self, account: AccountSid, number: IncomingPhoneNumber) {
        if let Some(owner) = self.accounts.get_mut(account) {
            self.owners.insert(number.phone_number, (account, number.sid));
            owner.numbers.put(number);
        }
    }

    /// Removes a number from an account and from its Messaging Service.
    pub(crate) fn take_number(
        &mut self,
        account: AccountSid,
        number: Sid,
    ) -> Option<IncomingPhoneNumber> {
        let owner = self.accounts.get_mut(account)?;
        let number = owner.numbers.take(number)?;
        for service in owner.services.newest_first_mut() {
            service.phone_numbers.take(number.sid);
        }
        self.owners.remove(&number.phone_number);
        Some(number)
    }

    /// A number and the account that owns it.
    pub(crate) fn find_number(
        &self,
        number: PhoneNumber,
    ) -> Option<(&Account, &IncomingPhoneNumber)> {
        let (account, sid) = self.owners.get(&number)?;
        let account = self.accounts.get(*account)?;
        Some((account, account.numbers.get(*sid)?))
    }

    /// A short code and the account that owns it.
    pub(crate) fn find_short_code(&self, digits: &str) -> Option<(&Account, &ShortCode)> {
        self.accounts.newest_first().find_map(|account| {
            let mut codes = account.short_codes.newest_first();
            Some((account, codes.find(|code| code.short_code == digits)?))
        })
    }

    /// Like [`find_number`](Self::find_number), with write access.
    pub(crate) fn find_number_mut(
        &mut self,
        number: PhoneNumber,
    ) -> Option<&mut IncomingPhoneNumber> {
        let (account, sid) = self.owners.get(&number)?;
        self.accounts.get_mut(*account)?.numbers.get_mut(*sid)
    }

    /// The account that owns an API key.
    pub(crate) fn account_of_key(&self, key: Sid) -> Option<&Account> {
        self.accounts.get(*self.keys.get(&key)?)
    }

    /// Whether the account can be used. Suspending a main account suspends all of its subaccounts (Twilio,
    /// Subaccounts: suspended).
    pub(crate) fn is_active(&self, account: &Account) -> bool {
        let owner = self.accounts.get(account.owner);
        account.status == AccountStatus::Active
            && owner.is_none_or(|owner| owner.status == AccountStatus::Active)
    }
}
