//! Everything that the phone company knows.

use std::collections::HashMap;

use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::sid::AccountSid;

use super::account::{Account, AccountStatus};
use super::live::LiveCalls;
use super::number::IncomingPhoneNumber;
use super::shelf::Shelf;
use super::sid::{Mint, Sid};

/// All accounts, and to whom each number belongs.
#[derive(Debug, Default)]
pub(crate) struct Books {
    pub(crate) accounts: Shelf<Account>,
    pub(crate) mint: Mint,
    pub(crate) live: LiveCalls,
    lines: HashMap<PhoneNumber, (AccountSid, Sid)>,
    keys: HashMap<Sid, AccountSid>,
}

impl Books {
    /// Adds an account. Its keys can be found from now on.
    pub(crate) fn open_account(&mut self, account: Account) {
        self.keys.extend(account.keys.iter().map(|key| (key.sid, account.sid)));
        self.accounts.put(account);
    }

    /// Gives a number to an account. It is lost if there is no such account.
    pub(crate) fn connect(&mut self, account: AccountSid, number: IncomingPhoneNumber) {
        if let Some(owner) = self.accounts.get_mut(account) {
            self.lines.insert(number.phone_number, (account, number.sid));
            owner.numbers.put(number);
        }
    }

    /// Takes a number from an account, and out of the Messaging Service that it is in.
    pub(crate) fn disconnect(
        &mut self,
        account: AccountSid,
        number: Sid,
    ) -> Option<IncomingPhoneNumber> {
        let owner = self.accounts.get_mut(account)?;
        let number = owner.numbers.take(number)?;
        for service in owner.services.newest_first_mut() {
            service.phone_numbers.take(number.sid);
        }
        self.lines.remove(&number.phone_number);
        Some(number)
    }

    /// The account that has a number, and the number.
    pub(crate) fn line(&self, number: PhoneNumber) -> Option<(&Account, &IncomingPhoneNumber)> {
        let (account, sid) = self.lines.get(&number)?;
        let account = self.accounts.get(*account)?;
        Some((account, account.numbers.get(*sid)?))
    }

    /// The same, to change it.
    pub(crate) fn line_mut(&mut self, number: PhoneNumber) -> Option<&mut IncomingPhoneNumber> {
        let (account, sid) = self.lines.get(&number)?;
        self.accounts.get_mut(*account)?.numbers.get_mut(*sid)
    }

    /// The account that an API key belongs to.
    pub(crate) fn key_holder(&self, key: Sid) -> Option<&Account> {
        self.accounts.get(*self.keys.get(&key)?)
    }

    /// Whether the account can be used. Suspending a main account suspends all of its subaccounts
    /// (Twilio, Subaccounts: suspended).
    pub(crate) fn is_active(&self, account: &Account) -> bool {
        let owner = self.accounts.get(account.owner);
        account.status == AccountStatus::Active
            && owner.is_none_or(|owner| owner.status == AccountStatus::Active)
    }
}
