//! The company as its users hold it.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::ports::Clock;
use switchboard_domain::sid::AccountSid;
use switchboard_domain::time::Timestamp;

use super::account::{AccountStatus, Tokens};
use super::application::{Application, ApplicationSettings};
use super::books::Books;
use super::call::{Call, CallStatus};
use super::faults::{Conditions, Fault, Orders};
use super::message::{Message, MessageStatus};
use super::number::IncomingPhoneNumber;
use super::planting::plant;
use super::requests::{RecordedRequest, RequestLog};
use super::seed::{Seed, SeedError};
use super::sender::ChannelSender;
use super::sid::Sid;

/// The phone company: its accounts, what was asked of it, and what goes wrong with it.
///
/// It is shared as `Arc<Company>` between the HTTP server and whoever looks at it or changes it by hand.
/// What is changed here is changed as in Twilio's Console: no request is recorded for it.
pub struct Company {
    books: Mutex<Books>,
    requests: Mutex<RequestLog>,
    orders: Mutex<Orders>,
    clock: Arc<dyn Clock>,
}

/// Nothing of what it holds is for logs.
impl fmt::Debug for Company {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Company").finish_non_exhaustive()
    }
}

impl Company {
    /// A company without accounts.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            books: Mutex::default(),
            requests: Mutex::default(),
            orders: Mutex::default(),
            clock,
        }
    }

    /// A company with what is in the seed.
    pub fn seeded(seed: Seed, clock: Arc<dyn Clock>) -> Result<Self, SeedError> {
        let company = Self::new(clock);
        company.plant(seed)?;
        Ok(company)
    }

    /// Adds what is in the seed. What comes before a mistake is there afterwards.
    pub fn plant(&self, seed: Seed) -> Result<(), SeedError> {
        plant(&mut self.books(), seed, self.now())
    }

    /// All accounts, newest first.
    pub fn accounts(&self) -> Vec<AccountSid> {
        self.books().accounts.newest_first().map(|account| account.sid).collect()
    }

    /// The tokens of an account.
    pub fn tokens(&self, account: AccountSid) -> Option<Tokens> {
        self.books().accounts.get(account).map(|account| account.tokens.clone())
    }

    /// Suspends, closes or reactivates an account. `false` if there is none.
    pub fn set_status(&self, account: AccountSid, status: AccountStatus) -> bool {
        self.books().accounts.get_mut(account).map(|account| account.status = status).is_some()
    }

    /// A phone number, and the account that has it.
    pub fn number(&self, number: PhoneNumber) -> Option<(AccountSid, IncomingPhoneNumber)> {
        self.books().line(number).map(|(account, number)| (account.sid, number.clone()))
    }

    /// Changes a phone number by hand. `false` if nobody has it. Its SID and the number itself stay.
    pub fn change_number(
        &self,
        number: PhoneNumber,
        change: impl FnOnce(&mut IncomingPhoneNumber),
    ) -> bool {
        let now = self.now();
        let mut books = self.books();
        let Some(kept) = books.line_mut(number) else { return false };
        let (sid, phone_number) = (kept.sid, kept.phone_number);
        change(kept);
        (kept.sid, kept.phone_number, kept.updated) = (sid, phone_number, now);
        true
    }

    /// Moves a phone number to another account. `false` if the number or the account is not there.
    pub fn move_number(&self, number: PhoneNumber, to: AccountSid) -> bool {
        let mut books = self.books();
        let Some((from, sid)) = books.line(number).map(|(account, kept)| (account.sid, kept.sid))
        else {
            return false;
        };
        if books.accounts.get(to).is_none() {
            return false;
        }
        let Some(kept) = books.disconnect(from, sid) else { return false };
        books.connect(to, kept);
        true
    }

    /// Gives a phone number up. `false` if nobody has it.
    pub fn remove_number(&self, number: PhoneNumber) -> bool {
        let mut books = self.books();
        let line = books.line(number).map(|(account, kept)| (account.sid, kept.sid));
        line.is_some_and(|(account, sid)| books.disconnect(account, sid).is_some())
    }

    /// A TwiML application of an account.
    pub fn application(&self, account: AccountSid, application: Sid) -> Option<Application> {
        self.books().accounts.get(account)?.applications.get(application).cloned()
    }

    /// Changes a TwiML application by hand. `false` if there is none.
    pub fn change_application(
        &self,
        account: AccountSid,
        application: Sid,
        change: impl FnOnce(&mut ApplicationSettings),
    ) -> bool {
        let now = self.now();
        let mut books = self.books();
        let owner = books.accounts.get_mut(account);
        let Some(kept) = owner.and_then(|owner| owner.applications.get_mut(application)) else {
            return false;
        };
        change(&mut kept.settings);
        kept.updated = now;
        true
    }

    /// A WhatsApp or RCS sender of an account, by its address.
    pub fn sender(&self, account: AccountSid, sender_id: &str) -> Option<ChannelSender> {
        let books = self.books();
        let mut senders = books.accounts.get(account)?.senders.newest_first();
        senders.find(|sender| sender.sender_id == sender_id).cloned()
    }

    /// The messages of an account, newest first.
    pub fn messages(&self, account: AccountSid) -> Vec<Message> {
        let books = self.books();
        let account = books.accounts.get(account);
        account
            .map(|account| account.messages.newest_first().cloned().collect())
            .unwrap_or_default()
    }

    /// Lets a message come further. Returns how it is then; `None` if there is none.
    pub fn advance_message(
        &self,
        account: AccountSid,
        message: Sid,
        status: MessageStatus,
        error_code: Option<u32>,
    ) -> Option<Message> {
        let now = self.now();
        let mut books = self.books();
        let kept = books.accounts.get_mut(account)?.messages.get_mut(message)?;
        (kept.status, kept.error_code, kept.updated) = (status, error_code, now);
        if matches!(status, MessageStatus::Sent | MessageStatus::Delivered) {
            kept.sent.get_or_insert(now);
        }
        Some(kept.clone())
    }

    /// The calls of an account, newest first.
    pub fn calls(&self, account: AccountSid) -> Vec<Call> {
        let books = self.books();
        let account = books.accounts.get(account);
        account.map(|account| account.calls.newest_first().cloned().collect()).unwrap_or_default()
    }

    /// Lets a call come further. Returns how it is then; `None` if there is none.
    pub fn advance_call(&self, account: AccountSid, call: Sid, status: CallStatus) -> Option<Call> {
        let now = self.now();
        let mut books = self.books();
        let kept = books.accounts.get_mut(account)?.calls.get_mut(call)?;
        kept.advance(status, now);
        Some(kept.clone())
    }

    /// What was asked of the REST API, oldest first: the newest 100,000 requests.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.log().all().cloned().collect()
    }

    /// Those of the requests that could change something.
    pub fn writes(&self) -> Vec<RecordedRequest> {
        self.log().all().filter(|request| request.is_write()).cloned().collect()
    }

    /// How many requests there were at once at most with the credentials of an account.
    pub fn most_at_once(&self, account: AccountSid) -> usize {
        self.log().most_at_once(account)
    }

    /// Forgets what was asked until now.
    pub fn forget_requests(&self) {
        self.log().forget();
    }

    /// Orders a fault. Of several that fit a request the one ordered first happens.
    pub fn order(&self, fault: Fault) {
        if fault.times != Some(0) {
            self.orders().faults.push(fault);
        }
    }

    /// The faults that can still happen.
    pub fn faults(&self) -> Vec<Fault> {
        self.orders().faults.clone()
    }

    /// Takes all faults back.
    pub fn clear_faults(&self) {
        self.orders().faults.clear();
    }

    /// What holds for every request.
    pub fn conditions(&self) -> Conditions {
        self.orders().conditions
    }

    /// Sets what holds for every request.
    pub fn set_conditions(&self, conditions: Conditions) {
        self.orders().conditions = conditions;
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn books(&self) -> MutexGuard<'_, Books> {
        held(&self.books)
    }

    pub(crate) fn log(&self) -> MutexGuard<'_, RequestLog> {
        held(&self.requests)
    }

    pub(crate) fn orders(&self) -> MutexGuard<'_, Orders> {
        held(&self.orders)
    }
}

/// No operation panics halfway through a change, so a lock that another thread left by a panic still holds a
/// whole state.
fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}
