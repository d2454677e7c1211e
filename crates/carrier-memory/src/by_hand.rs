//! What people see and do in the carrier's Console. Nothing of it is noted as asked or written.

use switchboard_domain::carrier::{
    CarrierAccount, CarrierApplication, CarrierNumber, CarrierSender, MessagingService,
    OutgoingMessage,
};
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::sid::{
    AccountSid, ApplicationSid, CallSid, MessageSid, NumberSid, SenderSid, ServiceSid,
};

use crate::MemoryCarrier;
use crate::holding::{CallState, Holding, Keeping};

impl MemoryCarrier {
    /// A number, whoever has it.
    pub fn number(&self, phone_number: PhoneNumber) -> Option<CarrierNumber> {
        self.find(|holding| holding.number(phone_number).cloned())
    }

    /// A sender, whoever has it.
    pub fn sender(&self, sender: SenderSid) -> Option<CarrierSender> {
        self.find(|holding| holding.senders.get(&sender).cloned())
    }

    /// A Messaging Service, whoever has it.
    pub fn service(&self, service: ServiceSid) -> Option<MessagingService> {
        self.find(|holding| Some(holding.services.get(&service)?.service.clone()))
    }

    /// A call, whoever has it.
    pub fn call(&self, call: CallSid) -> Option<CallState> {
        self.find(|holding| holding.calls.get(&call).cloned())
    }

    /// The messages that an account sent, in their order.
    pub fn messages(&self, account: AccountSid) -> Vec<(MessageSid, OutgoingMessage)> {
        let state = self.state();
        state.accounts.get(&account).map(|holding| holding.messages.clone()).unwrap_or_default()
    }

    /// Changes an account: its status, its token. `false` if there is none.
    pub fn change_account(
        &self,
        account: AccountSid,
        change: impl FnOnce(&mut CarrierAccount),
    ) -> bool {
        let mut state = self.state();
        state.accounts.get_mut(&account).map(|holding| change(&mut holding.account)).is_some()
    }

    /// Changes a number, whoever has it. `false` if nobody has.
    pub fn change_number(
        &self,
        phone_number: PhoneNumber,
        change: impl FnOnce(&mut CarrierNumber),
    ) -> bool {
        let is_it = |number: &&mut CarrierNumber| number.phone_number == phone_number;
        self.change(|holding| holding.numbers.values_mut().find(is_it), change)
    }

    /// Changes a sender, whoever has it. `false` if nobody has.
    pub fn change_sender(
        &self,
        sender: SenderSid,
        change: impl FnOnce(&mut CarrierSender),
    ) -> bool {
        self.change(|holding| holding.senders.get_mut(&sender), change)
    }

    /// Changes an application, whoever has it. `false` if nobody has.
    pub fn change_application(
        &self,
        application: ApplicationSid,
        change: impl FnOnce(&mut CarrierApplication),
    ) -> bool {
        self.change(|holding| holding.applications.get_mut(&application), change)
    }

    /// Changes a Messaging Service, whoever has it. `false` if nobody has.
    pub fn change_service(
        &self,
        service: ServiceSid,
        change: impl FnOnce(&mut MessagingService),
    ) -> bool {
        let keeping = |keeping: &mut Keeping| change(&mut keeping.service);
        self.change(|holding| holding.services.get_mut(&service), keeping)
    }

    /// Puts a number into the pool of a service, and out of every other one. `false` if there is no such service.
    pub fn join_pool(&self, service: ServiceSid, number: NumberSid) -> bool {
        self.leave_pools(number);
        let mut state = self.state();
        let mut holdings = state.accounts.values_mut();
        let keeping = holdings.find_map(|holding| holding.services.get_mut(&service));
        keeping.is_some_and(|keeping| keeping.pool.insert(number))
    }

    /// Takes a number out of the pool that it is in.
    pub fn leave_pools(&self, number: NumberSid) {
        for holding in self.state().accounts.values_mut() {
            for keeping in holding.services.values_mut() {
                keeping.pool.remove(&number);
            }
        }
    }

    /// Gives a number to another account. `false` if the number or the account is not there.
    pub fn move_number(&self, phone_number: PhoneNumber, to: AccountSid) -> bool {
        if !self.state().accounts.contains_key(&to) {
            return false;
        }
        let Some(number) = self.take(phone_number) else { return false };
        self.add_number(CarrierNumber { account: to, ..number });
        true
    }

    /// Gives a number up. `false` if nobody has it.
    pub fn remove_number(&self, phone_number: PhoneNumber) -> bool {
        self.take(phone_number).is_some()
    }

    fn take(&self, phone_number: PhoneNumber) -> Option<CarrierNumber> {
        let sid = self.number(phone_number)?.sid;
        self.leave_pools(sid);
        self.state().accounts.values_mut().find_map(|holding| holding.numbers.remove(&sid))
    }

    fn find<T>(&self, find: impl Fn(&Holding) -> Option<T>) -> Option<T> {
        self.state().accounts.values().find_map(find)
    }

    fn change<T>(
        &self,
        find: impl for<'a> Fn(&'a mut Holding) -> Option<&'a mut T>,
        change: impl FnOnce(&mut T),
    ) -> bool {
        self.state().accounts.values_mut().find_map(find).map(change).is_some()
    }
}
