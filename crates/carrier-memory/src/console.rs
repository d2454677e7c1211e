//! What people see and do in the carrier's Console. None of it is recorded as a request or a write.

use switchboard_domain::carrier::{
    CarrierAccount, CarrierApplication, CarrierNumber, CarrierSender, MessagingService,
    OutgoingMessage,
};
use switchboard_domain::sender::Sender;
use switchboard_domain::sid::{
    AccountSid, ApplicationSid, CallSid, MessageSid, NumberSid, SenderSid, ServiceSid,
};

use crate::MemoryCarrier;
use crate::account::{CallState, StoredAccount, StoredService};

impl MemoryCarrier {
    /// A number. Returns `None` if no account has it.
    pub fn number(&self, sender: Sender) -> Option<CarrierNumber> {
        self.find(|stored| stored.number(sender).cloned())
    }

    /// A sender. Returns `None` if no account has it.
    pub fn sender(&self, sender: SenderSid) -> Option<CarrierSender> {
        self.find(|stored| stored.senders.get(&sender).cloned())
    }

    /// A Messaging Service. Returns `None` if no account has it.
    pub fn service(&self, service: ServiceSid) -> Option<MessagingService> {
        self.find(|stored| Some(stored.services.get(&service)?.service.clone()))
    }

    /// A call. Returns `None` if no account has it.
    pub fn call(&self, call: CallSid) -> Option<CallState> {
        self.find(|stored| stored.calls.get(&call).cloned())
    }

    /// The messages that an account sent, oldest first.
    pub fn messages(&self, account: AccountSid) -> Vec<(MessageSid, OutgoingMessage)> {
        let state = self.state();
        state.accounts.get(&account).map(|stored| stored.messages.clone()).unwrap_or_default()
    }

    /// Changes an account: its status, its token. Returns `false` if it does not exist.
    pub fn change_account(
        &self,
        account: AccountSid,
        change: impl FnOnce(&mut CarrierAccount),
    ) -> bool {
        let mut state = self.state();
        state.accounts.get_mut(&account).map(|stored| change(&mut stored.account)).is_some()
    }

    /// Changes a number. Returns `false` if no account has it.
    pub fn change_number(&self, sender: Sender, change: impl FnOnce(&mut CarrierNumber)) -> bool {
        let is_it = |number: &&mut CarrierNumber| number.sender == sender;
        self.change(|stored| stored.numbers.values_mut().find(is_it), change)
    }

    /// Changes a sender. Returns `false` if no account has it.
    pub fn change_sender(
        &self,
        sender: SenderSid,
        change: impl FnOnce(&mut CarrierSender),
    ) -> bool {
        self.change(|stored| stored.senders.get_mut(&sender), change)
    }

    /// Changes an application. Returns `false` if no account has it.
    pub fn change_application(
        &self,
        application: ApplicationSid,
        change: impl FnOnce(&mut CarrierApplication),
    ) -> bool {
        self.change(|stored| stored.applications.get_mut(&application), change)
    }

    /// Changes a Messaging Service. Returns `false` if no account has it.
    pub fn change_service(
        &self,
        service: ServiceSid,
        change: impl FnOnce(&mut MessagingService),
    ) -> bool {
        let change = |stored: &mut StoredService| change(&mut stored.service);
        self.change(|stored| stored.services.get_mut(&service), change)
    }

    /// Puts a number into the pool of a service, and removes it from all others. Returns `false` if the service does not exist.
    pub fn join_pool(&self, service: ServiceSid, number: NumberSid) -> bool {
        self.leave_pools(number);
        let mut state = self.state();
        let mut accounts = state.accounts.values_mut();
        let stored = accounts.find_map(|stored| stored.services.get_mut(&service));
        stored.is_some_and(|stored| stored.pool.insert(number))
    }

    /// Removes a number from all pools.
    pub fn leave_pools(&self, number: NumberSid) {
        for stored in self.state().accounts.values_mut() {
            for service in stored.services.values_mut() {
                service.pool.remove(&number);
            }
        }
    }

    /// Moves a number to another account. Returns `false` if the number or the account does not exist.
    pub fn move_number(&self, sender: Sender, to: AccountSid) -> bool {
        if !self.state().accounts.contains_key(&to) {
            return false;
        }
        let Some(number) = self.take(sender) else { return false };
        self.add_number(CarrierNumber { account: to, ..number });
        true
    }

    /// Releases a number. Returns `false` if no account has it.
    pub fn remove_number(&self, sender: Sender) -> bool {
        self.take(sender).is_some()
    }

    fn take(&self, sender: Sender) -> Option<CarrierNumber> {
        let sid = self.number(sender)?.sid;
        self.leave_pools(sid);
        self.state().accounts.values_mut().find_map(|stored| stored.numbers.remove(&sid))
    }

    fn find<T>(&self, find: impl Fn(&StoredAccount) -> Option<T>) -> Option<T> {
        self.state().accounts.values().find_map(find)
    }

    fn change<T>(
        &self,
        find: impl for<'a> Fn(&'a mut StoredAccount) -> Option<&'a mut T>,
        change: impl FnOnce(&mut T),
    ) -> bool {
        self.state().accounts.values_mut().find_map(find).map(change).is_some()
    }
}
