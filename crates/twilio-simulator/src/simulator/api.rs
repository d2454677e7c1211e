//! The public interface of the simulator.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use switchboard_domain::carrier::MediaFile;
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::ports::Clock;
use switchboard_domain::sid::{AccountSid, MediaSid, MessageSid};
use switchboard_domain::time::Timestamp;

use super::account::{AccountStatus, Tokens};
use super::application::{Application, ApplicationSettings};
use super::call::{Call, CallStatus};
use super::faults::{Conditions, Fault, InjectedFaults};
use super::message::{Message, MessageStatus};
use super::number::IncomingPhoneNumber;
use super::request_log::{RecordedRequest, RequestLog};
use super::scripted_phone::ScriptedPhone;
use super::seed::{Seed, SeedError};
use super::seeding::add_seed;
use super::sender::ChannelSender;
use super::short_code::ShortCode;
use super::sid::Sid;
use super::state::State;

/// A simulated Twilio: accounts, the log of API requests, and injected faults.
///
/// Shared as `Arc<Simulator>` between the HTTP server and the code that inspects or changes it. Changes made through
/// these methods correspond to changes in Twilio's Console: they are not recorded as API requests.
pub struct Simulator {
    state: Mutex<State>,
    requests: Mutex<RequestLog>,
    injected: Mutex<InjectedFaults>,
    clock: Arc<dyn Clock>,
}

/// Shows no contents, because they include tokens and phone numbers.
impl fmt::Debug for Simulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Simulator").finish_non_exhaustive()
    }
}

impl Simulator {
    /// Creates a simulator without accounts.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            state: Mutex::default(),
            requests: Mutex::default(),
            injected: Mutex::default(),
            clock,
        }
    }

    /// Creates a simulator with the accounts of a seed.
    pub fn seeded(seed: Seed, clock: Arc<dyn Clock>) -> Result<Self, SeedError> {
        let simulator = Self::new(clock);
        simulator.add_seed(seed)?;
        Ok(simulator)
    }

    /// Adds the accounts of a seed. If the seed contains an error, what precedes it has been added.
    pub fn add_seed(&self, seed: Seed) -> Result<(), SeedError> {
        add_seed(&mut self.state(), seed, self.now())
    }

    /// All accounts, newest first.
    pub fn accounts(&self) -> Vec<AccountSid> {
        self.state().accounts.newest_first().map(|account| account.sid).collect()
    }

    /// The auth tokens of an account; `None` if the account does not exist.
    pub fn tokens(&self, account: AccountSid) -> Option<Tokens> {
        self.state().accounts.get(account).map(|account| account.tokens.clone())
    }

    /// Sets the status of an account. Returns `false` if the account does not exist.
    pub fn set_status(&self, account: AccountSid, status: AccountStatus) -> bool {
        self.state().accounts.get_mut(account).map(|account| account.status = status).is_some()
    }

    /// A phone number and the account that owns it; `None` if no account owns it.
    pub fn number(&self, number: PhoneNumber) -> Option<(AccountSid, IncomingPhoneNumber)> {
        self.state().find_number(number).map(|(account, number)| (account.sid, number.clone()))
    }

    /// Changes a phone number. Its SID and the number itself cannot be changed. Returns `false` if no account owns
    /// it.
    pub fn change_number(
        &self,
        number: PhoneNumber,
        change: impl FnOnce(&mut IncomingPhoneNumber),
    ) -> bool {
        let now = self.now();
        let mut state = self.state();
        let Some(stored) = state.find_number_mut(number) else { return false };
        let (sid, phone_number) = (stored.sid, stored.phone_number);
        change(stored);
        (stored.sid, stored.phone_number, stored.updated) = (sid, phone_number, now);
        true
    }

    /// Moves a phone number to another account. Returns `false` if the number or the account does not exist.
    pub fn move_number(&self, number: PhoneNumber, to: AccountSid) -> bool {
        let mut state = self.state();
        let Some((from, sid)) =
            state.find_number(number).map(|(account, stored)| (account.sid, stored.sid))
        else {
            return false;
        };
        if state.accounts.get(to).is_none() {
            return false;
        }
        let Some(stored) = state.take_number(from, sid) else { return false };
        state.add_number(to, stored);
        true
    }

    /// Releases a phone number. Returns `false` if no account owns it.
    pub fn remove_number(&self, number: PhoneNumber) -> bool {
        let mut state = self.state();
        let line = state.find_number(number).map(|(account, stored)| (account.sid, stored.sid));
        line.is_some_and(|(account, sid)| state.take_number(account, sid).is_some())
    }

    /// A TwiML application of an account; `None` if it does not exist.
    pub fn application(&self, account: AccountSid, application: Sid) -> Option<Application> {
        self.state().accounts.get(account)?.applications.get(application).cloned()
    }

    /// Changes the settings of a TwiML application. Returns `false` if it does not exist.
    pub fn change_application(
        &self,
        account: AccountSid,
        application: Sid,
        change: impl FnOnce(&mut ApplicationSettings),
    ) -> bool {
        let now = self.now();
        let mut state = self.state();
        let owner = state.accounts.get_mut(account);
        let Some(stored) = owner.and_then(|owner| owner.applications.get_mut(application)) else {
            return false;
        };
        change(&mut stored.settings);
        stored.updated = now;
        true
    }

    /// A WhatsApp or RCS sender of an account, by its address; `None` if it does not exist.
    pub fn sender(&self, account: AccountSid, sender_id: &str) -> Option<ChannelSender> {
        let state = self.state();
        let mut senders = state.accounts.get(account)?.senders.newest_first();
        senders.find(|sender| sender.sender_id == sender_id).cloned()
    }

    /// A short code of an account; `None` if it does not exist.
    pub fn short_code(&self, account: AccountSid, digits: &str) -> Option<ShortCode> {
        let state = self.state();
        let mut codes = state.accounts.get(account)?.short_codes.newest_first();
        codes.find(|code| code.short_code == digits).cloned()
    }

    /// Adds a phone, or replaces the one with its address.
    pub fn add_phone(&self, phone: ScriptedPhone) {
        self.state().phones.insert(phone.address.clone(), phone);
    }

    /// A phone by its address; `None` if it is not scripted.
    pub fn phone(&self, address: &str) -> Option<ScriptedPhone> {
        self.state().phones.get(address).cloned()
    }

    /// Removes the messages that are on their way to phones, and returns them.
    pub(crate) fn take_outbox(&self) -> Vec<(AccountSid, Sid)> {
        std::mem::take(&mut self.state().outbox)
    }

    /// A message of an account; `None` if it does not exist.
    pub(crate) fn message(&self, account: AccountSid, message: Sid) -> Option<Message> {
        self.state().accounts.get(account)?.messages.get(message).cloned()
    }

    /// The messages of an account, newest first.
    pub fn messages(&self, account: AccountSid) -> Vec<Message> {
        let state = self.state();
        let account = state.accounts.get(account);
        account
            .map(|account| account.messages.newest_first().cloned().collect())
            .unwrap_or_default()
    }

    /// Sets the status of a message. Returns the updated message, or `None` if it does not exist.
    pub fn advance_message(
        &self,
        account: AccountSid,
        message: Sid,
        status: MessageStatus,
        error_code: Option<u32>,
    ) -> Option<Message> {
        let now = self.now();
        let mut state = self.state();
        let stored = state.accounts.get_mut(account)?.messages.get_mut(message)?;
        (stored.status, stored.error_code, stored.updated) = (status, error_code, now);
        if matches!(status, MessageStatus::Sent | MessageStatus::Delivered) {
            stored.sent.get_or_insert(now);
        }
        Some(stored.clone())
    }

    /// Stores a file of a message that was received. Returns whether the account exists.
    pub fn add_media(
        &self,
        account: AccountSid,
        message: MessageSid,
        media: MediaSid,
        file: MediaFile,
    ) -> bool {
        let mut state = self.state();
        let Some(account) = state.accounts.get_mut(account) else { return false };
        account.media.insert((message, media), file);
        true
    }

    /// The calls of an account, newest first.
    pub fn calls(&self, account: AccountSid) -> Vec<Call> {
        let state = self.state();
        let account = state.accounts.get(account);
        account.map(|account| account.calls.newest_first().cloned().collect()).unwrap_or_default()
    }

    /// Sets the status of a call, unless the call has ended. Returns the call, or `None` if it does not exist.
    pub fn advance_call(&self, account: AccountSid, call: Sid, status: CallStatus) -> Option<Call> {
        let now = self.now();
        let mut state = self.state();
        let stored = state.accounts.get_mut(account)?.calls.get_mut(call)?;
        stored.advance(status, now);
        Some(stored.clone())
    }

    /// The last 100,000 API requests, oldest first.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.log().all().cloned().collect()
    }

    /// The recorded API requests that are not `GET`.
    pub fn writes(&self) -> Vec<RecordedRequest> {
        self.log().all().filter(|request| request.is_write()).cloned().collect()
    }

    /// The highest number of concurrent API requests that an account has made since the log was cleared.
    pub fn peak_concurrency(&self, account: AccountSid) -> usize {
        self.log().peak_concurrency(account)
    }

    /// Clears the log of API requests.
    pub fn forget_requests(&self) {
        self.log().forget();
    }

    /// Injects a fault. If several faults match a request, the one injected first applies.
    pub fn inject_fault(&self, fault: Fault) {
        if fault.times != Some(0) {
            self.injected().faults.push(fault);
        }
    }

    /// The injected faults that can still occur.
    pub fn faults(&self) -> Vec<Fault> {
        self.injected().faults.clone()
    }

    /// Removes all injected faults.
    pub fn clear_faults(&self) {
        self.injected().faults.clear();
    }

    /// The conditions that apply to every API request.
    pub fn conditions(&self) -> Conditions {
        self.injected().conditions
    }

    /// Sets the conditions that apply to every API request.
    pub fn set_conditions(&self, conditions: Conditions) {
        self.injected().conditions = conditions;
    }

    pub(crate) fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.clock)
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    pub(crate) fn log(&self) -> MutexGuard<'_, RequestLog> {
        lock(&self.requests)
    }

    pub(crate) fn injected(&self) -> MutexGuard<'_, InjectedFaults> {
        lock(&self.injected)
    }
}

/// Ignores poisoning: no operation panics while it changes the state, so the state is consistent.
fn lock<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}
