//! Adds test data. Data of an account that does not exist is ignored.

use switchboard_domain::carrier::{
    ApiKey, CarrierAccount, CarrierApplication, CarrierNumber, CarrierSender, MediaFile,
    MessagingService, Region,
};
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::sid::{AccountSid, CallSid, MediaSid, MessageSid, NumberSid};

use crate::MemoryCarrier;
use crate::account::{CallState, StoredAccount, StoredService};

impl MemoryCarrier {
    /// Adds an account, which accepts its own token.
    pub fn add_account(&self, account: CarrierAccount) {
        self.state().accounts.insert(account.sid, StoredAccount::new(account));
    }

    /// Lets an account authorize a Connect app of the owner.
    pub fn authorize(&self, account: AccountSid, owner: AccountSid) {
        self.seed(account, |stored| stored.app_owner = Some(owner));
    }

    /// Lets an account deauthorize its Connect app.
    pub fn deauthorize(&self, account: AccountSid) {
        self.seed(account, |stored| stored.app_owner = None);
    }

    /// Adds an API key to an account.
    pub fn add_api_key(&self, account: AccountSid, key: ApiKey) {
        self.seed(account, |stored| stored.api_keys.push(key));
    }

    /// Adds a number to its account.
    pub fn add_number(&self, number: CarrierNumber) {
        self.seed(number.account, |stored| {
            stored.numbers.insert(number.sid, number);
        });
    }

    /// Sets the region that processes the calls of an account's number. The default is Virginia.
    pub fn set_region(&self, account: AccountSid, phone_number: PhoneNumber, region: Region) {
        self.seed(account, |stored| {
            stored.regions.insert(phone_number, region);
        });
    }

    /// Adds an application to an account.
    pub fn add_application(&self, account: AccountSid, application: CarrierApplication) {
        self.seed(account, |stored| {
            stored.applications.insert(application.sid, application);
        });
    }

    /// Adds a Messaging Service with numbers in its pool to an account.
    pub fn add_service(
        &self,
        account: AccountSid,
        service: MessagingService,
        pool: impl IntoIterator<Item = NumberSid>,
    ) {
        let stored_service = StoredService { service, pool: pool.into_iter().collect() };
        self.seed(account, |stored| {
            stored.services.insert(stored_service.service.sid, stored_service);
        });
    }

    /// Adds a WhatsApp or RCS sender to an account.
    pub fn add_sender(&self, account: AccountSid, sender: CarrierSender) {
        self.seed(account, |stored| {
            stored.senders.insert(sender.sid, sender);
        });
    }

    /// Adds a file of a message to an account.
    pub fn add_media(
        &self,
        account: AccountSid,
        message: MessageSid,
        media: MediaSid,
        file: MediaFile,
    ) {
        self.seed(account, |stored| {
            stored.media.insert((message, media), file);
        });
    }

    /// Starts a call of an account.
    pub fn add_call(&self, account: AccountSid, call: CallSid) {
        self.seed(account, |stored| {
            stored.calls.insert(call, CallState::default());
        });
    }

    fn seed(&self, account: AccountSid, add: impl FnOnce(&mut StoredAccount)) {
        if let Some(stored) = self.state().accounts.get_mut(&account) {
            add(stored);
        }
    }
}
