//! What a test gives the carrier to keep. What names an account that is not there is lost.

use switchboard_domain::carrier::{
    ApiKey, CarrierAccount, CarrierApplication, CarrierNumber, CarrierSender, MessagingService,
    Region,
};
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::sid::{AccountSid, CallSid, NumberSid};

use crate::MemoryCarrier;
use crate::holding::{CallState, Holding, Keeping};

impl MemoryCarrier {
    /// Adds an account, which its token opens.
    pub fn add_account(&self, account: CarrierAccount) {
        self.state().accounts.insert(account.sid, Holding::new(account));
    }

    /// Gives an account an API key.
    pub fn add_api_key(&self, account: AccountSid, key: ApiKey) {
        self.seed(account, |holding| holding.api_keys.push(key));
    }

    /// Adds a number to its account.
    pub fn add_number(&self, number: CarrierNumber) {
        self.seed(number.account, |holding| {
            holding.numbers.insert(number.sid, number);
        });
    }

    /// Says which region processes the calls of an account's number. It is Virginia unless something is said.
    pub fn set_region(&self, account: AccountSid, phone_number: PhoneNumber, region: Region) {
        self.seed(account, |holding| {
            holding.regions.insert(phone_number, region);
        });
    }

    /// Adds an application to an account.
    pub fn add_application(&self, account: AccountSid, application: CarrierApplication) {
        self.seed(account, |holding| {
            holding.applications.insert(application.sid, application);
        });
    }

    /// Adds a Messaging Service with numbers in its pool to an account.
    pub fn add_service(
        &self,
        account: AccountSid,
        service: MessagingService,
        pool: impl IntoIterator<Item = NumberSid>,
    ) {
        let keeping = Keeping { service, pool: pool.into_iter().collect() };
        self.seed(account, |holding| {
            holding.services.insert(keeping.service.sid, keeping);
        });
    }

    /// Adds a WhatsApp or RCS sender to an account.
    pub fn add_sender(&self, account: AccountSid, sender: CarrierSender) {
        self.seed(account, |holding| {
            holding.senders.insert(sender.sid, sender);
        });
    }

    /// Begins a call of an account.
    pub fn add_call(&self, account: AccountSid, call: CallSid) {
        self.seed(account, |holding| {
            holding.calls.insert(call, CallState::default());
        });
    }

    fn seed(&self, account: AccountSid, add: impl FnOnce(&mut Holding)) {
        if let Some(holding) = self.state().accounts.get_mut(&account) {
            add(holding);
        }
    }
}
